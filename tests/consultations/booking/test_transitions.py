"""Who may bring a consultation from which state into which: the table, and what the clock adds."""

from datetime import timedelta
from itertools import product

import pytest

from consultations.booking.models import Consultation
from consultations.booking.states import FINAL, LIVE_STATUSES, TIMED, Actor, HoldFor, Status
from consultations.booking.transitions import (
    NotAllowed,
    TooLate,
    change,
    check_allowed,
    may_visitor_change,
)
from tests.factories.booking import make_type
from tests.factories.consultations import NOW, START
from tests.factories.pages import make_practice

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
END = START + timedelta(minutes=20)
# (from, what a held time waits for) -> to -> who, at a moment when the clock allows everything.
TABLE: dict[tuple[str, str], dict[str, set[str]]] = {
    ("requested", ""): {
        "confirmed": {"staff"},
        "held": {"staff"},
        "declined": {"staff"},
        "cancelled_by_visitor": {"visitor"},
        "expired": {"system"},
    },
    ("held", "email"): {
        "confirmed": {"visitor"},
        "declined": {"staff"},
        "cancelled_by_visitor": {"visitor"},
        "expired": {"system"},
    },
    ("held", "approval"): {
        "confirmed": {"staff"},
        "declined": {"staff"},
        "cancelled_by_visitor": {"visitor"},
        "expired": {"system"},
    },
    ("held", "offer"): {
        "confirmed": {"visitor"},
        "requested": {"visitor", "system"},
        "declined": {"staff"},
        "cancelled_by_visitor": {"visitor"},
    },
    ("confirmed", ""): {
        "confirmed": {"visitor", "staff"},
        "cancelled_by_visitor": {"visitor"},
        "cancelled_by_staff": {"staff"},
        "completed": {"staff"},
        "no_show": {"staff"},
    },
    ("expired", "email"): {"confirmed": {"visitor"}},
    ("completed", ""): {"no_show": {"staff"}},
    ("no_show", ""): {"completed": {"staff"}},
}
HOLDS = ["email", "approval", "offer"]
FROM = [
    *((state, "") for state in Status.values if state != "held"),
    *(("held", hold) for hold in HOLDS),
    # An expired hold keeps what it waited for; one for staff's yes leads nowhere any more.
    ("expired", "email"),
    ("expired", "approval"),
]
MOMENTS = {"completed": START + SECOND, "no_show": START + SECOND}


def row_in(state: str, hold: str = "", **facts) -> Consultation:
    """Unsaved: the rules read nothing but the row and the clock."""
    values = {"status": state, "hold_for": hold, **facts}
    if state in TIMED or state in FINAL:
        values |= {"start_at": START, "end_at": END}
    if state == "held":
        values["hold_expires_at"] = NOW + DAY
    return Consultation(**values)


def is_allowed(row: Consultation, after: str, actor: str, now) -> bool:
    try:
        check_allowed(row, after, actor, now)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize(("before", "hold"), FROM)
def test_the_table_is_all_that_is_allowed(before, hold) -> None:
    for actor, after in product(Actor.values, Status.values):
        expected = actor in TABLE.get((before, hold), {}).get(after, set())
        allowed = is_allowed(row_in(before, hold), after, actor, MOMENTS.get(after, NOW))
        assert allowed is expected, (before, hold, after, actor)


def test_every_wait_and_state_stands_in_these_tests() -> None:
    assert {state for state, _hold in FROM} == set(Status.values)
    assert set(HoldFor.values) == set(HOLDS)


@pytest.mark.parametrize(
    ("after", "actor", "now", "allowed"),
    [
        ("completed", "staff", START - SECOND, False),
        ("completed", "staff", START, True),
        ("completed", "staff", END + 90 * DAY, True),
        ("no_show", "staff", START - SECOND, False),
        ("no_show", "staff", START, True),
        ("cancelled_by_staff", "staff", END - SECOND, True),
        ("cancelled_by_staff", "staff", END, False),
        ("confirmed", "staff", END - SECOND, True),
        ("confirmed", "staff", END, False),
        ("confirmed", "visitor", START - SECOND, True),  # without a type there is no cut-off
        ("confirmed", "visitor", START, False),
        ("cancelled_by_visitor", "visitor", START - SECOND, True),
        ("cancelled_by_visitor", "visitor", START, False),
    ],
)
def test_what_the_clock_adds(after, actor, now, allowed) -> None:
    assert is_allowed(row_in("confirmed"), after, actor, now) is allowed


@pytest.mark.django_db
@pytest.mark.parametrize("hours", [0, 1, 24, 72])
@pytest.mark.parametrize("after", ["confirmed", "cancelled_by_visitor"])
def test_visitors_change_a_call_until_its_cut_off_inclusive(hours, after) -> None:
    row = row_in("confirmed", type=make_type(cutoff_hours=hours))
    last = START - timedelta(hours=hours)
    assert may_visitor_change(row, after, last - SECOND)
    assert may_visitor_change(row, after, last) is (hours > 0)  # a call that begins has begun
    assert not may_visitor_change(row, after, last + SECOND)
    with pytest.raises(TooLate):
        check_allowed(row, after, "visitor", last + SECOND)


@pytest.mark.django_db
def test_a_held_time_may_be_given_back_inside_the_cut_off() -> None:
    row = row_in("held", "email", type=make_type())
    assert may_visitor_change(row, "cancelled_by_visitor", START - SECOND)


@pytest.mark.django_db
def test_a_row_that_somebody_changed_is_not_changed_again() -> None:
    from tests.factories.consultations import make_consultation_in

    make_practice()
    row = make_consultation_in("confirmed")
    Consultation.objects.filter(pk=row.pk).update(sequence=row.sequence + 1)
    with pytest.raises(NotAllowed):
        change(row, "cancelled_by_staff", "staff", now=NOW)
    Consultation.objects.filter(pk=row.pk).update(sequence=row.sequence, status="no_show")
    with pytest.raises(NotAllowed):
        change(row, "cancelled_by_staff", "staff", now=NOW)


def test_what_is_live_takes_a_time_and_what_is_final_is_not_requested() -> None:
    assert set(LIVE_STATUSES) == set(TIMED) == {"held", "confirmed", "completed", "no_show"}
    assert {"requested", "held", "confirmed"} == set(Status.values) - FINAL
