"""Emails about comments: recipients, times, and that they contain no personal text."""

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
NOTIFIED_WRITER: dict[str, Any] = {"wants_notice": True, "email": "quill@mail.example"}


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


def queued_emails(message: str = "") -> list[OutgoingEmail]:
    rows = OutgoingEmail.objects.exclude(state="void").order_by("created_at")
    if message:
        return list(rows.filter(message=message))
    return list(rows.exclude(message="comments_waiting"))


def approve(comment: Comment, *, now: datetime = NOW):
    return workflow.approve_comment(comment, by=None, now=now)


# To the writer.
def test_writer_without_opt_in_gets_no_email() -> None:
    comment = make_comment()
    approve(comment)
    workflow.reply_to_comment(comment, text="Thank you.", by=make_staff(), now=NOW)
    make_comment(article=comment.article, parent=comment, approved=True)
    assert queued_emails() == []


def test_opted_in_writer_gets_received_published_and_answered() -> None:
    comment = make_comment(**NOTIFIED_WRITER)
    approve(comment, now=NOW + MINUTES)
    workflow.reply_to_comment(comment, text="Thank you.", by=make_staff(), now=NOW + HOURS)
    mails = queued_emails()
    assert [(email.message, email.to) for email in mails] == [
        ("comment_received", "quill@mail.example"),
        ("comment_published", "quill@mail.example"),
        ("comment_answered", "quill@mail.example"),
    ]
    for email in mails:
        for part in (email.text, email.html):
            assert comment.get_absolute_url() in part
            assert f"{comment.token}/notices/" in part
        assert email.unsubscribe.endswith(f"{comment.token}/notices/")


def test_emails_contain_no_text_name_or_title() -> None:
    article = make_article(title="Grief after Xylophones", slug="xylophones")
    comment = make_comment(article=article, name="Xanthippe", text="Featherword", **NOTIFIED_WRITER)
    approve(comment)
    workflow.reply_to_comment(comment, text="Velvetword", by=make_staff(), now=NOW)
    assert len(queued_emails()) == 3
    for email in queued_emails():
        whole = f"{email.subject}{email.text}{email.html}{email.sender}{email.unsubscribe}".lower()
        for word in ("xanthippe", "featherword", "velvetword", "grief", "xylophones", "quill"):
            assert word not in whole
        for word in ("therap", "counsel", "client", "session"):
            assert word not in email.subject.lower()


def test_writer_emails_carry_one_click_unsubscribe() -> None:
    make_comment(**NOTIFIED_WRITER)
    delivery.deliver_due(NOW)
    (sent,) = [message for message in mail.outbox if message.to == ["quill@mail.example"]]
    (own,) = queued_emails("comment_received")
    assert sent.extra_headers["List-Unsubscribe"] == f"<{own.unsubscribe}>"
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent.extra_headers["List-Unsubscribe"].startswith("<http")
    others = [message for message in mail.outbox if message.to != ["quill@mail.example"]]
    assert others
    assert all("List-Unsubscribe" not in message.extra_headers for message in others)


def test_spam_sends_no_received_email() -> None:
    comment = make_comment(suspicions=["honeypot"], **NOTIFIED_WRITER)
    assert (comment.status, queued_emails()) == ("spam", [])
    approve(comment)
    assert [email.message for email in queued_emails()] == ["comment_published"]


def test_published_email_waits_for_undo_window() -> None:
    comment = make_comment(**NOTIFIED_WRITER)
    event = approve(comment)
    (news,) = queued_emails("comment_published")
    assert news.next_at == NOW + 3 * MINUTES
    workflow.undo_event(event, by=None, now=NOW + MINUTES)
    assert queued_emails("comment_published") == []
    comment.refresh_from_db()
    approve(comment, now=NOW + 2 * MINUTES)
    assert len(queued_emails("comment_published")) == 1


@pytest.mark.parametrize("verb", [workflow.trash_comment, workflow.mark_as_spam])
def test_published_email_is_sent_once(verb) -> None:
    comment = make_comment(**NOTIFIED_WRITER)
    approve(comment)
    delivery.deliver_due(NOW + HOURS)
    verb(comment, by=None, now=NOW + HOURS)
    workflow.restore_comment(comment, by=None, now=NOW + HOURS)
    OutgoingEmail.objects.all().delete()  # as retention does after a week
    verb(comment, by=None, now=NOW + HOURS)
    workflow.restore_comment(comment, by=None, now=NOW + HOURS)
    assert queued_emails() == []


def test_trashing_cancels_pending_published_email() -> None:
    comment = make_comment(**NOTIFIED_WRITER)
    approve(comment)
    workflow.trash_comment(comment, by=None, now=NOW + MINUTES)
    assert queued_emails("comment_published") == []


def test_undoing_trash_revives_pending_published_email() -> None:
    comment = make_comment(**NOTIFIED_WRITER)
    approve(comment)
    event = workflow.trash_comment(comment, by=None, now=NOW + MINUTES)
    workflow.undo_event(event, by=None, now=NOW + 2 * MINUTES)
    (news,) = queued_emails("comment_published")
    assert (news.state, news.next_at) == ("waiting", NOW + 5 * MINUTES)


def test_stopped_emails_are_not_revived() -> None:
    comment = make_comment(**NOTIFIED_WRITER)
    approve(comment)
    workflow.stop_notices(comment)
    workflow.trash_comment(comment, by=None, now=NOW + MINUTES)
    workflow.restore_comment(comment, by=None, now=NOW + MINUTES)
    assert queued_emails() == []


def test_received_emails_are_limited_per_address_and_day() -> None:
    article = make_article()
    for number in range(5):
        make_comment(article=article, text=f"Number {number}", **NOTIFIED_WRITER)
    assert len(queued_emails("comment_received")) == 3
    make_comment(article=article, text="Another address", wants_notice=True)
    make_comment(article=article, text="A day later", now=NOW + 25 * HOURS, **NOTIFIED_WRITER)
    assert len(queued_emails("comment_received")) == 5


def test_answered_email_is_sent_once_when_reply_is_published() -> None:
    comment = make_comment(**NOTIFIED_WRITER)
    approve(comment)
    answer = make_comment(article=comment.article, parent=comment)
    assert queued_emails("comment_answered") == []
    event = approve(answer)
    assert len(queued_emails("comment_answered")) == 1
    workflow.undo_event(event, by=None, now=NOW)
    assert queued_emails("comment_answered") == []
    answer.refresh_from_db()
    approve(answer)
    delivery.deliver_due(NOW + HOURS)
    workflow.trash_comment(answer, by=None, now=NOW + HOURS)
    workflow.restore_comment(answer, by=None, now=NOW + HOURS)
    assert len(queued_emails("comment_answered")) == 1
    make_comment(article=comment.article, parent=comment, approved=True)
    assert len(queued_emails("comment_answered")) == 2


def test_writer_is_not_notified_of_own_reply() -> None:
    comment = make_comment(**NOTIFIED_WRITER)
    approve(comment)
    same = {**NOTIFIED_WRITER, "email": "Quill@MAIL.example"}
    approve(make_comment(article=comment.article, parent=comment, **same))
    assert queued_emails("comment_answered") == []


def test_reply_to_hidden_comment_sends_no_email() -> None:
    comment = make_comment(**NOTIFIED_WRITER)
    approve(comment)
    answer = make_comment(article=comment.article, parent=comment)
    workflow.trash_comment(comment, by=None, now=NOW)
    approve(Comment.objects.get(pk=answer.pk))
    assert queued_emails("comment_answered") == []


def test_withdrawing_deletes_writer_emails() -> None:
    comment = make_comment(**NOTIFIED_WRITER)
    approve(comment)
    workflow.reply_to_comment(comment, text="Thank you.", by=make_staff(), now=NOW)
    delivery.deliver_due(NOW + HOURS)
    workflow.withdraw_comment(comment, now=NOW + HOURS)
    assert not OutgoingEmail.objects.exclude(message="comments_waiting").exists()


def test_withdrawn_reply_cancels_answered_email() -> None:
    comment = make_comment(**NOTIFIED_WRITER)
    approve(comment)
    answer = make_comment(article=comment.article, parent=comment, approved=True)
    assert len(queued_emails("comment_answered")) == 1
    workflow.withdraw_comment(answer, now=NOW)
    assert queued_emails("comment_answered") == []


# To the practice.
def practice_notices() -> list[OutgoingEmail]:
    return queued_emails("comments_waiting")


def test_notice_setting_never_sends_nothing() -> None:
    make_practice(comment_notice="never")
    make_comment()
    assert not emails.send_due_notice(now=NOW + 2 * HOURS)
    assert practice_notices() == []


def test_notice_goes_to_configured_address() -> None:
    make_practice(comment_notice_email="reader@quietroom.example.com")
    make_comment()
    assert [notice.to for notice in practice_notices()] == ["reader@quietroom.example.com"]


def test_comments_within_the_hour_are_notified_after_it() -> None:
    make_comment(now=NOW)
    assert not emails.send_due_notice(now=NOW + HOURS)
    make_comment(now=NOW + 20 * MINUTES)
    assert not emails.send_due_notice(now=NOW + 59 * MINUTES)
    assert emails.send_due_notice(now=NOW + 60 * MINUTES)
    assert not emails.send_due_notice(now=NOW + 61 * MINUTES)
    assert not emails.send_due_notice(now=NOW + 300 * MINUTES)
    assert [notice.created_at for notice in practice_notices()] == [NOW, NOW + HOURS]
    assert practice_notices()[1].text.startswith("2 comments are waiting")


def test_no_notice_when_nothing_is_waiting() -> None:
    approve(make_comment(now=NOW))
    comment = make_comment(now=NOW + 20 * MINUTES)
    approve(comment, now=NOW + 30 * MINUTES)
    assert not emails.send_due_notice(now=NOW + 2 * HOURS)


def test_daily_notice_is_sent_at_practice_hour_while_comments_wait() -> None:
    make_practice(comment_notice="daily", comment_notice_hour=9, time_zone="America/Los_Angeles")
    nine = datetime(2026, 5, 4, 16, 0, tzinfo=UTC)
    comment = make_comment(now=nine - 5 * HOURS)
    assert practice_notices() == []
    day = timedelta(days=1)
    for at, is_sent in (
        (nine - MINUTES, False),
        (nine, True),
        (nine + MINUTES, False),
        (nine + 14 * HOURS, False),
        (nine + day - MINUTES, False),
        (nine + day + MINUTES, True),
    ):
        assert emails.send_due_notice(now=at) is is_sent, at
    approve(comment, now=nine + day)
    assert not emails.send_due_notice(now=nine + 2 * day)
    assert len(practice_notices()) == 2
