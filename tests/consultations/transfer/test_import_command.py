"""`import_wordpress`: exit codes, JSON and readable output."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from pages.articles.models import Article
from tests.factories.pages import make_practice, make_practitioner
from tests.factories.wordpress import wp_author, wp_comment, wp_item, wxr_file

pytestmark = pytest.mark.django_db
EXPORT = wxr_file(
    wp_author("lr", "L. R."), wp_item(1, "Rest", creator="lr", comments=[wp_comment(1)])
)


@pytest.fixture
def run(tmp_path: Path):
    make_practice()

    def call(data: bytes | None, *arguments: str) -> tuple[int, str]:
        file = tmp_path / "export.xml"
        if data is not None:
            file.write_bytes(data)
        out = StringIO()
        try:
            call_command("import_wordpress", str(file), *arguments, stdout=out, stderr=StringIO())
        except CommandError as error:
            return error.returncode, str(error)
        except SystemExit as end:
            return int(end.code or 0), out.getvalue()
        return 0, out.getvalue()

    return call


def test_complete_file_exits_0_and_prints_report(run):
    code, said = run(EXPORT)
    assert code == 0
    assert "taken · article 1 “Rest” · public · /articles/rest" in said.replace("item-1", "rest")
    assert "article taken public: 1" in said
    assert "delete it once all is well" in said


def test_json_dry_run_prints_one_object(run):
    code, said = run(EXPORT, "--json", "--dry-run")
    found = json.loads(said)
    assert code == 0
    assert found["dry_run"] is True
    assert found["counts"]["article taken public"] == 1
    assert found["comments"]["approved"] == 1
    assert "robin" not in said.lower()
    assert not Article.objects.exists()


def test_truncated_file_is_partly_imported_and_exits_1(run):
    code, said = run(EXPORT[: EXPORT.index(b"</item>") + 7])
    assert code == 1
    assert "ends in its middle" in said
    assert Article.objects.count() == 1


@pytest.mark.parametrize(
    "data", [b"<html></html>", b"PK\x03\x04", b'<!DOCTYPE a [<!ENTITY b "c">]><rss><channel>']
)
def test_invalid_file_exits_1_with_one_line(run, data):
    code, said = run(data)
    assert code == 1
    assert said.endswith(".")
    assert "\n" not in said


def test_invalid_arguments_exit_2(run, tmp_path):
    authors = tmp_path / "authors.json"
    wrong: list[tuple[bytes | None, list[Any]]] = [
        (None, []),
        (EXPORT, ["--media", str(tmp_path / "nowhere")]),
        (EXPORT, ["--media", str(tmp_path), "--fetch-media"]),
        (EXPORT, ["--authors", str(tmp_path / "nowhere.json")]),
        (EXPORT, ["--authors", str(authors)]),
    ]
    authors.write_text('{"lr": "nobody-here"}')
    assert [run(data, *arguments)[0] for data, arguments in wrong] == [2] * 5
    assert not Article.objects.exists()


def test_authors_file_maps_authors(run, tmp_path):
    lena = make_practitioner(name="Lena Ruiz", slug="lena-ruiz")
    authors = tmp_path / "authors.json"
    authors.write_text('{"lr": "lena-ruiz"}')
    code, said = run(EXPORT, "--authors", str(authors))
    assert code == 0
    assert "is Lena Ruiz here" in said
    assert Article.objects.get().author == lena
