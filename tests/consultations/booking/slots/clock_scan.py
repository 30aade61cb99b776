"""A second implementation of rules R1 to R12: check what the wall clock shows every minute.

Deliberately slow and simple, and written from the rules alone: it shares nothing with the code
under test except the input values. It steps through UTC tick by tick, records what the
practitioner's clock shows, and marks the open ticks of each date.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Until 1972 Monrovia was 44 minutes 30 seconds behind UTC, so its minutes begin at half minutes.
HALF_MINUTE_ZONES = {"Africa/Monrovia"}


@dataclass
class ClockScan:
    """What a zone's clock shows at every tick, and the latest time it has shown up to then."""

    ticks: list[datetime]
    clocks: list[datetime]
    furthest: list[datetime]
    tick: timedelta

    def first_tick(self, clock: datetime) -> int:
        """Return the earliest tick at which the clock shows this time or a later one (R3)."""
        return bisect_left(self.furthest, clock)

    def clock_at(self, instant: datetime) -> datetime:
        return self.clocks[(instant - self.ticks[0]) // self.tick]


def scan_clock(zone_name: str, begin: datetime, end: datetime) -> ClockScan:
    zone = ZoneInfo(zone_name)
    tick = MINUTE / 2 if zone_name in HALF_MINUTE_ZONES else MINUTE
    ticks = [begin + number * tick for number in range((end - begin) // tick)]
    clocks = [instant.astimezone(zone).replace(tzinfo=None) for instant in ticks]
    furthest: list[datetime] = []
    for clock in clocks:
        furthest.append(max(clock, furthest[-1]) if furthest else clock)
    return ClockScan(ticks, clocks, furthest, tick)


def find_open_starts_by_scan(*, around: datetime, reach: timedelta, **given: Any) -> list[datetime]:
    """Return the starts of free times.

    All hours, bookings and other inputs must lie within ``reach`` of ``around``.
    """
    begin, end = around - reach, around + reach
    own = scan_clock(given["practitioner_zone"], begin, end)
    visitors = scan_clock(given["visitor_zone"], begin, end)
    midnight = datetime.combine(given["first_date"], time.min)
    after_last = datetime.combine(given["last_date"] + DAY, time.min)
    low = visitors.ticks[visitors.first_tick(midnight)]
    high = visitors.ticks[visitors.first_tick(after_last)]
    return sorted(
        {
            start
            for start in _on_grid(own, given)
            if low <= start < high and _is_free(start, own, given)
        }
    )


def _on_grid(own: ClockScan, given: dict[str, Any]) -> Iterator[datetime]:
    """Yield the starts that R2, R4, R5 and R10 allow."""
    step = given["policy"].step_min * MINUTE // own.tick
    length = given["policy"].duration_min * MINUTE // own.tick
    # The scan cuts off the outermost dates, so they are skipped.
    on, last = own.furthest[0].date() + DAY, own.furthest[-1].date() - DAY
    while on <= last:
        is_open = _open_ticks(on, own, given)
        begin = is_open.find(1)
        while begin != -1:
            end = is_open.find(0, begin)
            place = begin
            while place + length <= end:
                yield own.ticks[place]
                place += step
            begin = is_open.find(1, end)
        on += DAY


def _open_ticks(on: date, own: ClockScan, given: dict[str, Any]) -> bytearray:
    is_open = bytearray(len(own.ticks))
    midnight = datetime.combine(on, time.min)
    for start_min, length_min in _hours(on, given):
        begin = own.first_tick(midnight + start_min * MINUTE)
        end = own.first_tick(midnight + (start_min + length_min) * MINUTE)
        is_open[begin:end] = bytes([1]) * (end - begin)
    if any(override.date == on + DAY for override in given["overrides"]):
        ruled = own.first_tick(midnight + DAY)
        is_open[ruled:] = bytes(len(is_open) - ruled)
    return is_open


def _hours(on: date, given: dict[str, Any]) -> list[tuple[int, int]]:
    for override in given["overrides"]:
        if override.date == on:
            return list(override.windows)
    return [
        (window.start_min, window.length_min)
        for window in given["windows"]
        if window.weekday == on.weekday()
        and not (window.valid_from and on < window.valid_from)
        and not (window.valid_to and on > window.valid_to)
    ]


def _is_free(start: datetime, own: ClockScan, given: dict[str, Any]) -> bool:
    """Whether R6 to R9 allow a start."""
    policy, now = given["policy"], given["now"]
    on = own.clock_at(start).date()
    today = now.astimezone(ZoneInfo(given["practitioner_zone"])).date()
    if (
        start - now < timedelta(hours=policy.notice_hours)
        or (on - today).days > policy.horizon_days
    ):
        return False
    live = [row for row in given["bookings"] if _is_live(row, now)]
    here = ZoneInfo(given["practitioner_zone"])
    same_date = [row for row in live if row.start.astimezone(here).date() == on]
    if policy.daily_cap is not None and len(same_date) >= policy.daily_cap:
        return False
    begin = start - policy.before_min * MINUTE
    end = start + (policy.duration_min + policy.after_min) * MINUTE
    in_the_way = [(row.start, row.end) for row in (*given["time_off"], *given["busy"])]
    in_the_way += [
        (row.start - row.before_min * MINUTE, row.end + row.after_min * MINUTE) for row in live
    ]
    return not any(begin < far and near < end for near, far in in_the_way)


def _is_live(row: Any, now: datetime) -> bool:
    if row.status == "held":
        return bool(row.hold_expires > now)
    return row.status in {"confirmed", "completed", "no_show"}


def clock_changes(zone_name: str, year: int) -> list[datetime]:
    """Return the instants in a year, to the minute, at which a zone's UTC offset changes."""
    zone = ZoneInfo(zone_name)

    def offset(instant: datetime) -> timedelta | None:
        return instant.astimezone(zone).utcoffset()

    found = []
    instant = datetime(year, 1, 1, tzinfo=UTC)
    while instant.year == year:
        if offset(instant) != offset(instant + DAY):
            late, early = instant + DAY, instant
            while late - early > MINUTE:
                middle = early + (late - early) // (2 * MINUTE) * MINUTE
                early, late = (early, middle) if offset(middle) != offset(early) else (middle, late)
            found.append(late)
        instant += DAY
    return found
