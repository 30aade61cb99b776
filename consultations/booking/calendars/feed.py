"""A practitioner's consultations as a private feed: its address and its content."""

from datetime import datetime, timedelta

from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.booking.calendars.calendar_feed import FeedEvent, calendar_feed
from consultations.booking.models import Calendar, Consultation, ConsultationEvent
from consultations.booking.states import LIVE_STATUSES, Status
from consultations.privacy import control_links
from consultations.privacy.encryption import CannotOpen
from pages.practice.models import Practitioner

PURPOSE = "feed"
LOOKS_BACK = timedelta(days=30)


def address_of(person: Practitioner) -> str:
    calendar, _is_new = Calendar.objects.get_or_create(practitioner_id=person.pk)
    token = control_links.make(PURPOSE, calendar.feed_id, calendar.feed_token_version)
    return reverse("booking:feed", args=[token])


def make_new_address(person: Practitioner) -> None:
    Calendar.objects.get_or_create(practitioner_id=person.pk)
    rows = Calendar.objects.filter(practitioner_id=person.pk)
    rows.update(feed_token_version=F("feed_token_version") + 1)


def find(token: str) -> Practitioner | None:
    """Whose feed this is; None for a token that is wrong, foreign, cut or revoked, and for somebody
    whose account is closed: what was open to them must not stay open by an address they kept."""
    read = control_links.read(PURPOSE, token)
    if read is None:
        return None
    feed_id, version = read
    rows = Calendar.objects.select_related("practitioner__user")
    found = rows.filter(feed_id=feed_id, feed_token_version=version).first()
    if found is None or (found.practitioner.user and not found.practitioner.user.is_active):
        return None
    return found.practitioner


def content(person: Practitioner, *, now: datetime) -> bytes:
    """Calls to come and of the last 30 days. Two queries."""
    live = Q(status__in=LIVE_STATUSES) & (
        ~Q(status=Status.HELD) | Q(status=Status.HELD, hold_expires_at__gt=now)
    )
    rows = Consultation.objects.filter(
        live, practitioner=person, start_at__isnull=False, end_at__gt=now - LOOKS_BACK
    ).annotate(changed_at=Max("events__at"))
    return calendar_feed(
        name=_("Calls (%(name)s)") % {"name": person.sender_name},
        label=_("Call"),
        events=[_event(row) for row in rows],
    )


def changed_at() -> datetime | None:
    """When anything last happened to any consultation: also one that left this feed."""
    return ConsultationEvent.objects.aggregate(at=Max("at"))["at"]


def _event(row: Consultation) -> FeedEvent:
    assert row.start_at is not None  # asked for above
    assert row.end_at is not None
    try:
        initials = row.initials
    except CannotOpen:
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
