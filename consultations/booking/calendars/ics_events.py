"""One event of a file, in whatever form, to one that the expansion reads without doubt. Pure."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import prod
from zoneinfo import ZoneInfo

from icalendar import Event, vDDDLists, vDDDTypes, vRecur

from consultations.booking.calendars.errors import SkipReason
from consultations.booking.calendars.ics_parser import (
    Block,
    Line,
    Moment,
    Zone,
    Zones,
    duration_of,
    like,
    moment_of,
)

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


# Repetition rules as programs write them, to rules that can be followed in bounded time. Pure.

# Seconds between two steps of a rule.
PACES = {
    "SECONDLY": 1,
    "MINUTELY": 60,
    "HOURLY": 3600,
    "DAILY": 86_400,
    "WEEKLY": 7 * 86_400,
    "MONTHLY": 28 * 86_400,
    "YEARLY": 365 * 86_400,
}
CLOCK_PARTS = {"BYHOUR": 24, "BYMINUTE": 60, "BYSECOND": 60}
PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"}
    | {"BYYEARDAY", "BYWEEKNO", *CLOCK_PARTS}
)
MOST_STEPS = 60_000  # once a day since 1862, or every half hour for three years
MOST_VALUES = 400  # in all lists of a rule


class UnreadableRule(ValueError):
    """Nobody can say when this repeats."""


class TooFrequent(ValueError):
    """Following it would take too long."""


def followable(value: str, *, start: Moment, zone: Zone, last: datetime) -> str:
    """The rule with its end in the form that belongs to the start. ``last``: nothing later counts.

    Raises for rules that repeat without end at the same moment, or too often to be followed.
    """
    parts = parts_of(value)
    freq, interval = parts.get("FREQ", ""), number(parts.get("INTERVAL", "1"))
    if freq not in PACES or interval < 1 or number(parts.get("COUNT", "1")) < 1:
        raise UnreadableRule
    lists = {name: text.split(",") for name, text in parts.items() if name.startswith("BY")}
    if sum(map(len, lists.values())) > MOST_VALUES:
        raise TooFrequent
    for name, above in CLOCK_PARTS.items():
        if any(not 0 <= number(one) < above for one in lists.get(name, [])):
            raise UnreadableRule
    refuse_endless_search(freq, interval, set(lists))
    first = start if isinstance(start, datetime) else datetime.combine(start, time(), tzinfo=UTC)
    per_step = prod(len(lists.get(name, " ")) for name in CLOCK_PARTS)
    steps = max(0.0, (last - first).total_seconds()) / (PACES[freq] * interval)
    if min(steps, number(parts.get("COUNT", str(10**9)))) * per_step > MOST_STEPS:
        raise TooFrequent
    if "UNTIL" in parts:
        parts["UNTIL"] = until(parts["UNTIL"], start, zone)
    return ";".join(f"{name}={text}" for name, text in parts.items())


def parts_of(value: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.upper().replace(" ", "").split(";"))
    return {name: text for name, _, text in pairs if name in PARTS and text}


def number(text: str) -> int:
    if not text.lstrip("+-").isascii() or len(text) > 10:
        raise UnreadableRule
    try:
        return int(text)
    except ValueError:
        raise UnreadableRule from None


def refuse_endless_search(freq: str, interval: int, lists: set[str]) -> None:
    """A rule within the day may match nothing until the year 9999, and looking takes hours."""
    if PACES[freq] >= PACES["DAILY"]:
        return
    if lists - {"BYDAY", *CLOCK_PARTS} or (lists and interval > 1):
        raise TooFrequent


def until(text: str, start: Moment, zone: Zone) -> str:
    """Written as a date, a local time or UTC; wanted as a date for dates, otherwise as UTC.

    A date means the whole of it: the last time of the series would be lost otherwise.
    """
    last = moment_of(text, zone)
    if not isinstance(start, datetime):
        if text.endswith("T000000Z"):
            return text[:8]
        # Programs that mean a date write a moment of it in the practitioner's clock.
        day = last.astimezone(zone).date() if isinstance(last, datetime) else last
        return f"{day:%Y%m%d}"
    if not isinstance(last, datetime):
        last = end_of_day(last, start.tzinfo or zone)
    elif not text.endswith("Z"):
        last = last.replace(tzinfo=start.tzinfo)
    return f"{last.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def end_of_day(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone) - timedelta(seconds=1)


# Which events of a practitioner's calendar do not take time from it. Pure.

# Exchange wraps identifiers that it did not make itself (MS-OXCICAL, 2.1.3.1.1.20.26).
WRAPPED = re.compile(r"040000008200E00074C5B7101A82E008[0-9A-F]+", re.IGNORECASE)
WRAPPED_MARK = b"vCal-Uid\x01\x00\x00\x00"


def is_ours(uid: str, own: set[str]) -> bool:
    """One of our consultations: it blocks by itself, and its copy here would block its own move."""
    uid = uid.strip()
    return uid.casefold() in own or unwrapped(uid).casefold() in own


def unwrapped(uid: str) -> str:
    if not WRAPPED.fullmatch(uid) or len(uid) % 2:
        return uid
    _, mark, rest = bytes.fromhex(uid).partition(WRAPPED_MARK)
    return rest.partition(b"\x00")[0].decode("utf-8", "replace") if mark else uid


def is_of_no_matter(block: Block, own_addresses: Collection[str]) -> bool:
    """Shown as free, called off, or refused by the practitioner."""
    return (
        block.value("TRANSP").upper() == "TRANSPARENT"
        or block.value("STATUS").upper() == "CANCELLED"
        or block.value("X-MICROSOFT-CDO-BUSYSTATUS").upper() == "FREE"
        or any(is_refusal_of(line.parameters, own_addresses) for line in block.all("ATTENDEE"))
    )


def is_refusal_of(attendee: str, own_addresses: Collection[str]) -> bool:
    text = attendee.lower()
    if not re.search(r";partstat=\"?declined\b", text):
        return False
    named = {text.rpartition("mailto:")[2].strip()}
    named |= {found.strip('" ') for found in re.findall(r';email=("[^"]*"|[^;:"]*)', text)}
    return any(address.strip().lower() in named for address in own_addresses if address.strip())
