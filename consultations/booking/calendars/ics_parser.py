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

EVENT_COMPONENT, ZONE_COMPONENT = "VEVENT", "VTIMEZONE"
EVENT_PROPERTIES = frozenset(
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
MAX_LINE_CHARS = 20_000  # characters; a list of some 1,000 excluded dates
LINE_END_PATTERN = re.compile(r"\r\n|\n|\r")
PROPERTY_NAME_PATTERN = re.compile(r"[A-Za-z0-9-]{1,60}(?=[;:])")


@dataclass(frozen=True)
class ContentLine:
    """``NAME;PARAMETERS:VALUE``"""

    name: str
    parameters: str
    value: str

    def parameter(self, name: str) -> str:
        found = re.search(rf';{name}=("[^"]*"|[^;"]*)', self.parameters, re.IGNORECASE)
        return found[1].strip('" ') if found else ""


@dataclass
class Component:
    """One event or one time zone. Not whole: the file went on without closing it."""

    kind: str
    lines: list[ContentLine] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    is_whole: bool = False

    def all(self, name: str) -> list[ContentLine]:
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> ContentLine | None:
        return next((line for line in self.lines if line.name == name), None)

    def value(self, name: str) -> str:
        line = self.first(name)
        return line.value.strip() if line else ""


def parse_components(data: bytes) -> tuple[list[Component], bool]:
    """Events and zones in the order of the file, and whether the file was closed at its end."""
    found: list[Component] = []
    now: Component | None = None
    inside: list[str] = []  # alarms and the like within an event; the halves of a zone
    is_closed = False
    for text in unfold_lines(data):
        word, _, kind = text.strip().upper().partition(":")
        if word == "BEGIN" and kind in (EVENT_COMPONENT, ZONE_COMPONENT):
            # Also when the one before was never closed: it keeps what it has.
            now, inside = Component(kind), []
            found.append(now)
        elif word == "END" and now is not None and kind == now.kind:
            now.is_whole, now = True, None
        elif word == "END" and kind == "VCALENDAR":
            is_closed, now = True, None
        elif now is not None:
            add_line(now, inside, word, kind, text)
    return found, is_closed


def add_line(block: Component, inside: list[str], word: str, kind: str, text: str) -> None:
    block.text.extend([text] if block.kind == ZONE_COMPONENT else [])
    if word == "BEGIN":
        inside.append(kind)
    elif word == "END":
        if kind in inside:
            del inside[inside.index(kind) :]
    elif not inside and (line := parse_line(text)) and is_relevant_property(block.kind, line.name):
        block.lines.append(line)


def is_relevant_property(kind: str, name: str) -> bool:
    return (
        name in EVENT_PROPERTIES if kind == EVENT_COMPONENT else name in ("TZID", "X-LIC-LOCATION")
    )


def parse_line(text: str) -> ContentLine | None:
    found = PROPERTY_NAME_PATTERN.match(text)
    if found is None:
        return None
    name = found[0].upper()
    # Dates and rules hold no colon, but zone names do, and some programs leave out their quotes.
    head, _, value = (
        text.partition(":") if name in ("UID", "TZID", "ATTENDEE") else text.rpartition(":")
    )
    if name == "ATTENDEE":
        head, value = text, ""
    return ContentLine(name, head[len(name) :], value)


def unfold_lines(data: bytes) -> Iterator[str]:
    """Whole lines, whichever way they end. Overlong ones are cut: no date needs that many."""
    parts: list[str] = []
    length = 0
    for line in LINE_END_PATTERN.split(data.decode("utf-8-sig", errors="replace")):
        if line[:1] in (" ", "\t") and parts:
            if length < MAX_LINE_CHARS:
                parts.append(line[1:])
                length += len(line)
            continue
        if parts:
            yield "".join(parts)[:MAX_LINE_CHARS]
        parts, length = ([line] if line else []), len(line)
    if parts:
        yield "".join(parts)[:MAX_LINE_CHARS]


# Dates and times of a calendar file, to dates and aware times. Pure.

Zone = ZoneInfo
DateOrDatetime = date | datetime  # a whole day, or an aware time
DATETIME_PATTERN = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})?(Z)?)?"
)
DATE_PATTERN = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
MAX_DURATION = timedelta(days=3660)


def parse_moment(text: str, zone: tzinfo) -> DateOrDatetime:
    """``20261103``, ``20261103T090000``, ``20261103T090000Z``; a time without Z is that zone's."""
    found = DATETIME_PATTERN.fullmatch(text.strip().upper())
    if found is None:
        raise ValueError("not a date or time")
    year, month, day = (int(found[n]) for n in (1, 2, 3))
    if found[4] is None:
        return date(year, month, day)
    # A leap second is written as 60; no clock here has one.
    hour, minute, second = int(found[4]), int(found[5]), min(59, int(found[6] or 0))
    where = UTC if found[7] else zone
    return datetime(year, month, day, hour, minute, second, tzinfo=where)


def parse_duration(text: str) -> timedelta:
    length = vDuration.from_ical(text.strip().upper())
    if not isinstance(length, timedelta) or abs(length) > MAX_DURATION:
        raise ValueError("not a length of time")
    return length


def coerce_to_start_type(
    start: DateOrDatetime, moment: DateOrDatetime, zone: tzinfo
) -> DateOrDatetime:
    """A moment in the form of the start it belongs to: a date for dates, otherwise a time.

    Programs exclude or change one day of a series of times by its bare date, and the other way.
    """
    if not isinstance(start, datetime):
        return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment
    if isinstance(moment, datetime):
        return moment.astimezone(start.tzinfo)
    return datetime.combine(moment, start.timetz())


def written_date(line: ContentLine | None) -> str:
    """The date as the file has it, for a note to staff; empty when there is none."""
    found = DATE_PATTERN.match(line.value.strip()) if line else None
    return "-".join(found.groups()) if found else ""


# The names that calendar programs give to time zones, to zones with rules. Pure.

MAX_ZONES_PER_FILE = 50  # defined in one file
UTC_NAMES = frozenset({"utc", "gmt", "z", "etc/utc", "zulu"})
# A zone's rules are asked for every event, and a rule can ask for more than a yearly change.
NON_YEARLY_RULE_PATTERN = re.compile(
    r"FREQ=(?!YEARLY)|BYHOUR|BYMINUTE|BYSECOND|INTERVAL=(?!1;|1$)", re.IGNORECASE
)


class ZoneResolver:
    """The zones of one file: well-known names first, then what the file itself defines."""

    def __init__(self, blocks: list[Component]) -> None:
        self.defined: dict[str, Component] = {}
        for block in blocks[:MAX_ZONES_PER_FILE]:
            self.defined.setdefault(block.value("TZID"), block)
        self.found: dict[str, tzinfo | None] = {}

    def find_zone(self, name: str) -> tzinfo | None:
        if name not in self.found:
            self.found[name] = find_known_zone(name) or self.from_definition(name)
        return self.found[name]

    def from_definition(self, name: str) -> tzinfo | None:
        block = self.defined.get(name)
        if block is None:
            return None
        if zone := find_known_zone(block.value("X-LIC-LOCATION")):
            return zone
        if any(NON_YEARLY_RULE_PATTERN.search(line) for line in block.text):
            return None
        try:
            text = "\r\n".join(["BEGIN:VTIMEZONE", *block.text, "END:VTIMEZONE", ""])
            # A provider of our own: the library's remembers a name for every later file, too.
            found = Timezone.from_ical(text)
            return found.to_tz(TZP(), lookup_tzid=False) if isinstance(found, Timezone) else None
        except Exception:
            # Whatever is wrong with it, its events are then read as those of an unknown zone.
            return None


def find_known_zone(name: str) -> tzinfo | None:
    """``Europe/Berlin``, ``W. Europe Standard Time``, ``/some.program/Europe/Berlin``."""
    name = name.strip().strip("/")
    if name.lower() in UTC_NAMES:
        return ZoneInfo("UTC")
    name = zones_by_windows_name().get(name.lower(), name)
    parts = name.split("/")
    for first in range(len(parts)):
        if found := zones_by_lowercase_name().get("/".join(parts[first:]).lower()):
            return ZoneInfo(found)
    return None


@lru_cache(maxsize=1)
def zones_by_lowercase_name() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


@lru_cache(maxsize=1)
def zones_by_windows_name() -> dict[str, str]:
    return {name.lower(): zone for name, zone in WINDOWS_TO_OLSON.items()}
