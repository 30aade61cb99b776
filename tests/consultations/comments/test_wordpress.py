"""Importing comments from WordPress: status, threads, staff, and data that is never stored."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from consultations.comments.models import Comment
from consultations.comments.wordpress import CommentImporter, clean_author_name, html_to_text
from pages.wordpress.wxr.records import ExportedComment
from tests.factories.pages import make_article, make_practice, make_practitioner

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def make_exported_comment(number: int, text: str = "Words", **facts: Any) -> ExportedComment:
    given: dict[str, Any] = {
        "name": "Robin",
        "email": "robin@example.com",
        "approved": "1",
        "user_id": "0",
    }
    given |= {"date_gmt": "2026-11-01 10:00:00", **facts}
    return ExportedComment(id=number, text=text, **given)


@pytest.fixture
def take(db):
    make_practice()
    article = make_article()

    def run(*comments: ExportedComment, staff=None) -> CommentImporter:
        importer = CommentImporter("old.example.com", staff or {}, ZoneInfo("UTC"), NOW)
        importer.import_comments(article, comments)
        return importer

    return run


def test_import_keeps_statuses(take):
    importer = take(
        make_exported_comment(1, "a"),
        make_exported_comment(2, "b", approved="0"),
        make_exported_comment(3, "c", approved="spam"),
        make_exported_comment(4, "d", approved="trash"),
        make_exported_comment(5, "e", approved="post-trashed"),
        make_exported_comment(6, "f", approved="odd"),
        make_exported_comment(7, "g", approved=""),
    )
    assert {row.text: row.status for row in Comment.objects.all()} == {
        "a": "approved",
        "b": "waiting",
        "c": "spam",
        "d": "trash",
        "e": "trash",
        "g": "waiting",
    }
    assert importer.counts["unknown_status"] == 1
    shown = Comment.objects.get(status="approved")
    assert (shown.published_name, shown.published_html) == ("Robin", '<p dir="auto">a</p>')
    assert shown.published_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    hidden = Comment.objects.exclude(status="approved")
    assert [(row.published_name, row.published_html) for row in hidden] == [("", "")] * 5


def test_import_keeps_threads_of_any_depth(take):
    take(*[make_exported_comment(n, str(n), parent=n - 1) for n in range(12, 0, -1)])
    rows = {row.text: row for row in Comment.objects.select_related("parent")}
    assert rows["1"].parent is None
    above = {text: row.parent.text for text, row in rows.items() if row.parent is not None}
    assert above == {str(n): str(n - 1) for n in range(2, 13)}


def test_replies_to_missing_comments_become_top_level(take):
    take(
        make_exported_comment(1, "ping", type="pingback"),
        make_exported_comment(2, "to a ping", parent=1),
        make_exported_comment(3, "x", parent=99),
    )
    assert [row.parent for row in Comment.objects.all()] == [None, None]


def test_reply_cycles_are_imported(take):
    take(
        make_exported_comment(1, "a", parent=2),
        make_exported_comment(2, "b", parent=1),
        make_exported_comment(3, "c", parent=3),
    )
    assert Comment.objects.count() == 3


def test_pings_are_skipped_and_counted(take):
    importer = take(
        make_exported_comment(1, type="pingback"),
        make_exported_comment(2, type="trackback"),
        make_exported_comment(3, type="review"),
    )
    assert not Comment.objects.exists()
    assert importer.counts == {"pingback": 2, "other_type": 1}


def test_expired_and_invalid_emails_are_not_imported(take):
    take(
        make_exported_comment(1, "new"),
        make_exported_comment(2, "old", date_gmt="2026-04-01 10:00:00"),
        make_exported_comment(3, "odd", email="x"),
    )
    assert {row.text: row.email for row in Comment.objects.all()} == {
        "new": "robin@example.com",
        "old": "",
        "odd": "",
    }
    assert Comment.objects.exclude(email_fingerprint="").count() == 1


def test_staff_are_matched_by_user_id_not_email(take):
    lena = make_practitioner(name="Lena Ruiz")
    take(
        make_exported_comment(1, "by staff", user_id="4", name="lena", email="lena@example.com"),
        make_exported_comment(2, "by somebody", email="lena@example.com"),
        staff={"4": lena},
    )
    ours, other = (Comment.objects.get(by_practice=value) for value in (True, False))
    assert (ours.practitioner, ours.name, ours.email) == (lena, "Lena Ruiz", "")
    assert (other.text, other.practitioner) == ("by somebody", None)


def test_imported_text_is_encrypted(take):
    from django.db import connection

    take(make_exported_comment(1, "A secret of mine"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, email FROM consultations_comment")
        raw = cursor.fetchone()
    assert all(b"secret" not in bytes(cell) and b"robin" not in bytes(cell) for cell in raw)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a\nb", "a\nb"),
        ("a<br />\nb<br>c", "a\nb\nc"),
        ("<p>a</p>\n<p>b &amp; c</p>", "a\n\nb & c"),
        ('<a href="https://x.example/" rel="nofollow">here</a>', "here (https://x.example/)"),
        ('<a href="https://x.example/">https://x.example/</a>', "https://x.example/"),
        ("<ul><li>a</li><li>b</li></ul>", "– a\n– b"),
        ("<script>x</script>a<b>c</b>", "ac"),
        ("<dl><dt>a</dt><dd>b</dd></dl><address>c</address>d", "a\n\nb\n\nc\n\nd"),
        ("5 < 6 & 7", "5 < 6 & 7"),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_html_becomes_plain_text(html, text):
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Robin &amp; Sam", "Robin & Sam"),
        ("<b>Robin</b>", "Robin"),
        ("", "Anonymous"),
        ("robin@example.com", "Anonymous"),
        ("a" * 300, "a" * 120),
    ],
)
def test_author_names_are_cleaned(written, name):
    assert clean_author_name(written) == name
