"""Tests for operations that reserve a slot: assignment, emails, and what each one rejects."""

from datetime import timedelta
from typing import Any

import pytest

from consultations.booking import availability, bookings, workflow
from consultations.booking.claims import SlotTaken, TimeClaim
from consultations.booking.hours import ConsultationType, TimeOff
from consultations.booking.models import Calendar, Consultation
from consultations.booking.transitions import CutoffPassed, TransitionNotAllowed
from consultations.outbox.models import OutgoingEmail
from tests.factories.booking import (
    claimed_cells,
    make_booking,
    make_open_practitioner,
    make_type,
    required_cells,
)
from tests.factories.consultations import (
    NOW,
    START,
    confirm_with_defaults,
    make_consultation,
    make_details,
    make_staff,
    make_submission_meta,
)
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)
LATER = START + timedelta(hours=2)
EVENING = START + timedelta(hours=10)  # 20:00 practice time, outside opening hours


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


@pytest.fixture
def practitioner():
    return make_open_practitioner()


def message_names(row: Consultation, state: str = "waiting") -> list[str]:
    found = OutgoingEmail.objects.filter(about=row.pk, state=state)
    return sorted(found.values_list("message", flat=True))


def move(row: Consultation, start_at, *, now=NOW, practitioners=(), by=None) -> None:
    bookings.move_consultation(
        row, start_at=start_at, promised_time="then", now=now, practitioners=practitioners, by=by
    )


def offer(row: Consultation, practitioner, *, start_at=START, now=NOW) -> None:
    bookings.offer_slot(row, start_at=start_at, practitioner=practitioner, by=make_staff(), now=now)


# --- booking modes ---
def test_instant_booking_confirms_and_notifies(practitioner) -> None:
    consultation_type = make_type()
    row = make_booking(consultation_type, [practitioner], zone="America/New_York")
    assert (row.status, row.kind, row.practitioner, row.type) == (
        "confirmed",
        "slot",
        practitioner,
        consultation_type,
    )
    assert (row.start_at, row.end_at) == (START, START + 20 * MINUTE)
    assert (row.before_min, row.after_min, row.sequence, row.hold_expires_at) == (0, 15, 0, None)
    assert row.promised_time == "Wednesday, May 6, 2026, 1:00 PM, Eastern Time (UTC-4)"
    assert claimed_cells(row) == required_cells(row)
    assert len(claimed_cells(row)) == 7  # 20 minutes and a 15-minute buffer
    assert message_names(row) == ["consultation_booked", "consultation_confirmed"]
    event = row.events.get()
    assert (event.actor, event.before, event.after) == ("visitor", "", "confirmed")
    assert (event.old_start_at, event.new_start_at) == (None, START)


@pytest.mark.parametrize(
    ("mode", "hold_for", "mails"),
    [
        ("email_confirm", "email", ["consultation_please_confirm"]),
        ("staff_approval", "approval", ["consultation_received", "consultation_waiting"]),
    ],
)
def test_hold_blocks_slot_until_it_expires(practitioner, mode, hold_for, mails) -> None:
    consultation_type = make_type(mode=mode)
    monday = START + 5 * DAY
    row = make_booking(consultation_type, [practitioner], monday)
    expires = NOW + 30 * MINUTE if mode == "email_confirm" else row.reply_by
    assert (row.status, row.hold_for, row.hold_expires_at) == ("held", hold_for, expires)
    assert claimed_cells(row) == required_cells(row)
    assert message_names(row) == mails
    with pytest.raises(SlotTaken):
        make_booking(consultation_type, [practitioner], monday, now=expires - SECOND)
    # The hold expires by the clock, whether or not the cleanup job has run.
    other = make_booking(make_type(), [practitioner], monday, now=expires)
    assert (other.status, claimed_cells(row)) == ("confirmed", [])


def test_suspicious_form_holds_its_slot_for_a_day(practitioner) -> None:
    consultation_type = make_type()
    row = make_booking(consultation_type, [practitioner], suspicions=["honeypot"])
    assert (row.status, row.hold_for, row.suspicions) == ("held", "approval", ["honeypot"])
    assert row.hold_expires_at == NOW + DAY
    assert claimed_cells(row) == required_cells(row)
    with pytest.raises(SlotTaken):
        make_booking(consultation_type, [practitioner])


def test_third_suspicious_form_of_a_day_is_stored_without_claiming_slot(practitioner) -> None:
    consultation_type = make_type()
    for number in range(2):
        make_booking(
            consultation_type,
            [practitioner],
            START + number * HOUR,
            suspicions=["too_fast"],
        )
    claims = TimeClaim.objects.count()
    row = make_booking(consultation_type, [practitioner], START + 2 * HOUR, suspicions=["honeypot"])
    assert (row.status, row.start_at, row.suspicions) == ("requested", None, ["honeypot"])
    assert (row.type, row.promised_time[:9]) == (consultation_type, "Wednesday")
    assert TimeClaim.objects.count() == claims
    # The next day has holds of its own.
    next_day = make_booking(consultation_type, [practitioner], START + DAY, suspicions=["honeypot"])
    assert next_day.status == "held"


@pytest.mark.parametrize(
    ("facts", "start_at", "fits"),
    [
        ({"notice_hours": 48}, START, True),
        ({"notice_hours": 49}, START, False),
        ({"horizon_days": 2}, START, True),
        ({"horizon_days": 1}, START, False),
        ({}, START + 5 * MINUTE, False),  # not on the grid
        ({}, EVENING, False),
        ({}, START + 3 * DAY, False),  # a Saturday
        ({}, START - 7 * DAY, False),
        ({}, START + 45 * MINUTE, True),
    ],
)
def test_only_offered_slot_can_be_booked(practitioner, facts, start_at, fits) -> None:
    consultation_type = make_type(**facts)
    if fits:
        assert make_booking(consultation_type, [practitioner], start_at).start_at == start_at
        return
    with pytest.raises(SlotTaken):
        make_booking(consultation_type, [practitioner], start_at)
    assert not Consultation.objects.exists()
    assert not OutgoingEmail.objects.exists()


def test_daily_cap_counts_live_bookings_of_the_date(practitioner) -> None:
    consultation_type = make_type(daily_cap=2)
    make_booking(consultation_type, [practitioner])
    second = make_booking(consultation_type, [practitioner], START + HOUR)
    with pytest.raises(SlotTaken):
        make_booking(consultation_type, [practitioner], LATER)
    assert make_booking(consultation_type, [practitioner], START + DAY).status == "confirmed"
    workflow.withdraw_consultation(second, now=NOW)
    assert make_booking(consultation_type, [practitioner], LATER).status == "confirmed"


@pytest.mark.parametrize(
    ("minutes", "is_taken"), [(-45, False), (-30, True), (0, True), (30, True), (45, False)]
)
def test_buffer_applies_on_both_sides(practitioner, minutes, is_taken) -> None:
    consultation_type = make_type()
    make_booking(consultation_type, [practitioner], LATER)
    start_at = LATER + minutes * MINUTE
    if is_taken:
        with pytest.raises(SlotTaken):
            make_booking(consultation_type, [practitioner], start_at)
    else:
        make_booking(consultation_type, [practitioner], start_at)


def test_changed_type_keeps_buffers_of_existing_bookings(practitioner) -> None:
    consultation_type = make_type(after_min=60)
    row = make_booking(consultation_type, [practitioner])
    consultation_type.after_min = 0
    consultation_type.save()
    assert Consultation.objects.get().after_min == 60
    with pytest.raises(SlotTaken):
        make_booking(consultation_type, [practitioner], START + HOUR)
    assert claimed_cells(row) == required_cells(row)


# --- form key ---
def test_same_key_returns_the_first_booking(practitioner) -> None:
    consultation_type = make_type()
    first = make_booking(consultation_type, [practitioner], key="k" * 32)
    assert make_booking(consultation_type, [practitioner], key="k" * 32) == first
    assert Consultation.objects.count() == 1
    assert OutgoingEmail.objects.count() == 2


# --- assignment ---
def test_assignment_by_weekly_load_then_last_assigned_then_order() -> None:
    first, second, third = practitioners = [
        make_open_practitioner(order=number) for number in range(3)
    ]
    consultation_type = make_type(daily_cap=None)
    monday = NOW + 7 * DAY
    # No one has any calls or was ever assigned, so the order decides.
    took = [
        make_booking(consultation_type, practitioners, monday, now=NOW + n * MINUTE).practitioner
        for n in range(3)
    ]
    assert took == [first, second, third]
    # Each has one call, so the one assigned longest ago is next.
    assert (
        make_booking(
            consultation_type, practitioners, monday + DAY, now=NOW + 3 * MINUTE
        ).practitioner
        == first
    )
    # The fewest calls that week come first: the second was assigned most recently but has one call
    # that week, and the first has two.
    next_week = monday + 7 * DAY
    assert (
        make_booking(consultation_type, [second], next_week, now=NOW + 4 * MINUTE).practitioner
        == second
    )
    wednesday = monday + 2 * DAY
    assert (
        make_booking(
            consultation_type, [first, second], wednesday, now=NOW + 5 * MINUTE
        ).practitioner
        == second
    )
    # In the next week two have no calls; of these the third was assigned longer ago.
    tuesday = next_week + DAY
    assert (
        make_booking(consultation_type, practitioners, tuesday, now=NOW + 6 * MINUTE).practitioner
        == third
    )
    assert Calendar.objects.get(practitioner=third).last_assigned_at == NOW + 6 * MINUTE


def test_expired_hold_does_not_count_as_weekly_load() -> None:
    first, second = practitioners = [make_open_practitioner(order=number) for number in range(2)]
    held = make_booking(make_type(mode="email_confirm"), [first], START + HOUR)
    assert make_booking(make_type(), [second], START + HOUR).practitioner == second
    Calendar.objects.all().delete()
    assert held.status == "held"
    assert make_booking(make_type(), practitioners, now=NOW + HOUR).practitioner == first


def test_busy_practitioner_is_skipped() -> None:
    first, second = practitioners = [make_open_practitioner(order=number) for number in range(2)]
    TimeOff.objects.create(practitioner=first, start_at=START, end_at=START + HOUR)
    consultation_type = make_type()
    assert make_booking(consultation_type, practitioners).practitioner == second
    with pytest.raises(SlotTaken):
        make_booking(consultation_type, practitioners)


def test_claim_conflict_falls_back_to_next_practitioner(monkeypatch) -> None:
    first, second = practitioners = [make_open_practitioner(order=number) for number in range(2)]
    consultation_type = make_type()
    make_booking(consultation_type, [first])
    monkeypatch.setattr(
        bookings.claims, "rank_available_practitioners", lambda *_a, **_o: list(practitioners)
    )
    row = make_booking(consultation_type, practitioners)
    assert row.practitioner == second
    assert claimed_cells(row) == required_cells(row)
    with pytest.raises(SlotTaken):
        make_booking(consultation_type, practitioners)
    assert Consultation.objects.count() == 2


# --- confirmation link ---
def test_confirmation_link_confirms_hold(practitioner) -> None:
    row = make_booking(make_type(mode="email_confirm"), [practitioner])
    bookings.confirm_hold(row, now=NOW + 30 * MINUTE - SECOND)
    assert (row.status, row.hold_for, row.hold_expires_at, row.sequence) == (
        "confirmed",
        "",
        None,
        0,
    )
    assert claimed_cells(row) == required_cells(row)
    assert message_names(row) == ["consultation_booked", "consultation_confirmed"]
    assert message_names(row, "void") == ["consultation_please_confirm"]
    assert row.events.latest("at").actor == "visitor"


@pytest.mark.parametrize("swept", [False, True])
def test_late_confirmation_succeeds_if_slot_is_free(practitioner, swept) -> None:
    row = make_booking(make_type(mode="email_confirm"), [practitioner])
    late = NOW + HOUR
    if swept:
        assert bookings.expire_holds(now=late) == 1
        row.refresh_from_db()
        assert (row.status, row.closed_at, claimed_cells(row)) == ("expired", late, [])
    bookings.confirm_hold(row, now=late)
    assert (row.status, row.closed_at) == ("confirmed", None)
    assert claimed_cells(row) == required_cells(row)


@pytest.mark.parametrize("swept", [False, True])
def test_late_confirmation_ignores_notice_and_grid(practitioner, swept) -> None:
    consultation_type = make_type(mode="email_confirm", step_min=15)
    row = make_booking(consultation_type, [practitioner], START + 15 * MINUTE)
    # Hours after the hold expired and minutes before the call, with a different grid by now.
    ConsultationType.objects.filter(pk=consultation_type.pk).update(step_min=60, duration_min=50)
    late = START + 10 * MINUTE
    if swept:
        bookings.expire_holds(now=late)
    row = Consultation.objects.get()
    bookings.confirm_hold(row, now=late)
    assert (row.status, claimed_cells(row)) == ("confirmed", required_cells(row))
    assert row.end_at == START + 35 * MINUTE


def test_late_confirmation_fails_when_time_off_was_added(practitioner) -> None:
    row = make_booking(make_type(mode="email_confirm"), [practitioner])
    TimeOff.objects.create(practitioner=practitioner, start_at=START, end_at=START + HOUR)
    with pytest.raises(SlotTaken):
        bookings.confirm_hold(row, now=NOW + HOUR)


def test_expired_offer_cannot_be_accepted(practitioner) -> None:
    row = make_consultation(kind="waitlist")
    offer(row, practitioner, start_at=START + 5 * DAY)
    with pytest.raises(TransitionNotAllowed):
        bookings.confirm_hold(row, now=NOW + 2 * DAY)
    bookings.expire_holds(now=NOW + 2 * DAY)
    with pytest.raises(TransitionNotAllowed):
        bookings.confirm_hold(Consultation.objects.get(), now=NOW + 2 * DAY)


@pytest.mark.parametrize("swept", [False, True])
def test_late_confirmation_fails_when_slot_was_taken(practitioner, swept) -> None:
    row = make_booking(make_type(mode="email_confirm"), [practitioner])
    late = NOW + HOUR
    if swept:
        bookings.expire_holds(now=late)
        row.refresh_from_db()
    before = row.status
    other = make_booking(make_type(), [practitioner], START + 15 * MINUTE, now=late)
    with pytest.raises(SlotTaken):
        bookings.confirm_hold(row, now=late)
    row.refresh_from_db()
    assert row.status == before
    assert claimed_cells(other) == required_cells(other)


def test_hold_cannot_be_confirmed_after_start(practitioner) -> None:
    row = make_booking(
        make_type(mode="email_confirm", notice_hours=0), [practitioner], now=START - 10 * MINUTE
    )
    with pytest.raises(TransitionNotAllowed):
        bookings.confirm_hold(row, now=START)


@pytest.mark.parametrize("verb", ["confirm_hold", "approve_hold", "confirm_consultation"])
def test_confirmed_booking_cannot_be_confirmed_again(practitioner, verb) -> None:
    """The second of two simultaneous clicks changes nothing and sends no email."""
    row = make_booking(make_type(mode="email_confirm"), [practitioner])
    stale = Consultation.objects.get()
    bookings.confirm_hold(row, now=NOW)
    more: dict[str, Any] = {} if verb == "confirm_hold" else {"by": make_staff()}
    if verb == "confirm_consultation":
        more |= {"start_at": LATER, "practitioner": practitioner}
    mails = OutgoingEmail.objects.count()
    for again in (stale, row):
        with pytest.raises(TransitionNotAllowed):
            getattr(bookings, verb)(again, now=NOW, **more)
    row.refresh_from_db()
    assert (row.sequence, row.start_at, OutgoingEmail.objects.count()) == (0, START, mails)
    assert claimed_cells(row) == required_cells(row)


@pytest.mark.parametrize("by_staff", [False, True])
@pytest.mark.parametrize("mode", ["email_confirm", "staff_approval", None])
def test_only_confirmed_consultation_can_move(practitioner, mode, by_staff) -> None:
    row = (
        make_booking(make_type(mode=mode), [practitioner])
        if mode
        else make_consultation(practitioner=practitioner)
    )
    before = (row.status, row.start_at)
    with pytest.raises(TransitionNotAllowed):
        move(row, LATER, practitioners=[practitioner], by=make_staff() if by_staff else None)
    row.refresh_from_db()
    assert (row.status, row.start_at) == before


# --- approval by staff ---
def test_approval_confirms_hold(practitioner) -> None:
    row = make_booking(make_type(mode="staff_approval"), [practitioner])
    bookings.approve_hold(row, by=make_staff(), now=NOW + HOUR)
    assert (row.status, row.start_at, row.hold_for) == ("confirmed", START, "")
    assert claimed_cells(row) == required_cells(row)
    assert "consultation_confirmed" in message_names(row)
    assert "consultation_received" in message_names(row, "void")
    with pytest.raises(TransitionNotAllowed):
        bookings.approve_hold(row, by=make_staff(), now=NOW + HOUR)


def test_late_approval_cannot_double_book(practitioner) -> None:
    row = make_booking(
        make_type(mode="staff_approval", notice_hours=0), [practitioner], START + 5 * DAY
    )
    late = row.hold_expires_at
    assert late is not None
    other = make_booking(make_type(notice_hours=0), [practitioner], START + 5 * DAY, now=late)
    with pytest.raises(SlotTaken):
        bookings.approve_hold(row, by=make_staff(), now=late)
    row.refresh_from_db()
    assert row.status == "held"
    assert claimed_cells(other) == required_cells(other)


def test_declining_hold_frees_slot(practitioner) -> None:
    consultation_type = make_type(mode="staff_approval")
    row = make_booking(consultation_type, [practitioner])
    workflow.decline_consultation(row, reason="full", by=make_staff(), now=NOW)
    assert (row.status, claimed_cells(row)) == ("declined", [])
    assert make_booking(consultation_type, [practitioner]).status == "held"


# --- offers ---
def test_offer_is_held_until_visitor_accepts(practitioner) -> None:
    row = make_consultation(kind="waitlist")
    offer(row, practitioner)
    assert (row.status, row.hold_for) == ("held", "offer")
    assert (row.start_at, row.hold_expires_at) == (START, START)  # never past the start
    assert claimed_cells(row) == required_cells(row)
    assert "consultation_offered" in message_names(row)
    with pytest.raises(TransitionNotAllowed):
        bookings.approve_hold(row, by=make_staff(), now=NOW)  # only visitors accept offers
    bookings.confirm_hold(row, now=NOW + HOUR)
    assert (row.status, row.sequence) == ("confirmed", 0)


def test_declined_offer_returns_to_waitlist_and_can_be_repeated(practitioner) -> None:
    row = make_consultation(kind="waitlist")
    offer(row, practitioner)
    bookings.decline_offer(row, now=NOW + HOUR)
    assert (row.status, row.start_at, row.hold_expires_at, claimed_cells(row)) == (
        "requested",
        None,
        None,
        [],
    )
    assert message_names(row) == ["consultation_offer_not_taken"]
    offer(row, practitioner, start_at=LATER, now=NOW + 2 * HOUR)
    assert message_names(row) == ["consultation_offer_not_taken", "consultation_offered"]


def test_unanswered_offer_returns_to_waitlist(practitioner) -> None:
    row = make_consultation(kind="waitlist")
    offer(row, practitioner, start_at=START + 5 * DAY)
    assert row.hold_expires_at == NOW + 2 * DAY
    assert bookings.expire_holds(now=NOW + 2 * DAY - SECOND) == 0
    assert bookings.expire_holds(now=NOW + 2 * DAY) == 1
    row.refresh_from_db()
    assert (row.status, row.hold_for, claimed_cells(row)) == ("requested", "", [])
    assert row.events.latest("at").actor == "system"
    assert message_names(row) == ["consultation_offer_not_taken"]
    assert bookings.expire_holds(now=NOW + 3 * DAY) == 0


def test_expiry_spares_offer_renewed_meanwhile(practitioner, monkeypatch) -> None:
    row = make_consultation(kind="waitlist")
    offer(row, practitioner, start_at=START + 5 * DAY)
    now = NOW + 2 * DAY
    lock = bookings.claims.lock_practitioner_of
    meanwhile: list[bool] = []

    def answered_first(consultation) -> None:
        if not meanwhile:
            meanwhile.append(True)
            theirs = Consultation.objects.get()
            bookings.decline_offer(theirs, now=now)
            offer(theirs, practitioner, start_at=START + 6 * DAY, now=now)
        lock(consultation)

    monkeypatch.setattr(bookings.claims, "lock_practitioner_of", answered_first)
    assert bookings.expire_holds(now=now) == 0
    row.refresh_from_db()
    assert (row.status, row.start_at) == ("held", START + 6 * DAY)


def test_expired_email_hold_ends(practitioner) -> None:
    row = make_booking(make_type(mode="email_confirm"), [practitioner])
    assert bookings.expire_holds(now=NOW + 30 * MINUTE) == 1
    row.refresh_from_db()
    assert (row.status, row.hold_for, claimed_cells(row)) == ("expired", "email", [])
    assert message_names(row) == []


# --- booking by staff: outside opening hours, but never over another call ---
def test_staff_can_book_outside_hours_but_not_double_book(practitioner) -> None:
    consultation_type = make_type()
    row = make_booking(consultation_type, [practitioner])
    confirm_with_defaults(make_consultation(), practitioner=practitioner, start_at=EVENING)
    for start_at in (START, START - 15 * MINUTE, START + 30 * MINUTE, EVENING):
        with pytest.raises(SlotTaken):
            confirm_with_defaults(make_consultation(), practitioner=practitioner, start_at=start_at)
    assert not OutgoingEmail.objects.filter(message="consultation_offered").exists()
    with pytest.raises(SlotTaken):
        offer(make_consultation(kind="waitlist"), practitioner)
    with pytest.raises(SlotTaken):
        move(row, EVENING, by=make_staff())
    row.refresh_from_db()
    assert (row.start_at, claimed_cells(row)) == (START, required_cells(row))
    move(row, EVENING + HOUR, by=make_staff())
    assert (row.start_at, claimed_cells(row)) == (EVENING + HOUR, required_cells(row))


def test_staff_can_move_until_end_and_reassign(practitioner) -> None:
    other = make_open_practitioner()
    row, by = make_booking(make_type(), [practitioner]), make_staff()
    move(row, LATER, practitioners=[other], by=by, now=START + 19 * MINUTE)
    assert (row.practitioner, row.start_at, row.sequence) == (other, LATER, 1)
    assert not TimeClaim.objects.filter(practitioner=practitioner).exists()
    with pytest.raises(TransitionNotAllowed):
        move(row, START + DAY, by=by, now=LATER + 20 * MINUTE)


# --- rescheduling by the visitor ---
def test_move_keeps_row_and_uid_and_voids_pending_emails(practitioner) -> None:
    row = make_booking(make_type(), [practitioner])
    uid = row.ics_uid
    move(row, LATER, practitioners=[practitioner])
    assert (row.status, row.start_at, row.end_at) == ("confirmed", LATER, LATER + 20 * MINUTE)
    assert (row.sequence, row.ics_uid, row.promised_time) == (1, uid, "then")
    assert claimed_cells(row) == required_cells(row)
    assert message_names(row) == ["consultation_moved", "consultation_moved_for_us"]
    assert message_names(row, "void") == ["consultation_booked", "consultation_confirmed"]
    assert {(one.old_start_at, one.new_start_at) for one in row.events.all()} == {
        (None, START),
        (START, LATER),
    }
    assert (
        make_booking(make_type(), [practitioner]).start_at == START
    )  # the previous time is free again


@pytest.mark.parametrize(
    ("early", "allowed"), [(SECOND, True), (0 * SECOND, True), (-SECOND, False)]
)
def test_cutoff_is_inclusive_for_visitors(practitioner, early, allowed) -> None:
    row = make_booking(make_type(notice_hours=0), [practitioner])
    now = START - DAY - early
    if allowed:
        move(row, LATER, now=now)
        assert row.start_at == LATER
        return
    with pytest.raises(CutoffPassed):
        move(row, LATER, now=now)
    with pytest.raises(CutoffPassed):
        workflow.withdraw_consultation(row, now=now)
    move(row, LATER, now=now, by=make_staff())
    assert row.start_at == LATER


def test_move_to_same_time_changes_nothing(practitioner) -> None:
    row = make_booking(make_type(), [practitioner])
    mails, events = OutgoingEmail.objects.count(), row.events.count()
    move(row, START, practitioners=[practitioner])
    row.refresh_from_db()
    assert (row.sequence, row.promised_time != "then") == (0, True)
    assert (OutgoingEmail.objects.count(), row.events.count()) == (mails, events)


def test_move_ignores_own_booking_and_daily_cap(practitioner) -> None:
    consultation_type = make_type(daily_cap=1)
    row = make_booking(consultation_type, [practitioner])
    move(row, START + 15 * MINUTE, practitioners=[practitioner])
    assert claimed_cells(row) == required_cells(row)
    with pytest.raises(SlotTaken):
        make_booking(consultation_type, [practitioner], LATER)


def test_visitor_can_move_only_to_offered_slots(practitioner) -> None:
    consultation_type = make_type()
    row, other = (
        make_booking(consultation_type, [practitioner]),
        make_booking(consultation_type, [practitioner], LATER),
    )
    for start_at in (LATER, EVENING, START + 5 * MINUTE, NOW + HOUR):
        with pytest.raises(SlotTaken):
            move(row, start_at, practitioners=[practitioner])
    row.refresh_from_db()
    assert (row.start_at, row.sequence, claimed_cells(row)) == (START, 0, required_cells(row))
    assert claimed_cells(other) == required_cells(other)


def test_move_keeps_booked_duration_and_buffers(practitioner) -> None:
    consultation_type = make_type(duration_min=60, after_min=30)
    row = make_booking(consultation_type, [practitioner])
    consultation_type.duration_min, consultation_type.after_min = 20, 0
    consultation_type.save()
    off = START + 3 * HOUR
    TimeOff.objects.create(practitioner=practitioner, start_at=off, end_at=off + HOUR)
    row = Consultation.objects.get()
    for early in (75, 30):  # would fit without the buffer, or with the type's current length
        with pytest.raises(SlotTaken):
            move(row, off - early * MINUTE, practitioners=[practitioner])
    day = START.date()
    times = availability.find_available_slots(
        consultation_type,
        [practitioner],
        visitor_zone="UTC",
        first_date=day,
        last_date=day,
        now=NOW,
        moving=row,
    )
    starts = [time.start for time in times if time.start < off]
    assert max(starts) == off - 90 * MINUTE
    move(row, max(starts), practitioners=[practitioner])
    row.refresh_from_db()
    assert (row.start_at, row.end_at) == (off - 90 * MINUTE, off - 30 * MINUTE)
    assert claimed_cells(row) == required_cells(row)


def test_stale_consultation_cannot_be_moved(practitioner) -> None:
    row = make_booking(make_type(), [practitioner])
    mine, theirs = (Consultation.objects.get() for _ in range(2))
    workflow.cancel_consultation(theirs, by=make_staff(), now=NOW)
    with pytest.raises(TransitionNotAllowed):
        move(mine, LATER, practitioners=[practitioner])
    row.refresh_from_db()
    assert (row.status, row.sequence, claimed_cells(row)) == ("cancelled_by_staff", 1, [])


@pytest.mark.parametrize("mode", ["instant", "email_confirm", "staff_approval"])
def test_staff_booking_is_confirmed_whatever_the_type_asks_of_visitors(practitioner, mode) -> None:
    row = bookings.create_staff_booking(
        make_details(kind="slot"),
        make_submission_meta(),
        type=make_type(mode=mode),
        practitioner=practitioner,
        start_at=START,
        promised_time="Wednesday",
        by=make_staff(),
        now=NOW,
    )
    row.refresh_from_db()
    assert (row.status, row.hold_for, row.hold_expires_at) == ("confirmed", "", None)
    assert claimed_cells(row) == required_cells(row)
