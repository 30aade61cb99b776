"""A calendar file to the blocks and lines that say when somebody is busy. Pure.

What is not about time (titles, notes, places) is dropped right here: nobody needs it, and whatever
a program wrote into it cannot do harm. So a line of rubbish costs at most itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone, vDuration
from icalendar.timezone import TZP
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

EVENT, ZONE = "VEVENT", "VTIMEZONE"
EVENT_NAMES = frozenset(
    [
        "UID",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "RECURRENCE-ID",
        "SEQUENCE",
        "STATUS",
        "TRANSP",
        "ATTENDEE",
        "X-MICROSOFT-CDO-BUSYSTATUS",
    ]
)
LONGEST_LINE = 20_000  # characters; a list of some 1,000 excluded dates
LINE_END = re.compile(r"\r\n|\n|\r")
NAME = re.compile(r"[A-Za-z0-9-]{1,60}(?=[;:])")


@dataclass(frozen=True)
class Line:
    """``NAME;PARAMETERS:VALUE``"""

    name: str
    parameters: str
    value: str

    def parameter(self, name: str) -> str:
        found = re.search(rf';{name}=("[^"]*"|[^;"]*)', self.parameters, re.IGNORECASE)
        return found[1].strip('" ') if found else ""


@dataclass
class Block:
    """One event or one time zone. Not whole: the file went on without closing it."""

    kind: str
    lines: list[Line] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    is_whole: bool = False

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Line | None:
        return next((line for line in self.lines if line.name == name), None)

    def value(self, name: str) -> str:
        line = self.first(name)
        return line.value.strip() if line else ""


def blocks_of(data: bytes) -> tuple[list[Block], bool]:
    """Events and zones in the order of the file, and whether the file was closed at its end."""
    found: list[Block] = []
    now: Block | None = None
    inside: list[str] = []  # alarms and the like within an event; the halves of a zone
    is_closed = False
    for text in unfolded(data):
        word, _, kind = text.strip().upper().partition(":")
        if word == "BEGIN" and kind in (EVENT, ZONE):
            # Also when the one before was never closed: it keeps what it has.
            now, inside = Block(kind), []
            found.append(now)
        elif word == "END" and now is not None and kind == now.kind:
            now.is_whole, now = True, None
        elif word == "END" and kind == "VCALENDAR":
            is_closed, now = True, None
        elif now is not None:
            add(now, inside, word, kind, text)
    return found, is_closed


def add(block: Block, inside: list[str], word: str, kind: str, text: str) -> None:
    block.text.extend([text] if block.kind == ZONE else [])
    if word == "BEGIN":
        inside.append(kind)
    elif word == "END":
        if kind in inside:
            del inside[inside.index(kind) :]
    elif not inside and (line := line_of(text)) and is_wanted(block.kind, line.name):
        block.lines.append(line)


def is_wanted(kind: str, name: str) -> bool:
    return name in EVENT_NAMES if kind == EVENT else name in ("TZID", "X-LIC-LOCATION")


def line_of(text: str) -> Line | None:
    found = NAME.match(text)
    if found is None:
        return None
    name = found[0].upper()
    # Dates and rules hold no colon, but zone names do, and some programs leave out their quotes.
    head, _, value = (
        text.partition(":") if name in ("UID", "TZID", "ATTENDEE") else text.rpartition(":")
    )
    if name == "ATTENDEE":
        head, value = text, ""
    return Line(name, head[len(name) :], value)


def unfolded(data: bytes) -> Iterator[str]:
    """Whole lines, whichever way they end. Overlong ones are cut: no date needs that many."""
    parts: list[str] = []
    length = 0
    for line in LINE_END.split(data.decode("utf-8-sig", errors="replace")):
        if line[:1] in (" ", "\t") and parts:
            if length < LONGEST_LINE:
                parts.append(line[1:])
                length += len(line)
            continue
        if parts:
            yield "".join(parts)[:LONGEST_LINE]
        parts, length = ([line] if line else []), len(line)
    if parts:
        yield "".join(parts)[:LONGEST_LINE]


# Dates and times of a calendar file, to dates and aware times. Pure.

Zone = ZoneInfo
Moment = date | datetime  # a whole day, or an aware time
STAMP = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})?(Z)?)?")
DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
LONGEST_DURATION = timedelta(days=3660)


def moment_of(text: str, zone: tzinfo) -> Moment:
    """``20261103``, ``20261103T090000``, ``20261103T090000Z``; a time without Z is that zone's."""
    found = STAMP.fullmatch(text.strip().upper())
    if found is None:
        raise ValueError("not a date or time")
    year, month, day = (int(found[n]) for n in (1, 2, 3))
    if found[4] is None:
        return date(year, month, day)
    # A leap second is written as 60; no clock here has one.
    hour, minute, second = int(found[4]), int(found[5]), min(59, int(found[6] or 0))
    where = UTC if found[7] else zone
    return datetime(year, month, day, hour, minute, second, tzinfo=where)


def duration_of(text: str) -> timedelta:
    length = vDuration.from_ical(text.strip().upper())
    if not isinstance(length, timedelta) or abs(length) > LONGEST_DURATION:
        raise ValueError("not a length of time")
    return length


def like(start: Moment, moment: Moment, zone: tzinfo) -> Moment:
    """A moment in the form of the start it belongs to: a date for dates, otherwise a time.

    Programs exclude or change one day of a series of times by its bare date, and the other way.
    """
    if not isinstance(start, datetime):
        return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment
    if isinstance(moment, datetime):
        return moment.astimezone(start.tzinfo)
    return datetime.combine(moment, start.timetz())


def day_written(line: Line | None) -> str:
    """The date as the file has it, for a note to staff; empty when there is none."""
    found = DAY.match(line.value.strip()) if line else None
    return "-".join(found.groups()) if found else ""


# The names that calendar programs give to time zones, to zones with rules. Pure.

MOST_OWN_ZONES = 50  # defined in one file
UTC_NAMES = frozenset({"utc", "gmt", "z", "etc/utc", "zulu"})
# A zone's rules are asked for every event, and a rule can ask for more than a yearly change.
MORE_THAN_YEARLY = re.compile(
    r"FREQ=(?!YEARLY)|BYHOUR|BYMINUTE|BYSECOND|INTERVAL=(?!1;|1$)", re.IGNORECASE
)


class Zones:
    """The zones of one file: well-known names first, then what the file itself defines."""

    def __init__(self, blocks: list[Block]) -> None:
        self.defined: dict[str, Block] = {}
        for block in blocks[:MOST_OWN_ZONES]:
            self.defined.setdefault(block.value("TZID"), block)
        self.found: dict[str, tzinfo | None] = {}

    def named(self, name: str) -> tzinfo | None:
        if name not in self.found:
            self.found[name] = known_zone(name) or self.from_definition(name)
        return self.found[name]

    def from_definition(self, name: str) -> tzinfo | None:
        block = self.defined.get(name)
        if block is None:
            return None
        if zone := known_zone(block.value("X-LIC-LOCATION")):
            return zone
        if any(MORE_THAN_YEARLY.search(line) for line in block.text):
            return None
        try:
            text = "\r\n".join(["BEGIN:VTIMEZONE", *block.text, "END:VTIMEZONE", ""])
            # A provider of our own: the library's remembers a name for every later file, too.
            found = Timezone.from_ical(text)
            return found.to_tz(TZP(), lookup_tzid=False) if isinstance(found, Timezone) else None
        except Exception:
            # Whatever is wrong with it, its events are then read as those of an unknown zone.
            return None


def known_zone(name: str) -> tzinfo | None:
    """``Europe/Berlin``, ``W. Europe Standard Time``, ``/some.program/Europe/Berlin``."""
    name = name.strip().strip("/")
    if name.lower() in UTC_NAMES:
        return ZoneInfo("UTC")
    name = windows_names().get(name.lower(), name)
    parts = name.split("/")
    for first in range(len(parts)):
        if found := zone_names().get("/".join(parts[first:]).lower()):
            return ZoneInfo(found)
    return None


@lru_cache(maxsize=1)
def zone_names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


@lru_cache(maxsize=1)
def windows_names() -> dict[str, str]:
    return {name.lower(): zone for name, zone in WINDOWS_TO_OLSON.items()}
