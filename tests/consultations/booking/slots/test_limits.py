"""What closes a candidate time: R6 to R9, who is live, and R12. Times in UTC throughout."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from consultations.booking.slots import Interval, Slot, is_live
from tests.consultations.booking.slots.cases import (
    HOURLY,
    booking,
    day,
    free,
    interval,
    starts,
    utc,
    window,
)

MONDAY = "2025-06-02"
NINE_TO_ONE = [window(MONDAY, "09:00", 240)]
ALL = ["02 09:00", "02 10:00", "02 11:00", "02 12:00"]
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)


def monday(**changes: Any) -> list[str]:
    """The free hours of 09:00 to 13:00."""
    return starts("UTC", MONDAY, windows=NINE_TO_ONE, **changes)


def without(*hours: int) -> list[str]:
    return [start for start in ALL if int(start[3:5]) not in hours]


# --- R6 -------------------------------------------------------------------------------------------
INTERVALS = [
    pytest.param("10:00", "11:00", without(10), id="exactly"),
    pytest.param("09:00", "10:00", without(9), id="ends-where-the-next-begins"),
    pytest.param("10:00:00", "11:00:01", without(10, 11), id="a-second-over"),
    pytest.param("09:59:59", "11:00", without(9, 10), id="a-second-before"),
    pytest.param("10:59:59.999999", "11:00", without(10), id="the-last-microsecond"),
    pytest.param("11:00", "11:00:00.000001", without(11), id="the-first-microsecond"),
    pytest.param("10:20", "10:25", without(10), id="inside"),
    pytest.param("00:00", "23:00", [], id="around"),
    pytest.param("10:30", "10:30", ALL, id="empty"),
    pytest.param("10:30", "10:15", ALL, id="ends-before-it-begins"),
]


@pytest.mark.parametrize("kind", ["busy", "time_off"])
@pytest.mark.parametrize(("begin", "end", "expected"), INTERVALS)
def test_busy_times_and_time_off_are_half_open(kind, begin, end, expected) -> None:
    assert monday(**{kind: [interval(f"{MONDAY} {begin}", f"{MONDAY} {end}")]}) == expected


def test_a_long_busy_time_covers_a_short_one_within_it() -> None:
    busy = [
        interval(f"{MONDAY} 09:00", f"{MONDAY} 11:30"),
        interval(f"{MONDAY} 09:15", f"{MONDAY} 09:30"),
    ]
    assert monday(busy=busy) == ["02 12:00"]


BUFFERS = [
    # buffers of the slot, of the booking at 11:00 for an hour; what is left
    pytest.param(0, 0, 0, 0, without(11), id="none"),
    pytest.param(0, 15, 0, 0, without(10, 11), id="after-the-slot"),
    pytest.param(15, 0, 0, 0, without(11, 12), id="before-the-slot"),
    pytest.param(0, 0, 0, 15, without(11, 12), id="after-the-booking"),
    pytest.param(0, 0, 15, 0, without(10, 11), id="before-the-booking"),
    pytest.param(15, 15, 0, 0, without(10, 11, 12), id="both"),
    pytest.param(0, 60, 0, 5, without(10, 11, 12), id="an-hour-after"),
]


@pytest.mark.parametrize(("before", "after", "its_before", "its_after", "expected"), BUFFERS)
def test_buffers_keep_a_distance_from_bookings(
    before, after, its_before, its_after, expected
) -> None:
    taken = booking(f"{MONDAY} 11:00", before_min=its_before, after_min=its_after)
    policy = replace(HOURLY, before_min=before, after_min=after)
    assert monday(policy=policy, bookings=[taken]) == expected


@pytest.mark.parametrize(
    ("at", "is_free"), [("10:30", False), ("10:35", True), ("10:40", True), ("10:25", False)]
)
def test_the_gap_is_the_sum_of_both_sides(at, is_free) -> None:
    # Ten minutes after the booking and fifteen before the slot: from 10:10 that is 10:35.
    policy = replace(HOURLY, duration_min=20, step_min=5, before_min=15)
    taken = booking(f"{MONDAY} 09:40", 30, after_min=10)
    assert (f"02 {at}" in monday(policy=policy, bookings=[taken])) is is_free


def test_a_buffer_keeps_its_distance_from_busy_times_which_have_none() -> None:
    policy = replace(HOURLY, before_min=5, after_min=5)
    busy = [interval(f"{MONDAY} 11:00", f"{MONDAY} 11:05")]
    assert monday(policy=policy, busy=busy) == without(10, 11)
    busy = [interval(f"{MONDAY} 11:10", f"{MONDAY} 11:55")]
    assert monday(policy=policy, busy=busy) == without(11)


def test_buffers_may_spill_over_the_edges_of_the_hours() -> None:
    policy = replace(HOURLY, before_min=120, after_min=120)
    assert monday(policy=policy) == ALL
    early = booking(f"{MONDAY} 06:30", 60)
    assert monday(policy=policy, bookings=[early]) == without(9)


def test_bookings_never_move_the_grid() -> None:
    taken = booking(f"{MONDAY} 09:00", 20, after_min=15)
    assert monday(bookings=[taken]) == without(9)


def test_what_is_taken_outside_the_span_still_counts() -> None:
    # The visitor asks for Monday alone; Sunday's talk runs into it.
    night = [window("2025-06-02", "00:00", 120)]
    sunday = booking("2025-06-01 23:30", 60)
    assert starts("UTC", MONDAY, windows=night, bookings=[sunday]) == ["02 01:00"]


# --- R7 -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (utc("2025-06-01 10:00"), ALL[1:]),
        (utc("2025-06-01 10:00") - MICROSECOND, ALL[1:]),
        (utc("2025-06-01 10:00") + MICROSECOND, ALL[2:]),
        (utc("2025-06-01 10:00") + SECOND, ALL[2:]),
        (utc("2025-06-02 12:00"), []),
    ],
)
def test_notice_is_inclusive(now, expected) -> None:
    assert monday(policy=replace(HOURLY, notice_hours=24), now=now) == expected


def test_no_notice_still_offers_nothing_of_the_past() -> None:
    assert monday(now=utc(f"{MONDAY} 11:00")) == ALL[2:]
    assert monday(now=utc(f"{MONDAY} 11:00") + MICROSECOND) == ALL[3:]


def test_notice_may_be_part_of_an_hour() -> None:
    assert monday(policy=replace(HOURLY, notice_hours=1.25), now=utc(f"{MONDAY} 08:45")) == ALL[1:]


def test_notice_is_elapsed_time_over_a_night_when_clocks_change() -> None:
    # 24 hours after Saturday 09:00 it is 10:00 on Sunday: an hour was skipped.
    zone = "America/New_York"
    for now in (
        utc("2025-03-08 14:00"),
        datetime(2025, 3, 8, 9, tzinfo=ZoneInfo(zone)),  # the same moment, as a local time
    ):
        found = starts(
            zone,
            "2025-03-09",
            windows=[window("2025-03-09", "08:00", 240)],
            policy=replace(HOURLY, notice_hours=24),
            now=now,
        )
        assert found == ["09 14:00", "09 15:00"]


# --- R8 -------------------------------------------------------------------------------------------
NEW_YORK_EVENINGS = [window(on, "22:00", 180) for on in ("2025-06-01", MONDAY, "2025-06-03")]


@pytest.mark.parametrize(
    ("now", "days", "last"),
    [
        # 04:00 UTC is midnight in New York.
        ("2025-06-02 03:59:59", 1, "03 03:00"),
        ("2025-06-02 03:59:59", 2, "04 03:00"),
        ("2025-06-02 04:00:00", 0, "03 03:00"),
        ("2025-06-02 04:00:00", 1, "04 03:00"),
    ],
)
def test_the_horizon_is_the_practitioners_date_inclusive(now, days, last) -> None:
    # Evenings from 22:00 to 01:00; what starts after midnight is of the next date.
    found = starts(
        "America/New_York",
        "2025-06-01",
        "2025-06-10",
        windows=NEW_YORK_EVENINGS,
        policy=replace(HOURLY, horizon_days=days),
        now=utc(now),
        visitor_zone="UTC",
    )
    assert found[-1] == last


# --- R9 -------------------------------------------------------------------------------------------
def test_a_full_date_offers_no_more() -> None:
    one = [booking(f"{MONDAY} 06:00", 20)]
    two = [*one, booking(f"{MONDAY} 07:00", 20)]
    capped = replace(HOURLY, daily_cap=2)
    assert monday(policy=capped, bookings=one) == ALL
    assert monday(policy=capped, bookings=two) == []


@pytest.mark.parametrize(("cap", "expected"), [(None, ALL), (0, []), (1, ALL)])
def test_a_cap_may_be_none_or_nothing(cap, expected) -> None:
    assert monday(policy=replace(HOURLY, daily_cap=cap)) == expected


def test_the_cap_counts_by_the_practitioners_date_of_the_start() -> None:
    # 03:00 UTC on the 3rd is still the 2nd in New York; the talk ends on the 3rd.
    late = booking("2025-06-03 03:30", 60)
    found = starts(
        "America/New_York",
        "2025-06-02",
        "2025-06-03",
        windows=[window(on, "09:00", 60) for on in (MONDAY, "2025-06-03")],
        policy=replace(HOURLY, daily_cap=1),
        bookings=[late],
        visitor_zone="UTC",
    )
    assert found == ["03 13:00"]


def test_the_cap_of_an_evening_over_midnight_is_that_of_each_date() -> None:
    found = starts(
        "UTC",
        MONDAY,
        "2025-06-03",
        windows=[window(MONDAY, "22:00", 240)],
        policy=replace(HOURLY, daily_cap=1),
        bookings=[booking(f"{MONDAY} 06:00")],
    )
    assert found == ["03 00:00", "03 01:00"]


# --- who is live ----------------------------------------------------------------------------------
NOW = utc("2025-06-01 12:00")
LIVE = [
    ("confirmed", None, True),
    ("completed", None, True),
    ("no_show", None, True),
    ("requested", None, False),
    ("declined", None, False),
    ("cancelled_by_visitor", None, False),
    ("cancelled_by_staff", None, False),
    ("expired", None, False),
    ("held", NOW + MICROSECOND, True),
    ("held", NOW, False),
    ("held", NOW - SECOND, False),
]


@pytest.mark.parametrize(("status", "hold_expires", "expected"), LIVE)
def test_only_the_live_block_and_count(status, hold_expires, expected) -> None:
    row = booking(f"{MONDAY} 10:00", status=status, hold_expires=hold_expires)
    elsewhere = booking(f"{MONDAY} 06:00", status=status, hold_expires=hold_expires)
    capped = replace(HOURLY, daily_cap=1)
    assert is_live(row, NOW) is expected
    assert monday(bookings=[row], now=NOW) == (without(10) if expected else ALL)
    assert monday(bookings=[elsewhere], policy=capped, now=NOW) == ([] if expected else ALL)


def test_a_consultation_being_moved_is_left_out_of_blocking_and_cap() -> None:
    own, other = booking(f"{MONDAY} 10:00"), booking(f"{MONDAY} 12:00")
    capped = replace(HOURLY, daily_cap=2)
    assert monday(bookings=[own, other], policy=capped) == []
    assert monday(bookings=[other], policy=capped) == without(12)


# --- what comes out -------------------------------------------------------------------------------
def test_a_slot_is_an_instant_in_utc_with_its_length() -> None:
    policy = replace(HOURLY, duration_min=20)
    slot = free("Europe/Berlin", MONDAY, windows=[window(MONDAY, "09:00", 20)], policy=policy)[0]
    assert slot == Slot(utc(f"{MONDAY} 07:00"), utc(f"{MONDAY} 07:20"), "09:00")
    assert slot.start.tzinfo is UTC


def test_local_times_that_go_in_are_read_as_the_instants_they_are() -> None:
    zone = ZoneInfo("America/New_York")
    repeated = [datetime(2025, 11, 2, 1, tzinfo=zone, fold=fold) for fold in (0, 1)]
    busy = [Interval(repeated[1], datetime(2025, 11, 2, 2, tzinfo=zone))]
    found = starts("America/New_York", "2025-11-02", windows=NIGHT, busy=busy)
    assert found == ["02 04:00", "02 05:00", "02 07:00"]


NIGHT = [window("2025-11-02", "00:00", 180)]


def test_a_span_of_one_date_finds_what_a_longer_one_finds() -> None:
    arguments: dict[str, Any] = {"windows": NINE_TO_ONE, "bookings": [booking(f"{MONDAY} 10:00")]}
    whole = free("UTC", "2025-05-20", "2025-06-20", **arguments)
    assert [slot for slot in whole if slot.start.date() == day(MONDAY)] == free(
        "UTC", MONDAY, **arguments
    )
