"""A practitioner's private calendar feed: its secret URL, and its content as an ICS file.

The same values give the same bytes, so that a program that asks again gets 304. Once subscribed to,
the file is stored on other companies' servers, so it shows clients by their initials.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar as icalendar_Calendar
from icalendar import Event, vDuration

from consultations.booking.calendars.invite import (
    PRODUCT_ID,
    clean_lines,
    to_single_line,
    to_utc_seconds,
)
from consultations.booking.models import Calendar, Consultation, ConsultationEvent
from consultations.booking.states import LIVE_STATUSES, Status
from consultations.privacy import control_links
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import Practitioner


@dataclass(frozen=True)
class FeedEvent:
    """One event of the feed."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    changed_at: datetime
    initials: str = ""
    description: str = ""
    location: str = ""
    is_held: bool = False


FEED_PURPOSE = "feed"
FEED_LOOKBACK = timedelta(days=30)


def feed_path(practitioner: Practitioner) -> str:
    """Return the path of the feed, with its token; creates the Calendar row if needed."""
    calendar, _is_new = Calendar.objects.get_or_create(practitioner_id=practitioner.pk)
    token = control_links.make_token(FEED_PURPOSE, calendar.feed_id, calendar.feed_token_version)
    return reverse("booking:calendar_feed", args=[token])


def rotate_feed_token(practitioner: Practitioner) -> None:
    """Revoke the feed's current URL."""
    Calendar.objects.get_or_create(practitioner_id=practitioner.pk)
    rows = Calendar.objects.filter(practitioner_id=practitioner.pk)
    rows.update(feed_token_version=F("feed_token_version") + 1)


def find_feed_owner(token: str) -> Practitioner | None:
    """Return the practitioner of a feed token, else None.

    None for a token that is wrong, truncated or revoked or that has another purpose, and if the
    practitioner's account is deactivated: the URL must not outlive the access.
    """
    read = control_links.read_token(FEED_PURPOSE, token)
    if read is None:
        return None
    feed_id, version = read
    rows = Calendar.objects.select_related("practitioner__user")
    calendar = rows.filter(feed_id=feed_id, feed_token_version=version).first()
    if calendar is None or (
        calendar.practitioner.user and not calendar.practitioner.user.is_active
    ):
        return None
    return calendar.practitioner


def render_feed(practitioner: Practitioner, *, now: datetime) -> bytes:
    """Render upcoming calls and those of the last 30 days. Two queries."""
    live = Q(status__in=LIVE_STATUSES) & (
        ~Q(status=Status.HELD) | Q(status=Status.HELD, hold_expires_at__gt=now)
    )
    rows = Consultation.objects.filter(
        live, practitioner=practitioner, start_at__isnull=False, end_at__gt=now - FEED_LOOKBACK
    ).annotate(changed_at=Max("events__at"))
    return build_feed(
        name=_("Calls (%(name)s)") % {"name": practitioner.sender_name},
        label=_("Call"),
        events=[_to_feed_event(row) for row in rows],
    )


def last_event_at() -> datetime | None:
    """Return when any consultation last changed, including those no longer in this feed."""
    return ConsultationEvent.objects.aggregate(at=Max("at"))["at"]


def _to_feed_event(row: Consultation) -> FeedEvent:
    assert row.start_at is not None  # filtered by the query
    assert row.end_at is not None
    try:
        initials = row.initials
    except DecryptionError:
        initials = ""
    return FeedEvent(
        uid=str(row.ics_uid),
        sequence=row.sequence,
        start=row.start_at,
        end=row.end_at,
        changed_at=getattr(row, "changed_at", None) or row.created_at,
        initials=initials,
        description=_("Reference: %(reference)s") % {"reference": row.reference},
        location=str(row.get_meeting_display()) if row.meeting else "",
        is_held=row.status == Status.HELD,
    )


# --- The file. Pure: plain values to bytes --------------------------------------------------------

REFRESH_INTERVAL = timedelta(hours=1)
MAX_INITIALS = 3


def build_feed(*, name: str, label: str, events: Iterable[FeedEvent]) -> bytes:
    """Build the file. ``label`` is the neutral word before the initials, such as "Call"."""
    calendar = icalendar_Calendar()
    calendar.add("PRODID", PRODUCT_ID)
    calendar.add("VERSION", "2.0")
    # Google and Apple read the second of each pair, newer programs the first (RFC 7986).
    calendar.add("NAME", to_single_line(name))
    calendar.add("X-WR-CALNAME", to_single_line(name))
    calendar["REFRESH-INTERVAL"] = vDuration(REFRESH_INTERVAL, params={"VALUE": "DURATION"})
    calendar["X-PUBLISHED-TTL"] = vDuration(REFRESH_INTERVAL)
    for event in sorted(events, key=lambda event: (event.start, event.uid)):
        calendar.add_component(build_feed_event(event, label))
    return calendar.to_ical()


def build_feed_event(event: FeedEvent, label: str) -> Event:
    """Build the VEVENT; a held time is tentative."""
    component = Event()
    component.add("UID", to_single_line(event.uid))
    component.add("SEQUENCE", event.sequence)
    # Not the time of the request: the bytes would differ each time.
    component.add("DTSTAMP", to_utc_seconds(event.changed_at))
    component.add("LAST-MODIFIED", to_utc_seconds(event.changed_at))
    component.add("DTSTART", to_utc_seconds(event.start))
    component.add("DTEND", to_utc_seconds(event.end))
    component.add("STATUS", "TENTATIVE" if event.is_held else "CONFIRMED")
    component.add("SUMMARY", event_title(event, label))
    component.add("CLASS", "PRIVATE")
    component.add("TRANSP", "OPAQUE")
    if description := clean_lines(event.description):
        component.add("DESCRIPTION", description)
    if location := to_single_line(event.location):
        component.add("LOCATION", location)
    return component


def event_title(event: FeedEvent, label: str) -> str:
    """Return "Call (A.B.)".

    A full name passed as initials by mistake is cut to its first letters.
    """
    letters = [letter for letter in event.initials if letter.isalpha()][:MAX_INITIALS]
    initials = "".join(f"{letter}." for letter in letters)
    return f"{to_single_line(label)} ({initials})" if initials else to_single_line(label)


def compute_etag(feed: bytes) -> str:
    return f'"{sha256(feed).hexdigest()[:32]}"'
