"""Error pages work without a database, templates or a writable disk."""

import json
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import RequestFactory

from pages.practice import error_pages
from pages.practice.models import PracticeProfile
from tests.factories.pages import make_crisis_line, make_practice


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "errors"


@pytest.mark.parametrize("status", error_pages.ERROR_STATUSES)
def test_every_status_renders_without_stored_pages(status) -> None:
    # This test has no database mark: a query would raise.
    page = error_pages.error_page(status).decode()
    for link in ('href="tel:911"', 'href="tel:988"', 'href="/"', 'href="/search/"'):
        assert link in page
    assert 'href="/consultation/"' in page
    assert "<style" not in page
    assert "<script" not in page


@pytest.mark.django_db(transaction=True)
def test_saving_practice_writes_error_pages(folder) -> None:
    make_practice(name="Quiet Room", country="GB")
    page = (folder / "404.html").read_text()
    assert "Quiet Room" in page
    assert 'href="tel:116123"' in page
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [*(f"{status}.html" for status in error_pages.ERROR_STATUSES), "facts.json"]
    )


@pytest.mark.django_db(transaction=True)
def test_saving_crisis_line_writes_error_pages(folder) -> None:
    make_practice()
    make_crisis_line(name="County line", phone="(503) 555-0188")
    assert "County line" in (folder / "500.html").read_text()


@pytest.mark.django_db(transaction=True)
def test_rolled_back_change_is_not_written(folder) -> None:
    make_practice(name="Before")
    with transaction.atomic():
        make_practice(name="After")
        transaction.set_rollback(True)
    assert "Before" in (folder / "404.html").read_text()


@pytest.mark.django_db
def test_practice_name_is_escaped(folder) -> None:
    make_practice(name="<script>alert(1)</script>")
    error_pages.write_error_pages()
    assert "<script" not in (folder / "404.html").read_text()


@pytest.mark.django_db
def test_stale_stylesheet_rerenders_from_stored_facts(folder, monkeypatch) -> None:
    make_practice(name="Quiet Room")
    error_pages.write_error_pages()
    monkeypatch.setattr(error_pages, "_static_url", lambda name: f"/static/new/{name}")
    page = error_pages.error_page(404).decode()
    assert "/static/new/css/site.css" in page
    assert "Quiet Room" in page
    assert json.loads((folder / "facts.json").read_text())["practice"]["name"] == "Quiet Room"


def test_broken_template_falls_back_to_plain_page(monkeypatch) -> None:
    def fail(*_args) -> None:
        raise RuntimeError

    monkeypatch.setattr(error_pages, "render_to_string", fail)
    assert "emergency number" in error_pages.error_page(500).decode()


@pytest.mark.django_db
def test_unwritable_folder_is_tolerated(settings, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.DATA_DIR = tmp_path / "file"
    make_practice(name="Quiet Room")
    error_pages.write_error_pages()
    assert b"911" in error_pages.error_page(500)


def test_reference_is_shown_and_escaped() -> None:
    assert "<code>7K4M2</code>" in error_pages.error_page(500, reference="7K4M2").decode()
    assert "<b>" not in error_pages.error_page(500, reference="<b>x").decode()
    assert "Reference" not in error_pages.error_page(500).decode()


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (error_pages.bad_request, 400),
        (error_pages.permission_denied, 403),
        (error_pages.csrf_failure, 403),
        (error_pages.page_not_found, 404),
        (error_pages.server_error, 500),
    ],
)
def test_error_views_use_no_form_data_or_database(view, status) -> None:
    request = RequestFactory().post(
        "/", b"a=b", content_type="application/x-www-form-urlencoded; charset=utf-16"
    )
    response = view(request)
    assert response.status_code == status
    assert response["Cache-Control"] == "no-store"
    assert not hasattr(request, "_post")


@pytest.mark.django_db
def test_missing_page_uses_custom_404(client) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "We can’t find this page" in response.content.decode()
    assert not response.cookies


@pytest.mark.django_db
def test_serving_error_pages_makes_no_queries(django_assert_num_queries) -> None:
    make_practice()
    with django_assert_num_queries(0):
        error_pages.error_page(404)
    assert PracticeProfile.objects.exists()
    assert connection.vendor
