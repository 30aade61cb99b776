"""Tests for operations on a consultation: when each is allowed, and what it stores and sends."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from consultations.booking import bookings, submission, workflow
from consultations.booking.claims import SlotTaken
from consultations.booking.models import Consultation, ConsultationEvent
from consultations.booking.states import FINAL_STATUSES, Status
from consultations.booking.transitions import TransitionNotAllowed
from consultations.outbox.models import OutgoingEmail
from pages.practice.models import Holiday, PracticeProfile
from tests.factories.consultations import (
    NOW,
    START,
    confirm_with_defaults,
    make_consultation,
    make_consultation_with_status,
    make_staff,
)
from tests.factories.pages import make_opening_hours, make_practice, make_practitioner

pytestmark = pytest.mark.django_db
END = START + timedelta(minutes=20)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


# Each operation, called when only the status can make it fail.
OPERATIONS = {
    "confirm": lambda row, now: confirm_with_defaults(
        row, now=now, start_at=START + timedelta(days=9)
    ),
    "decline": lambda row, now: workflow.decline_consultation(
        row, reason="full", by=make_staff(), now=now
    ),
    "cancel": lambda row, now: workflow.cancel_consultation(row, by=make_staff(), now=now),
    "withdraw": lambda row, now: workflow.withdraw_consultation(row, now=now),
    "complete": lambda row, now: workflow.complete_consultation(
        row, outcome="connected", by=make_staff(), now=now
    ),
    "no_show": lambda row, now: workflow.mark_no_show(row, by=make_staff(), now=now),
}
LEADS_TO = {
    ("requested", "confirm"): "confirmed",
    ("requested", "decline"): "declined",
    ("requested", "withdraw"): "cancelled_by_visitor",
    ("confirmed", "cancel"): "cancelled_by_staff",
    ("confirmed", "withdraw"): "cancelled_by_visitor",
    ("confirmed", "complete"): "completed",
    ("confirmed", "no_show"): "no_show",
    ("completed", "no_show"): "no_show",
    ("no_show", "complete"): "completed",
}
STATES = [state for state in Status.values if state != "held"]


@pytest.mark.parametrize("verb", OPERATIONS)
@pytest.mark.parametrize("state", STATES)
def test_every_operation_in_every_state(state, verb) -> None:
    row = make_consultation_with_status(state)
    later = verb in ("complete", "no_show")
    now = START + timedelta(hours=2) if later else NOW + SECOND
    history, mails = row.events.count(), OutgoingEmail.objects.count()
    after = LEADS_TO.get((state, verb))
    if after is None:
        with pytest.raises(TransitionNotAllowed):
            OPERATIONS[verb](row, now)
        row.refresh_from_db()
        assert (row.status, row.events.count()) == (state, history)
        assert OutgoingEmail.objects.count() == mails
        return
    OPERATIONS[verb](row, now)
    row.refresh_from_db()
    event = row.events.latest("at")
    assert (row.status, row.events.count()) == (after, history + 1)
    assert (event.before, event.after, event.at) == (state, after, now)
    assert (event.actor, event.by is None) == (
        ("visitor", True) if verb == "withdraw" else ("staff", False)
    )
    assert row.closed_at == (now if after in FINAL_STATUSES else None)


@pytest.mark.parametrize(
    ("verb", "moment", "allowed"),
    [
        ("complete", START - SECOND, False),
        ("complete", START, True),
        ("no_show", START - SECOND, False),
        ("no_show", START, True),
        ("cancel", END - SECOND, True),
        ("cancel", END, False),
        ("withdraw", START - SECOND, True),
        ("withdraw", START, False),
    ],
)
def test_time_limits_after_confirmation(verb, moment, allowed) -> None:
    row = make_consultation_with_status("confirmed")
    if allowed:
        OPERATIONS[verb](row, moment)
        assert row.status != "confirmed"
    else:
        with pytest.raises(TransitionNotAllowed):
            OPERATIONS[verb](row, moment)
        assert Consultation.objects.get().status == "confirmed"


# --- creating a request ---
def test_request_is_stored_with_history_and_emails() -> None:
    row = make_consultation()
    assert (row.status, row.kind, row.created_at) == ("requested", "preferred_times", NOW)
    assert (row.consent_version, row.consent_at) == ("consultation-2", NOW)
    event = row.events.get()
    assert (event.actor, event.before, event.after) == ("visitor", "", "requested")
    assert sorted(OutgoingEmail.objects.values_list("message", flat=True)) == [
        "consultation_received",
        "consultation_waiting",
    ]


def test_reply_deadline_follows_hours_and_holidays() -> None:
    make_practice(reply_within_days=1, time_zone="UTC")
    make_opening_hours(weekday=1)
    make_practice(reply_within_days=1, time_zone="UTC")
    Holiday.objects.create(on=(NOW + timedelta(days=1)).date(), label="Closed")
    row = make_consultation()
    assert row.reply_by == NOW.replace(hour=0) + timedelta(days=9)
    assert row.is_overdue(row.reply_by)
    assert not row.is_overdue(row.reply_by - SECOND)


def test_same_key_returns_same_request() -> None:
    first = make_consultation(key="a" * 32)
    second = make_consultation(key="a" * 32)
    assert first == second
    assert (Consultation.objects.count(), OutgoingEmail.objects.count()) == (1, 2)
    assert ConsultationEvent.objects.count() == 1


def test_concurrent_create_returns_existing(monkeypatch) -> None:
    first = make_consultation(key="a" * 32)
    real, looks = Consultation.objects.filter, []

    def blind_at_first(**lookup):
        looks.append(lookup)
        return Consultation.objects.none() if len(looks) == 1 else real(**lookup)

    monkeypatch.setattr(Consultation.objects, "filter", blind_at_first)
    assert make_consultation(key="a" * 32) == first
    assert len(looks) == 2
    monkeypatch.undo()
    assert (Consultation.objects.count(), OutgoingEmail.objects.count()) == (1, 2)


def test_taken_reference_is_regenerated(monkeypatch) -> None:
    drawn = iter(["HC-AAAAA", "HC-AAAAA", "HC-BBBBB"])
    monkeypatch.setattr(submission, "generate_reference", lambda prefix: next(drawn))
    assert [make_consultation().reference for _ in range(2)] == ["HC-AAAAA", "HC-BBBBB"]


def test_email_failure_rolls_back_request(monkeypatch) -> None:
    def fail(*_args, **_options):
        raise RuntimeError("no template")

    monkeypatch.setattr(workflow.emails, "send_request_received", fail)
    with pytest.raises(RuntimeError):
        make_consultation()
    assert not Consultation.objects.exists()
    assert not ConsultationEvent.objects.exists()


def test_suspicious_request_is_kept_and_emailed() -> None:
    row = make_consultation(suspicions=["honeypot", "too_fast"])
    row.refresh_from_db()
    assert (row.status, row.suspicions) == ("requested", ["honeypot", "too_fast"])
    assert OutgoingEmail.objects.count() == 2


# --- confirming ---
def test_confirm_sets_time_practitioner_and_duration() -> None:
    row, practitioner = make_consultation(), make_practitioner()
    confirm_with_defaults(row, practitioner=practitioner, now=NOW + SECOND)
    row = Consultation.objects.get()
    assert (row.start_at, row.end_at, row.practitioner) == (START, END, practitioner)
    assert row.sequence == 0  # the first calendar file has sequence 0
    event = row.events.latest("at")
    assert (event.old_start_at, event.new_start_at) == (None, START)


@pytest.mark.parametrize(
    ("minutes", "is_taken"), [(-20, False), (-19, True), (0, True), (19, True), (20, False)]
)
def test_calls_of_one_practitioner_cannot_overlap(minutes, is_taken) -> None:
    practitioner = make_practitioner()
    confirm_with_defaults(make_consultation(), practitioner=practitioner)
    row, start = make_consultation(), START + timedelta(minutes=minutes)
    if is_taken:
        with pytest.raises(SlotTaken):
            confirm_with_defaults(row, practitioner=practitioner, start_at=start)
        assert Consultation.objects.get(pk=row.pk).status == "requested"
        assert not OutgoingEmail.objects.filter(
            about=row.pk, message="consultation_confirmed"
        ).exists()
    else:
        confirm_with_defaults(row, practitioner=practitioner, start_at=start)
    confirm_with_defaults(make_consultation(), start_at=start)  # another practitioner is free


def test_canceled_call_frees_its_time() -> None:
    practitioner, first = make_practitioner(), make_consultation()
    confirm_with_defaults(first, practitioner=practitioner)
    workflow.cancel_consultation(first, by=make_staff(), now=NOW)
    second = make_consultation()
    confirm_with_defaults(second, practitioner=practitioner)
    second.refresh_from_db()
    assert (second.status, second.practitioner) == ("confirmed", practitioner)


def test_second_staff_action_is_rejected() -> None:
    make_consultation()
    mine, theirs = Consultation.objects.get(), Consultation.objects.get()
    workflow.decline_consultation(mine, reason="place", by=make_staff(), now=NOW)
    with pytest.raises(TransitionNotAllowed):
        confirm_with_defaults(theirs)
    row = Consultation.objects.get()
    assert (row.status, row.decline_reason, row.start_at) == ("declined", "place", None)
    assert row.events.count() == 2


def test_stale_sequence_is_rejected() -> None:
    row = make_consultation_with_status("confirmed")
    stale = Consultation.objects.get()
    Consultation.objects.filter(pk=row.pk).update(sequence=row.sequence + 1)
    with pytest.raises(TransitionNotAllowed):
        workflow.cancel_consultation(stale, by=make_staff(), now=NOW)


# --- expiry ---
def test_unanswered_request_expires_after_14_days(settings) -> None:
    row = make_consultation()
    waits = make_consultation(kind="waitlist")
    confirmed = make_consultation_with_status("confirmed")
    assert settings.CONSULTATION_REQUEST_EXPIRES_DAYS == 14
    assert workflow.expire_requests(now=NOW + timedelta(days=14) - SECOND) == 0
    assert workflow.expire_requests(now=NOW + timedelta(days=14)) == 1
    states = dict(Consultation.objects.values_list("pk", "status"))
    assert states == {row.pk: "expired", waits.pk: "requested", confirmed.pk: "confirmed"}
    assert row.events.latest("at").actor == "system"
    assert workflow.expire_requests(now=NOW + timedelta(days=15)) == 0


def test_waitlist_entry_expires_after_180_days(settings) -> None:
    assert settings.WAITLIST_EXPIRES_DAYS == 180
    row = make_consultation(kind="waitlist")
    assert workflow.expire_requests(now=NOW + timedelta(days=180) - SECOND) == 0
    assert workflow.expire_requests(now=NOW + timedelta(days=180)) == 1
    row.refresh_from_db()
    assert (row.status, row.closed_at) == ("expired", NOW + timedelta(days=180))


def test_declined_offer_restarts_expiry_period() -> None:
    practitioner, by = make_practitioner(), make_staff()
    for kind, days in (("preferred_times", 14), ("waitlist", 180)):
        row, last = make_consultation(kind=kind), NOW + timedelta(days=days) - SECOND
        promised = row.reply_by
        bookings.offer_slot(row, start_at=last + DAY, practitioner=practitioner, by=by, now=last)
        assert row.promised_time
        refused = last + timedelta(hours=2)
        bookings.decline_offer(row, now=refused)
        assert row.promised_time == ""
        assert row.reply_by > promised
        assert row.reply_by > refused
        assert workflow.expire_requests(now=refused + timedelta(days=days) - SECOND) == 0
        assert workflow.expire_requests(now=refused + timedelta(days=days)) == 1


def test_expiry_warning_is_sent_once() -> None:
    row = make_consultation()

    def warned(now) -> int:
        workflow.send_expiry_warnings(now=now)
        return OutgoingEmail.objects.filter(message="consultation_ends_soon").count()

    assert warned(NOW + 10 * DAY - SECOND) == 0
    assert warned(NOW + 10 * DAY) == 1
    assert warned(NOW + 11 * DAY) == 1
    row.refresh_from_db()
    workflow.correct_email(row, email="ada@other.example", now=NOW + 11 * DAY)
    assert warned(NOW + 12 * DAY) == 1
    mail = OutgoingEmail.objects.get(message="consultation_ends_soon")
    assert row.reference in mail.text
    assert mail.to == PracticeProfile.load().email
    # An offer that expired unanswered restarts the period, with a second warning at its end.
    bookings.offer_slot(
        row, start_at=NOW + 20 * DAY, practitioner=make_practitioner(), by=make_staff(),
        now=NOW + 13 * DAY,
    )  # fmt: skip
    assert bookings.expire_holds(now=NOW + 15 * DAY) == 1
    assert warned(NOW + 24 * DAY) == 1
    assert warned(NOW + 25 * DAY) == 2


# --- model safeguards ---
@pytest.mark.parametrize("change", [{"status": "confirmed"}, {"start_at": START}])
def test_status_and_time_cannot_be_saved_directly(change) -> None:
    made = make_consultation()
    for row in (made, Consultation.objects.get(), Consultation.objects.only("pk").get()):
        for name, value in change.items():
            getattr(row, name)
            setattr(row, name, value)
        with pytest.raises(RuntimeError):
            row.save()
    assert Consultation.objects.get().status == "requested"


def test_refreshed_row_can_be_saved() -> None:
    make_consultation()
    mine, theirs = Consultation.objects.get(), Consultation.objects.get()
    workflow.decline_consultation(theirs, reason="full", by=make_staff(), now=NOW)
    mine.refresh_from_db()
    mine.staff_notes = "Called"
    mine.save()
    assert Consultation.objects.get().staff_notes == "Called"


def test_saving_notes_does_not_decrypt_email() -> None:
    from tests.consultations.privacy.test_fields import tamper

    row = make_consultation()
    tamper(row, "email")
    row = Consultation.objects.get()
    row.staff_notes = "The address cannot be read"
    row.save(update_fields=["staff_notes"])
    assert Consultation.objects.get().staff_notes


def test_changed_email_updates_fingerprint() -> None:
    row = make_consultation()
    before = row.email_fingerprint
    row.email = "other@mail.example"
    row.save(update_fields=["email"])
    stored = Consultation.objects.get()
    assert stored.email == "other@mail.example"
    assert stored.email_fingerprint not in ("", before)


def test_history_rows_are_immutable() -> None:
    event = make_consultation().events.get()
    event.after = "declined"
    with pytest.raises(RuntimeError):
        event.save()


def test_database_rejects_inconsistent_times() -> None:
    row = make_consultation()
    for change in (
        {"start_at": START, "end_at": START},
        {"start_at": START, "end_at": START - SECOND},
        {"start_at": START},  # comparing with NULL gives NULL, which a CHECK accepts
        {"end_at": START},
        {"status": "confirmed"},
        {"status": "completed"},
        {"status": "held", "start_at": START, "end_at": END},
        {"status": "held", "hold_expires_at": START},
        {"hold_expires_at": START},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Consultation.objects.filter(pk=row.pk).update(**change)
