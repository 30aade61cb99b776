"""Tests for the promised reply date across weekends, holidays and clock changes."""

from datetime import UTC, date, datetime

import pytest

from consultations.booking.local_time import promised_date, reply_deadline

OREGON = "America/Los_Angeles"
WEEK = {0, 1, 2, 3, 4}


def promised_day(asked: str, *, days: int = 2, zone: str = OREGON, open_on=WEEK, closed=()) -> str:
    ends = reply_deadline(
        datetime.fromisoformat(asked),
        business_days=days,
        zone=zone,
        open_weekdays=open_on,
        holidays={date.fromisoformat(day) for day in closed},
    )
    assert ends.utcoffset() == datetime.now(UTC).utcoffset()
    return promised_date(ends, zone).isoformat()


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("2026-05-04T17:00+00:00", "2026-05-06"),  # Monday
        ("2026-05-07T17:00+00:00", "2026-05-11"),  # Thursday, over a weekend
        ("2026-05-08T17:00+00:00", "2026-05-12"),  # Friday
        ("2026-05-09T17:00+00:00", "2026-05-12"),  # Saturday
        ("2026-05-10T17:00+00:00", "2026-05-12"),  # Sunday
        ("2026-05-05T06:59+00:00", "2026-05-06"),  # still Monday evening in Oregon
        ("2026-05-05T07:00+00:00", "2026-05-07"),  # midnight, the start of Tuesday there
    ],
)
def test_business_days_use_practice_zone(asked, answer) -> None:
    assert promised_day(asked) == answer


def test_holidays_are_skipped() -> None:
    monday = "2026-05-04T17:00+00:00"
    assert promised_day(monday, closed=["2026-05-05"]) == "2026-05-07"
    assert promised_day(monday, closed=["2026-05-05", "2026-05-06", "2026-05-07"]) == "2026-05-11"
    assert promised_day(monday, closed=["2026-05-09"]) == "2026-05-06"


def test_only_open_weekdays_count() -> None:
    monday = "2026-05-04T17:00+00:00"
    assert promised_day(monday, open_on={1, 3}) == "2026-05-07"
    assert promised_day(monday, open_on={0}) == "2026-05-18"
    assert promised_day(monday, open_on=()) == "2026-05-06"


@pytest.mark.parametrize(
    ("asked", "zone", "ends"),
    [
        # Clocks go forward on Sunday, March 8, so midnight is an hour earlier in UTC.
        ("2026-03-06T20:00+00:00", OREGON, "2026-03-10T07:00+00:00"),
        # Clocks go back on Sunday, November 1.
        ("2026-10-30T20:00+00:00", OREGON, "2026-11-03T08:00+00:00"),
        ("2026-10-23T12:00+00:00", "Europe/Berlin", "2026-10-26T23:00+00:00"),
        # In Beirut the clocks skip midnight, so the day begins at 1:00.
        ("2026-03-27T12:00+00:00", "Asia/Beirut", "2026-03-30T21:00+00:00"),
    ],
)
def test_deadline_is_end_of_day_across_dst_change(asked, zone, ends) -> None:
    found = reply_deadline(
        datetime.fromisoformat(asked), business_days=1, zone=zone, open_weekdays=WEEK
    )
    assert found == datetime.fromisoformat(ends)


def test_deadline_is_the_end_of_the_promised_date() -> None:
    ends = reply_deadline(
        datetime(2026, 5, 4, 17, tzinfo=UTC), business_days=2, zone=OREGON, open_weekdays=WEEK
    )
    assert ends == datetime(2026, 5, 7, 7, 0, tzinfo=UTC)
    assert promised_date(ends, OREGON) == date(2026, 5, 6)


def test_deadline_search_is_bounded() -> None:
    everything = {date.fromordinal(day) for day in range(739_000, 742_000)}
    found = reply_deadline(
        datetime(2026, 5, 4, tzinfo=UTC),
        business_days=2,
        zone="UTC",
        open_weekdays=WEEK,
        holidays=everything,
    )
    assert found.year == 2027
