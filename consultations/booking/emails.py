"""Which message goes to whom. Nothing that a visitor wrote stands in any of them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from consultations.booking import reply_promise
from consultations.booking.models import Consultation
from consultations.outbox import queue
from pages.practice.models import PracticeProfile

# Mails about a state that a later state makes untrue.
WAITING_FOR_AN_ANSWER = ["consultation_received"]


def received(consultation: Consultation, *, now: datetime) -> None:
    """To the visitor: we have it, and when we answer. To the practice: one waits."""
    _to_visitor("consultation_received", consultation, now=now)
    _to_practice("consultation_waiting", consultation, now=now)


def confirmed(consultation: Consultation, *, now: datetime) -> None:
    _to_visitor("consultation_confirmed", consultation, now=now)


def declined(consultation: Consultation, *, now: datetime) -> None:
    _to_visitor("consultation_declined", consultation, now=now)


def cancelled(consultation: Consultation, *, now: datetime) -> None:
    """By the practice: the visitor is told."""
    _to_visitor("consultation_cancelled", consultation, now=now)


def taken_back(consultation: Consultation, *, now: datetime) -> None:
    """By the visitor: the practice is told."""
    _to_practice("consultation_taken_back", consultation, now=now)


def visitor_context(consultation: Consultation, practice: PracticeProfile) -> dict[str, object]:
    """Everything a mail to the visitor may use: no name, phone, address or note among it."""
    visitor_zone = ZoneInfo(consultation.visitor_zone)
    start = consultation.start_at
    with_whom = consultation.practitioner.sender_name if consultation.practitioner else ""
    return {
        "practice": practice,
        "reference": consultation.reference,
        "answer_by": reply_promise.last_day(consultation.reply_by, practice.time_zone),
        "manage_url": settings.SITE_URL + consultation.get_absolute_url(),
        "book_url": settings.SITE_URL + reverse("booking:consultation"),
        "crisis_url": settings.SITE_URL + reverse("pages:crisis"),
        "expect_url": settings.SITE_URL + reverse("pages:what_to_expect"),
        "start": start.astimezone(visitor_zone) if start else None,
        "zone": consultation.visitor_zone.replace("_", " "),
        "start_here": start.astimezone(ZoneInfo(practice.time_zone)) if start else None,
        "zone_here": practice.time_zone.replace("_", " "),
        "same_zone": consultation.visitor_zone == practice.time_zone,
        "minutes": settings.CALL_MINUTES,
        "meeting": consultation.meeting,
        "with_whom": with_whom or practice.sender_name,
        "reason": consultation.decline_reason,
        "kind": consultation.kind,
    }


def _to_visitor(message: str, consultation: Consultation, *, now: datetime) -> None:
    practice = PracticeProfile.load()
    queue.enqueue(
        message,
        key=_key(consultation, message),
        to=consultation.email,
        about=consultation.uuid,
        context=visitor_context(consultation, practice),
        now=now,
    )


def _to_practice(message: str, consultation: Consultation, *, now: datetime) -> None:
    practice = PracticeProfile.load()
    person = consultation.practitioner
    address = reverse("admin:consultations_consultation_change", args=[consultation.uuid])
    queue.enqueue(
        message,
        key=_key(consultation, message),
        to=(person.organizer_email if person else "") or practice.email,
        about=consultation.uuid,
        context={
            "reference": consultation.reference,
            "answer_by": reply_promise.last_day(consultation.reply_by, practice.time_zone),
            "admin_url": settings.SITE_URL + address,
        },
        now=now,
    )


def _key(consultation: Consultation, message: str) -> str:
    return f"{consultation.uuid}:{message}:{consultation.sequence}"
