"""What a visitor's own page of a consultation shows."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from consultations.booking import reply_promise
from consultations.booking.models import Consultation
from consultations.booking.states import Actor, Status, may
from pages.practice.models import PracticeProfile


def context(
    consultation: Consultation, practice: PracticeProfile, *, now: datetime
) -> dict[str, object]:
    """No contact data but the first letter of the address: a link can end up in other hands."""
    start, end = consultation.start_at, consultation.end_at
    visitor_zone = ZoneInfo(consultation.visitor_zone)
    return {
        "reference": consultation.reference,
        "state": consultation.status,
        "kind": consultation.kind,
        "channel": consultation.channel,
        "reason": consultation.decline_reason,
        "meeting": consultation.meeting,
        "answer_by": reply_promise.last_day(consultation.reply_by, practice.time_zone),
        "is_late": consultation.is_overdue(now),
        "start": start.astimezone(visitor_zone) if start else None,
        "zone": consultation.visitor_zone.replace("_", " "),
        "start_here": start.astimezone(ZoneInfo(practice.time_zone)) if start else None,
        "zone_here": practice.time_zone.replace("_", " "),
        "same_zone": consultation.visitor_zone == practice.time_zone,
        "is_over": end is not None and now >= end,
        "has_begun": start is not None and now >= start,
        "with_whom": consultation.practitioner.sender_name if consultation.practitioner else "",
        "minutes": settings.CALL_MINUTES,
        "masked_email": masked(consultation.email),
        "may_cancel": may(Actor.VISITOR, consultation.status, Status.CANCELLED_BY_VISITOR)
        and not (start is not None and now >= start),
        "manage_url": consultation.get_absolute_url(),
        "cancel_url": reverse("booking:cancel", args=[consultation.token]),
        "days_kept": settings.CONSULTATION_RETENTION_DAYS,
    }


def masked(email: str) -> str:
    """``a…`` for an address: enough to see which mailbox to look into, too little to use."""
    return f"{email[0]}…" if email else ""
