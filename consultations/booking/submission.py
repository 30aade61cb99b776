"""A visitor's answers become a row, once."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from consultations.booking import reply_promise
from consultations.booking.choices import Voicemail
from consultations.booking.models import Consultation, generate_reference
from consultations.privacy.encryption import DecryptionError
from consultations.screening.models import ScreeningSettings
from pages.practice.models import Holiday, OpeningHours, PracticeProfile, Practitioner

MAX_REFERENCE_ATTEMPTS = 8


@dataclass(frozen=True)
class RequestDetails:
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


@dataclass(frozen=True)
class SubmissionMeta:
    """The act of sending a form: its one-time key, what was agreed to, what made us doubt."""

    key: str
    consent_version: str
    suspicions: list[str] = field(default_factory=list)


def create_once(key: str, make: Callable[[], Consultation]) -> Consultation:
    """Run ``make`` in a transaction; the same key gives the same row.

    A double click, a reload or a retry after a lost answer sends the key again: the unique index
    decides, so two at once leave one row and one set of mails. Whatever else the second one runs
    into (its time is taken: by the first one) is answered by the first one's row.
    """
    if (known := find_by_key(key)) is not None:
        return known
    for _ in range(MAX_REFERENCE_ATTEMPTS):
        try:
            with transaction.atomic():
                return make()
        except IntegrityError:
            if (known := find_by_key(key)) is not None:
                return known
            # Otherwise the reference was taken: draw another one.
        except Exception:
            if (known := find_by_key(key)) is not None:
                return known
            raise
    raise RuntimeError("no free reference found")


def find_by_key(key: str) -> Consultation | None:
    return Consultation.objects.filter(idempotency_key=key).first()


def ensure_unique_key(details: RequestDetails, sending: SubmissionMeta) -> SubmissionMeta:
    """A key used for other words (back, then changed) becomes a new one, so nothing is lost."""
    known = find_by_key(sending.key)
    if known is None or comparable_answers(known) == comparable_answers(details):
        return sending
    return replace(sending, key=secrets.token_hex(16))


def comparable_answers(answers: Consultation | RequestDetails) -> tuple[str, ...] | None:
    """The words of a request; None when they cannot be read, which differs from everything."""
    try:
        names = ("name", "email", "phone", "note", "access_needs", "channel", "kind")
        return (
            *(str(getattr(answers, name)) for name in names),
            serialize_preferred_times(answers),
        )
    except DecryptionError:
        return None


def serialize_preferred_times(answers: Consultation | RequestDetails) -> str:
    """The times that suit, as they are stored."""
    if isinstance(answers, Consultation):
        return str(answers.preferred_times)
    return json.dumps(answers.preferred) if answers.preferred else ""


def create_consultation(
    details: RequestDetails, sending: SubmissionMeta, *, now: datetime, **values: object
) -> Consultation:
    """The row, in the caller's transaction; ``values`` are its state and time."""
    practice = PracticeProfile.load()
    return Consultation.objects.create(
        reference=generate_reference(practice.reference_prefix),
        idempotency_key=sending.key,
        kind=details.kind,
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
        preferred_times=serialize_preferred_times(details),
        is_adult=details.is_adult,
        consent_version=sending.consent_version,
        consent_at=now,
        reply_by=compute_reply_deadline(practice, now),
        suspicions=sending.suspicions,
        read_first=ScreeningSettings.load().is_read_first(details.note, details.access_needs),
        created_at=now,
        wanted_practitioner=details.practitioner,
        **{"practitioner": details.practitioner, **values},
    )


def renew_reply_deadline(now: datetime) -> dict[str, Any]:
    """What comes back to staff unanswered is promised an answer once more, from now on."""
    return {"reply_by": compute_reply_deadline(PracticeProfile.load(), now)}


def compute_reply_deadline(practice: PracticeProfile, now: datetime) -> datetime:
    """When the practice's promise to answer ends, by its hours and holidays."""
    return reply_promise.reply_deadline(
        now,
        business_days=practice.reply_within_days,
        zone=practice.time_zone,
        open_weekdays=set(OpeningHours.objects.values_list("weekday", flat=True)),
        holidays=set(Holiday.objects.values_list("on", flat=True)),
    )
