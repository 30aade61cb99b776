"""What a visitor's own page of a consultation shows."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from consultations.booking import emails, reply_promise
from consultations.booking.models import Consultation
from consultations.booking.states import HoldFor, Status
from consultations.booking.transitions import cutoff, may_visitor_change
from consultations.privacy.encryption import CannotOpen
from pages.practice.models import PracticeProfile


def context(
    consultation: Consultation, practice: PracticeProfile, *, now: datetime
) -> dict[str, object]:
    """No contact data but the first letter of the address: a link can end up in other hands."""
    start, end, token = consultation.start_at, consultation.end_at, consultation.token
    expires = consultation.hold_expires_at
    zone = ZoneInfo(consultation.visitor_zone)
    is_live_hold = expires is not None and expires > now
    return {
        "reference": consultation.reference,
        "read_first": consultation.read_first,
        "state": consultation.status,
        "kind": consultation.kind,
        "channel": consultation.channel,
        "reason": consultation.decline_reason,
        "meeting": consultation.meeting,
        "answer_by": reply_promise.last_day(consultation.reply_by, practice.time_zone),
        "is_late": consultation.is_overdue(now),
        **emails.times(consultation, practice),
        "is_over": end is not None and now >= end,
        "has_begun": start is not None and now >= start,
        "with_whom": consultation.practitioner.sender_name if consultation.practitioner else "",
        "minutes": emails.length_min(consultation),
        "masked_email": masked(consultation),
        "waits_for_mail": is_live_hold and consultation.hold_for == HoldFor.EMAIL,
        "waited_for_mail": consultation.hold_for == HoldFor.EMAIL,
        "waits_for_us": is_live_hold and consultation.hold_for == HoldFor.APPROVAL,
        "is_offer": is_live_hold and consultation.hold_for == HoldFor.OFFER,
        "hold_expires": expires.astimezone(zone) if expires else None,
        "may_cancel": may_visitor_change(consultation, Status.CANCELLED_BY_VISITOR, now),
        "may_move": consultation.status == Status.CONFIRMED
        and consultation.type is not None
        and may_visitor_change(consultation, Status.CONFIRMED, now),
        "cutoff_hours": int(cutoff(consultation).total_seconds() // 3600),
        "web_calendars": emails.web_calendars(consultation, practice),
        "may_correct": not consultation.is_final
        and not (start is not None and now >= start)
        and has_address(consultation),
        "manage_url": consultation.get_absolute_url(),
        "move_url": reverse("booking:move", args=[token]),
        "cancel_url": reverse("booking:cancel", args=[token]),
        "calendar_url": reverse("booking:calendar_file", args=[token]),
        "days_kept": settings.CONSULTATION_RETENTION_DAYS,
        "waitlist_days": settings.WAITLIST_EXPIRES_DAYS,
    }


def has_address(consultation: Consultation) -> bool:
    """One that is lost counts: its owner can name it again."""
    return consultation.address_is_lost or bool(consultation.email)


def masked(consultation: Consultation) -> str:
    """``a…`` for an address: enough to see which mailbox to look into, too little to use.

    Empty where there is none, or where no key of ours opens it: the page itself still helps.
    """
    try:
        email = consultation.email
    except CannotOpen:
        return ""
    return f"{email[0]}…" if email else ""
