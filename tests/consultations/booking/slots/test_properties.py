"""Compare find_open_slots with a scan of every minute, in all zones from 1970 to 2037.

Every run uses the same examples. ``SLOTS_EXAMPLES=5000`` tries that many new ones instead.
"""

import os
from collections import defaultdict
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, event, given, settings

from consultations.booking.explain import REASONS, explain_unavailability
from consultations.booking.slots import find_open_slots
from tests.consultations.booking.slots.clock_scan import find_open_starts_by_scan
from tests.consultations.booking.slots.strategies import REACH, slot_inputs

EXTRA_EXAMPLES = int(os.environ.get("SLOTS_EXAMPLES", "0"))
EXAMPLES = settings(
    max_examples=EXTRA_EXAMPLES or 300,
    derandomize=not EXTRA_EXAMPLES,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def find_calendar_slots(calendar: dict[str, Any], **changes: Any) -> list[Any]:
    given_values = {**calendar, **changes}
    del given_values["around"]
    return find_open_slots(**given_values)


@EXAMPLES
@given(slot_inputs())
def test_slots_match_minute_scan(calendar) -> None:
    slots = find_calendar_slots(calendar)
    event(f"offers {'some' if slots else 'none'}")
    assert [slot.start for slot in slots] == find_open_starts_by_scan(reach=REACH, **calendar)


@EXAMPLES
@given(slot_inputs())
def test_slots_have_duration_and_unique_labels(calendar) -> None:
    zone = ZoneInfo(calendar["visitor_zone"])
    length = timedelta(minutes=calendar["policy"].duration_min)
    labels: dict[Any, list[str]] = defaultdict(list)
    for slot in find_calendar_slots(calendar):
        local = slot.start.astimezone(zone)
        assert slot.end - slot.start == length
        assert slot.label.split()[0] == f"{local:%H:%M}"
        labels[local.date()].append(slot.label)
    for names in labels.values():
        assert len(set(names)) == len(names)


@EXAMPLES
@given(slot_inputs())
def test_single_dates_add_up_to_whole_range(calendar) -> None:
    one_by_one = []
    day = calendar["first_date"]
    while day <= calendar["last_date"]:
        one_by_one += find_calendar_slots(calendar, first_date=day, last_date=day)
        day += timedelta(days=1)
    assert one_by_one == find_calendar_slots(calendar)


@EXAMPLES
@given(slot_inputs())
def test_removing_bookings_does_not_shift_grid(calendar) -> None:
    emptied = find_calendar_slots(calendar, bookings=[], busy=[], time_off=[])
    assert set(find_calendar_slots(calendar)) <= set(emptied)


@EXAMPLES
@given(slot_inputs())
def test_reasons_exist_exactly_for_unoffered_starts(calendar) -> None:
    wide = {
        "first_date": calendar["first_date"] - timedelta(days=2),
        "last_date": calendar["last_date"] + timedelta(days=2),
    }
    offered = {slot.start for slot in find_calendar_slots(calendar, **wide)}
    asked = {name: value for name, value in calendar.items() if name not in NON_EXPLAIN_KEYS}
    grid = {calendar["around"] + timedelta(minutes=5 * fives) for fives in range(-48, 240, 7)}
    beside = {start + timedelta(microseconds=1) for start in list(offered)[:2]}
    for start in {*grid, *beside, *list(offered)[:40]}:
        reasons = explain_unavailability(start=start, **asked)
        assert (reasons == []) is (start in offered), (start, reasons)
        assert reasons == [reason for reason in REASONS if reason in reasons]


NON_EXPLAIN_KEYS = {"around", "visitor_zone", "first_date", "last_date"}
