"""What makes a candidate time unavailable: R6 to R9, R12 and live bookings. Times in UTC."""

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
    interval,
    open_slots,
    open_starts,
    utc,
    window,
)

MONDAY = "2025-06-02"
NINE_TO_ONE = [window(MONDAY, "09:00", 240)]
ALL_STARTS = ["02 09:00", "02 10:00", "02 11:00", "02 12:00"]
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)


def monday_starts(**changes: Any) -> list[str]:
    """Return the free starts from 09:00 to 13:00."""
    return open_starts("UTC", MONDAY, windows=NINE_TO_ONE, **changes)


def starts_without(*hours: int) -> list[str]:
    return [start for start in ALL_STARTS if int(start[3:5]) not in hours]


# --- overlaps (R6) --------------------------------------------------------------------------------
INTERVAL_CASES = [
    pytest.param("10:00", "11:00", starts_without(10), id="exactly"),
    pytest.param("09:00", "10:00", starts_without(9), id="ends-where-the-next-begins"),
    pytest.param("10:00:00", "11:00:01", starts_without(10, 11), id="a-second-over"),
    pytest.param("09:59:59", "11:00", starts_without(9, 10), id="a-second-before"),
    pytest.param("10:59:59.999999", "11:00", starts_without(10), id="the-last-microsecond"),
    pytest.param("11:00", "11:00:00.000001", starts_without(11), id="the-first-microsecond"),
    pytest.param("10:20", "10:25", starts_without(10), id="inside"),
    pytest.param("00:00", "23:00", [], id="around"),
    pytest.param("10:30", "10:30", ALL_STARTS, id="empty"),
    pytest.param("10:30", "10:15", ALL_STARTS, id="ends-before-it-begins"),
]


@pytest.mark.parametrize("kind", ["busy", "time_off"])
@pytest.mark.parametrize(("begin", "end", "expected"), INTERVAL_CASES)
def test_busy_and_time_off_are_half_open(kind, begin, end, expected) -> None:
    assert monday_starts(**{kind: [interval(f"{MONDAY} {begin}", f"{MONDAY} {end}")]}) == expected


def test_long_busy_time_covers_a_nested_one() -> None:
    busy = [
        interval(f"{MONDAY} 09:00", f"{MONDAY} 11:30"),
        interval(f"{MONDAY} 09:15", f"{MONDAY} 09:30"),
    ]
    assert monday_starts(busy=busy) == ["02 12:00"]


BUFFER_CASES = [
    # buffers of the slot, and of the one-hour booking at 11:00; remaining starts
    pytest.param(0, 0, 0, 0, starts_without(11), id="none"),
    pytest.param(0, 15, 0, 0, starts_without(10, 11), id="after-the-slot"),
    pytest.param(15, 0, 0, 0, starts_without(11, 12), id="before-the-slot"),
    pytest.param(0, 0, 0, 15, starts_without(11, 12), id="after-the-booking"),
    pytest.param(0, 0, 15, 0, starts_without(10, 11), id="before-the-booking"),
    pytest.param(15, 15, 0, 0, starts_without(10, 11, 12), id="both"),
    pytest.param(0, 60, 0, 5, starts_without(10, 11, 12), id="an-hour-after"),
]


@pytest.mark.parametrize(("before", "after", "its_before", "its_after", "expected"), BUFFER_CASES)
def test_buffers_apply_between_bookings(before, after, its_before, its_after, expected) -> None:
    taken = booking(f"{MONDAY} 11:00", before_min=its_before, after_min=its_after)
    policy = replace(HOURLY, before_min=before, after_min=after)
    assert monday_starts(policy=policy, bookings=[taken]) == expected


@pytest.mark.parametrize(
    ("at", "is_free"), [("10:30", False), ("10:35", True), ("10:40", True), ("10:25", False)]
)
def test_gap_is_the_sum_of_both_buffers(at, is_free) -> None:
    # Ten minutes after the booking plus fifteen before the slot: 10:10 becomes 10:35.
    policy = replace(HOURLY, duration_min=20, step_min=5, before_min=15)
    taken = booking(f"{MONDAY} 09:40", 30, after_min=10)
    assert (f"02 {at}" in monday_starts(policy=policy, bookings=[taken])) is is_free


def test_slot_buffers_apply_to_busy_times() -> None:
    policy = replace(HOURLY, before_min=5, after_min=5)
    busy = [interval(f"{MONDAY} 11:00", f"{MONDAY} 11:05")]
    assert monday_starts(policy=policy, busy=busy) == starts_without(10, 11)
    busy = [interval(f"{MONDAY} 11:10", f"{MONDAY} 11:55")]
    assert monday_starts(policy=policy, busy=busy) == starts_without(11)


def test_buffers_can_extend_beyond_hours() -> None:
    policy = replace(HOURLY, before_min=120, after_min=120)
    assert monday_starts(policy=policy) == ALL_STARTS
    early = booking(f"{MONDAY} 06:30", 60)
    assert monday_starts(policy=policy, bookings=[early]) == starts_without(9)


def test_bookings_do_not_shift_the_grid() -> None:
    taken = booking(f"{MONDAY} 09:00", 20, after_min=15)
    assert monday_starts(bookings=[taken]) == starts_without(9)


def test_booking_outside_range_still_blocks() -> None:
    # The visitor asks for Monday only, but Sunday's call runs into it.
    night = [window("2025-06-02", "00:00", 120)]
    sunday = booking("2025-06-01 23:30", 60)
    assert open_starts("UTC", MONDAY, windows=night, bookings=[sunday]) == ["02 01:00"]


# --- notice (R7) ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (utc("2025-06-01 10:00"), ALL_STARTS[1:]),
        (utc("2025-06-01 10:00") - MICROSECOND, ALL_STARTS[1:]),
        (utc("2025-06-01 10:00") + MICROSECOND, ALL_STARTS[2:]),
        (utc("2025-06-01 10:00") + SECOND, ALL_STARTS[2:]),
        (utc("2025-06-02 12:00"), []),
    ],
)
def test_notice_is_inclusive(now, expected) -> None:
    assert monday_starts(policy=replace(HOURLY, notice_hours=24), now=now) == expected


def test_zero_notice_offers_no_past_slots() -> None:
    assert monday_starts(now=utc(f"{MONDAY} 11:00")) == ALL_STARTS[2:]
    assert monday_starts(now=utc(f"{MONDAY} 11:00") + MICROSECOND) == ALL_STARTS[3:]


def test_notice_can_be_fraction_of_hour() -> None:
    assert (
        monday_starts(policy=replace(HOURLY, notice_hours=1.25), now=utc(f"{MONDAY} 08:45"))
        == ALL_STARTS[1:]
    )


def test_notice_is_elapsed_time_across_dst_change() -> None:
    # 24 hours after Saturday 09:00 it is 10:00 on Sunday, because an hour was skipped.
    zone = "America/New_York"
    for now in (
        utc("2025-03-08 14:00"),
        datetime(2025, 3, 8, 9, tzinfo=ZoneInfo(zone)),  # the same instant, as a local time
    ):
        found = open_starts(
            zone,
            "2025-03-09",
            windows=[window("2025-03-09", "08:00", 240)],
            policy=replace(HOURLY, notice_hours=24),
            now=now,
        )
        assert found == ["09 14:00", "09 15:00"]


# --- horizon (R8) ---------------------------------------------------------------------------------
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
def test_horizon_is_practitioner_date_inclusive(now, days, last) -> None:
    # Evenings from 22:00 to 01:00; a start after midnight has the next date.
    found = open_starts(
        "America/New_York",
        "2025-06-01",
        "2025-06-10",
        windows=NEW_YORK_EVENINGS,
        policy=replace(HOURLY, horizon_days=days),
        now=utc(now),
        visitor_zone="UTC",
    )
    assert found[-1] == last


# --- daily cap (R9) -------------------------------------------------------------------------------
def test_full_date_offers_no_slots() -> None:
    one = [booking(f"{MONDAY} 06:00", 20)]
    two = [*one, booking(f"{MONDAY} 07:00", 20)]
    capped = replace(HOURLY, daily_cap=2)
    assert monday_starts(policy=capped, bookings=one) == ALL_STARTS
    assert monday_starts(policy=capped, bookings=two) == []


@pytest.mark.parametrize(("cap", "expected"), [(None, ALL_STARTS), (0, []), (1, ALL_STARTS)])
def test_daily_cap_can_be_none_or_zero(cap, expected) -> None:
    assert monday_starts(policy=replace(HOURLY, daily_cap=cap)) == expected


def test_daily_cap_counts_by_practitioner_date() -> None:
    # 03:30 UTC on the 3rd is still the 2nd in New York, though the call ends on the 3rd.
    late = booking("2025-06-03 03:30", 60)
    found = open_starts(
        "America/New_York",
        "2025-06-02",
        "2025-06-03",
        windows=[window(on, "09:00", 60) for on in (MONDAY, "2025-06-03")],
        policy=replace(HOURLY, daily_cap=1),
        bookings=[late],
        visitor_zone="UTC",
    )
    assert found == ["03 13:00"]


def test_daily_cap_applies_per_date_across_midnight() -> None:
    found = open_starts(
        "UTC",
        MONDAY,
        "2025-06-03",
        windows=[window(MONDAY, "22:00", 240)],
        policy=replace(HOURLY, daily_cap=1),
        bookings=[booking(f"{MONDAY} 06:00")],
    )
    assert found == ["03 00:00", "03 01:00"]


# --- which bookings are live ----------------------------------------------------------------------
NOW = utc("2025-06-01 12:00")
LIVE_CASES = [
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


@pytest.mark.parametrize(("status", "hold_expires", "expected"), LIVE_CASES)
def test_only_live_bookings_block_and_count(status, hold_expires, expected) -> None:
    row = booking(f"{MONDAY} 10:00", status=status, hold_expires=hold_expires)
    elsewhere = booking(f"{MONDAY} 06:00", status=status, hold_expires=hold_expires)
    capped = replace(HOURLY, daily_cap=1)
    assert is_live(row, NOW) is expected
    assert monday_starts(bookings=[row], now=NOW) == (
        starts_without(10) if expected else ALL_STARTS
    )
    assert monday_starts(bookings=[elsewhere], policy=capped, now=NOW) == (
        [] if expected else ALL_STARTS
    )


def test_moved_consultation_is_excluded_from_blocking_and_cap() -> None:
    own, other = booking(f"{MONDAY} 10:00"), booking(f"{MONDAY} 12:00")
    capped = replace(HOURLY, daily_cap=2)
    assert monday_starts(bookings=[own, other], policy=capped) == []
    assert monday_starts(bookings=[other], policy=capped) == starts_without(12)


# --- returned slots -------------------------------------------------------------------------------
def test_slot_has_utc_start_and_end() -> None:
    policy = replace(HOURLY, duration_min=20)
    slot = open_slots(
        "Europe/Berlin", MONDAY, windows=[window(MONDAY, "09:00", 20)], policy=policy
    )[0]
    assert slot == Slot(utc(f"{MONDAY} 07:00"), utc(f"{MONDAY} 07:20"), "09:00")
    assert slot.start.tzinfo is UTC


def test_local_input_times_are_read_as_instants() -> None:
    zone = ZoneInfo("America/New_York")
    repeated = [datetime(2025, 11, 2, 1, tzinfo=zone, fold=fold) for fold in (0, 1)]
    busy = [Interval(repeated[1], datetime(2025, 11, 2, 2, tzinfo=zone))]
    found = open_starts("America/New_York", "2025-11-02", windows=NIGHT, busy=busy)
    assert found == ["02 04:00", "02 05:00", "02 07:00"]


NIGHT = [window("2025-11-02", "00:00", 180)]


def test_single_date_matches_longer_range() -> None:
    arguments: dict[str, Any] = {"windows": NINE_TO_ONE, "bookings": [booking(f"{MONDAY} 10:00")]}
    whole = open_slots("UTC", "2025-05-20", "2025-06-20", **arguments)
    assert [slot for slot in whole if slot.start.date() == day(MONDAY)] == open_slots(
        "UTC", MONDAY, **arguments
    )
