"""Who is told of a comment, when, and how little is said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from consultations.comments import emails, workflow
from consultations.comments.models import Comment
from consultations.outbox import delivery
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import NOW, make_comment, make_staff
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db
MINUTES, HOURS = timedelta(minutes=1), timedelta(hours=1)
TOLD: dict[str, Any] = {"wants_notice": True, "email": "quill@mail.example"}


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


def written(message: str = "") -> list[OutgoingEmail]:
    rows = OutgoingEmail.objects.exclude(state="void").order_by("created_at")
    if message:
        return list(rows.filter(message=message))
    return list(rows.exclude(message="comments_waiting"))


def approve(comment: Comment, *, now: datetime = NOW):
    return workflow.approve_comment(comment, by=None, now=now)


# --- the writer ---
def test_who_did_not_ask_gets_no_mail_at_all() -> None:
    comment = make_comment()
    approve(comment)
    workflow.reply_to_comment(comment, text="Thank you.", by=make_staff(), now=NOW)
    make_comment(article=comment.article, parent=comment, approved=True)
    assert written() == []


def test_who_asked_gets_the_link_then_the_news_then_the_answer() -> None:
    comment = make_comment(**TOLD)
    approve(comment, now=NOW + MINUTES)
    workflow.reply_to_comment(comment, text="Thank you.", by=make_staff(), now=NOW + HOURS)
    mails = written()
    assert [(one.message, one.to) for one in mails] == [
        ("comment_received", "quill@mail.example"),
        ("comment_published", "quill@mail.example"),
        ("comment_answered", "quill@mail.example"),
    ]
    for one in mails:
        for part in (one.text, one.html):
            assert comment.get_absolute_url() in part
            assert f"{comment.token}/notices/" in part
        assert one.unsubscribe.endswith(f"{comment.token}/notices/")


def test_no_mail_carries_a_word_a_name_or_a_title() -> None:
    article = make_article(title="Grief after Xylophones", slug="xylophones")
    comment = make_comment(article=article, name="Xanthippe", text="Featherword", **TOLD)
    approve(comment)
    workflow.reply_to_comment(comment, text="Velvetword", by=make_staff(), now=NOW)
    assert len(written()) == 3
    for one in written():
        whole = f"{one.subject}{one.text}{one.html}{one.sender}{one.unsubscribe}".lower()
        for word in ("xanthippe", "featherword", "velvetword", "grief", "xylophones", "quill"):
            assert word not in whole
        for word in ("therap", "counsel", "client", "session"):
            assert word not in one.subject.lower()


def test_one_press_of_the_mail_program_ends_them() -> None:
    make_comment(**TOLD)
    delivery.deliver_due(NOW)
    (sent,) = [one for one in mail.outbox if one.to == ["quill@mail.example"]]
    (own,) = written("comment_received")
    assert sent.extra_headers["List-Unsubscribe"] == f"<{own.unsubscribe}>"
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent.extra_headers["List-Unsubscribe"].startswith("<http")
    others = [one for one in mail.outbox if one.to != ["quill@mail.example"]]
    assert others
    assert all("List-Unsubscribe" not in one.extra_headers for one in others)


def test_what_a_program_sent_makes_us_write_to_nobody() -> None:
    comment = make_comment(suspicions=["honeypot"], **TOLD)
    assert (comment.status, written()) == ("spam", [])
    approve(comment)
    assert [one.message for one in written()] == ["comment_published"]


def test_news_waits_until_an_undo_would_have_come() -> None:
    comment = make_comment(**TOLD)
    event = approve(comment)
    (news,) = written("comment_published")
    assert news.next_at == NOW + 3 * MINUTES
    workflow.undo_event(event, by=None, now=NOW + MINUTES)
    assert written("comment_published") == []
    comment.refresh_from_db()
    approve(comment, now=NOW + 2 * MINUTES)
    assert len(written("comment_published")) == 1


@pytest.mark.parametrize("verb", [workflow.trash_comment, workflow.mark_as_spam])
def test_news_is_told_once_however_often_it_is_approved(verb) -> None:
    comment = make_comment(**TOLD)
    approve(comment)
    delivery.deliver_due(NOW + HOURS)
    verb(comment, by=None, now=NOW + HOURS)
    workflow.restore_comment(comment, by=None, now=NOW + HOURS)
    OutgoingEmail.objects.all().delete()  # as retention does after a week
    verb(comment, by=None, now=NOW + HOURS)
    workflow.restore_comment(comment, by=None, now=NOW + HOURS)
    assert written() == []


def test_taken_down_before_the_news_has_left_it_never_leaves() -> None:
    comment = make_comment(**TOLD)
    approve(comment)
    workflow.trash_comment(comment, by=None, now=NOW + MINUTES)
    assert written("comment_published") == []


def test_shown_again_before_the_news_has_left_it_leaves_after_all() -> None:
    comment = make_comment(**TOLD)
    approve(comment)
    event = workflow.trash_comment(comment, by=None, now=NOW + MINUTES)
    workflow.undo_event(event, by=None, now=NOW + 2 * MINUTES)
    (news,) = written("comment_published")
    assert (news.state, news.next_at) == ("waiting", NOW + 5 * MINUTES)


def test_what_the_writer_stopped_is_not_revived() -> None:
    comment = make_comment(**TOLD)
    approve(comment)
    workflow.stop_notices(comment, now=NOW)
    workflow.trash_comment(comment, by=None, now=NOW + MINUTES)
    workflow.restore_comment(comment, by=None, now=NOW + MINUTES)
    assert written() == []


def test_one_address_gets_three_links_a_day() -> None:
    article = make_article()
    for number in range(5):
        make_comment(article=article, text=f"Number {number}", **TOLD)
    assert len(written("comment_received")) == 3
    make_comment(article=article, text="Another address", wants_notice=True)
    make_comment(article=article, text="A day later", now=NOW + 25 * HOURS, **TOLD)
    assert len(written("comment_received")) == 5


def test_an_answer_is_told_when_it_is_published_and_once() -> None:
    comment = make_comment(**TOLD)
    approve(comment)
    answer = make_comment(article=comment.article, parent=comment)
    assert written("comment_answered") == []
    event = approve(answer)
    assert len(written("comment_answered")) == 1
    workflow.undo_event(event, by=None, now=NOW)
    assert written("comment_answered") == []
    answer.refresh_from_db()
    approve(answer)
    delivery.deliver_due(NOW + HOURS)
    workflow.trash_comment(answer, by=None, now=NOW + HOURS)
    workflow.restore_comment(answer, by=None, now=NOW + HOURS)
    assert len(written("comment_answered")) == 1
    make_comment(article=comment.article, parent=comment, approved=True)
    assert len(written("comment_answered")) == 2


def test_nobody_is_told_of_their_own_answer() -> None:
    comment = make_comment(**TOLD)
    approve(comment)
    same = {**TOLD, "email": "Quill@MAIL.example"}
    approve(make_comment(article=comment.article, parent=comment, **same))
    assert written("comment_answered") == []


def test_an_answer_to_what_is_hidden_is_told_to_nobody() -> None:
    comment = make_comment(**TOLD)
    approve(comment)
    answer = make_comment(article=comment.article, parent=comment)
    workflow.trash_comment(comment, by=None, now=NOW)
    approve(Comment.objects.get(pk=answer.pk))
    assert written("comment_answered") == []


def test_taken_back_nothing_is_left_of_its_mails() -> None:
    comment = make_comment(**TOLD)
    approve(comment)
    workflow.reply_to_comment(comment, text="Thank you.", by=make_staff(), now=NOW)
    delivery.deliver_due(NOW + HOURS)
    workflow.withdraw_comment(comment, now=NOW + HOURS)
    assert not OutgoingEmail.objects.exclude(message="comments_waiting").exists()


def test_the_answer_taken_back_is_not_told_any_more() -> None:
    comment = make_comment(**TOLD)
    approve(comment)
    answer = make_comment(article=comment.article, parent=comment, approved=True)
    assert len(written("comment_answered")) == 1
    workflow.withdraw_comment(answer, now=NOW)
    assert written("comment_answered") == []


# --- the practice ---
def notices() -> list[OutgoingEmail]:
    return written("comments_waiting")


def test_never_means_never() -> None:
    make_practice(comment_notice="never")
    make_comment()
    assert not emails.remind(now=NOW + 2 * HOURS)
    assert notices() == []


def test_it_goes_to_the_address_set_for_it() -> None:
    make_practice(comment_notice_email="reader@quietroom.example.com")
    make_comment()
    assert [one.to for one in notices()] == ["reader@quietroom.example.com"]


def test_what_came_within_the_hour_is_told_after_it() -> None:
    make_comment(now=NOW)
    assert not emails.remind(now=NOW + HOURS)
    make_comment(now=NOW + 20 * MINUTES)
    assert not emails.remind(now=NOW + 59 * MINUTES)
    assert emails.remind(now=NOW + 60 * MINUTES)
    assert not emails.remind(now=NOW + 61 * MINUTES)
    assert not emails.remind(now=NOW + 300 * MINUTES)
    assert [one.created_at for one in notices()] == [NOW, NOW + HOURS]
    assert notices()[1].text.startswith("2 comments are waiting")


def test_after_what_waited_was_read_nobody_is_reminded() -> None:
    approve(make_comment(now=NOW))
    comment = make_comment(now=NOW + 20 * MINUTES)
    approve(comment, now=NOW + 30 * MINUTES)
    assert not emails.remind(now=NOW + 2 * HOURS)


def test_once_a_day_at_the_hour_of_the_practice_while_some_wait() -> None:
    make_practice(comment_notice="daily", comment_notice_hour=9, time_zone="America/Los_Angeles")
    nine = datetime(2026, 5, 4, 16, 0, tzinfo=UTC)
    comment = make_comment(now=nine - 5 * HOURS)
    assert notices() == []
    day = timedelta(days=1)
    for at, told in (
        (nine - MINUTES, False),
        (nine, True),
        (nine + MINUTES, False),
        (nine + 14 * HOURS, False),
        (nine + day - MINUTES, False),
        (nine + day + MINUTES, True),
    ):
        assert emails.remind(now=at) is told, at
    approve(comment, now=nine + day)
    assert not emails.remind(now=nine + 2 * day)
    assert len(notices()) == 2
