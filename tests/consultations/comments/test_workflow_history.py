"""The history of a comment: one event for each action, and undo."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from consultations.comments import workflow
from consultations.comments.models import (
    PERSONAL_FIELDS,
    Comment,
    CommentEvent,
    CommentReport,
    reported_comments,
)
from consultations.comments.moderation.actions import apply_action
from consultations.comments.workflow import Duplicate, NotAllowed
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import NOW, make_comment, make_staff
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


@pytest.fixture
def staff():
    return make_staff()


def event_tuples(comment: Comment) -> list[tuple[str, str, str, str]]:
    return [(e.actor, e.act, e.before, e.after) for e in comment.events.order_by("number")]


def reloaded(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.pk)


STAFF_ACTIONS: dict[str, Callable[..., CommentEvent]] = {
    "approve": workflow.approve_comment,
    "redact": partial(workflow.redact_comment, text="Fewer words"),
    "spam": workflow.mark_as_spam,
    "trash": workflow.trash_comment,
    "restore": workflow.restore_comment,
}
# Actions that lead to each status from which staff act.
ACTIONS_TO_STATE = {
    "waiting": [],
    "approved": ["approve"],
    "redacted": ["redact once"],
    "spam": ["spam"],
    "spam, once approved": ["approve", "spam"],
    "trash": ["trash"],
    "trash, once approved": ["approve", "trash"],
    "trash, once spam": ["spam", "trash"],
    "approved, once in the trash": ["approve", "trash", "restore"],
}


def move_to_state(comment: Comment, place: str, staff) -> None:
    once = partial(workflow.redact_comment, text="Words taken out")
    for verb in ACTIONS_TO_STATE[place]:
        STAFF_ACTIONS.get(verb, once)(comment, by=staff, now=NOW)


def comparable_state(comment: Comment) -> dict[str, object]:
    names = ("status", "status_before", "published_name", "published_html", "published_at",
             "redacted_text", "text")  # fmt: skip
    row = reloaded(comment)
    return {name: getattr(row, name) for name in names}


def test_each_action_records_one_event(staff) -> None:
    comment = make_comment()
    workflow.edit_comment(comment, name="Sam", text="Other words", suspicions=[], now=NOW)
    workflow.approve_comment(comment, by=staff, now=NOW)
    workflow.reply_to_comment(comment, text="Thank you.", by=staff, now=NOW)
    workflow.trash_comment(comment, by=staff, now=NOW)
    workflow.restore_comment(comment, by=None, now=NOW)
    workflow.withdraw_comment(comment, now=NOW)
    assert event_tuples(comment) == [
        ("visitor", "submit", "", "waiting"),
        ("visitor", "edit", "waiting", "waiting"),
        ("staff", "approve", "waiting", "approved"),
        ("staff", "trash", "approved", "trash"),
        ("system", "restore", "trash", "approved"),
        ("visitor", "withdraw", "approved", "withdrawn"),
    ]
    (reply,) = Comment.objects.filter(by_practice=True)
    assert event_tuples(reply) == [("staff", "reply", "waiting", "approved")]
    assert {e.by for e in CommentEvent.objects.filter(actor="staff")} == {staff}
    assert [e.number for e in comment.events.all()] == [1, 2, 3, 4, 5, 6]
    assert reloaded(comment).revision == 6


def test_events_cannot_be_changed(staff) -> None:
    event = workflow.approve_comment(make_comment(), by=staff, now=NOW)
    event.act = "spam"
    with pytest.raises(RuntimeError):
        event.save()


def test_action_rolls_back_when_event_fails(staff, monkeypatch) -> None:
    comment = make_comment()

    def fail(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr(CommentEvent, "save", fail)
    for verb in ("approve", "redact", "spam", "trash"):
        with pytest.raises(RuntimeError):
            STAFF_ACTIONS[verb](reloaded(comment), by=staff, now=LATER)
    stored = reloaded(comment)
    assert (stored.status, stored.published_html, stored.redacted_text) == ("waiting", "", "")
    with pytest.raises(RuntimeError):
        make_comment()
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("second", [*STAFF_ACTIONS, "withdraw", "edit", "erase"])
@pytest.mark.parametrize("first", ["approve", "redact", "spam", "trash", "withdraw", "edit"])
def test_second_action_on_same_revision_is_rejected(staff, first, second) -> None:
    verbs: dict[str, Callable[..., object]] = {
        **{name: partial(verb, by=staff) for name, verb in STAFF_ACTIONS.items()},
        "withdraw": workflow.withdraw_comment,
        "edit": partial(workflow.edit_comment, name="Sam", text="Other words", suspicions=[]),
        "erase": partial(workflow.erase_content, by=staff),
    }
    make_comment()
    mine, theirs = Comment.objects.get(), Comment.objects.get()
    verbs[first](mine, now=LATER)
    after = comparable_state(mine)
    with pytest.raises(NotAllowed):
        verbs[second](theirs, now=LATER)
    assert comparable_state(mine) == after
    assert CommentEvent.objects.count() == 2


def test_approving_a_stale_revision_is_rejected(staff) -> None:
    comment = make_comment(text="A kind thought")
    shown = comment.revision
    workflow.edit_comment(comment, name="Sam", text="Quite another", suspicions=[], now=NOW)
    outcome = apply_action({comment.pk: shown}, "approve", by=staff, now=LATER)
    assert (outcome.events, len(outcome.failures)) == ([], 1)
    assert reloaded(comment).published_html == ""


# Undo.
@pytest.mark.parametrize("verb", STAFF_ACTIONS)
@pytest.mark.parametrize("place", ACTIONS_TO_STATE)
def test_undo_restores_previous_state(staff, place, verb) -> None:
    comment = make_comment(text="All of the words")
    move_to_state(comment, place, staff)
    before = comparable_state(comment)
    try:
        event = STAFF_ACTIONS[verb](comment, by=staff, now=LATER)
    except NotAllowed:
        assert comparable_state(comment) == before
        return
    assert comparable_state(comment) != before
    undone = workflow.undo_event(event, by=staff, now=LATER)
    after = comparable_state(comment)
    if before["status"] not in ("spam", "trash"):
        # Only stored for comments in spam or trash.
        before["status_before"] = after["status_before"]
    assert after == before
    assert (undone.act, undone.before, undone.after) == ("undo", event.after, event.before)


def test_only_the_last_action_can_be_undone_once(staff) -> None:
    comment = make_comment()
    spam = workflow.mark_as_spam(comment, by=staff, now=NOW)
    trash = workflow.trash_comment(comment, by=staff, now=NOW)
    with pytest.raises(NotAllowed):
        workflow.undo_event(spam, by=staff, now=LATER)
    workflow.undo_event(trash, by=staff, now=LATER)
    for event in (spam, trash, CommentEvent.objects.get(act="undo")):
        with pytest.raises(NotAllowed):
            workflow.undo_event(event, by=staff, now=LATER)
    assert reloaded(comment).status == "spam"


def test_approval_of_replied_comment_cannot_be_undone(staff) -> None:
    comment = make_comment()
    event = workflow.approve_comment(comment, by=staff, now=NOW)
    workflow.reply_to_comment(comment, text="Thank you.", by=staff, now=NOW)
    with pytest.raises(NotAllowed):
        workflow.undo_event(event, by=staff, now=NOW)
    assert reloaded(comment).status == "approved"


def test_visitor_actions_and_erasure_cannot_be_undone(staff) -> None:
    comment = make_comment()
    with pytest.raises(NotAllowed):
        workflow.undo_event(comment.events.get(), by=staff, now=LATER)
    workflow.withdraw_comment(comment, now=LATER)
    with pytest.raises(NotAllowed):
        workflow.undo_event(comment.events.get(act="withdraw"), by=staff, now=LATER)
    erased = make_comment()
    workflow.erase_content(erased, by=staff, now=LATER)
    with pytest.raises(NotAllowed):
        workflow.undo_event(erased.events.get(act="erase"), by=staff, now=LATER)


# Redaction.
def test_redaction_is_published_and_original_kept(staff) -> None:
    comment = make_comment(text="I see Dr. Quillfeather on Mondays.")
    workflow.redact_comment(comment, text="I see [name] on Mondays.", by=staff, now=NOW)
    stored = reloaded(comment)
    assert stored.published_html == '<p dir="auto">I see [name] on Mondays.</p>'
    assert stored.text == "I see Dr. Quillfeather on Mondays."
    workflow.trash_comment(comment, by=staff, now=NOW)
    workflow.restore_comment(comment, by=staff, now=NOW)
    assert "Quillfeather" not in reloaded(comment).published_html


def test_undoing_second_redaction_restores_the_first(staff) -> None:
    comment = make_comment(text="One two three")
    workflow.redact_comment(comment, text="One two", by=staff, now=NOW)
    event = workflow.redact_comment(comment, text="One", by=staff, now=NOW)
    workflow.undo_event(event, by=staff, now=NOW)
    assert reloaded(comment).published_html == '<p dir="auto">One two</p>'
    assert event_tuples(comment)[-1] == ("staff", "undo", "approved", "approved")


def test_redacting_to_original_text_removes_redaction(staff) -> None:
    comment = make_comment(text="One two")
    workflow.redact_comment(comment, text="One", by=staff, now=NOW)
    workflow.redact_comment(comment, text="One two", by=staff, now=NOW)
    stored = reloaded(comment)
    assert (stored.redacted_text, stored.published_html) == ("", '<p dir="auto">One two</p>')


def test_empty_redaction_is_rejected(staff) -> None:
    with pytest.raises(NotAllowed):
        workflow.redact_comment(make_comment(), text="  ", by=staff, now=NOW)


# Edits by the writer.
def test_edit_is_screened_again(staff) -> None:
    comment = make_comment(text="Kind words")
    links = "https://a.example https://b.example"
    workflow.edit_comment(comment, name="Sam", text=links, suspicions=[], now=LATER)
    assert (reloaded(comment).status, reloaded(comment).suspicions[0]) == ("spam", "links")
    workflow.edit_comment(comment, name="Sam", text="Kind words", suspicions=[], now=LATER)
    assert (reloaded(comment).status, reloaded(comment).suspicions) == ("waiting", [])


def test_edit_does_not_leave_spam_set_by_staff(staff) -> None:
    comment = make_comment()
    workflow.mark_as_spam(comment, by=staff, now=NOW)
    workflow.edit_comment(comment, name="Sam", text="Kinder words", suspicions=[], now=LATER)
    assert (reloaded(comment).status, reloaded(comment).text) == ("spam", "Kinder words")


@pytest.mark.parametrize("place", ["approved", "redacted", "trash"])
def test_decided_comment_cannot_be_edited(staff, place) -> None:
    comment = make_comment(text="The words")
    move_to_state(comment, place, staff)
    with pytest.raises(NotAllowed):
        workflow.edit_comment(comment, name="Sam", text="Others", suspicions=[], now=LATER)
    assert reloaded(comment).text == "The words"


def test_editing_into_an_existing_text_is_a_duplicate() -> None:
    article = make_article()
    facts: dict[str, Any] = {"article": article, "email": "sam@mail.example"}
    make_comment(text="The same", **facts)
    comment = make_comment(text="Other words", **facts)
    with pytest.raises(Duplicate):
        workflow.edit_comment(comment, name="Sam", text="the  SAME", suspicions=[], now=LATER)
    workflow.edit_comment(comment, name="Sam", text="other words!", suspicions=[], now=LATER)
    assert reloaded(comment).text == "other words!"


# Erasing.
@pytest.mark.parametrize("place", ACTIONS_TO_STATE)
def test_erasing_clears_all_personal_fields(staff, place) -> None:
    comment = make_comment(suspicions=["no_time"], wants_notice=True)
    move_to_state(comment, place, staff)
    workflow.erase_content(comment, by=staff, now=LATER)
    stored = reloaded(comment)
    assert [getattr(stored, name) for name in PERSONAL_FIELDS] == [""] * len(PERSONAL_FIELDS)
    assert (stored.published_name, stored.published_html, stored.suspicions) == ("", "", [])
    assert (stored.email_fingerprint, stored.wants_notice) == ("", False)
    assert event_tuples(comment)[-1][:2] == ("staff", "erase")


# Reports.
def test_one_report_per_network_and_only_of_published(staff) -> None:
    comment = make_comment(approved=True)
    assert workflow.report_comment(comment, network="192.0.2.7", now=NOW)
    assert not workflow.report_comment(comment, network="192.0.2.7", now=LATER)
    assert workflow.report_comment(comment, network="192.0.2.8", now=LATER)
    assert list(reported_comments()) == [comment]
    with pytest.raises(NotAllowed):
        workflow.report_comment(make_comment(), network="192.0.2.7", now=NOW)
    assert "192.0" not in str(list(CommentReport.objects.values_list("network_fingerprint")))


def test_reports_are_settled_by_keeping_or_trashing(staff) -> None:
    settled, trashed = make_comment(approved=True), make_comment(approved=True)
    for comment in (settled, trashed):
        workflow.report_comment(comment, network="192.0.2.7", now=NOW)
    workflow.settle_reports(settled, by=staff, now=LATER)
    workflow.trash_comment(trashed, by=staff, now=LATER)
    assert set(CommentReport.objects.values_list("settled_at", flat=True)) == {LATER}
    assert not reported_comments()
    assert (reloaded(settled).status, event_tuples(settled)[-1][:2]) == (
        "approved",
        ("staff", "settle"),
    )
    with pytest.raises(NotAllowed):
        workflow.settle_reports(settled, by=staff, now=LATER)


# Emails to the writer.
def test_stopping_notices_voids_pending_emails() -> None:
    comment = make_comment(wants_notice=True)
    workflow.stop_notices(comment)
    assert reloaded(comment).wants_notice is False
    workflow.start_notices(comment)
    assert reloaded(comment).wants_notice is True
    assert not OutgoingEmail.objects.exclude(message="comments_waiting").exclude(state="void")
    workflow.withdraw_comment(comment, now=NOW)
    with pytest.raises(NotAllowed):
        workflow.start_notices(comment)
