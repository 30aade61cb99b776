"""The SBOM and the advisory check."""

import json
import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).parents[1]


def load_script(name: str) -> ModuleType:
    loader = SourceFileLoader(name.replace("-", "_"), str(PROJECT / "bin" / name))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sbom_program() -> ModuleType:
    return load_script("make-sbom")


def make_sbom(sbom_program, capsys, lock: str = "base") -> str:
    assert sbom_program.main(PROJECT / "requirements" / f"{lock}.txt") == 0
    return capsys.readouterr().out


def test_sbom_lists_exactly_the_locked_packages(sbom_program, capsys) -> None:
    sbom = json.loads(make_sbom(sbom_program, capsys))
    lock = (PROJECT / "requirements" / "base.txt").read_text()
    locked = dict(re.findall(r"^([a-z0-9._-]+)(?:\[.*?\])?==([^ ;\\]+)", lock, re.M))
    listed = {row["name"]: row["version"] for row in sbom["components"] if row["type"] == "library"}
    assert listed == locked
    hashes = [item["value"] for row in sbom["components"] for item in row.get("properties", [])]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", lock))
    refs = {row["bom-ref"] for row in sbom["components"]}
    assert len(refs) == len(sbom["components"])
    needs = {row["ref"]: row["dependsOn"] for row in sbom["dependencies"]}
    assert {ref for rows in needs.values() for ref in rows} <= refs
    assert any(ref.startswith("pkg:pypi/django@") for ref in needs["practice-site"])


def test_sbom_has_licenses_and_no_hosts(sbom_program, capsys) -> None:
    text = make_sbom(sbom_program, capsys)
    without = [row["name"] for row in json.loads(text)["components"] if not row.get("licenses")]
    assert set(without) <= {"colorama"}  # for Windows only, so it is not installed here
    assert len(json.loads(text)["components"]) > 30
    assert "://" not in text
    assert text == make_sbom(sbom_program, capsys)


AUDIT_ROWS = [
    {"name": "fine", "version": "1", "vulns": []},
    {"name": "silent", "skip_reason": "not there"},
    {"name": "ill", "version": "2", "vulns": [
        {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.1"]},
        {"id": "PYSEC-2", "aliases": [], "fix_versions": []},
    ]},
]  # fmt: skip


@pytest.mark.parametrize(
    ("reviewed", "unreviewed"),
    [
        ("", ["ill 2: PYSEC-1 (mended in 2.1)", "ill 2: PYSEC-2 (mended in no version yet)"]),
        ("CVE-1  # only on Windows\n", ["ill 2: PYSEC-2 (mended in no version yet)"]),
        ("# all read\nPYSEC-1 why\nPYSEC-2 why\n", []),
    ],
)
def test_advisory_fails_until_reviewed(monkeypatch, tmp_path, reviewed, unreviewed):
    audit = load_script("check-advisories")
    (tmp_path / "advisories.txt").write_text(reviewed)
    monkeypatch.setattr(audit, "JUDGED", tmp_path / "advisories.txt")
    assert audit.unjudged(AUDIT_ROWS, audit.judged(reviewed)) == unreviewed
    assert audit.tell("a database", AUDIT_ROWS) == (1 if unreviewed else 0)


@pytest.mark.parametrize(
    ("responses", "output"), [([], "Not asked"), (AUDIT_ROWS[1:2], "Not asked")]
)
def test_missing_advisory_database_is_reported_and_passes(monkeypatch, capsys, responses, output):
    audit = load_script("check-advisories")
    monkeypatch.setattr(audit, "install", lambda scratch: scratch)
    monkeypatch.setattr(audit, "ask", lambda *arguments: responses)
    assert audit.main() == 0
    assert output in capsys.readouterr().out


def test_reviewed_advisories_have_reasons() -> None:
    lines = (PROJECT / "requirements" / "advisories.txt").read_text().splitlines()
    assert [line for line in lines if line and line[0] != "#" and len(line.split()) < 3] == []
