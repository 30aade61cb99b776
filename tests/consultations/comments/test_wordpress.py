"""Comments of the former site: status, threads, staff, and what is never kept of a person."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from consultations.comments.models import Comment
from consultations.comments.wordpress import CommentTaker, plain_text, tidy_name
from pages.wordpress.wxr.records import ExportedComment
from tests.factories.pages import make_article, make_practice, make_practitioner

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def said(number: int, text: str = "Words", **facts: Any) -> ExportedComment:
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

    def run(*comments: ExportedComment, staff=None) -> CommentTaker:
        taker = CommentTaker("old.example.com", staff or {}, ZoneInfo("UTC"), NOW)
        taker.take(article, comments)
        return taker

    return run


def test_each_status_is_kept(take):
    taker = take(
        said(1, "a"), said(2, "b", approved="0"), said(3, "c", approved="spam"),
        said(4, "d", approved="trash"), said(5, "e", approved="post-trashed"),
        said(6, "f", approved="odd"), said(7, "g", approved=""),
    )  # fmt: skip
    assert {row.text: row.status for row in Comment.objects.all()} == {
        "a": "approved", "b": "waiting", "c": "spam", "d": "trash", "e": "trash",
        "g": "waiting",
    }  # fmt: skip
    assert taker.counts["unknown_status"] == 1
    shown = Comment.objects.get(status="approved")
    assert (shown.published_name, shown.published_html) == ("Robin", '<p dir="auto">a</p>')
    assert shown.published_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    hidden = Comment.objects.exclude(status="approved")
    assert [(row.published_name, row.published_html) for row in hidden] == [("", "")] * 5


def test_threads_of_any_depth_keep_their_shape(take):
    take(*[said(n, str(n), parent=n - 1) for n in range(12, 0, -1)])
    rows = {row.text: row for row in Comment.objects.select_related("parent")}
    assert rows["1"].parent is None
    above = {text: row.parent.text for text, row in rows.items() if row.parent is not None}
    assert above == {str(n): str(n - 1) for n in range(2, 13)}


def test_answers_to_what_is_not_here_stand_on_their_own(take):
    take(said(1, "ping", type="pingback"), said(2, "to a ping", parent=1), said(3, "x", parent=99))
    assert [row.parent for row in Comment.objects.all()] == [None, None]


def test_comments_that_answer_each_other_in_a_circle_end(take):
    take(said(1, "a", parent=2), said(2, "b", parent=1), said(3, "c", parent=3))
    assert Comment.objects.count() == 3


def test_pings_are_left_out_and_counted(take):
    taker = take(said(1, type="pingback"), said(2, type="trackback"), said(3, type="review"))
    assert not Comment.objects.exists()
    assert taker.counts == {"pingback": 2, "other_type": 1}


def test_an_address_past_its_time_is_not_taken(take):
    take(said(1, "new"), said(2, "old", date_gmt="2026-04-01 10:00:00"), said(3, "odd", email="x"))
    assert {row.text: row.email for row in Comment.objects.all()} == {
        "new": "robin@example.com", "old": "", "odd": "",
    }  # fmt: skip
    assert Comment.objects.exclude(email_fingerprint="").count() == 1


def test_staff_are_known_by_their_number_and_never_by_their_address(take):
    lena = make_practitioner(name="Lena Ruiz")
    take(
        said(1, "by staff", user_id="4", name="lena", email="lena@example.com"),
        said(2, "by somebody", email="lena@example.com"),
        staff={"4": lena},
    )
    ours, other = (Comment.objects.get(by_practice=value) for value in (True, False))
    assert (ours.practitioner, ours.name, ours.email) == (lena, "Lena Ruiz", "")
    assert (other.text, other.practitioner) == ("by somebody", None)


def test_what_was_written_is_encrypted(take):
    from django.db import connection

    take(said(1, "A secret of mine"))
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
def test_markup_of_comments_becomes_plain_text(html, text):
    assert plain_text(html) == text


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
def test_names_are_tidied(written, name):
    assert tidy_name(written) == name
