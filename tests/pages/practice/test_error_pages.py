"""Error pages have to stand when everything else has fallen."""

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


@pytest.mark.parametrize("status", error_pages.STATUSES)
def test_every_status_has_a_page_before_anything_is_stored(status) -> None:
    # No database mark on this test: a query would raise.
    page = error_pages.page(status).decode()
    for link in ('href="tel:911"', 'href="tel:988"', 'href="/"', 'href="/search/"'):
        assert link in page
    assert 'href="/consultation/"' in page
    assert "<style" not in page
    assert "<script" not in page


@pytest.mark.django_db(transaction=True)
def test_saving_the_practice_writes_the_pages(folder) -> None:
    make_practice(name="Quiet Room", country="GB")
    page = (folder / "404.html").read_text()
    assert "Quiet Room" in page
    assert 'href="tel:116123"' in page
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [*(f"{status}.html" for status in error_pages.STATUSES), "facts.json"]
    )


@pytest.mark.django_db(transaction=True)
def test_saving_a_crisis_line_writes_the_pages(folder) -> None:
    make_practice()
    make_crisis_line(name="County line", phone="(503) 555-0188")
    assert "County line" in (folder / "500.html").read_text()


@pytest.mark.django_db(transaction=True)
def test_a_change_that_was_rolled_back_is_not_printed(folder) -> None:
    make_practice(name="Before")
    with transaction.atomic():
        make_practice(name="After")
        transaction.set_rollback(True)
    assert "Before" in (folder / "404.html").read_text()


@pytest.mark.django_db
def test_names_are_escaped(folder) -> None:
    make_practice(name="<script>alert(1)</script>")
    error_pages.write_all()
    assert "<script" not in (folder / "404.html").read_text()


@pytest.mark.django_db
def test_stored_facts_serve_a_page_whose_stylesheet_moved(folder, monkeypatch) -> None:
    make_practice(name="Quiet Room")
    error_pages.write_all()
    monkeypatch.setattr(error_pages, "_address", lambda name: f"/static/new/{name}")
    page = error_pages.page(404).decode()
    assert "/static/new/css/site.css" in page
    assert "Quiet Room" in page
    assert json.loads((folder / "facts.json").read_text())["practice"]["name"] == "Quiet Room"


def test_a_broken_template_still_gives_a_page(monkeypatch) -> None:
    def fail(*_args) -> None:
        raise RuntimeError

    monkeypatch.setattr(error_pages, "render_to_string", fail)
    assert "emergency number" in error_pages.page(500).decode()


@pytest.mark.django_db
def test_a_folder_that_cannot_be_written_harms_nothing(settings, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.DATA_DIR = tmp_path / "file"
    make_practice(name="Quiet Room")
    error_pages.write_all()
    assert b"911" in error_pages.page(500)


def test_the_reference_is_shown_and_escaped() -> None:
    assert "<code>7K4M2</code>" in error_pages.page(500, reference="7K4M2").decode()
    assert "<b>" not in error_pages.page(500, reference="<b>x").decode()
    assert "Reference" not in error_pages.page(500).decode()


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (error_pages.bad_request, 400),
        (error_pages.permission_denied, 403),
        (error_pages.csrf_failure, 403),
        (error_pages.page_not_found, 404),
        (error_pages.server_error, 500),
        (error_pages.service_unavailable, 503),
    ],
)
def test_error_views_need_nothing(view, status) -> None:
    request = RequestFactory().post(
        "/", b"a=b", content_type="application/x-www-form-urlencoded; charset=utf-16"
    )
    response = view(request)
    assert response.status_code == status
    assert response["Cache-Control"] == "no-store"
    assert not hasattr(request, "_post")
    assert response.has_header("Retry-After") is (status == 503)


@pytest.mark.django_db
def test_a_missing_page_answers_with_our_own(client) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "This page is not here" in response.content.decode()
    assert not response.cookies


@pytest.mark.django_db
def test_loading_facts_is_only_done_when_writing(django_assert_num_queries) -> None:
    make_practice()
    with django_assert_num_queries(0):
        error_pages.page(404)
    assert PracticeProfile.objects.exists()
    assert connection.vendor
