"""One event of a file, in whatever form, to one that the expansion reads without doubt. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from icalendar import Event, vDDDLists, vDDDTypes, vRecur

from consultations.booking.calendars.busy_lines import Block, Line
from consultations.booking.calendars.busy_reasons import SkipReason
from consultations.booking.calendars.busy_rules import TooFrequent, UnreadableRule, followable
from consultations.booking.calendars.busy_times import Moment, duration_of, like, moment_of
from consultations.booking.calendars.busy_zones import Zones

MOST_DATES = 3_000  # excluded or added, in one event
DAY = timedelta(days=1)
Note = Callable[[SkipReason], None]


class Unusable(ValueError):
    """The event says nothing that could be kept."""

    def __init__(self, reason: SkipReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Reader:
    """What is the same for every event of a file."""

    zones: Zones
    zone: ZoneInfo
    last: datetime

    def event_of(self, block: Block, note: Note) -> Event:
        """Start, end and repetition in one form: dates, or times with a zone. Nothing else."""
        start = self.start_of(block, note)
        event = Event()
        event["DTSTART"] = vDDDTypes(start)
        event["DTEND"] = vDDDTypes(self.end_of(block, start, note))
        event.add("SEQUENCE", int(value) if (value := block.value("SEQUENCE")).isdecimal() else 0)
        self.add_identity(event, block)
        self.add_repetition(event, block, start, note)
        return event

    def start_of(self, block: Block, note: Note) -> Moment:
        line = block.first("DTSTART")
        if line is None:
            raise Unusable(SkipReason.NO_START)
        try:
            return moment_of(line.value, self.zone_of(line, note))
        except ValueError:
            raise Unusable(SkipReason.UNREADABLE) from None

    def end_of(self, block: Block, start: Moment, note: Note) -> Moment:
        """Without an end a date lasts its day, and a time is over at once (RFC 5545, 3.6.1)."""
        is_day = not isinstance(start, datetime)
        line, length = block.first("DTEND"), block.value("DURATION")
        try:
            if line is not None:
                end = moment_of(line.value, self.zone_of(line, note))
                end = end if is_day or isinstance(end, datetime) else like_midnight(start, end)
                end = like(start, end, self.zone) if is_day else end
            elif length:
                end = start + duration_of(length)
            else:
                end = start + DAY if is_day else start
        except (ValueError, OverflowError):
            raise Unusable(SkipReason.UNREADABLE) from None
        if is_day and end == start:
            # Some programs name the last day instead of the one after it.
            return start + DAY
        if end < start:
            raise Unusable(SkipReason.ENDS_BEFORE_START)
        return end

    def add_identity(self, event: Event, block: Block) -> None:
        line = block.first("RECURRENCE-ID")
        if line is None:
            return
        try:
            changed = moment_of(line.value, self.zones.named(line.parameter("TZID")) or self.zone)
        except ValueError:
            raise Unusable(SkipReason.UNREADABLE) from None
        event["RECURRENCE-ID"] = vDDDTypes(changed)
        if line.parameter("RANGE").upper() == "THISANDFUTURE":
            event["RECURRENCE-ID"].params["RANGE"] = "THISANDFUTURE"

    def add_repetition(self, event: Event, block: Block, start: Moment, note: Note) -> None:
        rules = []
        for line in block.all("RRULE"):
            try:
                rule = followable(line.value, start=start, zone=self.zone, last=self.last)
                rules.append(vRecur.from_ical(rule))
            except TooFrequent:
                note(SkipReason.TOO_FREQUENT)
            except (UnreadableRule, ValueError, OverflowError):
                note(SkipReason.BAD_RULE)
        if rules:
            event["RRULE"] = rules if len(rules) > 1 else rules[0]
        for name in ("RDATE", "EXDATE"):
            if dates := self.dates_of(block.all(name), start, note):
                event[name] = vDDDLists(dates)

    def dates_of(self, lines: list[Line], start: Moment, note: Note) -> list[Moment]:
        dates = []
        for line in lines:
            zone = self.zone_of(line, note) if line.parameter("TZID") else start_zone(start, self)
            for text in line.value.split(",")[:MOST_DATES]:
                try:
                    # Of a period (start/end) the start counts; its length is the event's.
                    moment = moment_of(text.partition("/")[0], zone)
                    dates.append(like(start, moment, self.zone))
                except (ValueError, OverflowError):
                    note(SkipReason.BAD_DATE)
        return dates[:MOST_DATES]

    def zone_of(self, line: Line, note: Note) -> tzinfo:
        """A time without a zone, or of one that nobody knows, is read by the practitioner's."""
        name = line.parameter("TZID")
        found = self.zones.named(name) if name else self.zone
        if found is None:
            note(SkipReason.UNKNOWN_ZONE)
        return found or self.zone


def start_zone(start: Moment, reader: Reader) -> tzinfo:
    return (start.tzinfo if isinstance(start, datetime) else None) or reader.zone


def like_midnight(start: Moment, end: Moment) -> Moment:
    """A bare date that ends a time: the first moment of that day."""
    where = start.tzinfo if isinstance(start, datetime) else None
    return datetime(end.year, end.month, end.day, tzinfo=where)
