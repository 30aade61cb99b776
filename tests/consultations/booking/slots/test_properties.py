"""The slot function against a scan of every minute, in all zones from 1970 to 2037.

The same examples in every run. ``SLOTS_EXAMPLES=5000`` looks at as many new ones instead.
"""

import os
from collections import defaultdict
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, event, given, settings

from consultations.booking.explain import REASONS, explain_unavailability
from consultations.booking.slots import find_open
from tests.consultations.booking.slots.clock_scan import find_open_by_scan
from tests.consultations.booking.slots.strategies import REACH, calendars

ASKED = int(os.environ.get("SLOTS_EXAMPLES", "0"))
EXAMPLES = settings(
    max_examples=ASKED or 300,
    derandomize=not ASKED,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def open_slots(calendar: dict[str, Any], **changes: Any) -> list[Any]:
    given_values = {**calendar, **changes}
    del given_values["around"]
    return find_open(**given_values)


@EXAMPLES
@given(calendars())
def test_offers_what_a_scan_of_every_minute_finds(calendar) -> None:
    slots = open_slots(calendar)
    event(f"offers {'some' if slots else 'none'}")
    assert [slot.start for slot in slots] == find_open_by_scan(reach=REACH, **calendar)


@EXAMPLES
@given(calendars())
def test_every_slot_has_its_length_and_a_name_of_its_own(calendar) -> None:
    zone = ZoneInfo(calendar["visitor_zone"])
    length = timedelta(minutes=calendar["policy"].duration_min)
    labels: dict[Any, list[str]] = defaultdict(list)
    for slot in open_slots(calendar):
        local = slot.start.astimezone(zone)
        assert slot.end - slot.start == length
        assert slot.label.split()[0] == f"{local:%H:%M}"
        labels[local.date()].append(slot.label)
    for names in labels.values():
        assert len(set(names)) == len(names)


@EXAMPLES
@given(calendars())
def test_dates_asked_for_one_by_one_add_up_to_the_whole(calendar) -> None:
    one_by_one = []
    day = calendar["first_date"]
    while day <= calendar["last_date"]:
        one_by_one += open_slots(calendar, first_date=day, last_date=day)
        day += timedelta(days=1)
    assert one_by_one == open_slots(calendar)


@EXAMPLES
@given(calendars())
def test_taking_something_away_never_shifts_the_grid(calendar) -> None:
    emptied = open_slots(calendar, bookings=[], busy=[], time_off=[])
    assert set(open_slots(calendar)) <= set(emptied)


@EXAMPLES
@given(calendars())
def test_there_is_a_reason_exactly_for_what_is_not_offered(calendar) -> None:
    wide = {
        "first_date": calendar["first_date"] - timedelta(days=2),
        "last_date": calendar["last_date"] + timedelta(days=2),
    }
    offered = {slot.start for slot in open_slots(calendar, **wide)}
    asked = {name: value for name, value in calendar.items() if name not in NOT_OF_EXPLAIN}
    grid = {calendar["around"] + timedelta(minutes=5 * fives) for fives in range(-48, 240, 7)}
    beside = {start + timedelta(microseconds=1) for start in list(offered)[:2]}
    for start in {*grid, *beside, *list(offered)[:40]}:
        reasons = explain_unavailability(start=start, **asked)
        assert (reasons == []) is (start in offered), (start, reasons)
        assert reasons == [reason for reason in REASONS if reason in reasons]


NOT_OF_EXPLAIN = {"around", "visitor_zone", "first_date", "last_date"}
