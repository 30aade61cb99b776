"""Wall clocks and instants: what a clock shows in a zone, and when it first shows it. Pure.

Instants are whole seconds since 1970 here, so that arithmetic is elapsed time by construction:
adding a timedelta to an aware local datetime would add clock time and go wrong twice a year.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import formats
from django.utils.translation import gettext as _

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()
MINUTE = 60
DAY = 24 * 60 * MINUTE


@lru_cache(maxsize=700)
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def seconds_of(instant: datetime) -> int:
    """Whole seconds of an aware time, rounded down."""
    since = instant - EPOCH
    return since.days * DAY + since.seconds


def seconds_up_of(instant: datetime) -> int:
    """Whole seconds of an aware time, rounded up."""
    since = instant - EPOCH
    return since.days * DAY + since.seconds + (since.microseconds > 0)


def instant_of(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def clock_at(seconds: int, zone: ZoneInfo) -> datetime:
    """What the wall clock shows: a naive local time."""
    return instant_of(seconds).astimezone(zone).replace(tzinfo=None)


def date_at(seconds: int, zone: ZoneInfo) -> date:
    return clock_at(seconds, zone).date()


def offset_at(seconds: int, zone: ZoneInfo) -> int:
    """Seconds that local time is ahead of UTC at an instant."""
    offset = instant_of(seconds).astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def date_under(seconds: int, offset: int) -> date:
    """The local date at an instant when local time is so far ahead of UTC."""
    return date.fromordinal(EPOCH_DAY + (seconds + offset) // DAY)


def first_shown(clock: datetime, zone: ZoneInfo) -> int:
    """The earliest instant at which the wall clock shows this time or a later one (rule R3).

    In a repeated hour that is its first occurrence; in a skipped one the moment of the jump. It
    never runs backwards as the clock time grows, so adjacent windows neither overlap nor leave
    holes.
    """
    guess = seconds_of(clock.replace(tzinfo=zone, fold=0))
    if clock_at(guess, zone) == clock:
        return guess
    # Skipped: under the offset after the jump (fold=1) the time lies before it, under the offset
    # before the jump (fold=0) after it. Look for the jump between the two.
    early, late = seconds_of(clock.replace(tzinfo=zone, fold=1)), guess
    while early + 1 < late:
        middle = (early + late) // 2
        if clock_at(middle, zone) >= clock:
            late = middle
        else:
            early = middle
    return late


def first_of_day(day: date, zone: ZoneInfo) -> int:
    """The earliest instant that belongs to a local date or a later one."""
    return first_shown(datetime.combine(day, time.min), zone)


def label_of(instant: datetime, zone: ZoneInfo) -> str:
    """``10:00``; ``01:30 EDT`` where the clock shows that time twice."""
    local = instant.astimezone(zone)
    shown = f"{local.hour:02d}:{local.minute:02d}"
    # A time that an instant shows lies in no gap: folds that differ mean that it comes twice.
    other = local.replace(fold=1 - local.fold)
    if other.utcoffset() == local.utcoffset():
        return shown
    letters = local.tzname() or ""
    # Moscow's two hours of 2014 were both MSK, and Lord Howe's have no letters.
    if not letters.isalpha() or letters == other.tzname():
        letters = utc_offset_name(offset_at(seconds_of(instant), zone))
    return f"{shown} {letters}"


class Labels:
    """``label_of`` for many instants of one zone, without asking the zone for each of them.

    A time comes twice only near a change of the clocks. On a date with one offset from the day
    before to the day after, the label follows from the offset.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._steady: dict[int, int | None] = {}  # by UTC day

    def of(self, seconds: int, instant: datetime) -> str:
        day = seconds // DAY
        if day not in self._steady:
            offsets = {offset_at((day + n) * DAY, self.zone) for n in (-1, 0, 1, 2)}
            self._steady[day] = offsets.pop() if len(offsets) == 1 else None
        offset = self._steady[day]
        if offset is None:
            return label_of(instant, self.zone)
        return _clock_name((seconds + offset) % DAY // MINUTE)


@lru_cache(maxsize=24 * 60)
def _clock_name(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def utc_offset_name(offset: int) -> str:
    """``UTC+5:30``"""
    hours, minutes = divmod(abs(offset) // MINUTE, 60)
    sign = "-" if offset < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02d}" if minutes else "")


# Stretches of time on the line of instants, half-open: two that touch do not meet. Pure.

Span = tuple[int, int]  # whole seconds since 1970


def merged(spans: Iterable[Span]) -> list[Span]:
    """Sorted, with what overlaps or touches made one, and empty ones left out."""
    result: list[Span] = []
    for begin, end in sorted(spans):
        if begin >= end:
            continue
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((begin, end))
    return result


def meets(spans: list[Span], begin: int, end: int) -> bool:
    """Does [begin, end) meet one of some merged spans?"""
    place = bisect_right(spans, (begin, end))
    if place > 0 and spans[place - 1][1] > begin:
        return True
    return place < len(spans) and spans[place][0] < end


def clear_of(starts: range, spans: list[Span], before: int, after: int) -> Iterator[range]:
    """The starts whose [start - before, start + after) meets none of some merged spans.

    In pieces of the grid, and span by span: a free day costs one step, not one for each start.
    """
    rest = starts
    if not rest:
        return
    place = bisect_right(spans, rest[0] - before, key=_end_of)  # the first that ends after it
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


def _end_of(span: Span) -> int:
    return span[1]


# The time zones a visitor may choose.


@lru_cache(maxsize=1)  # some 600 files are looked at
def offered_zones() -> tuple[str, ...]:
    """Zones a person would look for: places, not the 40-odd aliases without one."""
    odd = ("Etc/", "SystemV/", "posix/", "right/", "US/")
    return tuple(
        sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(odd))
    )


def city_of(zone: str) -> str:
    """``New York``: how people name their time."""
    return zone.rpartition("/")[2].replace("_", " ")


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Asked before ZoneInfo(name): that one opens a file of that name."""
    return name in _known()


def words(start: datetime, zone: str) -> str:
    """``Tuesday, 12 January 2027, 10:00, New York time (UTC-5)``: what the visitor is promised."""
    local = start.astimezone(ZoneInfo(zone))
    return f"{formats.date_format(local, 'l, j F Y')}, {clock(local)}, {zone_words(zone, start)}"


def clock(local: datetime) -> str:
    return formats.date_format(local, "TIME_FORMAT")


def zone_words(zone: str, at: datetime) -> str:
    """``New York time (UTC-5)``: the offset tells the two halves of a repeated hour apart."""
    return _("%(city)s time (%(offset)s)") % {
        "city": city_of(zone),
        "offset": offset_name(zone, at),
    }


def offset_name(zone: str, at: datetime) -> str:
    return utc_offset_name(offset_at(seconds_of(at), zone_of(zone)))


def same_clock(at: datetime, zone: str, other: str) -> bool:
    """Do the clocks of two places show the same then?"""
    return offset_name(zone, at) == offset_name(other, at)
