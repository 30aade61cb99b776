"""Tests for concurrent bookings on real connections: one succeeds, the others get a 409 page.

``tools/races/run.py`` is the larger version, with more requests against running servers.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from consultations.booking import bookings, checks, workflow
from consultations.booking.claims import SlotTaken
from consultations.booking.models import Consultation
from consultations.booking.transitions import TransitionNotAllowed
from consultations.outbox.models import OutgoingEmail
from tests.consultations.booking.test_request_races import run_concurrently
from tests.factories.booking import make_booking, make_open_practitioner, make_type, slot_form_data
from tests.factories.consultations import NOW, START, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FORM = "/consultation/details/"


@pytest.fixture(autouse=True)
def _practice(settings):
    settings.RATE_LIMIT_SCALE = 0
    make_practice(is_licence_bound=False)
    with time_machine.travel(NOW, tick=False):
        yield
    assert checks.find_claim_mismatches(now=NOW) == []


@pytest.fixture
def practitioner():
    return make_open_practitioner()


def post_concurrently(*answers: dict) -> list[tuple[int, str]]:
    """Post forms concurrently; return each status with its Location header or page text."""

    def send(data: dict) -> Callable[[], object]:
        def act() -> object:
            response = Client(raise_request_exception=False).post(FORM, data)
            return response.status_code, response.headers.get("Location", response.content.decode())

        return act

    return run_concurrently(*[send(data) for data in answers])  # type: ignore[return-value]


def test_concurrent_posts_for_one_slot_have_one_winner(practitioner) -> None:
    consultation_type = make_type()
    outcome = post_concurrently(
        *[slot_form_data(consultation_type, name=f"Number {n}") for n in range(20)]
    )
    assert Counter(status for status, _place in outcome) == {303: 1, 409: 19}
    for status, page in outcome:
        if status == 409:
            assert "Someone else has taken that time" in page
            assert "2026-05-06T17:45Z" in page
    row = Consultation.objects.get()
    assert row.status == "confirmed"
    assert OutgoingEmail.objects.count() == 2


@pytest.mark.parametrize("after_min", [0, 15])
def test_overlapping_durations_have_one_winner(practitioner, after_min) -> None:
    consultation_types = [
        make_type(duration_min=n, step_min=5, after_min=after_min) for n in (20, 50, 90)
    ]
    # Any two of them overlap, some only in the buffer.
    starts = [START + n * MINUTE for n in (0, 5, 15, 20 if after_min else 10)]
    outcome = post_concurrently(
        *[
            slot_form_data(consultation_type, start)
            for consultation_type in consultation_types
            for start in starts
        ]
    )
    assert Counter(status for status, _place in outcome) == {303: 1, 409: 11}


def test_buffer_conflict_has_one_winner(practitioner) -> None:
    consultation_type = make_type(duration_min=20, step_min=5, after_min=15)
    outcome = post_concurrently(
        *[slot_form_data(consultation_type, START + (n % 2) * 30 * MINUTE) for n in range(8)]
    )
    assert Counter(status for status, _place in outcome) == {303: 1, 409: 7}


def test_daily_cap_holds_under_concurrency(practitioner) -> None:
    consultation_type = make_type(daily_cap=2)
    outcome = post_concurrently(
        *[slot_form_data(consultation_type, START + n * HOUR) for n in range(6)]
    )
    assert Counter(status for status, _place in outcome) == {303: 2, 409: 4}


def test_three_practitioners_give_three_winners() -> None:
    consultation_type = make_type()
    practitioners = [make_open_practitioner(order=n) for n in range(3)]
    outcome = post_concurrently(*[slot_form_data(consultation_type) for _ in range(8)])
    assert Counter(status for status, _place in outcome) == {303: 3, 409: 5}
    assert {row.practitioner for row in Consultation.objects.all()} == set(practitioners)


def test_concurrent_identical_forms_create_one_booking(practitioner) -> None:
    outcome = post_concurrently(*[slot_form_data(make_type())] * 8)
    assert {status for status, _place in outcome} == {303}
    assert {place for _status, place in outcome} == {Consultation.objects.get().get_absolute_url()}
    assert OutgoingEmail.objects.count() == 2


def reload(row: Consultation) -> Consultation:
    return Consultation.objects.get(pk=row.pk)


def test_swapping_times_does_not_deadlock(practitioner) -> None:
    """Two calls move to each other's time: at most one succeeds, without a deadlock."""
    consultation_type, other = make_type(daily_cap=None), make_open_practitioner()
    by = make_staff()

    def move(row: Consultation, start_at, whom) -> Callable[[], object]:
        return lambda: bookings.move_consultation(
            row, start_at=start_at, promised_time="then", practitioners=[whom], by=by, now=NOW
        )

    one, two = (
        make_booking(consultation_type, [practitioner]),
        make_booking(consultation_type, [other], START + HOUR),
    )
    for _round in range(10):
        one, two = reload(one), reload(two)
        outcome = run_concurrently(
            move(one, two.start_at, two.practitioner), move(two, one.start_at, one.practitioner)
        )
        assert all(step is None or isinstance(step, SlotTaken) for step in outcome), outcome
        assert checks.find_claim_mismatches(now=NOW) == []


def count_winners(outcome: list[object], *refusals: type[Exception]) -> int:
    assert all(one is None or isinstance(one, refusals) for one in outcome), outcome
    return outcome.count(None)


@pytest.mark.parametrize("round_", range(5))
def test_withdraw_and_approve_race_has_one_winner(practitioner, round_) -> None:
    row = make_booking(make_type(mode="staff_approval"), [practitioner])
    by, mine, theirs = make_staff(), reload(row), reload(row)
    outcome = run_concurrently(
        lambda: workflow.withdraw_consultation(mine, now=NOW),
        lambda: bookings.approve_hold(theirs, by=by, now=NOW),
    )
    assert count_winners(outcome, TransitionNotAllowed) == 1
    row = reload(row)
    assert row.status in ("cancelled_by_visitor", "confirmed")
    assert row.claims.exists() is (row.status == "confirmed")


@pytest.mark.parametrize("round_", range(5))
def test_late_confirmation_and_expiry_race_is_consistent(practitioner, round_) -> None:
    row = make_booking(make_type(mode="email_confirm"), [practitioner])
    late, mine = NOW + HOUR, reload(row)
    outcome = run_concurrently(
        lambda: bookings.confirm_hold(mine, now=late),
        lambda: bookings.expire_holds(now=late) and None,
    )
    # The visitor's confirmation succeeds either way: an expired hold can be confirmed late.
    if count_winners([one or None for one in outcome], TransitionNotAllowed) == 2:
        assert reload(row).status == "confirmed"
    assert checks.find_claim_mismatches(now=late) == []


def test_concurrent_link_posts_confirm_once(practitioner) -> None:
    row = make_booking(make_type(mode="email_confirm"), [practitioner])
    rows = [reload(row) for _ in range(4)]
    outcome = run_concurrently(
        *[lambda one=one: bookings.confirm_hold(one, now=NOW) for one in rows]
    )
    assert count_winners(outcome, TransitionNotAllowed) == 1
    assert (reload(row).sequence, row.events.count()) == (0, 2)
    assert OutgoingEmail.objects.filter(message="consultation_confirmed").count() == 1


def test_accept_and_decline_race_has_one_winner(practitioner) -> None:
    row = make_consultation(kind="waitlist")
    bookings.offer_slot(row, start_at=START, practitioner=practitioner, by=make_staff(), now=NOW)
    mine, theirs = reload(row), reload(row)
    outcome = run_concurrently(
        lambda: bookings.confirm_hold(mine, now=NOW),
        lambda: bookings.decline_offer(theirs, now=NOW),
    )
    assert count_winners(outcome, TransitionNotAllowed) == 1
    assert reload(row).status in ("confirmed", "requested")


@pytest.mark.parametrize("round_", range(4))
def test_move_and_cancel_race_has_one_winner(practitioner, round_) -> None:
    row, by = make_booking(make_type(), [practitioner]), make_staff()
    mine, theirs = reload(row), reload(row)
    outcome = run_concurrently(
        lambda: bookings.move_consultation(
            mine, start_at=START + HOUR, promised_time="then", practitioners=[practitioner], now=NOW
        ),
        lambda: workflow.cancel_consultation(theirs, by=by, now=NOW),
    )
    # The second operation finds a changed sequence and is rejected.
    assert count_winners(outcome, TransitionNotAllowed) == 1
    assert reload(row).sequence == 1
