"""A practitioner's consultations as a calendar to subscribe to. Pure: plain values to bytes.

The same values give the same bytes, so that a program that asks again is told "not changed". The
file lies on other people's servers once it is subscribed to: it says who is coming by initials.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from icalendar import Calendar, Event, vDuration

from consultations.booking.calendars.calendar_text import one_line, text_lines
from consultations.booking.calendars.invite import MAKER, whole_seconds

REFRESH_EVERY = timedelta(hours=1)
MOST_INITIALS = 3


@dataclass(frozen=True)
class FeedEvent:
    """``full_name`` only where the practice has chosen to show it in calendars."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    changed_at: datetime
    initials: str = ""
    full_name: str = ""
    description: str = ""
    location: str = ""
    is_held: bool = False


def calendar_feed(*, name: str, label: str, events: Iterable[FeedEvent]) -> bytes:
    """``label`` is the neutral word before the initials, such as "Call"."""
    calendar = Calendar()
    calendar.add("PRODID", MAKER)
    calendar.add("VERSION", "2.0")
    # Google and Apple read the second of each pair, newer programs the first (RFC 7986).
    calendar.add("NAME", one_line(name))
    calendar.add("X-WR-CALNAME", one_line(name))
    calendar["REFRESH-INTERVAL"] = vDuration(REFRESH_EVERY, params={"VALUE": "DURATION"})
    calendar["X-PUBLISHED-TTL"] = vDuration(REFRESH_EVERY)
    for event in sorted(events, key=lambda event: (event.start, event.uid)):
        calendar.add_component(entry(event, label))
    return calendar.to_ical()


def entry(event: FeedEvent, label: str) -> Event:
    found = Event()
    found.add("UID", one_line(event.uid))
    found.add("SEQUENCE", event.sequence)
    # Not the time of asking: the bytes would differ each time.
    found.add("DTSTAMP", whole_seconds(event.changed_at))
    found.add("LAST-MODIFIED", whole_seconds(event.changed_at))
    found.add("DTSTART", whole_seconds(event.start))
    found.add("DTEND", whole_seconds(event.end))
    found.add("STATUS", "TENTATIVE" if event.is_held else "CONFIRMED")
    found.add("SUMMARY", title(event, label))
    found.add("CLASS", "PRIVATE")
    found.add("TRANSP", "OPAQUE")
    if description := text_lines(event.description):
        found.add("DESCRIPTION", description)
    if location := one_line(event.location):
        found.add("LOCATION", location)
    return found


def title(event: FeedEvent, label: str) -> str:
    """ "Call (A.B.)". A whole name that was given for initials by mistake is cut to them."""
    letters = [one for one in event.initials if one.isalpha()][:MOST_INITIALS]
    who = one_line(event.full_name) or "".join(f"{one}." for one in letters)
    return f"{one_line(label)} ({who})" if who else one_line(label)


def etag(feed: bytes) -> str:
    return f'"{sha256(feed).hexdigest()[:32]}"'
