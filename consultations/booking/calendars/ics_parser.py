"""Parse an iCalendar file into the components and lines that concern time. Pure.

Titles, notes and places are dropped here, since they are not needed and nothing a program wrote
into them can then do harm. A malformed line loses at most itself.
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
MAX_LINE_CHARS = 20_000  # enough for a list of some 1,000 excluded dates
LINE_END_PATTERN = re.compile(r"\r\n|\n|\r")
PROPERTY_NAME_PATTERN = re.compile(r"[A-Za-z0-9-]{1,60}(?=[;:])")


@dataclass(frozen=True)
class ContentLine:
    """``NAME;PARAMETERS:VALUE``"""

    name: str
    parameters: str
    value: str

    def parameter(self, name: str) -> str:
        """Return a parameter's value without quotes; "" if it is missing."""
        match = re.search(rf';{name}=("[^"]*"|[^;"]*)', self.parameters, re.IGNORECASE)
        return match[1].strip('" ') if match else ""


@dataclass
class Component:
    """An event or a time zone."""

    kind: str
    lines: list[ContentLine] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[ContentLine]:
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> ContentLine | None:
        return next((line for line in self.lines if line.name == name), None)

    def value(self, name: str) -> str:
        line = self.first(name)
        return line.value.strip() if line else ""


def parse_components(data: bytes) -> tuple[list[Component], bool]:
    """Return events and zones in file order, and whether the calendar is closed at the end."""
    components: list[Component] = []
    now: Component | None = None
    inside: list[str] = []  # nested: alarms in an event, the STANDARD and DAYLIGHT parts of a zone
    is_closed = False
    for text in unfold_lines(data):
        word, _, kind = text.strip().upper().partition(":")
        if word == "BEGIN" and kind in (EVENT_COMPONENT, ZONE_COMPONENT):
            # Also if the previous component was not closed: it keeps the lines it has.
            now, inside = Component(kind), []
            components.append(now)
        elif word == "END" and now is not None and kind == now.kind:
            now = None
        elif word == "END" and kind == "VCALENDAR":
            is_closed, now = True, None
        elif now is not None:
            add_line(now, inside, word, kind, text)
    return components, is_closed


def add_line(block: Component, inside: list[str], word: str, kind: str, text: str) -> None:
    """Add a line to the component, unless it belongs to a nested one or is not relevant."""
    block.text.extend([text] if block.kind == ZONE_COMPONENT else [])
    if word == "BEGIN":
        inside.append(kind)
    elif word == "END":
        if kind in inside:
            del inside[inside.index(kind) :]
    elif not inside and (line := parse_line(text)) and is_relevant_property(block.kind, line.name):
        block.lines.append(line)


def is_relevant_property(kind: str, name: str) -> bool:
    """Whether a property of this component concerns time."""
    return (
        name in EVENT_PROPERTIES if kind == EVENT_COMPONENT else name in ("TZID", "X-LIC-LOCATION")
    )


def parse_line(text: str) -> ContentLine | None:
    """Split a line into name, parameters and value; None if it has no valid name."""
    match = PROPERTY_NAME_PATTERN.match(text)
    if match is None:
        return None
    name = match[0].upper()
    # Dates and rules contain no colon, but zone names do, and some programs omit the quotes.
    head, _, value = (
        text.partition(":") if name in ("UID", "TZID", "ATTENDEE") else text.rpartition(":")
    )
    if name == "ATTENDEE":
        head, value = text, ""
    return ContentLine(name, head[len(name) :], value)


def unfold_lines(data: bytes) -> Iterator[str]:
    """Yield unfolded lines, with any line ending; cut those that are too long for any date."""
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


# --- Dates and times ------------------------------------------------------------------------------

Zone = ZoneInfo
DateOrDatetime = date | datetime  # a whole day, or an aware time
DATETIME_PATTERN = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})?(Z)?)?"
)
DATE_PATTERN = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
MAX_DURATION = timedelta(days=3660)


def parse_moment(text: str, zone: tzinfo) -> DateOrDatetime:
    """Parse ``20261103``, ``20261103T090000`` or ``20261103T090000Z``. Raises ValueError.

    A time without Z is in ``zone``.
    """
    match = DATETIME_PATTERN.fullmatch(text.strip().upper())
    if match is None:
        raise ValueError("not a date or time")
    year, month, day = (int(match[n]) for n in (1, 2, 3))
    if match[4] is None:
        return date(year, month, day)
    # A leap second is written as 60, which datetime does not support.
    hour, minute, second = int(match[4]), int(match[5]), min(59, int(match[6] or 0))
    where = UTC if match[7] else zone
    return datetime(year, month, day, hour, minute, second, tzinfo=where)


def parse_duration(text: str) -> timedelta:
    """Parse a duration such as ``PT1H30M``. Raises ValueError."""
    length = vDuration.from_ical(text.strip().upper())
    if not isinstance(length, timedelta) or abs(length) > MAX_DURATION:
        raise ValueError("not a length of time")
    return length


def coerce_to_start_type(
    start: DateOrDatetime, moment: DateOrDatetime, zone: tzinfo
) -> DateOrDatetime:
    """Convert a moment to the type of the start: to a date for dates, otherwise to a time.

    Some programs exclude or change one occurrence of a timed series by its date only, or the other
    way round.
    """
    if not isinstance(start, datetime):
        return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment
    if isinstance(moment, datetime):
        return moment.astimezone(start.tzinfo)
    return datetime.combine(moment, start.timetz())


def written_date(line: ContentLine | None) -> str:
    """Return the date as written in the file, for a note to staff; "" if there is none."""
    match = DATE_PATTERN.match(line.value.strip()) if line else None
    return "-".join(match.groups()) if match else ""


# --- Time zones: from the names in calendar files to zones with rules -----------------------------

MAX_ZONES_PER_FILE = 50  # VTIMEZONE components
UTC_NAMES = frozenset({"utc", "gmt", "z", "etc/utc", "zulu"})
# Rules are evaluated for every event, and those that are not yearly could be very slow.
NON_YEARLY_RULE_PATTERN = re.compile(
    r"FREQ=(?!YEARLY)|BYHOUR|BYMINUTE|BYSECOND|INTERVAL=(?!1;|1$)", re.IGNORECASE
)


class ZoneResolver:
    """Finds the zones of one file: known names first, then the file's own definitions."""

    def __init__(self, blocks: list[Component]) -> None:
        self.defined: dict[str, Component] = {}
        for block in blocks[:MAX_ZONES_PER_FILE]:
            self.defined.setdefault(block.value("TZID"), block)
        self.resolved: dict[str, tzinfo | None] = {}

    def find_zone(self, name: str) -> tzinfo | None:
        """Return the zone of a TZID; None if it is unknown."""
        if name not in self.resolved:
            self.resolved[name] = find_known_zone(name) or self.from_definition(name)
        return self.resolved[name]

    def from_definition(self, name: str) -> tzinfo | None:
        """Return the zone that the file defines; None if we cannot use its definition."""
        block = self.defined.get(name)
        if block is None:
            return None
        if zone := find_known_zone(block.value("X-LIC-LOCATION")):
            return zone
        if any(NON_YEARLY_RULE_PATTERN.search(line) for line in block.text):
            return None
        try:
            text = "\r\n".join(["BEGIN:VTIMEZONE", *block.text, "END:VTIMEZONE", ""])
            # A separate provider, because the library's own caches names across files.
            component = Timezone.from_ical(text)
            return (
                component.to_tz(TZP(), lookup_tzid=False)
                if isinstance(component, Timezone)
                else None
            )
        except Exception:
            # Events in a zone with an invalid definition are read as in an unknown zone.
            return None


def find_known_zone(name: str) -> tzinfo | None:
    """Find ``Europe/Berlin``, ``W. Europe Standard Time`` or ``/some.program/Europe/Berlin``."""
    name = name.strip().strip("/")
    if name.lower() in UTC_NAMES:
        return ZoneInfo("UTC")
    name = zones_by_windows_name().get(name.lower(), name)
    parts = name.split("/")
    for first in range(len(parts)):
        if key := zones_by_lowercase_name().get("/".join(parts[first:]).lower()):
            return ZoneInfo(key)
    return None


@lru_cache(maxsize=1)
def zones_by_lowercase_name() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


@lru_cache(maxsize=1)
def zones_by_windows_name() -> dict[str, str]:
    return {name.lower(): zone for name, zone in WINDOWS_TO_OLSON.items()}
