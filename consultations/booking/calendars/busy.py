"""When somebody is busy, from the file of any calendar program. Pure: bytes to intervals.

No titles, notes or places leave this module. What could not be read is listed by date, so that
staff can look it up in their own calendar; one bad event never costs the others. Whatever would
leave out busy times by the dozen raises instead, so that the last good copy stays in force.
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
MAX_CPU_SECONDS = 30.0  # of work, however busy the machine is with other things
# Wider than any difference between two zones, so that no event is lost before it is compared.
ZONE_MARGIN = timedelta(days=2)
# A name of our own on an event, which each of its occurrences carries on.
TAKES_TIME_PROPERTY = "X-TAKES-TIME"
RECURRENCE_ID = "RECURRENCE-ID"


class BusySpan(NamedTuple):
    """Half-open, in UTC. The hash tells events apart and nothing else."""

    start: datetime
    end: datetime
    uid_hash: str


class SkippedEvent(NamedTuple):
    """Something that was left out or read by a guess, with the date it has in the file."""

    reason: SkipReason
    on: str


class BusyReading(NamedTuple):
    spans: list[BusySpan]
    skipped: list[SkippedEvent]


class UnreadableCalendar(Exception):
    """Not a calendar, or more than we follow. What was read before should stay in force."""


def parse_busy_times(
    data: bytes,
    *,
    zone: str,
    since: datetime,
    until: datetime,
    own_uids: Collection[str] = (),
    own_addresses: Collection[str] = (),
) -> BusyReading:
    """Busy times that meet [since, until), in order.

    ``zone`` is the practitioner's: dates and times without a zone are read by it. ``own_uids`` are
    our consultations, which block by themselves. ``own_addresses`` tell whose refusals count.
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
    """Events with their changed occurrences, which share the identifier."""
    found: dict[str, list[Component]] = {}
    for number, block in enumerate(events):
        found.setdefault(block.value("UID") or f"without {number}", []).append(block)
    return ((uid, blocks) for uid, blocks in found.items() if not is_own_event(uid, own))


def can_overlap(series: list[Component], since: datetime, until: datetime) -> bool:
    """A quick look at the dates as written: most of a calendar is years of past single events."""
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
    """Every occurrence of one series that takes time, with notes on what could not be read."""
    calendar = Calendar()
    for block in series:
        if event := parse_event(block, uid, reader, skipped):
            event.add(TAKES_TIME_PROPERTY, "no" if is_free_time(block, own_addresses) else "yes")
            calendar.add_component(event)
    normalize_recurrence_ids(calendar.events, reader.zone)
    on = written_date(series[0].first("DTSTART"))
    try:
        found = CalendarQuery(calendar).between(since - ZONE_MARGIN, until + ZONE_MARGIN)
        times = [
            event_bounds(event, reader.zone)
            for event in found
            if event[TAKES_TIME_PROPERTY] == "yes"
        ]
    except Exception:
        # Rules have more ways to go wrong than can be listed; the other events are not to suffer.
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
    """A changed occurrence may be named by its bare date, though the series has times."""
    starts = [event["DTSTART"].dt for event in events if RECURRENCE_ID not in event]
    for event in events:
        if starts and RECURRENCE_ID in event:
            event[RECURRENCE_ID].dt = coerce_to_start_type(starts[0], event[RECURRENCE_ID].dt, zone)


def event_bounds(event: Any, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return to_utc(event["DTSTART"].dt, zone), to_utc(event["DTEND"].dt, zone)


def to_utc(moment: DateOrDatetime, zone: ZoneInfo) -> datetime:
    """A date is the first moment that belongs to it on the practitioner's clock."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return from_epoch_seconds(start_of_day(moment, zone))
