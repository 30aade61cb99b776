"""Every change of a consultation: one function a verb, one transaction each.

Pages, admin and jobs are thin doors to these. They take ``now`` and ``by``, never a request.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from consultations.booking import emails, reply_promise
from consultations.booking.choices import Kind, Voicemail
from consultations.booking.models import (
    Consultation,
    ConsultationEvent,
    ConsultationQuerySet,
)
from consultations.booking.reference import new_reference
from consultations.booking.states import FINAL, Actor, Status, may
from consultations.outbox import queue
from pages.practice.models import Holiday, OpeningHours, PracticeProfile, Practitioner

REFERENCE_TRIES = 8


class NotAllowed(Exception):
    """The state has changed meanwhile, or this actor may not do this."""


class TimeIsTaken(Exception):
    """Another consultation of this practitioner lies at that time."""


@dataclass(frozen=True)
class Details:
    """What a visitor told us on the form, already cleaned."""

    kind: str
    name: str
    channel: str
    email: str = ""
    phone: str = ""
    voicemail: str = Voicemail.NO
    location: str = ""
    service: str = ""
    audience: str = "me"
    meeting: str = ""
    note: str = ""
    access_needs: str = ""
    preferred: list[str] = field(default_factory=list)
    is_adult: bool = False
    zone: str = "UTC"
    practitioner: Practitioner | None = None


def request_consultation(
    details: Details, *, key: str, consent_version: str, suspicions: list[str], now: datetime
) -> Consultation:
    """Store a request, its history and its mails together. The same ``key`` gives the same row.

    A double click, a reload or a retry after a lost answer sends the key again: the unique index
    decides, so two at once leave one row and one set of mails.
    """
    if (known := Consultation.objects.filter(idempotency_key=key).first()) is not None:
        return known
    practice = PracticeProfile.load()
    for _ in range(REFERENCE_TRIES):
        try:
            with transaction.atomic():
                return _store(details, practice, key, consent_version, suspicions, now)
        except IntegrityError:
            if (known := Consultation.objects.filter(idempotency_key=key).first()) is not None:
                return known
            # Otherwise the reference was taken: draw another one.
    raise RuntimeError("no free reference found")


def _store(
    details: Details,
    practice: PracticeProfile,
    key: str,
    consent_version: str,
    suspicions: list[str],
    now: datetime,
) -> Consultation:
    consultation = Consultation.objects.create(
        reference=new_reference(practice.reference_prefix),
        idempotency_key=key,
        kind=details.kind,
        practitioner=details.practitioner,
        visitor_zone=details.zone,
        name=details.name,
        email=details.email,
        phone=details.phone,
        channel=details.channel,
        voicemail=details.voicemail,
        location=details.location,
        service=details.service,
        audience=details.audience,
        meeting=details.meeting,
        note=details.note,
        access_needs=details.access_needs,
        preferred_times=json.dumps(details.preferred) if details.preferred else "",
        is_adult=details.is_adult,
        consent_version=consent_version,
        consent_at=now,
        reply_by=promised_reply(practice, now),
        suspicions=suspicions,
        created_at=now,
    )
    _note_event(consultation, Actor.VISITOR, "", Status.REQUESTED, now=now)
    emails.received(consultation, now=now)
    return consultation


def promised_reply(practice: PracticeProfile, now: datetime) -> datetime:
    """When the practice's promise to answer ends, by its hours and holidays."""
    return reply_promise.reply_by(
        now,
        business_days=practice.reply_within_days,
        zone=practice.time_zone,
        open_weekdays=set(OpeningHours.objects.values_list("weekday", flat=True)),
        holidays=set(Holiday.objects.values_list("on", flat=True)),
    )


def confirm_consultation(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
) -> None:
    """Give a request its time. Raises TimeIsTaken or NotAllowed."""
    end_at = start_at + timedelta(minutes=settings.CALL_MINUTES)
    with transaction.atomic():
        # Two staff members confirming different requests at one time: the second one waits here
        # and then sees the first one's consultation.
        Practitioner.objects.select_for_update().get(pk=practitioner.pk)
        if taken_between(practitioner, start_at, end_at).exists():
            raise TimeIsTaken
        _move(
            consultation,
            Status.CONFIRMED,
            Actor.STAFF,
            by=by,
            now=now,
            start_at=start_at,
            end_at=end_at,
            practitioner=practitioner,
        )
        queue.void(about=consultation.uuid, messages=emails.WAITING_FOR_AN_ANSWER)
        emails.confirmed(consultation, now=now)


def taken_between(
    practitioner: Practitioner, start_at: datetime, end_at: datetime
) -> ConsultationQuerySet:
    return Consultation.objects.filter(
        practitioner=practitioner,
        status=Status.CONFIRMED,
        start_at__lt=end_at,
        end_at__gt=start_at,
    )


def decline_consultation(
    consultation: Consultation, *, reason: str, by: User, now: datetime
) -> None:
    with transaction.atomic():
        _move(consultation, Status.DECLINED, Actor.STAFF, by=by, now=now, decline_reason=reason)
        queue.void(about=consultation.uuid, messages=emails.WAITING_FOR_AN_ANSWER)
        emails.declined(consultation, now=now)


def cancel_consultation(consultation: Consultation, *, by: User, now: datetime) -> None:
    """The practice cannot keep a confirmed time."""
    with transaction.atomic():
        _move(consultation, Status.CANCELLED_BY_STAFF, Actor.STAFF, by=by, now=now)
        queue.void(about=consultation.uuid)
        emails.cancelled(consultation, now=now)


def withdraw_consultation(consultation: Consultation, *, now: datetime) -> None:
    """The visitor takes it back, by the secret link."""
    with transaction.atomic():
        _move(consultation, Status.CANCELLED_BY_VISITOR, Actor.VISITOR, now=now)
        queue.void(about=consultation.uuid)
        emails.taken_back(consultation, now=now)


def complete_consultation(
    consultation: Consultation, *, outcome: str, by: User, now: datetime
) -> None:
    with transaction.atomic():
        _move(consultation, Status.COMPLETED, Actor.STAFF, by=by, now=now, outcome=outcome)


def mark_no_show(consultation: Consultation, *, by: User, now: datetime) -> None:
    with transaction.atomic():
        _move(consultation, Status.NO_SHOW, Actor.STAFF, by=by, now=now)


def expire_requests(*, now: datetime) -> int:
    """Close requests that nobody answered in CONSULTATION_REQUEST_EXPIRES_DAYS days."""
    limit = now - timedelta(days=settings.CONSULTATION_REQUEST_EXPIRES_DAYS)
    expired = 0
    waiting = Consultation.objects.filter(status=Status.REQUESTED, created_at__lte=limit)
    for consultation in waiting.exclude(kind=Kind.WAITLIST):
        try:
            with transaction.atomic():
                _move(consultation, Status.EXPIRED, Actor.SYSTEM, now=now)
            expired += 1
        except NotAllowed:
            continue  # answered at this very moment
    return expired


def _move(
    consultation: Consultation,
    after: str,
    actor: str,
    *,
    now: datetime,
    by: User | None = None,
    **changes: object,
) -> None:
    """Compare and swap on (status, sequence), with the history row in the same transaction."""
    before = consultation.status
    _check_allowed(consultation, after, actor, now)
    old_start = consultation.start_at
    if after in FINAL:
        changes["closed_at"] = now
    if after == Status.CONFIRMED:
        changes["sequence"] = consultation.sequence + 1
    changed = Consultation.objects.filter(
        pk=consultation.pk, status=before, sequence=consultation.sequence
    ).update(status=after, **changes)
    if not changed:
        raise NotAllowed(f"no longer {before}")
    consultation.refresh_from_db()
    _note_event(consultation, actor, before, after, now=now, by=by, old_start=old_start)


def _check_allowed(consultation: Consultation, after: str, actor: str, now: datetime) -> None:
    before, start, end = consultation.status, consultation.start_at, consultation.end_at
    if not may(actor, before, after):
        raise NotAllowed(f"{actor}: {before} to {after}")
    if after in (Status.COMPLETED, Status.NO_SHOW) and start is not None and now < start:
        raise NotAllowed("the call has not begun")
    if after == Status.CANCELLED_BY_STAFF and end is not None and now >= end:
        raise NotAllowed("the call is over")
    if after == Status.CANCELLED_BY_VISITOR and start is not None and now >= start:
        raise NotAllowed("the call has begun")


def _note_event(
    consultation: Consultation,
    actor: str,
    before: str,
    after: str,
    *,
    now: datetime,
    by: User | None = None,
    old_start: datetime | None = None,
) -> None:
    ConsultationEvent.objects.create(
        consultation=consultation,
        at=now,
        actor=actor,
        by=by,
        before=before,
        after=after,
        old_start_at=old_start,
        new_start_at=consultation.start_at,
    )
