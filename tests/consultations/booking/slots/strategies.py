"""Hypothesis strategies for slot inputs: any zone and year, mostly near clock changes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

from consultations.booking.slots import Booking, Interval, Override, Policy, Window
from tests.consultations.booking.slots.clock_scan import clock_changes

FIRST_YEAR, LAST_YEAR = 1970, 2037
# "localtime" and "posixrules" differ from machine to machine.
ZONES = sorted(
    name for name in available_timezones() if name not in {"localtime", "posixrules", "Factory"}
)
REACH = timedelta(days=5)  # from the middle to the furthest input
STATUSES = ["confirmed", "completed", "no_show", "held", "requested", "cancelled_by_visitor"]

zones = st.sampled_from(ZONES)
rarely = st.sampled_from([False, False, False, True])


@st.composite
def moments(draw: st.DrawFn, zone: str) -> datetime:
    """Draw a whole minute; three times out of four, one at which the zone's clock changes."""
    year = draw(st.integers(FIRST_YEAR, LAST_YEAR))
    changes = clock_changes(zone, year)
    if changes and draw(st.sampled_from([True, True, True, False])):
        return draw(st.sampled_from(changes))
    minutes = draw(st.integers(0, 364 * 24 * 60))
    return datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)


def durations(most: int) -> st.SearchStrategy[int]:
    return st.integers(1, most // 5).map(lambda fives: fives * 5)


# Around midnight and in the early hours, when clocks change.
start_minutes = st.one_of(st.integers(0, 60), st.integers(264, 287), st.integers(0, 287)).map(
    lambda fives: fives * 5
)
hours = st.tuples(start_minutes, st.one_of(durations(480), durations(1440)))


@st.composite
def windows(draw: st.DrawFn, middle: date) -> Window:
    on = middle + timedelta(days=draw(st.sampled_from([-1, 0, 0, 1])))
    start_min, length_min = draw(hours)
    near_date = st.none() | st.integers(-2, 2).map(lambda days: middle + timedelta(days=days))
    near_dates = st.tuples(near_date, near_date)
    valid_from, valid_to = draw(near_dates) if draw(rarely) else (None, None)
    return Window(on.weekday(), start_min, length_min, valid_from, valid_to)


@st.composite
def overrides(draw: st.DrawFn, middle: date) -> Override:
    return Override(
        middle + timedelta(days=draw(st.integers(-2, 2))),
        tuple(draw(st.lists(hours, max_size=2))),
    )


def moments_near(middle: datetime, most_hours: int = 30) -> st.SearchStrategy[datetime]:
    """Draw moments mostly on the grid, and sometimes off it by a second or less."""
    beside = [timedelta(0)] * 4 + [
        timedelta(seconds=1),
        timedelta(seconds=-1),
        timedelta(microseconds=1),
    ]
    return st.builds(
        lambda fives, more: middle + timedelta(minutes=5 * fives) + more,
        st.integers(-most_hours * 12, most_hours * 12),
        st.sampled_from(beside),
    )


def intervals(middle: datetime) -> st.SearchStrategy[Interval]:
    return st.builds(
        lambda start, minutes: Interval(start, start + timedelta(minutes=minutes)),
        moments_near(middle),
        st.one_of(st.integers(1, 60), st.integers(1, 600)),
    )


@st.composite
def bookings(draw: st.DrawFn, middle: datetime, now: datetime) -> Booking:
    start = draw(moments_near(middle))
    status = draw(st.sampled_from(STATUSES))
    seconds = draw(st.sampled_from([-60, -1, 0, 1, 60]))
    return Booking(
        start,
        start + timedelta(minutes=draw(durations(90))),
        status,
        draw(st.sampled_from([0, 0, 5, 15])),
        draw(st.sampled_from([0, 0, 10, 15])),
        now + timedelta(seconds=seconds) if status == "held" else None,
    )


policies = st.builds(
    Policy,
    duration_min=st.one_of(st.just(20), durations(60), durations(120)),
    step_min=st.sampled_from([5, 10, 15, 20, 30, 45, 60, 100]),
    before_min=st.sampled_from([0, 0, 5, 20]),
    after_min=st.sampled_from([0, 15, 15, 30]),
    notice_hours=st.sampled_from([0, 0, 0, 0, 0.5, 1.25, 12, 24]),
    horizon_days=st.sampled_from([0, 1, 2, 3, 3, 3, 3]),
    daily_cap=st.sampled_from([None, None, None, None, 0, 1, 2, 3]),
)


@st.composite
def slot_inputs(draw: st.DrawFn) -> dict[str, Any]:
    """Draw arguments of ``find_open_slots``, and ``around``: the moment that all are close to."""
    zone = draw(zones)
    around = draw(moments(zone))
    middle = around.astimezone(ZoneInfo(zone)).date()
    now = (
        around
        + timedelta(hours=draw(st.integers(-48, 2)))
        + draw(st.sampled_from([timedelta(0), timedelta(seconds=1), timedelta(microseconds=-1)]))
    )
    visitor_zone = draw(st.one_of(st.just(zone), zones))
    seen = around.astimezone(ZoneInfo(visitor_zone)).date()
    first_date = seen + timedelta(days=draw(st.sampled_from([-1, 0, 0, 1])))
    return {
        "around": around,
        "practitioner_zone": zone,
        "windows": draw(st.lists(windows(middle), min_size=2, max_size=4)),
        "overrides": draw(
            st.lists(overrides(middle), max_size=2, unique_by=lambda override: override.date)
            if draw(st.booleans())
            else st.just([])
        ),
        "time_off": draw(st.lists(intervals(around), max_size=1)),
        "busy": draw(st.lists(intervals(around), max_size=3)),
        "bookings": draw(st.lists(bookings(around, now), max_size=4)),
        "policy": draw(policies),
        "visitor_zone": visitor_zone,
        "first_date": first_date,
        "last_date": first_date + timedelta(days=draw(st.integers(0, 2))),
        "now": now,
    }
