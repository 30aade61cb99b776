"""Normalize events of an iCalendar file for the expansion of recurrences. Pure.

Also decides which events do not take time.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import prod
from zoneinfo import ZoneInfo

from icalendar import Event, vDDDLists, vDDDTypes, vRecur

from consultations.booking.calendars.errors import SkipReason
from consultations.booking.calendars.ics_parser import (
    Component,
    ContentLine,
    DateOrDatetime,
    Zone,
    ZoneResolver,
    coerce_to_start_type,
    parse_duration,
    parse_moment,
)

MAX_DATES_PER_EVENT = 3_000  # EXDATE or RDATE values in one event
ONE_DAY = timedelta(days=1)
SkipReporter = Callable[[SkipReason], None]


class UnusableEvent(ValueError):
    """The event has no usable time."""

    def __init__(self, reason: SkipReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class EventReader:
    """Settings that all events of a file share."""

    zones: ZoneResolver
    zone: ZoneInfo
    last: datetime

    def read_event(self, block: Component, note: SkipReporter) -> Event:
        """Return the event with its times and recurrence normalized. Raises UnusableEvent.

        Values are dates, or times with a zone. Other properties are dropped.
        """
        start = self.read_start(block, note)
        event = Event()
        event["DTSTART"] = vDDDTypes(start)
        event["DTEND"] = vDDDTypes(self.read_end(block, start, note))
        event.add("SEQUENCE", int(value) if (value := block.value("SEQUENCE")).isdecimal() else 0)
        self.add_identity(event, block)
        self.add_repetition(event, block, start, note)
        return event

    def read_start(self, block: Component, note: SkipReporter) -> DateOrDatetime:
        """Return the start. Raises UnusableEvent."""
        line = block.first("DTSTART")
        if line is None:
            raise UnusableEvent(SkipReason.NO_START)
        try:
            return parse_moment(line.value, self.read_zone(line, note))
        except ValueError:
            raise UnusableEvent(SkipReason.UNREADABLE) from None

    def read_end(
        self, block: Component, start: DateOrDatetime, note: SkipReporter
    ) -> DateOrDatetime:
        """Return the end. Raises UnusableEvent.

        Without DTEND and DURATION, a date lasts one day and a time has no length (RFC 5545, 3.6.1).
        """
        is_day = not isinstance(start, datetime)
        line, length = block.first("DTEND"), block.value("DURATION")
        try:
            if line is not None:
                end = parse_moment(line.value, self.read_zone(line, note))
                end = end if is_day or isinstance(end, datetime) else coerce_to_midnight(start, end)
                end = coerce_to_start_type(start, end, self.zone) if is_day else end
            elif length:
                end = start + parse_duration(length)
            else:
                end = start + ONE_DAY if is_day else start
        except (ValueError, OverflowError):
            raise UnusableEvent(SkipReason.UNREADABLE) from None
        if is_day and end == start:
            # Some programs write the last day instead of the day after it.
            return start + ONE_DAY
        if end < start:
            raise UnusableEvent(SkipReason.ENDS_BEFORE_START)
        return end

    def add_identity(self, event: Event, block: Component) -> None:
        """Copy RECURRENCE-ID, which marks a changed occurrence. Raises UnusableEvent."""
        line = block.first("RECURRENCE-ID")
        if line is None:
            return
        try:
            changed = parse_moment(
                line.value, self.zones.find_zone(line.parameter("TZID")) or self.zone
            )
        except ValueError:
            raise UnusableEvent(SkipReason.UNREADABLE) from None
        event["RECURRENCE-ID"] = vDDDTypes(changed)
        if line.parameter("RANGE").upper() == "THISANDFUTURE":
            event["RECURRENCE-ID"].params["RANGE"] = "THISANDFUTURE"

    def add_repetition(
        self, event: Event, block: Component, start: DateOrDatetime, note: SkipReporter
    ) -> None:
        """Copy the recurrence rules and dates that can be followed; report the others."""
        rules = []
        for line in block.all("RRULE"):
            try:
                rule = normalize_rule(line.value, start=start, zone=self.zone, last=self.last)
                rules.append(vRecur.from_ical(rule))
            except TooFrequentRule:
                note(SkipReason.TOO_FREQUENT)
            except (UnreadableRule, ValueError, OverflowError):
                note(SkipReason.BAD_RULE)
        if rules:
            event["RRULE"] = rules if len(rules) > 1 else rules[0]
        for name in ("RDATE", "EXDATE"):
            if dates := self.read_dates(block.all(name), start, note):
                event[name] = vDDDLists(dates)

    def read_dates(
        self, lines: list[ContentLine], start: DateOrDatetime, note: SkipReporter
    ) -> list[DateOrDatetime]:
        """Return the dates of RDATE or EXDATE lines; report those that cannot be read."""
        dates = []
        for line in lines:
            zone = (
                self.read_zone(line, note)
                if line.parameter("TZID")
                else start_time_zone(start, self)
            )
            for text in line.value.split(",")[:MAX_DATES_PER_EVENT]:
                try:
                    # Of a period (start/end) only the start is used; the length is the event's.
                    moment = parse_moment(text.partition("/")[0], zone)
                    dates.append(coerce_to_start_type(start, moment, self.zone))
                except (ValueError, OverflowError):
                    note(SkipReason.BAD_DATE)
        return dates[:MAX_DATES_PER_EVENT]

    def read_zone(self, line: ContentLine, note: SkipReporter) -> tzinfo:
        """Return the zone of a time; the practitioner's if it has none or an unknown one."""
        name = line.parameter("TZID")
        zone = self.zones.find_zone(name) if name else self.zone
        if zone is None:
            note(SkipReason.UNKNOWN_ZONE)
        return zone or self.zone


def start_time_zone(start: DateOrDatetime, reader: EventReader) -> tzinfo:
    """Return the zone of the start; the practitioner's if it is a date."""
    return (start.tzinfo if isinstance(start, datetime) else None) or reader.zone


def coerce_to_midnight(start: DateOrDatetime, end: DateOrDatetime) -> DateOrDatetime:
    """Return midnight at the start of the end date, in the zone of the start."""
    where = start.tzinfo if isinstance(start, datetime) else None
    return datetime(end.year, end.month, end.day, tzinfo=where)


# --- Recurrence rules, limited so that they expand in bounded time --------------------------------

# Minimum seconds between two steps of a rule.
FREQUENCY_SECONDS = {
    "SECONDLY": 1,
    "MINUTELY": 60,
    "HOURLY": 3600,
    "DAILY": 86_400,
    "WEEKLY": 7 * 86_400,
    "MONTHLY": 28 * 86_400,
    "YEARLY": 365 * 86_400,
}
CLOCK_PART_LIMITS = {"BYHOUR": 24, "BYMINUTE": 60, "BYSECOND": 60}
KNOWN_RULE_PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"}
    | {"BYYEARDAY", "BYWEEKNO", *CLOCK_PART_LIMITS}
)
MAX_RULE_STEPS = 60_000  # once a day since 1862, or every half hour for over three years
MAX_RULE_VALUES = 400  # in all BY lists of a rule


class UnreadableRule(ValueError):
    """The rule is invalid."""


class TooFrequentRule(ValueError):
    """Expanding the rule would take too long."""


def normalize_rule(value: str, *, start: DateOrDatetime, zone: Zone, last: datetime) -> str:
    """Return the rule with UNTIL in the form that the start requires.

    ``last`` is the latest time that matters. Raises UnreadableRule, or TooFrequentRule for rules
    with too many steps to follow.
    """
    parts = parse_rule_parts(value)
    freq, interval = parts.get("FREQ", ""), parse_integer(parts.get("INTERVAL", "1"))
    if freq not in FREQUENCY_SECONDS or interval < 1 or parse_integer(parts.get("COUNT", "1")) < 1:
        raise UnreadableRule
    lists = {name: text.split(",") for name, text in parts.items() if name.startswith("BY")}
    if sum(map(len, lists.values())) > MAX_RULE_VALUES:
        raise TooFrequentRule
    for name, above in CLOCK_PART_LIMITS.items():
        if any(not 0 <= parse_integer(number) < above for number in lists.get(name, [])):
            raise UnreadableRule
    reject_endless_search(freq, interval, set(lists))
    first = start if isinstance(start, datetime) else datetime.combine(start, time(), tzinfo=UTC)
    per_step = prod(len(lists.get(name, " ")) for name in CLOCK_PART_LIMITS)
    steps = max(0.0, (last - first).total_seconds()) / (FREQUENCY_SECONDS[freq] * interval)
    if min(steps, parse_integer(parts.get("COUNT", str(10**9)))) * per_step > MAX_RULE_STEPS:
        raise TooFrequentRule
    if "UNTIL" in parts:
        parts["UNTIL"] = normalize_until(parts["UNTIL"], start, zone)
    return ";".join(f"{name}={text}" for name, text in parts.items())


def parse_rule_parts(value: str) -> dict[str, str]:
    """Return the known parts of a rule by name, in upper case."""
    pairs = (part.partition("=") for part in value.upper().replace(" ", "").split(";"))
    return {name: text for name, _, text in pairs if name in KNOWN_RULE_PARTS and text}


def parse_integer(text: str) -> int:
    """Parse a short decimal number. Raises UnreadableRule."""
    if not text.lstrip("+-").isascii() or len(text) > 10:
        raise UnreadableRule
    try:
        return int(text)
    except ValueError:
        raise UnreadableRule from None


def reject_endless_search(freq: str, interval: int, lists: set[str]) -> None:
    """Raise TooFrequentRule for hourly or shorter rules that may never match.

    The expansion would search until the year 9999, which takes hours.
    """
    if FREQUENCY_SECONDS[freq] >= FREQUENCY_SECONDS["DAILY"]:
        return
    if lists - {"BYDAY", *CLOCK_PART_LIMITS} or (lists and interval > 1):
        raise TooFrequentRule


def normalize_until(text: str, start: DateOrDatetime, zone: Zone) -> str:
    """Return UNTIL as a date if the start is one, otherwise in UTC (RFC 5545, 3.3.10).

    It may be written as a date, a local time or UTC. A date includes the whole day; otherwise the
    last occurrence would be lost.
    """
    last = parse_moment(text, zone)
    if not isinstance(start, datetime):
        if text.endswith("T000000Z"):
            return text[:8]
        # Programs that mean a date write a time on that day in the practitioner's zone.
        day = last.astimezone(zone).date() if isinstance(last, datetime) else last
        return f"{day:%Y%m%d}"
    if not isinstance(last, datetime):
        last = end_of_day(last, start.tzinfo or zone)
    elif not text.endswith("Z"):
        last = last.replace(tzinfo=start.tzinfo)
    return f"{last.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """Return the last second of a date in a zone."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone) - timedelta(seconds=1)


# --- Events that do not take time -----------------------------------------------------------------

# Exchange wraps UIDs that it did not create itself (MS-OXCICAL, 2.1.3.1.1.20.26).
EXCHANGE_UID_PATTERN = re.compile(r"040000008200E00074C5B7101A82E008[0-9A-F]+", re.IGNORECASE)
EXCHANGE_UID_MARKER = b"vCal-Uid\x01\x00\x00\x00"


def is_own_event(uid: str, own: set[str]) -> bool:
    """Whether an event is one of our consultations.

    It already blocks its time; the copy here would also prevent moving the call to an overlapping
    time.
    """
    uid = uid.strip()
    return uid.casefold() in own or unwrap_exchange_uid(uid).casefold() in own


def unwrap_exchange_uid(uid: str) -> str:
    """Return the original UID from Exchange's form; other UIDs unchanged."""
    if not EXCHANGE_UID_PATTERN.fullmatch(uid) or len(uid) % 2:
        return uid
    _, mark, rest = bytes.fromhex(uid).partition(EXCHANGE_UID_MARKER)
    return rest.partition(b"\x00")[0].decode("utf-8", "replace") if mark else uid


def is_free_time(block: Component, own_addresses: Collection[str]) -> bool:
    """Whether an event is shown as free, canceled, or declined by the practitioner."""
    return (
        block.value("TRANSP").upper() == "TRANSPARENT"
        or block.value("STATUS").upper() == "CANCELLED"
        or block.value("X-MICROSOFT-CDO-BUSYSTATUS").upper() == "FREE"
        or any(is_declined_by(line.parameters, own_addresses) for line in block.all("ATTENDEE"))
    )


def is_declined_by(attendee: str, own_addresses: Collection[str]) -> bool:
    """Whether an ATTENDEE line says that one of these addresses declined."""
    text = attendee.lower()
    if not re.search(r";partstat=\"?declined\b", text):
        return False
    named = {text.rpartition("mailto:")[2].strip()}
    named |= {address.strip('" ') for address in re.findall(r';email=("[^"]*"|[^;:"]*)', text)}
    return any(address.strip().lower() in named for address in own_addresses if address.strip())
