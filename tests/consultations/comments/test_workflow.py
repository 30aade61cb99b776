"""The verbs of a comment: what is public, what is erased, and who is told."""

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
MINUTES = timedelta(minutes=1)
WORDS: dict[str, Any] = {"name": "Sam", "email": "sam@mail.example", "text": "The same words"}

VERBS: dict[str, Any] = {
    "approve": partial(workflow.approve_comment, by=None),
    "spam": partial(workflow.mark_as_spam, by=None),
    "trash": partial(workflow.trash_comment, by=None),
    "restore": partial(workflow.restore_comment, by=None),
    "withdraw": workflow.withdraw_comment,
}
LEADS_TO = {
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


def make_comment_in(status: str) -> Comment:
    comment = make_comment()
    path = {"approved": "approve", "spam": "spam", "trash": "trash", "withdrawn": "withdraw"}
    if status in path:
        VERBS[path[status]](comment, now=NOW)
    return comment


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", Status.values)
def test_every_verb_in_every_state(state, verb) -> None:
    comment = make_comment_in(state)
    after = LEADS_TO.get((state, verb))
    if after is None:
        with pytest.raises(NotAllowed):
            VERBS[verb](comment, now=LATER)
    else:
        VERBS[verb](comment, now=LATER)
    stored = Comment.objects.get()
    assert stored.status == (after or state)
    assert (stored.published_html != "") is (stored.status == "approved")
    if after:
        assert stored.status_changed_at == LATER


def test_nothing_is_in_clear_before_approval() -> None:
    comment = make_comment(**WORDS)
    assert (comment.published_name, comment.published_html, comment.published_at) == ("", "", None)


def test_approval_publishes_exactly_name_and_text() -> None:
    comment = make_comment(**{**WORDS, "text": "One <b>\n\ntwo"})
    workflow.approve_comment(comment, by=None, now=LATER)
    stored = Comment.objects.get()
    assert (stored.published_name, stored.published_at) == ("Sam", LATER)
    assert stored.published_html == '<p dir="auto">One &lt;b&gt;</p><p dir="auto">two</p>'


@pytest.mark.parametrize("folder", ["waiting", "approved", "spam"])
def test_restored_from_the_trash_it_is_where_it_was(folder) -> None:
    comment = make_comment_in(folder)
    published_at = comment.published_at
    workflow.trash_comment(comment, by=None, now=LATER)
    assert comment.published_html == ""
    workflow.restore_comment(comment, by=None, now=LATER)
    assert (comment.status, comment.published_at) == (folder, published_at)


@pytest.mark.parametrize(("is_edited", "after"), [(False, "approved"), (True, "waiting")])
def test_out_of_spam_no_words_are_published_that_never_were(is_edited, after) -> None:
    comment = make_comment(approved=True)
    workflow.mark_as_spam(comment, by=make_staff(), now=NOW)
    if is_edited:
        workflow.edit_comment(comment, name="Sam", text="Quite other", suspicions=[], now=NOW)
        assert comment.status == "spam"
    workflow.restore_comment(comment, by=None, now=NOW)
    assert comment.status == after


def test_taken_back_means_erased() -> None:
    comment = make_comment(approved=True, **WORDS)
    workflow.withdraw_comment(comment, now=LATER)
    stored = Comment.objects.get()
    assert (stored.name, stored.email, stored.text) == ("", "", "")
    assert (stored.published_name, stored.published_html) == ("", "")
    assert (stored.email_fingerprint, stored.content_fingerprint) == ("", "")
    assert (stored.network_fingerprint, stored.suspicions) == ("", [])
    assert Comment.objects.filter(name__isnull=True, text__isnull=True).exists()


def test_of_two_staff_members_one_acts_and_one_is_told() -> None:
    make_comment()
    mine, theirs = Comment.objects.get(), Comment.objects.get()
    workflow.mark_as_spam(mine, by=None, now=LATER)
    with pytest.raises(NotAllowed):
        workflow.approve_comment(theirs, by=None, now=LATER)
    assert Comment.objects.get().status == "spam"


def test_the_database_refuses_clear_words_of_what_is_not_published() -> None:
    comment = make_comment()
    for column in ("published_html", "published_name"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Comment.objects.filter(pk=comment.pk).update(**{column: "words"})


# --- sent twice ---
@pytest.mark.parametrize(
    "change", [{"text": " the  SAME\nwords "}, {"email": "SAM@mail.example"}, {"name": "Other"}]
)
def test_the_same_words_within_ten_minutes_are_one_comment(change) -> None:
    article = make_article()
    first = make_comment(article=article, **WORDS)
    again = make_comment(article=article, **{**WORDS, **change}, now=NOW + 9 * MINUTES)
    assert first == again
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    ("after", "refused"), [(10 * MINUTES, True), (1439 * MINUTES, True), (1440 * MINUTES, False)]
)
def test_later_they_are_refused_until_a_day_has_passed(after, refused) -> None:
    article = make_article()
    make_comment(article=article, **WORDS)
    if refused:
        with pytest.raises(Duplicate):
            make_comment(article=article, **WORDS, now=NOW + after)
    else:
        make_comment(article=article, **WORDS, now=NOW + after)
    assert Comment.objects.count() == (1 if refused else 2)


def test_other_words_another_article_another_parent_are_other_comments() -> None:
    article = make_article()
    first = make_comment(article=article, approved=True, **WORDS)
    make_comment(article=make_article(), **WORDS)
    make_comment(article=article, parent=first, **WORDS)
    make_comment(article=article, **{**WORDS, "email": "other@mail.example"})
    assert Comment.objects.count() == 4


def test_words_that_were_taken_back_may_be_sent_again() -> None:
    article = make_article()
    workflow.withdraw_comment(make_comment(article=article, **WORDS), now=NOW)
    assert make_comment(article=article, **WORDS).status == "waiting"


# --- doubt ---
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
def test_where_a_new_comment_goes(facts, status) -> None:
    comment = make_comment(**facts)
    assert comment.status == status
    assert OutgoingEmail.objects.exists() is (status == "waiting")


# --- the practice answers ---
def test_a_reply_stands_under_the_public_name_and_never_the_login() -> None:
    staff = make_staff(first_name="Secret", last_name="Login", email="login@mail.example")
    person = make_practitioner(name="Jo Example", user=staff)
    comment = make_comment(approved=True)
    reply = workflow.reply_to_comment(comment, text="Thank you.", by=staff, now=LATER)
    assert (reply.published_name, reply.practitioner) == ("Jo Example", person)
    assert (reply.status, reply.parent, reply.by_practice) == ("approved", comment, True)
    assert (reply.email, reply.email_fingerprint) == ("", "")


def test_staff_without_a_public_name_answer_as_the_practice() -> None:
    comment = make_comment(approved=True)
    reply = workflow.reply_to_comment(comment, text="Thank you.", by=make_staff(), now=LATER)
    assert reply.published_name == "Quiet Room Counselling"


@pytest.mark.parametrize("state", ["waiting", "spam", "trash", "withdrawn"])
def test_only_what_is_published_is_answered(state) -> None:
    comment = make_comment_in(state)
    with pytest.raises(NotAllowed):
        workflow.reply_to_comment(comment, text="Thank you.", by=make_staff(), now=LATER)
    assert Comment.objects.count() == 1


# --- the notice to the practice ---
def notices() -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(message="comments_waiting").order_by("created_at"))


def test_the_practice_is_told_at_most_hourly() -> None:
    for minutes in (0, 1, 59):
        make_comment(now=NOW + minutes * MINUTES)
    assert len(notices()) == 1
    make_comment(now=NOW + 60 * MINUTES)
    first, second = notices()
    assert (first.to, first.subject) == ("hello@quietroom.example.com", "Comments are waiting")
    assert second.text.startswith("4 comments are waiting to be read.")


def test_the_notice_holds_no_word_of_the_comment() -> None:
    make_comment(name="Xanthippe", email="quill@mail.example", text="Featherword")
    (mail,) = notices()
    whole = f"{mail.subject}{mail.text}{mail.html}{mail.sender}{mail.reply_to}"
    for word in ("Xanthippe", "quill", "Featherword"):
        assert word not in whole


def test_a_notice_that_speaks_of_others_too_is_not_taken_back() -> None:
    first = make_comment()
    make_comment()
    workflow.withdraw_comment(first, now=NOW)
    assert [mail.state for mail in notices()] == ["waiting"]


def test_a_notice_of_one_that_was_taken_back_is_not_sent() -> None:
    workflow.withdraw_comment(make_comment(), now=NOW)
    assert [mail.state for mail in notices()] == ["void"]


def test_after_a_notice_that_was_not_sent_the_next_comment_is_told() -> None:
    workflow.withdraw_comment(make_comment(), now=NOW)
    make_comment(now=NOW + MINUTES)
    assert [mail.state for mail in notices()] == ["void", "waiting"]


def test_a_comment_is_not_stored_without_its_notice(monkeypatch) -> None:
    def fail(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr(emails, "waiting", fail)
    with pytest.raises(RuntimeError):
        make_comment()
    assert not Comment.objects.exists()
