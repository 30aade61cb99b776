"""The calendar file of one consultation. Pure: plain values to the bytes of one event.

Times are UTC, so the file needs no description of a zone that could go stale. The local time in
words, and everything else a person reads, is given by the caller, who knows the language.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import quote, urlencode

from icalendar import Calendar, Event, vCalAddress, vUri

PRODUCT_ID = "-//Practice site//Calendar//EN"


class CalendarMethod(StrEnum):
    """What the file asks of the program that opens it (RFC 5546)."""

    REQUEST = "REQUEST"  # booked or moved, by mail
    CANCEL = "CANCEL"  # called off, by mail
    PUBLISH = "PUBLISH"  # the same event, taken from our page


@dataclass(frozen=True)
class Invite:
    """``uid`` stays; ``sequence`` grows with each change of time or place, and on cancel."""

    method: CalendarMethod
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


def render_invite(invite: Invite) -> bytes:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT_ID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", invite.method.value)
    calendar.add_component(build_invite_event(invite))
    return calendar.to_ical()


def build_invite_event(invite: Invite) -> Event:
    event = Event()
    event.add("UID", to_single_line(invite.uid))
    event.add("SEQUENCE", invite.sequence)
    event.add("DTSTAMP", to_utc_seconds(invite.sent_at))
    event.add("DTSTART", to_utc_seconds(invite.start))
    event.add("DTEND", to_utc_seconds(invite.end))
    event.add("STATUS", "CANCELLED" if invite.method is CalendarMethod.CANCEL else "CONFIRMED")
    event.add("SUMMARY", to_single_line(invite.summary))
    event.add("CLASS", "PRIVATE")
    event.add("TRANSP", "OPAQUE")
    event["ORGANIZER"] = vCalAddress(mailto_uri(invite.organizer))
    # A published event has no attendees (RFC 5546, 3.2.1).
    if invite.method is not CalendarMethod.PUBLISH:
        event["ATTENDEE"] = build_attendee(invite.attendee)
    if description := clean_lines(invite.description):
        event.add("DESCRIPTION", description)
    if location := to_single_line(invite.location):
        event.add("LOCATION", location)
    if conference := to_single_line(invite.conference):
        event["CONFERENCE"] = vUri(conference, params={"VALUE": "URI"})
    return event


def build_attendee(address: str) -> vCalAddress:
    """They agreed when they booked, and we read no replies."""
    return vCalAddress(mailto_uri(address), params={"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})


def mailto_uri(address: str) -> str:
    """What an address may hold by its own rules, a line of a calendar file may not (RFC 6068)."""
    return "mailto:" + quote(to_single_line(address).replace(" ", ""), safe="@!$'*+._~-")


def to_utc_seconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


# Words that go into calendar files: nothing in them that a program could take for structure.

# Marks that reverse the reading direction of what follows: a name could turn the line around.
BIDI_CONTROLS = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))


def to_single_line(text: str) -> str:
    """Line ends and other control characters become single spaces."""
    return " ".join("".join(" " if is_control_character(one) else one for one in text).split())


def clean_lines(text: str) -> str:
    """The same line by line; the writer of the file escapes the line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(to_single_line(line) for line in text.split("\n")).strip("\n")


def is_control_character(character: str) -> bool:
    # Cs: half of a character; it cannot be written as UTF-8 at all.
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in BIDI_CONTROLS


# Links that open a filled form of a calendar on the web. Plain addresses: nothing is sent to
# anybody before they are followed, and they carry the same neutral words as the calendar file.
# Pure.


def google_calendar_link(*, summary: str, description: str, start: datetime, end: datetime) -> str:
    values = {
        "action": "TEMPLATE",
        "text": summary,
        "dates": f"{_format_basic(start)}/{_format_basic(end)}",
        "details": description,
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(values)}"


def outlook_calendar_link(*, summary: str, description: str, start: datetime, end: datetime) -> str:
    values = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": summary,
        "startdt": _format_extended(start),
        "enddt": _format_extended(end),
        "body": description,
    }
    return f"https://outlook.live.com/calendar/0/deeplink/compose?{urlencode(values)}"


def _format_basic(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _format_extended(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
