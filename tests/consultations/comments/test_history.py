"""What happened to a comment: one event an act, none without it, and the last one taken back."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from consultations.comments import workflow
from consultations.comments.history import CommentEvent, CommentReport, reported
from consultations.comments.models import SAID, Comment
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


def acts(comment: Comment) -> list[tuple[str, str, str, str]]:
    return [(e.actor, e.act, e.before, e.after) for e in comment.events.order_by("number")]


def same_row(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.pk)


STAFF_VERBS: dict[str, Callable[..., CommentEvent]] = {
    "approve": workflow.approve_comment,
    "redact": partial(workflow.redact_comment, text="Fewer words"),
    "spam": workflow.mark_as_spam,
    "trash": workflow.trash_comment,
    "restore": workflow.restore_comment,
}
# Ways to the places from which staff act, as the verbs that lead there.
PLACES = {
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


def bring(comment: Comment, place: str, staff) -> None:
    once = partial(workflow.redact_comment, text="Words taken out")
    for verb in PLACES[place]:
        STAFF_VERBS.get(verb, once)(comment, by=staff, now=NOW)


def all_that_counts(comment: Comment) -> dict[str, object]:
    names = ("status", "status_before", "published_name", "published_html", "published_at",
             "redacted_text", "text")  # fmt: skip
    row = same_row(comment)
    return {name: getattr(row, name) for name in names}


def test_each_act_leaves_one_event_with_who_and_where(staff) -> None:
    comment = make_comment()
    workflow.edit_comment(comment, name="Sam", text="Other words", suspicions=[], now=NOW)
    workflow.approve_comment(comment, by=staff, now=NOW)
    workflow.reply_to_comment(comment, text="Thank you.", by=staff, now=NOW)
    workflow.trash_comment(comment, by=staff, now=NOW)
    workflow.restore_comment(comment, by=None, now=NOW)
    workflow.withdraw_comment(comment, now=NOW)
    assert acts(comment) == [
        ("visitor", "submit", "", "waiting"),
        ("visitor", "edit", "waiting", "waiting"),
        ("staff", "approve", "waiting", "approved"),
        ("staff", "trash", "approved", "trash"),
        ("system", "restore", "trash", "approved"),
        ("visitor", "withdraw", "approved", "withdrawn"),
    ]
    (reply,) = Comment.objects.filter(by_practice=True)
    assert acts(reply) == [("staff", "reply", "waiting", "approved")]
    assert {e.by for e in CommentEvent.objects.filter(actor="staff")} == {staff}
    assert [e.number for e in comment.events.all()] == [1, 2, 3, 4, 5, 6]
    assert same_row(comment).revision == 6


def test_history_is_added_to_and_never_changed(staff) -> None:
    event = workflow.approve_comment(make_comment(), by=staff, now=NOW)
    event.act = "spam"
    with pytest.raises(RuntimeError):
        event.save()


def test_without_its_event_nothing_happens(staff, monkeypatch) -> None:
    comment = make_comment()

    def fail(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr(CommentEvent, "save", fail)
    for verb in ("approve", "redact", "spam", "trash"):
        with pytest.raises(RuntimeError):
            STAFF_VERBS[verb](same_row(comment), by=staff, now=LATER)
    stored = same_row(comment)
    assert (stored.status, stored.published_html, stored.redacted_text) == ("waiting", "", "")
    with pytest.raises(RuntimeError):
        make_comment()
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("second", [*STAFF_VERBS, "withdraw", "edit", "erase"])
@pytest.mark.parametrize("first", ["approve", "redact", "spam", "trash", "withdraw", "edit"])
def test_of_two_who_act_on_one_revision_one_is_told(staff, first, second) -> None:
    verbs: dict[str, Callable[..., object]] = {
        **{name: partial(verb, by=staff) for name, verb in STAFF_VERBS.items()},
        "withdraw": workflow.withdraw_comment,
        "edit": partial(workflow.edit_comment, name="Sam", text="Other words", suspicions=[]),
        "erase": partial(workflow.erase_comment, by=staff),
    }
    make_comment()
    mine, theirs = Comment.objects.get(), Comment.objects.get()
    verbs[first](mine, now=LATER)
    after = all_that_counts(mine)
    with pytest.raises(NotAllowed):
        verbs[second](theirs, now=LATER)
    assert all_that_counts(mine) == after
    assert CommentEvent.objects.count() == 2


def test_words_changed_since_staff_read_them_are_not_approved(staff) -> None:
    comment = make_comment(text="A kind thought")
    shown = comment.revision
    workflow.edit_comment(comment, name="Sam", text="Quite another", suspicions=[], now=NOW)
    row = same_row(comment)
    row.revision = shown  # what a page of staff does with the number it showed
    with pytest.raises(NotAllowed):
        workflow.approve_comment(row, by=staff, now=LATER)
    assert same_row(comment).published_html == ""


# --- undo ---
@pytest.mark.parametrize("verb", STAFF_VERBS)
@pytest.mark.parametrize("place", PLACES)
def test_undo_puts_everything_back(staff, place, verb) -> None:
    comment = make_comment(text="All of the words")
    bring(comment, place, staff)
    before = all_that_counts(comment)
    try:
        event = STAFF_VERBS[verb](comment, by=staff, now=LATER)
    except NotAllowed:
        assert all_that_counts(comment) == before
        return
    assert all_that_counts(comment) != before
    undone = workflow.undo(event, by=staff, now=LATER)
    after = all_that_counts(comment)
    if before["status"] not in ("spam", "trash"):
        # Asked only of what lies in a folder.
        before["status_before"] = after["status_before"]
    assert after == before
    assert (undone.act, undone.before, undone.after) == ("undo", event.after, event.before)


def test_only_the_last_act_is_undone_and_only_once(staff) -> None:
    comment = make_comment()
    spam = workflow.mark_as_spam(comment, by=staff, now=NOW)
    trash = workflow.trash_comment(comment, by=staff, now=NOW)
    with pytest.raises(NotAllowed):
        workflow.undo(spam, by=staff, now=LATER)
    workflow.undo(trash, by=staff, now=LATER)
    for event in (spam, trash, CommentEvent.objects.get(act="undo")):
        with pytest.raises(NotAllowed):
            workflow.undo(event, by=staff, now=LATER)
    assert same_row(comment).status == "spam"


def test_what_has_been_answered_stays_published(staff) -> None:
    comment = make_comment()
    event = workflow.approve_comment(comment, by=staff, now=NOW)
    workflow.reply_to_comment(comment, text="Thank you.", by=staff, now=NOW)
    with pytest.raises(NotAllowed):
        workflow.undo(event, by=staff, now=NOW)
    assert same_row(comment).status == "approved"


def test_what_the_writer_did_is_not_undone(staff) -> None:
    comment = make_comment()
    with pytest.raises(NotAllowed):
        workflow.undo(comment.events.get(), by=staff, now=LATER)
    workflow.withdraw_comment(comment, now=LATER)
    with pytest.raises(NotAllowed):
        workflow.undo(comment.events.get(act="withdraw"), by=staff, now=LATER)
    erased = make_comment()
    workflow.erase_comment(erased, by=staff, now=LATER)
    with pytest.raises(NotAllowed):
        workflow.undo(erased.events.get(act="erase"), by=staff, now=LATER)


# --- taking words out ---
def test_a_redaction_is_what_readers_see_and_the_original_stays(staff) -> None:
    comment = make_comment(text="I see Dr. Quillfeather on Mondays.")
    workflow.redact_comment(comment, text="I see [name] on Mondays.", by=staff, now=NOW)
    stored = same_row(comment)
    assert stored.published_html == '<p dir="auto">I see [name] on Mondays.</p>'
    assert stored.text == "I see Dr. Quillfeather on Mondays."
    workflow.trash_comment(comment, by=staff, now=NOW)
    workflow.restore_comment(comment, by=staff, now=NOW)
    assert "Quillfeather" not in same_row(comment).published_html


def test_a_second_redaction_is_undone_to_the_first(staff) -> None:
    comment = make_comment(text="One two three")
    workflow.redact_comment(comment, text="One two", by=staff, now=NOW)
    event = workflow.redact_comment(comment, text="One", by=staff, now=NOW)
    workflow.undo(event, by=staff, now=NOW)
    assert same_row(comment).published_html == '<p dir="auto">One two</p>'
    assert acts(comment)[-1] == ("staff", "undo", "approved", "approved")


def test_the_original_words_take_the_redaction_back(staff) -> None:
    comment = make_comment(text="One two")
    workflow.redact_comment(comment, text="One", by=staff, now=NOW)
    workflow.redact_comment(comment, text="One two", by=staff, now=NOW)
    stored = same_row(comment)
    assert (stored.redacted_text, stored.published_html) == ("", '<p dir="auto">One two</p>')


def test_nothing_at_all_is_not_published(staff) -> None:
    with pytest.raises(NotAllowed):
        workflow.redact_comment(make_comment(), text="  ", by=staff, now=NOW)


# --- the writer's changes ---
def test_an_edit_is_screened_again_and_waits(staff) -> None:
    comment = make_comment(text="Kind words")
    links = "https://a.example https://b.example"
    workflow.edit_comment(comment, name="Sam", text=links, suspicions=[], now=LATER)
    assert (same_row(comment).status, same_row(comment).suspicions[0]) == ("spam", "links")
    workflow.edit_comment(comment, name="Sam", text="Kind words", suspicions=[], now=LATER)
    assert (same_row(comment).status, same_row(comment).suspicions) == ("waiting", [])


def test_what_staff_took_for_spam_is_not_edited_out_of_it(staff) -> None:
    comment = make_comment()
    workflow.mark_as_spam(comment, by=staff, now=NOW)
    workflow.edit_comment(comment, name="Sam", text="Kinder words", suspicions=[], now=LATER)
    assert (same_row(comment).status, same_row(comment).text) == ("spam", "Kinder words")


@pytest.mark.parametrize("place", ["approved", "redacted", "trash"])
def test_after_a_decision_nothing_is_edited(staff, place) -> None:
    comment = make_comment(text="The words")
    bring(comment, place, staff)
    with pytest.raises(NotAllowed):
        workflow.edit_comment(comment, name="Sam", text="Others", suspicions=[], now=LATER)
    assert same_row(comment).text == "The words"


def test_an_edit_to_words_that_stand_here_already_is_a_duplicate() -> None:
    article = make_article()
    facts: dict[str, Any] = {"article": article, "email": "sam@mail.example"}
    make_comment(text="The same", **facts)
    comment = make_comment(text="Other words", **facts)
    with pytest.raises(Duplicate):
        workflow.edit_comment(comment, name="Sam", text="the  SAME", suspicions=[], now=LATER)
    workflow.edit_comment(comment, name="Sam", text="other words!", suspicions=[], now=LATER)
    assert same_row(comment).text == "other words!"


# --- erasing ---
@pytest.mark.parametrize("place", PLACES)
def test_erased_from_anywhere_nothing_is_left(staff, place) -> None:
    comment = make_comment(suspicions=["no_time"], wants_notice=True)
    bring(comment, place, staff)
    workflow.erase_comment(comment, by=staff, now=LATER)
    stored = same_row(comment)
    assert [getattr(stored, name) for name in SAID] == [""] * len(SAID)
    assert (stored.published_name, stored.published_html, stored.suspicions) == ("", "", [])
    assert (stored.email_fingerprint, stored.wants_notice) == ("", False)
    assert acts(comment)[-1][:2] == ("staff", "erase")


# --- readers who ask for another look ---
def test_one_report_from_one_network_and_none_of_what_is_hidden(staff) -> None:
    comment = make_comment(approved=True)
    assert workflow.report_comment(comment, network="192.0.2.7", now=NOW)
    assert not workflow.report_comment(comment, network="192.0.2.7", now=LATER)
    assert workflow.report_comment(comment, network="192.0.2.8", now=LATER)
    assert list(reported()) == [comment]
    with pytest.raises(NotAllowed):
        workflow.report_comment(make_comment(), network="192.0.2.7", now=NOW)
    assert "192.0" not in str(list(CommentReport.objects.values_list("network_fingerprint")))


def test_reports_are_settled_by_a_look_or_by_taking_it_down(staff) -> None:
    kept, gone = make_comment(approved=True), make_comment(approved=True)
    for comment in (kept, gone):
        workflow.report_comment(comment, network="192.0.2.7", now=NOW)
    workflow.settle_reports(kept, by=staff, now=LATER)
    workflow.trash_comment(gone, by=staff, now=LATER)
    assert set(CommentReport.objects.values_list("settled_at", flat=True)) == {LATER}
    assert not reported()
    assert (same_row(kept).status, acts(kept)[-1][:2]) == ("approved", ("staff", "settle"))
    with pytest.raises(NotAllowed):
        workflow.settle_reports(kept, by=staff, now=LATER)


# --- mail to the writer ---
def test_who_wants_no_more_mail_gets_none_that_waits() -> None:
    comment = make_comment(wants_notice=True)
    workflow.stop_notices(comment, now=NOW)
    assert same_row(comment).wants_notice is False
    workflow.want_notices(comment, now=NOW)
    assert same_row(comment).wants_notice is True
    assert not OutgoingEmail.objects.exclude(message="comments_waiting").exclude(state="void")
    workflow.withdraw_comment(comment, now=NOW)
    with pytest.raises(NotAllowed):
        workflow.want_notices(comment, now=NOW)
