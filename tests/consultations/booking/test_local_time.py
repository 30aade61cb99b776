"""Tests for local time conversion: tables of cases, and comparison with a minute-by-minute scan."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consultations.booking.local_time import (
    TimeLabeler,
    earliest_instant,
    epoch_seconds,
    epoch_seconds_ceil,
    from_epoch_seconds,
    get_zone,
    local_date_at,
    local_date_for_offset,
    start_of_day,
    time_label,
    utc_offset_at,
    utc_offset_name,
)
from tests.consultations.booking.slots.cases import utc
from tests.consultations.booking.slots.clock_scan import scan_clock
from tests.consultations.booking.slots.strategies import moments, zones

EARLIEST_INSTANTS = [
    # an ordinary day
    ("America/New_York", "2025-06-01 09:00", "2025-06-01 13:00"),
    ("Asia/Kathmandu", "2025-06-01 09:00", "2025-06-01 03:15"),
    # a skipped hour: every time in it maps to the moment of the change
    ("America/New_York", "2025-03-09 01:59", "2025-03-09 06:59"),
    ("America/New_York", "2025-03-09 02:00", "2025-03-09 07:00"),
    ("America/New_York", "2025-03-09 02:59", "2025-03-09 07:00"),
    ("America/New_York", "2025-03-09 03:00", "2025-03-09 07:00"),
    ("Europe/London", "2025-03-30 01:30", "2025-03-30 01:00"),
    ("Australia/Lord_Howe", "2025-10-05 02:15", "2025-10-04 15:30"),
    ("Antarctica/Troll", "2025-03-30 02:59", "2025-03-30 01:00"),
    ("Asia/Kathmandu", "1986-01-01 00:00", "1985-12-31 18:30"),
    # a repeated hour: the first occurrence
    ("America/New_York", "2025-11-02 01:00", "2025-11-02 05:00"),
    ("America/New_York", "2025-11-02 01:59", "2025-11-02 05:59"),
    ("America/New_York", "2025-11-02 02:00", "2025-11-02 07:00"),
    ("Europe/London", "2025-10-26 01:00", "2025-10-26 00:00"),
    ("Australia/Lord_Howe", "2025-04-06 01:30", "2025-04-05 14:30"),
    ("Australia/Lord_Howe", "2025-04-06 02:00", "2025-04-05 15:30"),
    ("Antarctica/Troll", "2025-10-26 02:30", "2025-10-26 00:30"),
    # changes at midnight: the day has no 00:00, or the evening before is repeated
    ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 03:00"),
    ("America/Sao_Paulo", "2019-02-16 23:00", "2019-02-17 01:00"),
    ("America/Sao_Paulo", "2019-02-17 00:00", "2019-02-17 03:00"),
    ("America/Havana", "2025-03-09 00:30", "2025-03-09 05:00"),
    ("America/Havana", "2025-11-02 00:00", "2025-11-02 04:00"),
    # set back at 00:01: the new date began before the old one was over
    ("America/St_Johns", "2010-11-07 00:00", "2010-11-07 02:30"),
    ("America/St_Johns", "2010-11-07 00:01", "2010-11-07 03:31"),
    # a skipped date
    ("Pacific/Apia", "2011-12-30 00:00", "2011-12-30 10:00"),
    ("Pacific/Apia", "2011-12-30 18:00", "2011-12-30 10:00"),
    ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30 10:00"),
    ("Pacific/Apia", "2011-12-31 00:01", "2011-12-30 10:01"),
    # an offset with half a minute
    ("Africa/Monrovia", "1972-01-07 00:00", "1972-01-07 00:44:30"),
    ("Africa/Monrovia", "1972-01-06 23:00", "1972-01-06 23:44:30"),
]


@pytest.mark.parametrize(("zone", "clock", "expected"), EARLIEST_INSTANTS)
def test_earliest_instant(zone, clock, expected) -> None:
    shown = earliest_instant(datetime.fromisoformat(clock), get_zone(zone))
    assert from_epoch_seconds(shown) == utc(expected)


STARTS_OF_DAY = [
    ("Asia/Beirut", "2025-03-30", "2025-03-29 22:00"),
    ("Africa/Cairo", "2025-04-25", "2025-04-24 22:00"),
    ("Africa/Cairo", "2025-10-31", "2025-10-30 22:00"),
    ("America/Havana", "2025-11-02", "2025-11-02 04:00"),
    ("Pacific/Apia", "2011-12-30", "2011-12-30 10:00"),
]


@pytest.mark.parametrize(("zone", "on", "expected"), STARTS_OF_DAY)
def test_start_of_day(zone, on, expected) -> None:
    assert from_epoch_seconds(start_of_day(date.fromisoformat(on), get_zone(zone))) == utc(expected)


LABELS = [
    ("America/New_York", "2025-11-02 04:30", "00:30"),
    ("America/New_York", "2025-11-02 05:00", "01:00 EDT"),
    ("America/New_York", "2025-11-02 06:00", "01:00 EST"),
    ("America/New_York", "2025-11-02 07:00", "02:00"),
    ("America/New_York", "2025-03-09 07:00", "03:00"),
    ("Europe/London", "2025-10-26 00:30", "01:30 BST"),
    ("Europe/London", "2025-10-26 01:30", "01:30 GMT"),
    # a zone without abbreviations
    ("Australia/Lord_Howe", "2025-04-05 14:30", "01:30 UTC+11"),
    ("Australia/Lord_Howe", "2025-04-05 15:00", "01:30 UTC+10:30"),
    ("Antarctica/Troll", "2025-10-26 01:00", "01:00 UTC+0"),
    ("America/Sao_Paulo", "2019-02-17 01:30", "23:30 UTC-2"),
    ("America/Sao_Paulo", "2019-02-17 02:30", "23:30 UTC-3"),
    # the same abbreviation before and after the change
    ("Europe/Moscow", "2014-10-25 21:30", "01:30 UTC+4"),
    ("Europe/Moscow", "2014-10-25 22:30", "01:30 UTC+3"),
    ("Asia/Pyongyang", "2015-08-14 14:45", "23:45 UTC+9"),
    ("Asia/Pyongyang", "2015-08-14 15:15", "23:45 UTC+8:30"),
]


@pytest.mark.parametrize(("zone", "instant", "expected"), LABELS)
def test_label_distinguishes_repeated_times(zone, instant, expected) -> None:
    assert time_label(utc(instant), get_zone(zone)) == expected


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(0, "UTC+0"), (20_700, "UTC+5:45"), (-12_600, "UTC-3:30"), (-39_600, "UTC-11")],
)
def test_utc_offset_name(offset, expected) -> None:
    assert utc_offset_name(offset) == expected


@pytest.mark.parametrize(
    ("text", "down", "up"),
    [
        ("1970-01-01T00:00:00+00:00", 0, 0),
        ("1970-01-01T00:00:00.000001+00:00", 0, 1),
        ("1969-12-31T23:59:59.5+00:00", -1, 0),
        ("1970-01-03T02:00:00+02:00", 172_800, 172_800),
    ],
)
def test_epoch_seconds_round_down_and_up(text, down, up) -> None:
    instant = datetime.fromisoformat(text)
    assert (epoch_seconds(instant), epoch_seconds_ceil(instant)) == (down, up)


def test_epoch_seconds_respect_fold() -> None:
    zone = ZoneInfo("America/New_York")
    early, late = (datetime(2025, 11, 2, 1, 30, tzinfo=zone, fold=fold) for fold in (0, 1))
    assert epoch_seconds(late) - epoch_seconds(early) == 3600


MANY = settings(max_examples=120, derandomize=True, database=None, deadline=None, print_blob=True)


@st.composite
def zones_and_moments(draw: st.DrawFn) -> tuple[str, datetime]:
    zone = draw(zones)
    return zone, draw(moments(zone))


@MANY
@given(zones_and_moments(), st.integers(-26 * 60, 26 * 60))
def test_earliest_instant_matches_minute_scan(place, minutes) -> None:
    zone, around = place
    seen = scan_clock(zone, around - timedelta(days=4), around + timedelta(days=4))
    clock = seen.clock_at(around) + timedelta(minutes=minutes)
    expected = seen.ticks[seen.first_tick(clock)]
    assert from_epoch_seconds(earliest_instant(clock, get_zone(zone))) == expected


@MANY
@given(zones_and_moments())
def test_earliest_instant_is_monotonic(place) -> None:
    name, around = place
    zone = get_zone(name)
    middle = around.astimezone(zone).replace(tzinfo=None)
    clocks = [middle + timedelta(minutes=15 * quarter) for quarter in range(-120, 120)]
    shown = [earliest_instant(clock, zone) for clock in clocks]
    assert shown == sorted(shown)


@MANY
@given(zones_and_moments(), st.integers(-3000, 3000))
def test_time_labeler_matches_time_label(place, minutes) -> None:
    name, around = place
    instant = around + timedelta(minutes=minutes)
    labels, zone = TimeLabeler(get_zone(name)), get_zone(name)
    for step in range(-8, 8):
        moment = instant + timedelta(hours=4 * step)
        assert labels.of(epoch_seconds(moment), moment) == time_label(moment, zone)


@MANY
@given(zones_and_moments(), st.integers(-3000, 3000))
def test_local_date_for_offset_matches_local_date(place, minutes) -> None:
    name, around = place
    instant = epoch_seconds(around + timedelta(minutes=minutes))
    zone = get_zone(name)
    assert local_date_for_offset(instant, utc_offset_at(instant, zone)) == local_date_at(
        instant, zone
    )
    assert local_date_at(instant, zone) == from_epoch_seconds(instant).astimezone(zone).date()
