"""Lay out one week or day of the calendar: five minutes are one row. Pure.

Days and clocks are those of one zone, the practice's. Positions follow the clock, so on the day of
a clock change the repeated hour lies over itself and the skipped one stays empty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from consultations.booking.local_time import (
    MINUTE_SECONDS,
    Span,
    earliest_instant,
    from_epoch_seconds,
    get_zone,
    local_datetime_at,
    overlaps_any,
    start_of_day,
)

ROW_MINUTES = 5
ROWS_PER_HOUR = 60 // ROW_MINUTES
DAY_MINUTES = 24 * 60
MAX_LANES = 6
FREE_MINUTES = 30
DEFAULT_HOURS = (9, 17)


@dataclass(frozen=True)
class Block:
    """Something at one place of a day: a call, blocked time, open hours or a free place."""

    kind: str  # call, held, past, busy, off, hours, free or now
    start_min: int  # minutes after midnight, by the clock
    end_min: int
    clock: str = ""
    words: str = ""
    state: str = ""
    url: str = ""
    key: str = ""  # of the call's panel
    who: int = 0  # position of the practitioner
    lane: int = 1
    lanes: int = 1

    @property
    def is_call(self) -> bool:
        return self.kind in ("call", "held", "past")

    def overlaps(self, other: "Block") -> bool:
        return self.start_min < other.end_min and other.start_min < self.end_min


@dataclass(frozen=True)
class PlacedBlock:
    """A block with the classes that place it in the grid."""

    block: Block
    place: str


@dataclass(frozen=True)
class DayFrame:
    """The instants of one local date, for clipping."""

    on: date
    zone: str

    @property
    def begin(self) -> int:
        return start_of_day(self.on, get_zone(self.zone))

    @property
    def end(self) -> int:
        return start_of_day(self.on + timedelta(days=1), get_zone(self.zone))

    def clip(self, span: Span) -> tuple[int, int] | None:
        """Return the clock minutes of a span on this date; None if it does not touch it."""
        begin, end = max(span[0], self.begin), min(span[1], self.end)
        if begin >= end:
            return None
        first = 0 if begin == self.begin else self._minutes(begin)
        last = DAY_MINUTES if end == self.end else self._minutes(end)
        return first, max(last, first + ROW_MINUTES)

    def covers(self, span: Span) -> bool:
        return span[0] <= self.begin and span[1] >= self.end

    def instant(self, minutes: int) -> datetime:
        clock = datetime.combine(self.on, datetime.min.time()) + timedelta(minutes=minutes)
        return from_epoch_seconds(earliest_instant(clock, get_zone(self.zone)))

    def _minutes(self, seconds: int) -> int:
        local = local_datetime_at(seconds, get_zone(self.zone))
        return local.hour * 60 + local.minute


def assign_lanes(blocks: Iterable[Block]) -> list[Block]:
    """Put overlapping blocks side by side, at most MAX_LANES."""
    result: list[Block] = []
    group: list[Block] = []
    ends: list[int] = []  # of the last block in each lane of this group
    for block in sorted(blocks, key=lambda one: (one.start_min, -one.end_min, one.who)):
        if group and block.start_min >= max(ends):
            result += [replace(one, lanes=len(ends)) for one in group]
            group, ends = [], []
        free = next((n for n, end in enumerate(ends) if end <= block.start_min), len(ends))
        lane = min(free, MAX_LANES - 1)
        if lane == len(ends):
            ends.append(block.end_min)
        else:
            ends[lane] = max(ends[lane], block.end_min)
        group.append(replace(block, lane=lane + 1))
    return result + [replace(one, lanes=len(ends)) for one in group]


def shown_hours(blocks: Iterable[Block]) -> tuple[int, int]:
    """Return the first and last hour to show: all hours and calls, with one hour around them."""
    starts, ends = [DEFAULT_HOURS[0] * 60], [DEFAULT_HOURS[1] * 60]
    for block in blocks:
        if block.kind == "hours" or block.is_call:
            starts.append(block.start_min)
            ends.append(block.end_min)
    return max(0, min(starts) // 60 - 1), min(24, -(-max(ends) // 60) + 1)


def place_blocks(blocks: Iterable[Block], hours: tuple[int, int]) -> list[PlacedBlock]:
    """Return the blocks with their classes, leaving out what lies outside the shown hours."""
    first, last = hours[0] * 60, hours[1] * 60
    placed = []
    for block in blocks:
        start, end = max(block.start_min, first), min(block.end_min, last)
        if start >= last or end <= first:
            continue
        row = (start - first) // ROW_MINUTES + 1
        rows = max(1, -(-(end - first) // ROW_MINUTES) - row + 1)
        lanes = f" n{block.lanes} k{block.lane}" if block.lanes > 1 else ""
        placed.append(PlacedBlock(block, f"s{row} l{rows}{lanes}"))
    return placed


def free_places(
    frame: DayFrame,
    open_and_taken: Sequence[tuple[int, list[Span], list[Span]]],
    not_before: int,
) -> list[tuple[int, int]]:
    """Return the half hours in which someone is free: minutes after midnight, and who.

    ``open_and_taken`` holds, for each practitioner, their position, the merged spans in which they
    are open, and those that are taken.
    """
    places = []
    for minutes in range(0, DAY_MINUTES, FREE_MINUTES):
        begin = int(frame.instant(minutes).timestamp())
        end = begin + FREE_MINUTES * MINUTE_SECONDS
        if begin < not_before:
            continue
        for who, is_open, taken in open_and_taken:
            inside = any(low <= begin and end <= high for low, high in is_open)
            if inside and not overlaps_any(taken, begin, end):
                places.append((minutes, who))
                break
    return places
