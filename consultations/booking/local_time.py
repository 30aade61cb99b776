"""Convert between instants and wall clocks, name zones, merge spans, count business days. Pure.

Instants are whole seconds since 1970 here, so that arithmetic is elapsed time by construction:
adding a timedelta to an aware local datetime would add clock time and go wrong twice a year.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import formats

from consultations.booking import zones

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = EPOCH.toordinal()
MINUTE_SECONDS = 60
DAY_SECONDS = 24 * 60 * MINUTE_SECONDS
# A practice that is closed for longer than this promises the last day searched.
MAX_REPLY_SEARCH_DAYS = 370


@lru_cache(maxsize=700)
def get_zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def epoch_seconds(instant: datetime) -> int:
    """Return the whole seconds of an aware time, rounded down."""
    since = instant - EPOCH
    return since.days * DAY_SECONDS + since.seconds


def epoch_seconds_ceil(instant: datetime) -> int:
    """Return the whole seconds of an aware time, rounded up."""
    since = instant - EPOCH
    return since.days * DAY_SECONDS + since.seconds + (since.microseconds > 0)


def from_epoch_seconds(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def local_datetime_at(seconds: int, zone: ZoneInfo) -> datetime:
    """Return what the wall clock shows: a naive local time."""
    return from_epoch_seconds(seconds).astimezone(zone).replace(tzinfo=None)


def local_date_at(seconds: int, zone: ZoneInfo) -> date:
    return local_datetime_at(seconds, zone).date()


def utc_offset_at(seconds: int, zone: ZoneInfo) -> int:
    """Return the seconds that local time is ahead of UTC at an instant."""
    offset = from_epoch_seconds(seconds).astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def local_date_for_offset(seconds: int, offset: int) -> date:
    """Return the local date at an instant, given the offset from UTC."""
    return date.fromordinal(EPOCH_ORDINAL + (seconds + offset) // DAY_SECONDS)


def earliest_instant(clock: datetime, zone: ZoneInfo) -> int:
    """Return the earliest instant at which the wall clock shows this time or a later one (R3).

    For a repeated time that is its first occurrence, for a skipped one the moment of the jump. The
    result never decreases as the clock time increases, so adjacent windows neither overlap nor
    leave gaps.
    """
    guess = epoch_seconds(clock.replace(tzinfo=zone, fold=0))
    if local_datetime_at(guess, zone) == clock:
        return guess
    # Skipped: with the offset after the jump (fold=1) the time is before the jump, with the offset
    # before it (fold=0) after the jump. Find the jump between the two.
    early, late = epoch_seconds(clock.replace(tzinfo=zone, fold=1)), guess
    while early + 1 < late:
        middle = (early + late) // 2
        if local_datetime_at(middle, zone) >= clock:
            late = middle
        else:
            early = middle
    return late


def start_of_day(day: date, zone: ZoneInfo) -> int:
    """Return the earliest instant that belongs to a local date or a later one."""
    return earliest_instant(datetime.combine(day, time.min), zone)


def time_label(instant: datetime, zone: ZoneInfo) -> str:
    """Return ``10:00``, or ``01:30 EDT`` where the clock shows that time twice."""
    local = instant.astimezone(zone)
    shown = f"{local.hour:02d}:{local.minute:02d}"
    # An existing instant is never in a gap, so different offsets mean that the time occurs twice.
    other = local.replace(fold=1 - local.fold)
    if other.utcoffset() == local.utcoffset():
        return shown
    letters = local.tzname() or ""
    # Both of Moscow's offsets in 2014 were called MSK, and Lord Howe's have no letters.
    if not letters.isalpha() or letters == other.tzname():
        letters = utc_offset_name(utc_offset_at(epoch_seconds(instant), zone))
    return f"{shown} {letters}"


class TimeLabeler:
    """``time_label`` for many instants of one zone, without a zone lookup for each.

    A time is repeated only near a clock change. On a date with the same offset from the day before
    to the day after, the label follows from the offset.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._steady: dict[int, int | None] = {}  # by UTC day

    def of(self, seconds: int, instant: datetime) -> str:
        day = seconds // DAY_SECONDS
        if day not in self._steady:
            offsets = {utc_offset_at((day + n) * DAY_SECONDS, self.zone) for n in (-1, 0, 1, 2)}
            self._steady[day] = offsets.pop() if len(offsets) == 1 else None
        offset = self._steady[day]
        if offset is None:
            return time_label(instant, self.zone)
        return format_minutes((seconds + offset) % DAY_SECONDS // MINUTE_SECONDS)


@lru_cache(maxsize=24 * 60)
def format_minutes(minutes: int) -> str:
    """Format minutes after midnight as ``09:00``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def utc_offset_name(offset: int) -> str:
    """Return ``UTC+5:30``."""
    hours, minutes = divmod(abs(offset) // MINUTE_SECONDS, 60)
    sign = "-" if offset < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02d}" if minutes else "")


# Spans are half-open, in epoch seconds: two that touch do not overlap.

Span = tuple[int, int]  # whole seconds since 1970


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Sort spans, merge those that overlap or touch, and drop empty ones."""
    result: list[Span] = []
    for begin, end in sorted(spans):
        if begin >= end:
            continue
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((begin, end))
    return result


def overlaps_any(spans: list[Span], begin: int, end: int) -> bool:
    """Whether [begin, end) overlaps one of some merged spans."""
    place = bisect_right(spans, (begin, end))
    if place > 0 and spans[place - 1][1] > begin:
        return True
    return place < len(spans) and spans[place][0] < end


def find_clear_starts(starts: range, spans: list[Span], before: int, after: int) -> Iterator[range]:
    """Yield the starts whose [start - before, start + after) overlaps none of some merged spans.

    Works span by span and yields pieces of the grid: a free day takes one step, not one per start.
    """
    rest = starts
    if not rest:
        return
    place = bisect_right(spans, rest[0] - before, key=_span_end)  # first that ends after it
    while rest:
        if place == len(spans) or spans[place][0] >= rest[-1] + after:
            yield rest
            return
        begin, end = spans[place]
        free = max(0, (begin - after - rest[0]) // rest.step + 1)
        if free:
            yield rest[:free]
        rest = rest[max(free, -(-(end + before - rest[0]) // rest.step)) :]
        place += 1


def _span_end(span: Span) -> int:
    return span[1]


# Instants as visitors read them.


def format_datetime_in_zone(start: datetime, zone: str) -> str:
    """Return ``Tuesday, January 12, 2027, 10:00 AM, Eastern Time (UTC-5)``."""
    local = start.astimezone(ZoneInfo(zone))
    day, clock = formats.date_format(local, "WEEKDAY_YEAR_FORMAT"), format_clock_time(local)
    return f"{day}, {clock}, {format_zone_with_offset(zone, start)}"


def format_day_and_time(start: datetime, zone: str) -> str:
    """Return ``Tuesday, January 12, 10:00 AM``, where the page says the zone elsewhere."""
    local = start.astimezone(ZoneInfo(zone))
    return f"{formats.date_format(local, 'WEEKDAY_FORMAT')}, {format_clock_time(local)}"


def format_clock_time(local: datetime) -> str:
    return formats.date_format(local, "TIME_FORMAT")


def format_zone_with_offset(zone: str, at: datetime) -> str:
    """Return ``Eastern Time (UTC-5)``: the offset distinguishes a repeated hour."""
    name, offset = zones.zone_name(zone), utc_offset_name_at(zone, at)
    if name == zones.UTC:
        return name
    return f"{name} ({offset})"


def utc_offset_name_at(zone: str, at: datetime) -> str:
    return utc_offset_name(utc_offset_at(epoch_seconds(at), get_zone(zone)))


def has_same_offset(at: datetime, zone: str, other: str) -> bool:
    """Whether clocks in two zones show the same time at an instant."""
    return utc_offset_name_at(zone, at) == utc_offset_name_at(other, at)


# The date by which we answer, in business days of the practice.


def reply_deadline(
    asked_at: datetime,
    *,
    business_days: int,
    zone: str,
    open_weekdays: Collection[int],
    holidays: Collection[date] = (),
) -> datetime:
    """Return the end of the promised day, as an aware UTC time.

    ``open_weekdays`` are 0 (Monday) to 6; none means Monday to Friday. The day of the request does
    not count.
    """
    local = get_zone(zone)
    weekdays = set(open_weekdays) or {0, 1, 2, 3, 4}
    day, left = asked_at.astimezone(local).date(), business_days
    last_searched = day + timedelta(days=MAX_REPLY_SEARCH_DAYS)
    while left > 0 and day < last_searched:
        day += timedelta(days=1)
        if day.weekday() in weekdays and day not in holidays:
            left -= 1
    # Midnight after it, so that the promised day is complete.
    ends = datetime.combine(day + timedelta(days=1), time.min, tzinfo=local)
    return ends.astimezone(UTC)


def promised_date(ends_at: datetime, zone: str) -> date:
    """Return the promised date in a zone, from the instant at which it ends."""
    return (ends_at - timedelta(microseconds=1)).astimezone(get_zone(zone)).date()
