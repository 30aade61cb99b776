"""Actions on comments: what is published, what is erased, who gets emails."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from consultations.comments import emails, workflow
from consultations.comments.models import Comment, Status
from consultations.comments.workflow import Duplicate, NotAllowed
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import NOW, make_comment, make_staff
from tests.factories.pages import make_article, make_practice, make_practitioner

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)
ONE_MINUTE = timedelta(minutes=1)
COMMENT_FIELDS: dict[str, Any] = {
    "name": "Sam",
    "email": "sam@mail.example",
    "text": "The same words",
}

ACTIONS: dict[str, Any] = {
    "approve": partial(workflow.approve_comment, by=None),
    "spam": partial(workflow.mark_as_spam, by=None),
    "trash": partial(workflow.trash_comment, by=None),
    "restore": partial(workflow.restore_comment, by=None),
    "withdraw": workflow.withdraw_comment,
}
STATUS_AFTER = {
    ("waiting", "approve"): "approved",
    ("waiting", "spam"): "spam",
    ("waiting", "trash"): "trash",
    ("waiting", "withdraw"): "withdrawn",
    ("approved", "spam"): "spam",
    ("approved", "trash"): "trash",
    ("approved", "withdraw"): "withdrawn",
    ("spam", "approve"): "approved",
    ("spam", "trash"): "trash",
    ("spam", "restore"): "waiting",
    ("spam", "withdraw"): "withdrawn",
    ("trash", "approve"): "approved",
    ("trash", "spam"): "spam",
    ("trash", "restore"): "waiting",
    ("trash", "withdraw"): "withdrawn",
}


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


def make_comment_with_status(status: str) -> Comment:
    comment = make_comment()
    path = {"approved": "approve", "spam": "spam", "trash": "trash", "withdrawn": "withdraw"}
    if status in path:
        ACTIONS[path[status]](comment, now=NOW)
    return comment


@pytest.mark.parametrize("verb", ACTIONS)
@pytest.mark.parametrize("state", Status.values)
def test_every_action_in_every_status(state, verb) -> None:
    comment = make_comment_with_status(state)
    after = STATUS_AFTER.get((state, verb))
    if after is None:
        with pytest.raises(NotAllowed):
            ACTIONS[verb](comment, now=LATER)
    else:
        ACTIONS[verb](comment, now=LATER)
    stored = Comment.objects.get()
    assert stored.status == (after or state)
    assert (stored.published_html != "") is (stored.status == "approved")
    if after:
        assert stored.status_changed_at == LATER


def test_waiting_comment_has_no_plain_text() -> None:
    comment = make_comment(**COMMENT_FIELDS)
    assert (comment.published_name, comment.published_html, comment.published_at) == ("", "", None)


def test_approval_publishes_name_and_escaped_text() -> None:
    comment = make_comment(**{**COMMENT_FIELDS, "text": "One <b>\n\ntwo"})
    workflow.approve_comment(comment, by=None, now=LATER)
    stored = Comment.objects.get()
    assert (stored.published_name, stored.published_at) == ("Sam", LATER)
    assert stored.published_html == '<p dir="auto">One &lt;b&gt;</p><p dir="auto">two</p>'


@pytest.mark.parametrize("folder", ["waiting", "approved", "spam"])
def test_restoring_from_trash_returns_to_previous_status(folder) -> None:
    comment = make_comment_with_status(folder)
    published_at = comment.published_at
    workflow.trash_comment(comment, by=None, now=LATER)
    assert comment.published_html == ""
    workflow.restore_comment(comment, by=None, now=LATER)
    assert (comment.status, comment.published_at) == (folder, published_at)


@pytest.mark.parametrize(("is_edited", "after"), [(False, "approved"), (True, "waiting")])
def test_restoring_edited_spam_does_not_publish_it(is_edited, after) -> None:
    comment = make_comment(approved=True)
    workflow.mark_as_spam(comment, by=make_staff(), now=NOW)
    if is_edited:
        workflow.edit_comment(comment, name="Sam", text="Quite other", suspicions=[], now=NOW)
        assert comment.status == "spam"
    workflow.restore_comment(comment, by=None, now=NOW)
    assert comment.status == after


def test_withdrawing_erases_content() -> None:
    comment = make_comment(approved=True, **COMMENT_FIELDS)
    workflow.withdraw_comment(comment, now=LATER)
    stored = Comment.objects.get()
    assert (stored.name, stored.email, stored.text) == ("", "", "")
    assert (stored.published_name, stored.published_html) == ("", "")
    assert (stored.email_fingerprint, stored.content_fingerprint) == ("", "")
    assert (stored.network_fingerprint, stored.suspicions) == ("", [])
    assert Comment.objects.filter(name__isnull=True, text__isnull=True).exists()


def test_concurrent_staff_actions_reject_the_second() -> None:
    make_comment()
    mine, theirs = Comment.objects.get(), Comment.objects.get()
    workflow.mark_as_spam(mine, by=None, now=LATER)
    with pytest.raises(NotAllowed):
        workflow.approve_comment(theirs, by=None, now=LATER)
    assert Comment.objects.get().status == "spam"


def test_database_rejects_plain_text_of_unpublished_comment() -> None:
    comment = make_comment()
    for column in ("published_html", "published_name"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Comment.objects.filter(pk=comment.pk).update(**{column: "words"})


# Duplicates.
@pytest.mark.parametrize(
    "change", [{"text": " the  SAME\nwords "}, {"email": "SAM@mail.example"}, {"name": "Other"}]
)
def test_resubmit_within_ten_minutes_returns_existing(change) -> None:
    article = make_article()
    first = make_comment(article=article, **COMMENT_FIELDS)
    again = make_comment(article=article, **{**COMMENT_FIELDS, **change}, now=NOW + 9 * ONE_MINUTE)
    assert first == again
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    ("after", "refused"),
    [(10 * ONE_MINUTE, True), (1439 * ONE_MINUTE, True), (1440 * ONE_MINUTE, False)],
)
def test_duplicate_is_rejected_within_a_day(after, refused) -> None:
    article = make_article()
    make_comment(article=article, **COMMENT_FIELDS)
    if refused:
        with pytest.raises(Duplicate):
            make_comment(article=article, **COMMENT_FIELDS, now=NOW + after)
    else:
        make_comment(article=article, **COMMENT_FIELDS, now=NOW + after)
    assert Comment.objects.count() == (1 if refused else 2)


def test_different_article_parent_or_email_is_no_duplicate() -> None:
    article = make_article()
    first = make_comment(article=article, approved=True, **COMMENT_FIELDS)
    make_comment(article=make_article(), **COMMENT_FIELDS)
    make_comment(article=article, parent=first, **COMMENT_FIELDS)
    make_comment(article=article, **{**COMMENT_FIELDS, "email": "other@mail.example"})
    assert Comment.objects.count() == 4


def test_withdrawn_text_can_be_sent_again() -> None:
    article = make_article()
    workflow.withdraw_comment(make_comment(article=article, **COMMENT_FIELDS), now=NOW)
    assert make_comment(article=article, **COMMENT_FIELDS).status == "waiting"


# Screening.
@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, "waiting"),
        ({"suspicions": ["no_time"]}, "waiting"),
        ({"suspicions": ["honeypot"]}, "spam"),
        ({"suspicions": ["too_fast"]}, "spam"),
        ({"text": "https://a.example https://b.example"}, "spam"),
        ({"name": "cheap-pills.com"}, "spam"),
    ],
)
def test_new_comment_status_follows_screening(facts, status) -> None:
    comment = make_comment(**facts)
    assert comment.status == status
    assert OutgoingEmail.objects.exists() is (status == "waiting")


# Replies of the practice.
def test_reply_uses_public_name_not_username() -> None:
    staff = make_staff(first_name="Secret", last_name="Login", email="login@mail.example")
    person = make_practitioner(name="Jo Example", user=staff)
    comment = make_comment(approved=True)
    reply = workflow.reply_to_comment(comment, text="Thank you.", by=staff, now=LATER)
    assert (reply.published_name, reply.practitioner) == ("Jo Example", person)
    assert (reply.status, reply.parent, reply.by_practice) == ("approved", comment, True)
    assert (reply.email, reply.email_fingerprint) == ("", "")


def test_reply_without_practitioner_uses_practice_name() -> None:
    comment = make_comment(approved=True)
    reply = workflow.reply_to_comment(comment, text="Thank you.", by=make_staff(), now=LATER)
    assert reply.published_name == "Quiet Room Counselling"


@pytest.mark.parametrize("state", ["waiting", "spam", "trash", "withdrawn"])
def test_only_published_comments_can_be_replied_to(state) -> None:
    comment = make_comment_with_status(state)
    with pytest.raises(NotAllowed):
        workflow.reply_to_comment(comment, text="Thank you.", by=make_staff(), now=LATER)
    assert Comment.objects.count() == 1


# Notices to the practice.
def practice_notices() -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(message="comments_waiting").order_by("created_at"))


def test_practice_is_notified_at_most_hourly() -> None:
    for minutes in (0, 1, 59):
        make_comment(now=NOW + minutes * ONE_MINUTE)
    assert len(practice_notices()) == 1
    make_comment(now=NOW + 60 * ONE_MINUTE)
    first, second = practice_notices()
    assert (first.to, first.subject) == ("hello@quietroom.example.com", "Comments are waiting")
    assert second.text.startswith("4 comments are waiting for you.")


def test_practice_notice_contains_no_comment_data() -> None:
    make_comment(name="Xanthippe", email="quill@mail.example", text="Featherword")
    (mail,) = practice_notices()
    whole = f"{mail.subject}{mail.text}{mail.html}{mail.sender}{mail.reply_to}"
    for word in ("Xanthippe", "quill", "Featherword"):
        assert word not in whole


def test_notice_is_kept_while_other_comments_wait() -> None:
    first = make_comment()
    make_comment()
    workflow.withdraw_comment(first, now=NOW)
    assert [mail.state for mail in practice_notices()] == ["waiting"]


def test_notice_is_voided_when_only_comment_is_withdrawn() -> None:
    workflow.withdraw_comment(make_comment(), now=NOW)
    assert [mail.state for mail in practice_notices()] == ["void"]


def test_next_comment_is_notified_after_voided_notice() -> None:
    workflow.withdraw_comment(make_comment(), now=NOW)
    make_comment(now=NOW + ONE_MINUTE)
    assert [mail.state for mail in practice_notices()] == ["void", "waiting"]


def test_comment_rolls_back_when_notice_fails(monkeypatch) -> None:
    def fail(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr(emails, "notify_practice", fail)
    with pytest.raises(RuntimeError):
        make_comment()
    assert not Comment.objects.exists()
