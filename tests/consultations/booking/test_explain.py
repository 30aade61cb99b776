"""Tests for the reasons why a time is not offered.

``test_slots_scan`` checks that there are no reasons exactly for the times that are offered.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from consultations.booking.explain import explain_unavailability
from consultations.booking.slots import Override, Policy
from tests.consultations.booking.slots.cases import booking, day, interval, utc, window

# Monday 09:00 to 12:00 in Berlin, which is 07:00 to 10:00 UTC, and late on Sunday.
SUNDAY, MONDAY = "2025-06-01", "2025-06-02"
NOW = utc("2025-05-30 12:00")
MONDAY_TEN = f"{MONDAY} 08:00"
DAY = timedelta(days=1)


def find_reasons(start: str = MONDAY_TEN, **changes: Any) -> list[str]:
    arguments: dict[str, Any] = {
        "start": utc(start),
        "practitioner_zone": "Europe/Berlin",
        "windows": [window(MONDAY, "09:00", 180), window(SUNDAY, "22:00", 240)],
        "overrides": [],
        "time_off": [],
        "busy": [],
        "bookings": [],
        "policy": Policy(duration_min=60, step_min=30, after_min=15, daily_cap=2),
        "now": NOW,
    }
    return explain_unavailability(**{**arguments, **changes})


def test_available_time_has_no_reasons() -> None:
    assert find_reasons() == []


CLOSED = [Override(day(MONDAY))]
AFTERNOON = [Override(day(MONDAY), ((840, 60),))]
SHORTER = [Override(day(MONDAY), ((540, 90),))]


@pytest.mark.parametrize(
    ("start", "overrides", "expected"),
    [
        # 08:59:59, 12:00 and a Wednesday
        (f"{MONDAY} 06:59:59", [], ["outside_hours"]),
        (f"{MONDAY} 10:00", [], ["outside_hours"]),
        ("2025-06-04 08:00", [], ["outside_hours"]),
        (f"{MONDAY} 06:00", CLOSED, ["outside_hours"]),
        (f"{MONDAY} 06:00", AFTERNOON, ["outside_hours"]),
        # within opening hours, and one that ends after them
        (f"{MONDAY} 09:00", [], []),
        (f"{MONDAY} 09:30", [], ["too_short"]),
        (f"{MONDAY} 09:20", [], ["too_short", "off_grid"]),
        (f"{MONDAY} 08:20", [], ["off_grid"]),
        (f"{MONDAY} 08:00:01", [], ["off_grid"]),
        # a date override
        (MONDAY_TEN, CLOSED, ["closed_by_override"]),
        (MONDAY_TEN, AFTERNOON, ["closed_by_override"]),
        (f"{MONDAY} 12:00", AFTERNOON, []),
        (f"{MONDAY} 12:30", AFTERNOON, ["too_short"]),
        (f"{MONDAY} 07:30", SHORTER, []),
        (MONDAY_TEN, SHORTER, ["closed_by_override"]),
        (f"{MONDAY} 08:20", SHORTER, ["closed_by_override", "off_grid"]),
        # hours that began the evening before
        (f"{SUNDAY} 22:30", [], []),
        (f"{SUNDAY} 22:30", CLOSED, ["closed_by_override"]),
        (f"{SUNDAY} 21:30", CLOSED, ["closed_by_override"]),
        (f"{SUNDAY} 21:00", CLOSED, []),
    ],
)
def test_hours_reasons(start, overrides, expected) -> None:
    assert find_reasons(start, overrides=overrides) == expected


def test_start_with_fraction_of_second_is_off_grid() -> None:
    assert find_reasons(f"{MONDAY_TEN}:00.000001") == ["off_grid"]


def test_overlapping_dates_accept_either_grid() -> None:
    hours = [window(SUNDAY, "22:15", 240), window(MONDAY, "00:00", 120)]
    assert find_reasons(f"{SUNDAY} 22:00", windows=hours) == []
    assert find_reasons(f"{SUNDAY} 22:15", windows=hours) == []
    assert find_reasons(f"{SUNDAY} 22:20", windows=hours) == ["off_grid"]


def test_length_and_grid_must_come_from_one_date() -> None:
    # Sunday's hours run until 02:15, starting every quarter hour; Monday's end at 01:00.
    hours = [window(SUNDAY, "22:15", 240), window(MONDAY, "00:00", 60)]
    assert find_reasons(f"{SUNDAY} 22:30", windows=hours) == ["off_grid"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (utc(MONDAY_TEN) - DAY, []),
        (utc(MONDAY_TEN) - DAY + timedelta(seconds=1), ["too_soon"]),
        (utc(MONDAY_TEN) + DAY, ["too_soon"]),
        (utc(MONDAY_TEN) - 30 * DAY, []),
        (utc(MONDAY_TEN) - 31 * DAY, ["too_far"]),
    ],
)
def test_notice_and_horizon_reasons(now, expected) -> None:
    assert find_reasons(now=now) == expected


@pytest.mark.parametrize(
    ("bookings", "expected"),
    [
        ([booking(MONDAY_TEN, 20)], ["taken"]),
        ([booking(f"{MONDAY} 09:00", 20)], ["taken"]),
        ([booking(f"{MONDAY} 09:15", 20)], []),
        ([booking(f"{MONDAY} 07:00", 60, after_min=5)], ["taken"]),
        ([booking(f"{MONDAY} 04:00", 20), booking(f"{MONDAY} 05:00", 20)], ["day_full"]),
        ([booking(MONDAY_TEN, 20), booking(f"{MONDAY} 05:00", 20)], ["day_full", "taken"]),
        ([booking(MONDAY_TEN, 20, "held", hold_expires=NOW)], []),
        ([booking(MONDAY_TEN, 20, "held", hold_expires=NOW + timedelta(seconds=1))], ["taken"]),
        ([booking(MONDAY_TEN, 20, "cancelled_by_visitor")], []),
    ],
)
def test_booking_reasons(bookings, expected) -> None:
    assert find_reasons(bookings=bookings) == expected


def test_time_off_and_busy_have_distinct_reasons() -> None:
    inside = interval(f"{MONDAY} 08:30", f"{MONDAY} 08:40")
    assert find_reasons(time_off=[inside]) == ["time_off"]
    assert find_reasons(busy=[inside]) == ["busy"]
    after = interval(f"{MONDAY} 09:15", f"{MONDAY} 10:00")
    assert find_reasons(time_off=[after], busy=[after]) == []


def test_reasons_are_returned_in_fixed_order() -> None:
    found = find_reasons(
        f"{MONDAY} 09:20",
        now=utc(MONDAY_TEN),
        policy=replace(Policy(), duration_min=60, step_min=30, horizon_days=-1, daily_cap=1),
        bookings=[booking(f"{MONDAY} 09:00")],
        time_off=[interval(SUNDAY + " 00:00", "2025-06-03 00:00")],
        busy=[interval(SUNDAY + " 00:00", "2025-06-03 00:00")],
    )
    assert found == [
        "too_short",
        "off_grid",
        "too_soon",
        "too_far",
        "day_full",
        "taken",
        "time_off",
        "busy",
    ]
