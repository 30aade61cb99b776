"""The way through the admin: hand in, look, say yes; and the file, which never stays."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from consultations.comments.models import Comment
from consultations.moving import handing_in
from consultations.moving.models import State, WordPressImport
from pages.articles.models import Article
from tests.factories.pages import make_practice, make_practitioner
from tests.factories.wordpress import wp_author, wp_comment, wp_item, wxr

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ADD = reverse("admin:consultations_wordpressimport_add")
FILE = wxr(
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


def hand_in(data: bytes = FILE, **options: Any) -> WordPressImport:
    given: dict[str, Any] = {"fetches_pictures": False, "by": None, "now": NOW, **options}
    return handing_in.hand_in([data], **given)


def page(row: WordPressImport) -> str:
    return reverse("admin:consultations_wordpressimport_change", args=[row.pk])


def test_from_the_file_to_the_articles(admin_client, place):
    lena = make_practitioner(name="Lena Ruiz", slug="lena-ruiz")
    sam = make_practitioner(name="Samira Okoye", slug="samira")
    upload = SimpleUploadedFile("export.xml", FILE, "text/xml")
    answer = admin_client.post(ADD, {"export": upload})
    row = WordPressImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page(row))
    assert "refresh" in admin_client.get(page(row)).content.decode()
    assert oct(row.path.stat().st_mode)[-3:] == "600"

    handing_in.run_next(NOW)
    assert not Article.objects.exists()
    shown = admin_client.get(page(row)).content.decode()
    assert "Nothing has been changed yet" in shown
    assert "1 article, public" in shown
    assert "1 article, draft" in shown
    assert "refresh" not in shown

    take_over = reverse("admin:consultations_wordpressimport_take_over", args=[row.pk])
    admin_client.post(take_over, {"author_0": "lena-ruiz", "author_1": "samira"})
    handing_in.run_next(NOW)
    row.refresh_from_db()
    assert row.state == State.DONE
    assert Article.objects.get(title="Rest").author == lena
    assert Article.objects.get(title="Not yet").author == sam
    assert Comment.objects.count() == 1
    assert list(place.iterdir()) == []
    shown = admin_client.get(page(row)).content.decode()
    assert "The file has been deleted" in shown


def test_the_page_never_repeats_who_commented(admin_client):
    row = hand_in()
    handing_in.run_next(NOW)
    row.refresh_from_db()
    assert "robin" not in (row.report + admin_client.get(page(row)).content.decode()).lower()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04zip", "ZIP file"),
        (b"x" * 25_000_000, "larger than 24 MB"),
        (b"", "empty"),
    ],
)
def test_other_files_are_refused_at_the_door(admin_client, place, data, words):
    answer = admin_client.post(ADD, {"export": SimpleUploadedFile("e.xml", data)})
    assert answer.status_code in (413, 422)
    assert answer.status_code == 413 or words in answer.content.decode()
    assert not WordPressImport.objects.exists()


def test_a_file_that_is_no_export_is_refused_kindly_and_deleted(admin_client, place):
    row = hand_in(b"<html>log in</html>")
    handing_in.run_next(NOW)
    assert "This is not an export from WordPress" in admin_client.get(page(row)).content.decode()
    assert list(place.iterdir()) == []


def test_only_who_may_move_in_sees_any_of_it(client, admin_client):
    row = hand_in()
    client.force_login(User.objects.create_user("author", is_staff=True))
    for address in (ADD, page(row)):
        assert client.get(address).status_code == 403
    take_over = reverse("admin:consultations_wordpressimport_take_over", args=[row.pk])
    assert client.post(take_over).status_code == 403
    assert admin_client.get(take_over).status_code == 403


def test_yes_counts_once_and_only_after_a_look():
    row = hand_in()
    assert not handing_in.confirm(row, authors={})
    handing_in.run_next(NOW)
    assert handing_in.confirm(row, authors={})
    assert not handing_in.confirm(row, authors={})


def test_two_workers_never_read_one_file(monkeypatch):
    row, move_in = hand_in(), handing_in.moving_in.move_in
    taken_by_others: list[WordPressImport | None] = []

    def others_look_for_work(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(handing_in.moving_in, "move_in", move_in)
        for later in (timedelta(0), timedelta(minutes=11)):  # the second takes this one for dead
            taken_by_others.append(handing_in.run_next(NOW + later))
        return move_in(*args, **options)

    monkeypatch.setattr(handing_in.moving_in, "move_in", others_look_for_work)
    assert handing_in.run_next(NOW) == row
    assert taken_by_others == [None, row]


def test_one_that_died_goes_on(monkeypatch):
    row = hand_in()
    handing_in.run_next(NOW)
    handing_in.confirm(row, authors={})
    WordPressImport.objects.update(state=State.RUNNING, alive_at=NOW)
    assert handing_in.run_next(NOW + timedelta(minutes=5)) is None
    handing_in.run_next(NOW + timedelta(minutes=11))
    row.refresh_from_db()
    assert row.state == State.DONE
    assert Article.objects.count() == 2


def test_a_fault_is_told_without_words_of_the_file(monkeypatch, caplog, place):
    def fail(*args: Any, **options: Any) -> None:
        raise RuntimeError("robin@example.com")

    monkeypatch.setattr(handing_in.moving_in, "move_in", fail)
    row = hand_in()
    handing_in.run_next(NOW)
    row.refresh_from_db()
    assert (row.state, row.problem) == (State.FAILED, "RuntimeError")
    assert "robin" not in caplog.text
    assert list(place.iterdir()) == []


def test_files_that_nobody_wants_go(admin_client, place):
    row = hand_in()
    handing_in.run_next(NOW)
    orphan = place / "orphan.xml"
    orphan.write_bytes(b"x")
    long_ago = (NOW - timedelta(days=1)).timestamp()
    for file in place.iterdir():
        os.utime(file, (long_ago, long_ago))
    handing_in.tidy(NOW)
    assert [file.name for file in place.iterdir()] == [row.path.name]
    handing_in.tidy(NOW + timedelta(days=8))
    assert list(place.iterdir()) == []
    other = hand_in()
    admin_client.post(
        reverse("admin:consultations_wordpressimport_delete", args=[other.pk]), {"post": "yes"}
    )
    assert list(place.iterdir()) == []
