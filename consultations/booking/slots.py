"""Compute free times from hours, time off, bookings, policy and now. Pure: rules R1 to R13.

The same function serves the public page, the check when a form is sent, the staff preview and the
page that explains why a time is not offered. It reads no database, settings or clock.

Rules, by the names used below:
R2  a window belongs to the local date it starts on; it may end on the next one
R3  a local time means the earliest instant whose wall clock shows that time or later
R4  windows of one date that overlap or touch are merged; the grid begins at the start of the
    merged window and steps in elapsed time, whatever is booked
R5  a slot lies within one such window; its buffers may extend past the edges
R6  half-open intervals: the slot with its buffers must not overlap bookings with theirs, time off
    or busy times, which have none
R7  start >= now + notice      R8  local date of start <= local date of now + horizon
R9  the cap counts live bookings by the practitioner's local date of their start
R10 an override replaces all hours of its local date, including the end of a window that started
    the evening before
R11 a page shows the visitor's local dates
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from consultations.booking.local_time import (
    MINUTE_SECONDS,
    Span,
    TimeLabeler,
    earliest_instant,
    epoch_seconds,
    epoch_seconds_ceil,
    find_clear_starts,
    from_epoch_seconds,
    get_zone,
    local_date_at,
    local_date_for_offset,
    merge_spans,
    start_of_day,
    utc_offset_at,
)

LIVE_STATUSES = frozenset({"confirmed", "completed", "no_show"})
HELD_STATUS = "held"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """Hours on a weekday (0 = Monday), in minutes after local midnight, at most 24 hours long."""

    weekday: int
    start_min: int
    length_min: int
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Override:
    """Hours of one date instead of the weekly ones, as (start_min, length_min); none: closed."""

    date: date
    windows: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Interval:
    """Time off, or a busy interval of a connected calendar. Aware instants, half-open."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Booking:
    """A consultation with its own buffers, in minutes. It blocks its time while it is live."""

    start: datetime
    end: datetime
    status: str
    before_min: int = 0
    after_min: int = 0
    hold_expires: datetime | None = None


@dataclass(frozen=True)
class Policy:
    """A consultation type's rules for its times."""

    duration_min: int = 20
    step_min: int = 15
    before_min: int = 0
    after_min: int = 15
    notice_hours: float = 24
    horizon_days: int = 30
    daily_cap: int | None = 4


@dataclass(frozen=True, order=True)
class Slot:
    """A free time. ``label`` is the time in the visitor's zone, unique within a day."""

    start: datetime
    end: datetime
    label: str


def find_open_slots(
    *,
    practitioner_zone: str,
    windows: Collection[Window],
    overrides: Collection[Override],
    time_off: Collection[Interval],
    busy: Collection[Interval],
    bookings: Collection[Booking],
    policy: Policy,
    visitor_zone: str,
    first_date: date,
    last_date: date,
    now: datetime,
) -> list[Slot]:
    """Return the free times of one practitioner on the visitor's dates, first and last included.

    Zones are IANA names. When a consultation is being moved, leave it out of ``bookings`` (R12).
    """
    zone, visitors = get_zone(practitioner_zone), get_zone(visitor_zone)
    # R11: the span of the visitor's dates, by R3.
    low = start_of_day(first_date, visitors)
    high = start_of_day(last_date + ONE_DAY, visitors)
    live = [booking for booking in bookings if is_live(booking, now)]
    taken = merge_spans([*booking_spans(live), *interval_spans(time_off), *interval_spans(busy)])
    limits = BookingLimits(zone, policy, live, now)
    before, after = blocked_span(0, policy)
    starts = {
        start
        for grid in _candidate_starts(zone, windows, overrides, policy, low, high)
        for free in find_clear_starts(grid, taken, -before, after)
        for start in limits.within(free)
    }
    labels = TimeLabeler(visitors)
    return [_build_slot(start, policy, labels) for start in sorted(starts)]


def is_live(booking: Booking, now: datetime) -> bool:
    """Whether a booking blocks its time. A hold ends by the clock, not when the worker runs."""
    if booking.status == HELD_STATUS:
        return booking.hold_expires is not None and booking.hold_expires > now
    return booking.status in LIVE_STATUSES


class BookingLimits:
    """R7, R8 and R9 for one practitioner."""

    def __init__(
        self, zone: ZoneInfo, policy: Policy, live: Iterable[Booking], now: datetime
    ) -> None:
        # Notice is elapsed time (R7), so add it in UTC. Starts are whole seconds, so rounding up is
        # exact.
        self.earliest = epoch_seconds_ceil(
            now.astimezone(UTC) + timedelta(hours=policy.notice_hours)
        )
        self.last_date = local_date_at(epoch_seconds(now), zone) + timedelta(
            days=policy.horizon_days
        )
        self.zone, self.cap = zone, policy.daily_cap
        counted = live if self.cap is not None else ()
        self.booked = Counter(
            local_date_at(epoch_seconds(booking.start), zone) for booking in counted
        )

    def is_full(self, local_date: date) -> bool:
        """Whether a local date has reached the daily cap."""
        return self.cap is not None and self.booked[local_date] >= self.cap

    def allows_date(self, local_date: date) -> bool:
        """Whether a local date is within the horizon and below the cap."""
        return local_date <= self.last_date and not self.is_full(local_date)

    def within(self, starts: range) -> Sequence[int]:
        """Return the starts that meet the notice, the horizon and the daily cap."""
        starts = starts[max(0, -(-(self.earliest - starts[0]) // starts.step)) :]
        if not starts:
            return ()
        offset, last_offset = (
            utc_offset_at(starts[0], self.zone),
            utc_offset_at(starts[-1], self.zone),
        )
        first_day, last_day = (
            local_date_for_offset(starts[0], offset),
            local_date_for_offset(starts[-1], last_offset),
        )
        # No zone changes its clocks and changes them back within the hours of one date.
        if offset == last_offset and first_day == last_day:
            return starts if self.allows_date(first_day) else ()
        return [start for start in starts if self.allows_date(local_date_at(start, self.zone))]


# --- windows to candidate starts ------------------------------------------------------------------
def _candidate_starts(
    zone: ZoneInfo,
    windows: Collection[Window],
    overrides: Collection[Override],
    policy: Policy,
    low: int,
    high: int,
) -> Iterator[range]:
    """Yield the starts within [low, high), one grid for each span of open hours."""
    step, duration = policy.step_min * MINUTE_SECONDS, policy.duration_min * MINUTE_SECONDS
    for begin, end in open_spans_between(zone, windows, overrides, low, high):
        first = begin + max(0, -(-(low - begin) // step)) * step
        yield range(first, min(end - duration, high - 1) + 1, step)


def open_spans_between(
    zone: ZoneInfo,
    windows: Collection[Window],
    overrides: Collection[Override],
    low: int,
    high: int,
) -> Iterator[Span]:
    """Yield the open spans of every local date that may overlap [low, high), date by date."""
    ruled = {override.date: override for override in overrides}
    # One date more at each end: a window of the evening before may extend into the range, and where
    # clocks go back across midnight the next date has already begun.
    day, last = local_date_at(low, zone) - ONE_DAY, local_date_at(high, zone) + ONE_DAY
    while day <= last:
        yield from open_spans_on(day, zone, windows, ruled)
        day += ONE_DAY


def open_spans_on(
    day: date, zone: ZoneInfo, windows: Collection[Window], overrides: dict[date, Override]
) -> list[Span]:
    """Return the merged spans that start on one local date (R2, R3, R4, R10)."""
    override = overrides.get(day)
    lengths: Iterable[tuple[int, int]] = (
        override.windows
        if override is not None
        else [(row.start_min, row.length_min) for row in windows if is_window_valid_on(row, day)]
    )
    midnight = datetime.combine(day, time.min)
    spans = [
        (
            earliest_instant(midnight + timedelta(minutes=start_min), zone),
            earliest_instant(midnight + timedelta(minutes=start_min + length_min), zone),
        )
        for start_min, length_min in lengths
    ]
    if day + ONE_DAY in overrides:
        # R10: the next date has its own override, from its first moment.
        next_day = start_of_day(day + ONE_DAY, zone)
        spans = [(begin, min(end, next_day)) for begin, end in spans]
    return merge_spans(spans)


def is_window_valid_on(window: Window, day: date) -> bool:
    return (
        window.weekday == day.weekday()
        and (window.valid_from is None or window.valid_from <= day)
        and (window.valid_to is None or day <= window.valid_to)
    )


# --- what a slot must not overlap (R6) ------------------------------------------------------------
def blocked_span(start: int, policy: Policy) -> Span:
    """Return the span that a slot blocks, with its buffers."""
    return (
        start - policy.before_min * MINUTE_SECONDS,
        start + (policy.duration_min + policy.after_min) * MINUTE_SECONDS,
    )


def interval_spans(intervals: Iterable[Interval]) -> Iterator[Span]:
    """Yield the spans of intervals, rounded outwards to whole seconds."""
    for interval in intervals:
        yield epoch_seconds(interval.start), epoch_seconds_ceil(interval.end)


def booking_spans(bookings: Iterable[Booking]) -> Iterator[Span]:
    """Yield the spans of bookings with their buffers, rounded outwards to whole seconds."""
    for booking in bookings:
        yield (
            epoch_seconds(booking.start) - booking.before_min * MINUTE_SECONDS,
            epoch_seconds_ceil(booking.end) + booking.after_min * MINUTE_SECONDS,
        )


# --- what the visitor sees ------------------------------------------------------------------------
def _build_slot(start: int, policy: Policy, labels: TimeLabeler) -> Slot:
    instant = from_epoch_seconds(start)
    end = instant + timedelta(minutes=policy.duration_min)
    return Slot(instant, end, labels.of(start, instant))
