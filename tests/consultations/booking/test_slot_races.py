"""Times under real threads on real connections: one winner each, a kind page for everybody else.

The short form; ``tools/races/run.py`` does the same to running servers, with many more.
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
from consultations.booking.transitions import NotAllowed
from consultations.outbox.models import OutgoingEmail
from tests.consultations.booking.test_request_races import at_once
from tests.factories.booking import book, make_open_practitioner, make_type, slot_post
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
def person():
    return make_open_practitioner()


def posts(*answers: dict) -> list[tuple[int, str]]:
    """Status and place, or the page, of forms that are sent together."""

    def send(data: dict) -> Callable[[], object]:
        def act() -> object:
            response = Client(raise_request_exception=False).post(FORM, data)
            return response.status_code, response.headers.get("Location", response.content.decode())

        return act

    return at_once(*[send(data) for data in answers])  # type: ignore[return-value]


def test_twenty_posts_for_one_time_have_one_winner_and_nineteen_kind_pages(person) -> None:
    kind = make_type()
    outcome = posts(*[slot_post(kind, name=f"Number {n}") for n in range(20)])
    assert Counter(status for status, _place in outcome) == {303: 1, 409: 19}
    for status, page in outcome:
        if status == 409:
            assert "Someone else has taken that time" in page
            assert "2026-05-06T17:45Z" in page
    row = Consultation.objects.get()
    assert row.status == "confirmed"
    assert OutgoingEmail.objects.count() == 2


@pytest.mark.parametrize("after_min", [0, 15])
def test_overlapping_lengths_never_both_win(person, after_min) -> None:
    kinds = [make_type(duration_min=n, step_min=5, after_min=after_min) for n in (20, 50, 90)]
    # Every two of them meet; some in their gap only.
    starts = [START + n * MINUTE for n in (0, 5, 15, 20 if after_min else 10)]
    outcome = posts(*[slot_post(kind, start) for kind in kinds for start in starts])
    assert Counter(status for status, _place in outcome) == {303: 1, 409: 11}


def test_a_conflict_in_the_gap_alone_has_one_winner(person) -> None:
    kind = make_type(duration_min=20, step_min=5, after_min=15)
    outcome = posts(*[slot_post(kind, START + (n % 2) * 30 * MINUTE) for n in range(8)])
    assert Counter(status for status, _place in outcome) == {303: 1, 409: 7}


def test_the_cap_holds_for_times_that_do_not_meet(person) -> None:
    kind = make_type(daily_cap=2)
    outcome = posts(*[slot_post(kind, START + n * HOUR) for n in range(6)])
    assert Counter(status for status, _place in outcome) == {303: 2, 409: 4}


def test_anyone_of_three_makes_three_winners() -> None:
    kind = make_type()
    people = [make_open_practitioner(order=n) for n in range(3)]
    outcome = posts(*[slot_post(kind) for _ in range(8)])
    assert Counter(status for status, _place in outcome) == {303: 3, 409: 5}
    assert {row.practitioner for row in Consultation.objects.all()} == set(people)


def test_one_form_sent_eight_times_is_one_booking_and_one_answer(person) -> None:
    outcome = posts(*[slot_post(make_type())] * 8)
    assert {status for status, _place in outcome} == {303}
    assert {place for _status, place in outcome} == {Consultation.objects.get().get_absolute_url()}
    assert OutgoingEmail.objects.count() == 2


def fresh(row: Consultation) -> Consultation:
    return Consultation.objects.get(pk=row.pk)


def test_two_who_swap_their_times_never_wait_for_each_other(person) -> None:
    """Each wants what the other gives back: one comes through, or none; nobody dead-locks."""
    kind, other = make_type(daily_cap=None), make_open_practitioner()
    by = make_staff()

    def move(row: Consultation, start_at, whom) -> Callable[[], object]:
        return lambda: bookings.move_consultation(
            row, start_at=start_at, promised_time="then", people=[whom], by=by, now=NOW
        )

    one, two = book(kind, [person]), book(kind, [other], START + HOUR)
    for _round in range(10):
        one, two = fresh(one), fresh(two)
        outcome = at_once(
            move(one, two.start_at, two.practitioner), move(two, one.start_at, one.practitioner)
        )
        assert all(step is None or isinstance(step, SlotTaken) for step in outcome), outcome
        assert checks.find_claim_mismatches(now=NOW) == []


def winners(outcome: list[object], *refusals: type[Exception]) -> int:
    assert all(one is None or isinstance(one, refusals) for one in outcome), outcome
    return outcome.count(None)


@pytest.mark.parametrize("round_", range(5))
def test_taking_back_against_approving(person, round_) -> None:
    row = book(make_type(mode="staff_approval"), [person])
    by, mine, theirs = make_staff(), fresh(row), fresh(row)
    outcome = at_once(
        lambda: workflow.withdraw_consultation(mine, now=NOW),
        lambda: bookings.approve_hold(theirs, by=by, now=NOW),
    )
    assert winners(outcome, NotAllowed) == 1
    row = fresh(row)
    assert row.status in ("cancelled_by_visitor", "confirmed")
    assert row.claims.exists() is (row.status == "confirmed")


@pytest.mark.parametrize("round_", range(5))
def test_a_late_link_against_the_sweep(person, round_) -> None:
    row = book(make_type(mode="email_confirm"), [person])
    late, mine = NOW + HOUR, fresh(row)
    outcome = at_once(
        lambda: bookings.confirm_hold(mine, now=late),
        lambda: bookings.expire_holds(now=late) and None,
    )
    # Whoever is first, the visitor's press counts: an expired hold may be confirmed late.
    if winners([one or None for one in outcome], NotAllowed) == 2:
        assert fresh(row).status == "confirmed"
    assert checks.find_claim_mismatches(now=late) == []


def test_one_link_pressed_four_times_at_once_confirms_once(person) -> None:
    row = book(make_type(mode="email_confirm"), [person])
    rows = [fresh(row) for _ in range(4)]
    outcome = at_once(*[lambda one=one: bookings.confirm_hold(one, now=NOW) for one in rows])
    assert winners(outcome, NotAllowed) == 1
    assert (fresh(row).sequence, row.events.count()) == (0, 2)
    assert OutgoingEmail.objects.filter(message="consultation_confirmed").count() == 1


def test_an_offer_taken_and_refused_at_once(person) -> None:
    row = make_consultation(kind="waitlist")
    bookings.offer_time(row, start_at=START, practitioner=person, by=make_staff(), now=NOW)
    mine, theirs = fresh(row), fresh(row)
    outcome = at_once(
        lambda: bookings.confirm_hold(mine, now=NOW),
        lambda: bookings.refuse_offer(theirs, now=NOW),
    )
    assert winners(outcome, NotAllowed) == 1
    assert fresh(row).status in ("confirmed", "requested")


@pytest.mark.parametrize("round_", range(4))
def test_a_move_against_a_cancelling(person, round_) -> None:
    row, by = book(make_type(), [person]), make_staff()
    mine, theirs = fresh(row), fresh(row)
    outcome = at_once(
        lambda: bookings.move_consultation(
            mine, start_at=START + HOUR, promised_time="then", people=[person], now=NOW
        ),
        lambda: workflow.cancel_consultation(theirs, by=by, now=NOW),
    )
    # One change each: whoever is second finds another sequence.
    assert winners(outcome, NotAllowed) == 1
    assert fresh(row).sequence == 1
