"""The verbs that need no time: request, decline, cancel, withdraw, complete. One transaction each.

Pages, admin and jobs are thin doors to these and to ``bookings``. They take ``now`` and ``by``,
never a request.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q

from consultations.booking import emails, submission, transitions
from consultations.booking.choices import Kind
from consultations.booking.models import ADDRESS_CORRECTED, Consultation
from consultations.booking.states import Actor, Status
from consultations.booking.submission import RequestDetails, SubmissionMeta
from consultations.booking.transitions import NotAllowed, change, note_event
from consultations.outbox import queue

# Before a request ends without an answer: two days, and a weekend may lie between.
WARNED_AHEAD = timedelta(days=4)


def request_consultation(
    details: RequestDetails, sending: SubmissionMeta, *, now: datetime
) -> Consultation:
    """Store a request, its history and its mails together. The same key gives the same row."""

    def make() -> Consultation:
        consultation = submission.create_consultation(details, sending, now=now)
        note_event(consultation, Actor.VISITOR, "", Status.REQUESTED, now=now)
        emails.received(consultation, now=now)
        return consultation

    return submission.create_once(sending.key, make)


def decline_consultation(
    consultation: Consultation, *, reason: str, by: User, now: datetime
) -> None:
    with transaction.atomic():
        change(consultation, Status.DECLINED, Actor.STAFF, by=by, now=now, decline_reason=reason)
        queue.void(about=consultation.uuid, messages=emails.WAITING_FOR_AN_ANSWER)
        emails.declined(consultation, now=now)


def cancel_consultation(consultation: Consultation, *, by: User | None, now: datetime) -> None:
    """The practice cannot keep a confirmed time."""
    with transaction.atomic():
        change(consultation, Status.CANCELLED_BY_STAFF, Actor.STAFF, by=by, now=now)
        queue.void(about=consultation.uuid)
        emails.cancelled(consultation, now=now)


def withdraw_consultation(consultation: Consultation, *, now: datetime, reason: str = "") -> None:
    """The visitor takes it back, by the secret link; why, is theirs to say or not."""
    had_a_time = consultation.status == Status.CONFIRMED
    with transaction.atomic():
        change(consultation, Status.CANCELLED_BY_VISITOR, Actor.VISITOR, now=now, note=reason)
        queue.void(about=consultation.uuid)
        emails.taken_back(consultation, had_a_time=had_a_time, now=now)


def correct_address(consultation: Consultation, *, email: str, now: datetime) -> None:
    """The visitor's own correction: a new link, mailed to the new address; the old link ends."""
    with transaction.atomic():
        if consultation.is_final:
            raise NotAllowed("nothing more will be written")
        if consultation.start_at is not None and now >= consultation.start_at:
            raise NotAllowed("the call has begun")
        mine = Consultation.objects.filter(
            pk=consultation.pk,
            status=consultation.status,
            token_version=consultation.token_version,
        )
        if not mine.update(token_version=F("token_version") + 1):
            raise NotAllowed("changed meanwhile")
        consultation.refresh_from_db()
        consultation.email = email
        consultation.save(update_fields=["email"])
        note_event(consultation, Actor.VISITOR, consultation.status, ADDRESS_CORRECTED, now=now)
        queue.void(about=consultation.uuid, messages=emails.TO_VISITORS)
        has_one = transitions.find_other_upcoming_call(consultation, now=now)
        emails.to_the_corrected_address(consultation, has_one=has_one, now=now)


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

    On the waiting list people stay for WAITLIST_EXPIRES_DAYS. Days count from the last time that
    it came to staff: an offer refused on the last day leaves them as long as a new request.
    """
    expired = 0
    for consultation in _asked(before=now):
        try:
            with transaction.atomic():
                change(consultation, Status.EXPIRED, Actor.SYSTEM, now=now)
            expired += 1
        except NotAllowed:
            continue  # answered at this very moment
    return expired


def warn_of_expiry(*, now: datetime) -> int:
    """Tell the practice, once, of requests that will end without an answer in a few days."""
    warned = 0
    for consultation in _asked(before=now + WARNED_AHEAD):
        with transaction.atomic():
            warned += emails.ends_soon(consultation, asked_at=consultation.asked_at, now=now)
    return warned


def _asked(*, before: datetime) -> Iterator[Any]:
    """What will have waited for too long by then. Rows carry ``asked_at``."""
    days = settings.CONSULTATION_REQUEST_EXPIRES_DAYS
    days_of_list = settings.WAITLIST_EXPIRES_DAYS
    requests, lists = ~Q(kind=Kind.WAITLIST), Q(kind=Kind.WAITLIST)
    for kinds, limit in ((requests, days), (lists, days_of_list)):
        yield from Consultation.objects.filter(kinds).unanswered_since(
            before - timedelta(days=limit)
        )
