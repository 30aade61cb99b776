"""Tests for the allowed status transitions, against an independent copy of the table."""

from itertools import product

import pytest

from consultations.audit.models import Actor
from consultations.booking.states import FINAL_STATUSES, TRANSITIONS, Status, is_transition_allowed

ALLOWED = {
    "requested": {
        "confirmed": {"staff"},
        "held": {"staff"},
        "answered": {"staff"},
        "declined": {"staff"},
        "cancelled_by_visitor": {"visitor"},
        "expired": {"system"},
    },
    "held": {
        "confirmed": {"visitor", "staff"},
        "requested": {"visitor", "system"},
        "declined": {"staff"},
        "cancelled_by_visitor": {"visitor"},
        "expired": {"system"},
    },
    "expired": {"confirmed": {"visitor"}},
    "confirmed": {
        "confirmed": {"visitor", "staff"},
        "cancelled_by_visitor": {"visitor"},
        "cancelled_by_staff": {"staff"},
        "completed": {"staff"},
        "no_show": {"staff"},
    },
    "completed": {"no_show": {"staff"}},
    "no_show": {"completed": {"staff"}},
}


@pytest.mark.parametrize("before", Status.values)
def test_transitions_match_the_table(before) -> None:
    for actor, after in product(Actor.values, Status.values):
        expected = actor in ALLOWED.get(before, {}).get(after, set())
        assert is_transition_allowed(actor, before, after) is expected, (actor, before, after)


def test_final_states_that_can_be_left() -> None:
    leaving = {before for before, _after in TRANSITIONS if before in FINAL_STATUSES}
    assert leaving == {"completed", "no_show", "expired"}
