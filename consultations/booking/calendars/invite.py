"""The calendar file (ICS) of one consultation. Pure.

Times are in UTC, so the file needs no time zone definition that could become outdated. The caller
provides all text that people read, including the local time, because it knows the language.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress, vUri

PRODUCT_ID = "-//Practice site//Calendar//EN"


class CalendarMethod(StrEnum):
    """What the file asks the calendar program to do (RFC 5546)."""

    REQUEST = "REQUEST"  # booked or moved, by email
    CANCEL = "CANCEL"  # canceled, by email
    PUBLISH = "PUBLISH"  # the same event, downloaded from our page


@dataclass(frozen=True)
class Invite:
    """One event. ``uid`` never changes; ``sequence`` increases with each change and on cancel."""

    method: CalendarMethod
    uid: str
    sequence: int
    start: datetime
    end: datetime
    sent_at: datetime
    organizer: str  # the email's sender, address only
    attendee: str  # the email's recipient; not in files downloaded from our page
    summary: str
    description: str = ""
    location: str = ""  # an address or a link; only of a confirmed call
    video_url: str = ""


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
    if invite.video_url:
        # RFC 7986, 5.11. Programs that do not know it show the location.
        event.add("CONFERENCE", vUri(invite.video_url, params={"VALUE": "URI", "FEATURE": "VIDEO"}))
    return event


def build_attendee(address: str) -> vCalAddress:
    """Return the attendee as accepted: they agreed when booking, and we read no replies."""
    return vCalAddress(mailto_uri(address), params={"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})


def mailto_uri(address: str) -> str:
    """Return a mailto: URI; quote what an address may contain but a line of the file may not.

    RFC 6068.
    """
    return "mailto:" + quote(to_single_line(address).replace(" ", ""), safe="@!$'*+._~-")


def to_utc_seconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


# --- Text for calendar files, without characters that could be read as structure ------------------

# These change the reading direction, so a name could reorder the rest of its line.
BIDI_CONTROLS = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))


def to_single_line(text: str) -> str:
    """Replace line ends and other control characters by single spaces."""
    return " ".join(
        "".join(" " if is_control_character(character) else character for character in text).split()
    )


def clean_lines(text: str) -> str:
    """Clean each line; icalendar escapes the line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(to_single_line(line) for line in text.split("\n")).strip("\n")


def is_control_character(character: str) -> bool:
    """Whether a character is a control, a line separator or a bidi control."""
    # Cs: an unpaired surrogate, which cannot be encoded as UTF-8.
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in BIDI_CONTROLS
