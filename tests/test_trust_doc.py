"""docs/trust.md names existing tests, and no code does what its rows rule out."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.hashers import get_hashers
from django.core.signing import Signer
from django.test import override_settings

from practice_site import settings as of_the_site
from tools.import_graph import dotted, files

PROJECT = Path(__file__).parents[1]
TRUST_DOC = (PROJECT / "docs" / "trust.md").read_text(encoding="utf-8")
TRUST_ROWS = re.findall(r"^\| ([0-9]+) \|.*\| (.+) \|$", TRUST_DOC, re.M)
PACKAGES = ("pages", "consultations", "practice_site")
# Function name, and what makes a call of it dangerous.
FORBIDDEN_CALLS = {
    "RawSQL": "SQL of our own",
    "extra": "SQL of our own",
    "raw": "SQL of our own",
    "eval": "runs a text",
    "exec": "runs a text",
    "system": "runs a shell",
    "popen": "runs a shell",
    "from_string": "makes a template of a text",
    "Template": "makes a template of a text",
}


def iter_calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = str(getattr(node.func, "attr", "") or getattr(node.func, "id", ""))
            yield name, node


def find_dangerous_code(source: str, module: str = "") -> list[str]:
    found = []
    for name, node in iter_calls(ast.parse(source)):
        if name in FORBIDDEN_CALLS:
            found.append(f"{module}:{node.lineno} {name}: {FORBIDDEN_CALLS[name]}")
        for keyword in node.keywords:
            value = ast.unparse(keyword.value)
            if keyword.arg is None and re.search(r"request\.(POST|GET)\b", value):
                found.append(f"{module}:{node.lineno} takes every field that was sent")
            if keyword.arg == "shell" and value != "False":
                found.append(f"{module}:{node.lineno} runs a shell")
    imported = {"pickle", "marshal", "shelve"} & {
        alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    return found + [f"{module} imports {name}, which runs what it reads" for name in imported]


def test_code_uses_no_dangerous_constructs() -> None:
    found = [
        danger
        for path in files(*PACKAGES)
        for danger in find_dangerous_code(path.read_text(encoding="utf-8"), dotted(path))
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "Row.objects.raw(f'select {x}')",
        "rows.extra(where=[x])",
        "RawSQL(x, [])",
        "Form(**request.POST)",
        "Row.objects.create(**request.POST.dict())",
        "subprocess.run(x, shell=True)",
        "eval(x)",
        "import pickle",
        "engine.from_string(x)",
    ],
)
def test_dangerous_code_search_finds_examples(source) -> None:
    assert find_dangerous_code(source) != []


def test_secrets_compare_in_constant_time_and_hashing_is_slow() -> None:
    assert "constant_time_compare" in inspect.getsource(Signer.unsign)
    # The test settings use a fast hasher; the site's settings must not.
    with override_settings(PASSWORD_HASHERS=of_the_site.PASSWORD_HASHERS):
        first, second = get_hashers()
    assert (first.algorithm, first.work_factor) == ("scrypt", 2**14)  # type: ignore[attr-defined]
    assert (second.algorithm, second.iterations >= 1_000_000) == ("pbkdf2_sha256", True)  # type: ignore[attr-defined]


def test_trust_doc_rows_are_numbered_in_order() -> None:
    assert [int(number) for number, _ in TRUST_ROWS] == list(range(1, 37))


@pytest.mark.parametrize(("number", "tests"), TRUST_ROWS)
def test_tests_named_in_trust_doc_exist(number, tests) -> None:
    named = re.findall(r"`(tests/[a-z0-9_/]+\.py)(?:::(\w+))?`", tests)
    assert named
    for file, name in named:
        source = (PROJECT / file).read_text(encoding="utf-8")
        assert not name or f"def {name}(" in source, f"{file}::{name}"
