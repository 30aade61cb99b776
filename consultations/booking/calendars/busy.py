"""Read busy times from an iCalendar file. Pure: bytes to intervals.

Titles, notes and places do not leave this module. What cannot be read is listed by date, so that
staff can look it up in their own calendar, and one bad event does not affect the others. A file
that would lose many busy times at once raises UnreadableCalendar instead, so that the last good
copy stays in use.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import thread_time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from recurring_ical_events import CalendarQuery

from consultations.booking.calendars.errors import SkipReason
from consultations.booking.calendars.ics_events import (
    EventReader,
    UnusableEvent,
    is_free_time,
    is_own_event,
)
from consultations.booking.calendars.ics_parser import (
    EVENT_COMPONENT,
    ZONE_COMPONENT,
    Component,
    DateOrDatetime,
    ZoneResolver,
    coerce_to_start_type,
    parse_components,
    written_date,
)
from consultations.booking.local_time import from_epoch_seconds, start_of_day

MAX_BYTES = 5_000_000
MAX_EVENTS = 50_000
MAX_SPANS = 20_000
MAX_NOTES = 200
MAX_CPU_SECONDS = 30.0  # thread CPU time, so that the load of the machine does not count
# Larger than the difference between any two zones, so that no event is lost before comparison.
ZONE_MARGIN = timedelta(days=2)
# Our own property. The expansion copies it to every occurrence of an event.
TAKES_TIME_PROPERTY = "X-TAKES-TIME"
RECURRENCE_ID = "RECURRENCE-ID"


class BusySpan(NamedTuple):
    """Half-open, in UTC. The hash only distinguishes events."""

    start: datetime
    end: datetime
    uid_hash: str


class SkippedEvent(NamedTuple):
    """An event that was left out or read by a guess, with its date as written in the file."""

    reason: SkipReason
    on: str


class BusyReading(NamedTuple):
    """The result of reading a file."""

    spans: list[BusySpan]
    skipped: list[SkippedEvent]


class UnreadableCalendar(Exception):
    """Not a calendar, or above our limits. Keep what was read before."""


def parse_busy_times(
    data: bytes,
    *,
    zone: str,
    since: datetime,
    until: datetime,
    own_uids: Collection[str] = (),
    own_addresses: Collection[str] = (),
) -> BusyReading:
    """Return the busy times that overlap [since, until), in order. Raises UnreadableCalendar.

    ``zone`` is the practitioner's; it applies to dates, and to times without a zone. ``own_uids``
    are our consultations, which block their time themselves. ``own_addresses`` are the
    practitioner's: an event that one of them declined takes no time.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableCalendar("more bytes than we read")
    if b"BEGIN:VCALENDAR" not in data[:MAX_BYTES].upper():
        raise UnreadableCalendar("not a calendar")
    blocks, is_closed = parse_components(data)
    events = [block for block in blocks if block.kind == EVENT_COMPONENT]
    if len(events) > MAX_EVENTS:
        raise UnreadableCalendar("more events than we read")
    zones = ZoneResolver([block for block in blocks if block.kind == ZONE_COMPONENT])
    reader = EventReader(zones, ZoneInfo(zone), until + ZONE_MARGIN)
    spans: set[BusySpan] = set()
    skipped: list[SkippedEvent] = [] if is_closed else [SkippedEvent(SkipReason.CUT_OFF, "")]
    stop_at = thread_time() + MAX_CPU_SECONDS
    for uid, series in group_into_series(events, {uid.strip().casefold() for uid in own_uids}):
        if not can_overlap(series, since, until):
            continue
        if thread_time() > stop_at:
            raise UnreadableCalendar("more repetition than we follow")
        spans.update(expand_series(uid, series, reader, since, until, own_addresses, skipped))
        if len(spans) > MAX_SPANS:
            raise UnreadableCalendar("more busy times than we keep")
    return BusyReading(sorted(spans), list(dict.fromkeys(skipped))[:MAX_NOTES])


def group_into_series(
    events: list[Component], own: set[str]
) -> Iterator[tuple[str, list[Component]]]:
    """Group events with their changed occurrences, which share the UID; skip our own."""
    series: dict[str, list[Component]] = {}
    for number, block in enumerate(events):
        series.setdefault(block.value("UID") or f"without {number}", []).append(block)
    return ((uid, blocks) for uid, blocks in series.items() if not is_own_event(uid, own))


def can_overlap(series: list[Component], since: datetime, until: datetime) -> bool:
    """Check the dates as written, which is fast: most events are single ones from past years."""
    if len(series) > 1 or any(series[0].first(name) for name in ("RRULE", "RDATE", "DURATION")):
        return True
    start = written_date(series[0].first("DTSTART"))
    end = written_date(series[0].first("DTEND")) or start
    first, last = (since - ZONE_MARGIN).date().isoformat(), (until + ZONE_MARGIN).date().isoformat()
    return not start or (start <= last and end >= first)


def expand_series(
    uid: str,
    series: list[Component],
    reader: EventReader,
    since: datetime,
    until: datetime,
    own_addresses: Collection[str],
    skipped: list[SkippedEvent],
) -> list[BusySpan]:
    """Return every occurrence of a series that takes time; report what cannot be read."""
    calendar = Calendar()
    for block in series:
        if event := parse_event(block, uid, reader, skipped):
            event.add(TAKES_TIME_PROPERTY, "no" if is_free_time(block, own_addresses) else "yes")
            calendar.add_component(event)
    normalize_recurrence_ids(calendar.events, reader.zone)
    on = written_date(series[0].first("DTSTART"))
    try:
        occurrences = CalendarQuery(calendar).between(since - ZONE_MARGIN, until + ZONE_MARGIN)
        times = [
            event_bounds(event, reader.zone)
            for event in occurrences
            if event[TAKES_TIME_PROPERTY] == "yes"
        ]
    except Exception:
        # Rules can fail in more ways than we can list, and one event must not affect the others.
        skipped.append(SkippedEvent(SkipReason.UNREADABLE, on))
        return []
    if any(start == end for start, end in times):
        skipped.append(SkippedEvent(SkipReason.NO_LENGTH, on))
    mark = sha256(uid.encode("utf-8", "replace")).hexdigest()[:32]
    return [
        BusySpan(start, end, mark)
        for start, end in times
        if start < end and start < until and end > since
    ]


def parse_event(
    block: Component, uid: str, reader: EventReader, skipped: list[SkippedEvent]
) -> Event | None:
    """Read one event; None if it is unusable, with a note in ``skipped``."""
    on = written_date(block.first("DTSTART"))

    def note(reason: SkipReason) -> None:
        skipped.append(SkippedEvent(reason, on))

    try:
        event = reader.read_event(block, note)
    except UnusableEvent as problem:
        note(problem.reason)
        return None
    event.add("UID", uid)
    return event


def normalize_recurrence_ids(events: list[Any], zone: ZoneInfo) -> None:
    """Convert RECURRENCE-ID to the type of the start: some programs write only the date."""
    starts = [event["DTSTART"].dt for event in events if RECURRENCE_ID not in event]
    for event in events:
        if starts and RECURRENCE_ID in event:
            event[RECURRENCE_ID].dt = coerce_to_start_type(starts[0], event[RECURRENCE_ID].dt, zone)


def event_bounds(event: Any, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return start and end in UTC."""
    return to_utc(event["DTSTART"].dt, zone), to_utc(event["DTEND"].dt, zone)


def to_utc(moment: DateOrDatetime, zone: ZoneInfo) -> datetime:
    """Convert to UTC; a date becomes its first moment in the practitioner's zone."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return from_epoch_seconds(start_of_day(moment, zone))
