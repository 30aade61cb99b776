"""The calendar file of one consultation. Pure: plain values to the bytes of one event.

Times are UTC, so the file needs no description of a zone that could go stale. The local time in
words, and everything else a person reads, is given by the caller, who knows the language.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress, vUri

from consultations.booking.calendars.calendar_text import one_line, text_lines

MAKER = "-//Practice site//Calendar//EN"


class Method(StrEnum):
    """What the file asks of the program that opens it (RFC 5546)."""

    REQUEST = "REQUEST"  # booked or moved, by mail
    CANCEL = "CANCEL"  # called off, by mail
    PUBLISH = "PUBLISH"  # the same event, taken from our page


@dataclass(frozen=True)
class Invite:
    """``uid`` stays; ``sequence`` grows with each change of time or place, and on cancel."""

    method: Method
    uid: str
    sequence: int
    start: datetime
    end: datetime
    sent_at: datetime
    organizer: str  # the bare address the mail comes from
    attendee: str  # the one person the mail goes to; in no file from our page
    summary: str
    description: str = ""
    location: str = ""
    conference: str = ""  # an https: or tel: address


def calendar_file(invite: Invite) -> bytes:
    calendar = Calendar()
    calendar.add("PRODID", MAKER)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", invite.method.value)
    calendar.add_component(event_of(invite))
    return calendar.to_ical()


def event_of(invite: Invite) -> Event:
    event = Event()
    event.add("UID", one_line(invite.uid))
    event.add("SEQUENCE", invite.sequence)
    event.add("DTSTAMP", whole_seconds(invite.sent_at))
    event.add("DTSTART", whole_seconds(invite.start))
    event.add("DTEND", whole_seconds(invite.end))
    event.add("STATUS", "CANCELLED" if invite.method is Method.CANCEL else "CONFIRMED")
    event.add("SUMMARY", one_line(invite.summary))
    event.add("CLASS", "PRIVATE")
    event.add("TRANSP", "OPAQUE")
    event["ORGANIZER"] = vCalAddress(mailto(invite.organizer))
    # A published event has no attendees (RFC 5546, 3.2.1).
    if invite.method is not Method.PUBLISH:
        event["ATTENDEE"] = attendee(invite.attendee)
    if description := text_lines(invite.description):
        event.add("DESCRIPTION", description)
    if location := one_line(invite.location):
        event.add("LOCATION", location)
    if conference := one_line(invite.conference):
        event["CONFERENCE"] = vUri(conference, params={"VALUE": "URI"})
    return event


def attendee(address: str) -> vCalAddress:
    """They agreed when they booked, and we read no replies."""
    return vCalAddress(mailto(address), params={"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})


def mailto(address: str) -> str:
    """What an address may hold by its own rules, a line of a calendar file may not (RFC 6068)."""
    return "mailto:" + quote(one_line(address).replace(" ", ""), safe="@!$'*+._~-")


def whole_seconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
