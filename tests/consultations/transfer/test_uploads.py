"""Import through the admin: upload, check, confirm; the file is always deleted afterwards."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from consultations.comments.models import Comment
from consultations.transfer import uploads
from consultations.transfer.models import ImportState, WordPressImport
from pages.articles.models import Article
from tests.factories.pages import make_practice, make_practitioner
from tests.factories.wordpress import wp_author, wp_comment, wp_item, wxr_file

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ADD_URL = reverse("admin:consultations_wordpressimport_add")
EXPORT = wxr_file(
    wp_author("lena", "Lena Ruiz"),
    wp_author("sam", "Sam"),
    wp_item(1, "Rest", comments=[wp_comment(1)]),
    wp_item(2, "Not yet", status="draft", creator="sam"),
)


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    make_practice()
    return tmp_path / "imports"


def store_upload(data: bytes = EXPORT, **options: Any) -> WordPressImport:
    given: dict[str, Any] = {"fetches_pictures": False, "by": None, "now": NOW, **options}
    return uploads.store_upload([data], **given)


def change_url(row: WordPressImport) -> str:
    return reverse("admin:consultations_wordpressimport_change", args=[row.pk])


def test_upload_preview_and_import(admin_client, place):
    lena = make_practitioner(name="Lena Ruiz", slug="lena-ruiz")
    sam = make_practitioner(name="Samira Okoye", slug="samira")
    upload = SimpleUploadedFile("export.xml", EXPORT, "text/xml")
    answer = admin_client.post(ADD_URL, {"export": upload})
    row = WordPressImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, change_url(row))
    assert "refresh" in admin_client.get(change_url(row)).content.decode()
    assert oct(row.path.stat().st_mode)[-3:] == "600"

    uploads.run_next_import(NOW)
    assert not Article.objects.exists()
    shown = admin_client.get(change_url(row)).content.decode()
    assert "Nothing has been changed yet" in shown
    assert "1 article, public" in shown
    assert "1 article, draft" in shown
    assert "refresh" not in shown

    take_over = reverse("admin:consultations_wordpressimport_run", args=[row.pk])
    admin_client.post(take_over, {"author_0": "lena-ruiz", "author_1": "samira"})
    uploads.run_next_import(NOW)
    row.refresh_from_db()
    assert row.state == ImportState.DONE
    assert Article.objects.get(title="Rest").author == lena
    assert Article.objects.get(title="Not yet").author == sam
    assert Comment.objects.count() == 1
    assert list(place.iterdir()) == []
    shown = admin_client.get(change_url(row)).content.decode()
    assert "The file has been deleted" in shown


def test_page_does_not_show_commenters(admin_client):
    row = store_upload()
    uploads.run_next_import(NOW)
    row.refresh_from_db()
    assert "robin" not in (row.report + admin_client.get(change_url(row)).content.decode()).lower()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04zip", "ZIP file"),
        (b"x" * 25_000_000, "larger than 24 MB"),
        (b"", "empty"),
    ],
)
def test_wrong_file_types_are_refused_on_upload(admin_client, place, data, words):
    answer = admin_client.post(ADD_URL, {"export": SimpleUploadedFile("e.xml", data)})
    assert answer.status_code in (413, 422)
    assert answer.status_code == 413 or words in answer.content.decode()
    assert not WordPressImport.objects.exists()


def test_non_export_is_refused_and_deleted(admin_client, place):
    row = store_upload(b"<html>log in</html>")
    uploads.run_next_import(NOW)
    assert (
        "This is not an export from WordPress" in admin_client.get(change_url(row)).content.decode()
    )
    assert list(place.iterdir()) == []


def test_import_pages_require_permission(client, admin_client):
    row = store_upload()
    client.force_login(User.objects.create_user("author", is_staff=True))
    for address in (ADD_URL, change_url(row)):
        assert client.get(address).status_code == 403
    take_over = reverse("admin:consultations_wordpressimport_run", args=[row.pk])
    assert client.post(take_over).status_code == 403
    assert admin_client.get(take_over).status_code == 403


def test_confirmation_counts_once_and_only_after_preview():
    row = store_upload()
    assert not uploads.confirm_import(row, authors={})
    uploads.run_next_import(NOW)
    assert uploads.confirm_import(row, authors={})
    assert not uploads.confirm_import(row, authors={})


def test_concurrent_workers_never_claim_the_same_upload(monkeypatch):
    row, run_import = store_upload(), uploads.import_wordpress.run_import
    taken_by_others: list[WordPressImport | None] = []

    def others_look_for_work(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(uploads.import_wordpress, "run_import", run_import)
        # After 11 minutes without a heartbeat, the first worker counts as dead.
        for later in (timedelta(0), timedelta(minutes=11)):
            taken_by_others.append(uploads.run_next_import(NOW + later))
        return run_import(*args, **options)

    monkeypatch.setattr(uploads.import_wordpress, "run_import", others_look_for_work)
    assert uploads.run_next_import(NOW) == row
    assert taken_by_others == [None, row]


def test_import_of_a_dead_worker_resumes(monkeypatch):
    row = store_upload()
    uploads.run_next_import(NOW)
    uploads.confirm_import(row, authors={})
    WordPressImport.objects.update(state=ImportState.RUNNING, alive_at=NOW)
    assert uploads.run_next_import(NOW + timedelta(minutes=5)) is None
    uploads.run_next_import(NOW + timedelta(minutes=11))
    row.refresh_from_db()
    assert row.state == ImportState.DONE
    assert Article.objects.count() == 2


def test_failure_is_reported_without_file_content(monkeypatch, caplog, place):
    def fail(*args: Any, **options: Any) -> None:
        raise RuntimeError("robin@example.com")

    monkeypatch.setattr(uploads.import_wordpress, "run_import", fail)
    row = store_upload()
    uploads.run_next_import(NOW)
    row.refresh_from_db()
    assert (row.state, row.problem) == (ImportState.FAILED, "RuntimeError")
    assert "robin" not in caplog.text
    assert list(place.iterdir()) == []


def test_stale_files_are_deleted(admin_client, place):
    row = store_upload()
    uploads.run_next_import(NOW)
    orphan = place / "orphan.xml"
    orphan.write_bytes(b"x")
    long_ago = (NOW - timedelta(days=1)).timestamp()
    for file in place.iterdir():
        os.utime(file, (long_ago, long_ago))
    uploads.delete_stale_files(NOW)
    assert [file.name for file in place.iterdir()] == [row.path.name]
    uploads.delete_stale_files(NOW + timedelta(days=8))
    assert list(place.iterdir()) == []
    other = store_upload()
    admin_client.post(
        reverse("admin:consultations_wordpressimport_delete", args=[other.pk]), {"post": "yes"}
    )
    assert list(place.iterdir()) == []
