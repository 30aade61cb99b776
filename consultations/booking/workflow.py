"""The verbs that need no time: request, decline, cancel, withdraw, complete. One transaction each.

Pages, admin and jobs are thin doors to these and to ``bookings``. They take ``now`` and ``by``,
never a request.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from consultations.booking import emails, storing
from consultations.booking.choices import Kind
from consultations.booking.models import Consultation
from consultations.booking.states import Actor, Status
from consultations.booking.storing import Details, Sending
from consultations.booking.transitions import NotAllowed, change, note_event
from consultations.outbox import queue


def request_consultation(details: Details, sending: Sending, *, now: datetime) -> Consultation:
    """Store a request, its history and its mails together. The same key gives the same row."""

    def make() -> Consultation:
        consultation = storing.store(details, sending, now=now)
        note_event(consultation, Actor.VISITOR, "", Status.REQUESTED, now=now)
        emails.received(consultation, now=now)
        return consultation

    return storing.once(sending.key, make)


def decline_consultation(
    consultation: Consultation, *, reason: str, by: User, now: datetime
) -> None:
    with transaction.atomic():
        change(consultation, Status.DECLINED, Actor.STAFF, by=by, now=now, decline_reason=reason)
        queue.void(about=consultation.uuid, messages=emails.WAITING_FOR_AN_ANSWER)
        emails.declined(consultation, now=now)


def cancel_consultation(consultation: Consultation, *, by: User, now: datetime) -> None:
    """The practice cannot keep a confirmed time."""
    with transaction.atomic():
        change(consultation, Status.CANCELLED_BY_STAFF, Actor.STAFF, by=by, now=now)
        queue.void(about=consultation.uuid)
        emails.cancelled(consultation, now=now)


def withdraw_consultation(consultation: Consultation, *, now: datetime) -> None:
    """The visitor takes it back, by the secret link."""
    had_a_time = consultation.status == Status.CONFIRMED
    with transaction.atomic():
        change(consultation, Status.CANCELLED_BY_VISITOR, Actor.VISITOR, now=now)
        queue.void(about=consultation.uuid)
        emails.taken_back(consultation, had_a_time=had_a_time, now=now)


def complete_consultation(
    consultation: Consultation, *, outcome: str, by: User, now: datetime
) -> None:
    with transaction.atomic():
        change(consultation, Status.COMPLETED, Actor.STAFF, by=by, now=now, outcome=outcome)


def mark_no_show(consultation: Consultation, *, by: User, now: datetime) -> None:
    with transaction.atomic():
        change(consultation, Status.NO_SHOW, Actor.STAFF, by=by, now=now)


def expire_requests(*, now: datetime) -> int:
    """Close requests that nobody answered in CONSULTATION_REQUEST_EXPIRES_DAYS days.

    On the waiting list people stay for WAITLIST_EXPIRES_DAYS.
    """
    expired = 0
    limit = now - timedelta(days=settings.CONSULTATION_REQUEST_EXPIRES_DAYS)
    limit_of_list = now - timedelta(days=settings.WAITLIST_EXPIRES_DAYS)
    too_old = (~Q(kind=Kind.WAITLIST) & Q(created_at__lte=limit)) | Q(
        kind=Kind.WAITLIST, created_at__lte=limit_of_list
    )
    for consultation in Consultation.objects.filter(too_old, status=Status.REQUESTED):
        try:
            with transaction.atomic():
                change(consultation, Status.EXPIRED, Actor.SYSTEM, now=now)
            expired += 1
        except NotAllowed:
            continue  # answered at this very moment
    return expired
