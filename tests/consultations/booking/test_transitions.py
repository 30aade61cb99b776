"""Tests for who may change which status, and of the time limits."""

from datetime import timedelta
from itertools import product

import pytest

from consultations.audit.models import Actor
from consultations.booking.models import Consultation
from consultations.booking.states import (
    FINAL_STATUSES,
    LIVE_STATUSES,
    TIMED_STATUSES,
    HoldFor,
    Status,
)
from consultations.booking.transitions import (
    CutoffPassed,
    TransitionNotAllowed,
    apply_transition,
    can_visitor_change,
    check_transition,
)
from tests.factories.booking import make_type
from tests.factories.consultations import NOW, START
from tests.factories.pages import make_practice

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
END = START + timedelta(minutes=20)
# (from, reason for the hold) -> to -> allowed actors, at a time when no time limit applies.
TABLE: dict[tuple[str, str], dict[str, set[str]]] = {
    ("requested", ""): {
        "confirmed": {"staff"},
        "answered": {"staff"},
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
HOLD_REASONS = ["email", "approval", "offer"]
START_STATES = [
    *((state, "") for state in Status.values if state != "held"),
    *(("held", hold) for hold in HOLD_REASONS),
    # An expired hold keeps its reason; one that waited for approval can no longer change.
    ("expired", "email"),
    ("expired", "approval"),
]
MOMENTS = {"completed": START + SECOND, "no_show": START + SECOND}


def row_in(state: str, hold: str = "", **facts) -> Consultation:
    """Return an unsaved consultation; the rules use only the row and the time."""
    values = {"status": state, "hold_for": hold, **facts}
    if state in TIMED_STATUSES or state in FINAL_STATUSES:
        values |= {"start_at": START, "end_at": END}
    if state == "held":
        values["hold_expires_at"] = NOW + DAY
    return Consultation(**values)


def is_allowed(row: Consultation, after: str, actor: str, now) -> bool:
    try:
        check_transition(row, after, actor, now)
    except TransitionNotAllowed:
        return False
    return True


@pytest.mark.parametrize(("before", "hold"), START_STATES)
def test_allowed_transitions_match_the_table(before, hold) -> None:
    for actor, after in product(Actor.values, Status.values):
        expected = actor in TABLE.get((before, hold), {}).get(after, set())
        allowed = is_allowed(row_in(before, hold), after, actor, MOMENTS.get(after, NOW))
        assert allowed is expected, (before, hold, after, actor)


def test_tables_cover_every_state_and_hold() -> None:
    assert {state for state, _hold in START_STATES} == set(Status.values)
    assert set(HoldFor.values) == set(HOLD_REASONS)


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
        ("confirmed", "visitor", START - SECOND, True),  # no cutoff without a consultation type
        ("confirmed", "visitor", START, False),
        ("cancelled_by_visitor", "visitor", START - SECOND, True),
        ("cancelled_by_visitor", "visitor", START, False),
    ],
)
def test_time_limits_of_confirmed_call(after, actor, now, allowed) -> None:
    assert is_allowed(row_in("confirmed"), after, actor, now) is allowed


@pytest.mark.django_db
@pytest.mark.parametrize("hours", [0, 1, 24, 72])
@pytest.mark.parametrize("after", ["confirmed", "cancelled_by_visitor"])
def test_visitor_can_change_until_cutoff_inclusive(hours, after) -> None:
    row = row_in("confirmed", type=make_type(cutoff_hours=hours))
    last = START - timedelta(hours=hours)
    assert can_visitor_change(row, after, last - SECOND)
    assert can_visitor_change(row, after, last) is (hours > 0)  # 0: already begun
    assert not can_visitor_change(row, after, last + SECOND)
    with pytest.raises(CutoffPassed):
        check_transition(row, after, "visitor", last + SECOND)


@pytest.mark.django_db
def test_hold_can_be_canceled_inside_cutoff() -> None:
    row = row_in("held", "email", type=make_type())
    assert can_visitor_change(row, "cancelled_by_visitor", START - SECOND)


@pytest.mark.django_db
def test_stale_row_is_not_changed() -> None:
    from tests.factories.consultations import make_consultation_with_status

    make_practice()
    row = make_consultation_with_status("confirmed")
    Consultation.objects.filter(pk=row.pk).update(sequence=row.sequence + 1)
    with pytest.raises(TransitionNotAllowed):
        apply_transition(row, "cancelled_by_staff", "staff", now=NOW)
    Consultation.objects.filter(pk=row.pk).update(sequence=row.sequence, status="no_show")
    with pytest.raises(TransitionNotAllowed):
        apply_transition(row, "cancelled_by_staff", "staff", now=NOW)


def test_status_sets_are_consistent() -> None:
    assert (
        set(LIVE_STATUSES) == set(TIMED_STATUSES) == {"held", "confirmed", "completed", "no_show"}
    )
    assert {"requested", "held", "confirmed"} == set(Status.values) - FINAL_STATUSES
