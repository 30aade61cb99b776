"""Which state may follow which, and by whom: the table of booking, written a second time."""

from itertools import product

import pytest

from consultations.booking.states import FINAL, TRANSITIONS, Actor, Status, may

ALLOWED = {
    "requested": {
        "confirmed": {"staff"},
        "held": {"staff"},
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
def test_nothing_else_is_allowed(before) -> None:
    for actor, after in product(Actor.values, Status.values):
        expected = actor in ALLOWED.get(before, {}).get(after, set())
        assert may(actor, before, after) is expected, (actor, before, after)


def test_final_states_stay_but_for_a_late_link_and_the_correction_of_an_outcome() -> None:
    leaving = {before for before, _after in TRANSITIONS if before in FINAL}
    assert leaving == {"completed", "no_show", "expired"}
