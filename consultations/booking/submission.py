"""Store a visitor's answers as a consultation, once for each form that was issued."""

import dataclasses
import hashlib
import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from consultations.booking import local_time
from consultations.booking.choices import RequestKind, Voicemail
from consultations.booking.claims import SlotTaken
from consultations.booking.hours import BookingMode, ConsultationType
from consultations.booking.models import (
    Consultation,
    generate_reference,
    new_idempotency_key,
)
from consultations.booking.states import FINAL_STATUSES, HoldFor, Status
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import normalize_email
from consultations.screening.models import ScreeningSettings
from pages.practice.models import Holiday, PracticeProfile, Practitioner
from pages.practice.profile import get_practice_facts

MAX_REFERENCE_ATTEMPTS = 8
# A form's address contains its key. An address that somebody passes on serves this many people with
# keys derived from it; the next ones get a random key.
MAX_PEOPLE_PER_KEY = 8
KEY_LIFETIME = timedelta(hours=24)


REVIEW_HOLD = timedelta(hours=24)


@dataclass(frozen=True)
class RequestDetails:
    """What a visitor told us on the form, already cleaned; each field is stored in one column."""

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


# The columns that are not named like the field of RequestDetails.
COLUMNS = {
    "zone": "visitor_zone",
    "preferred": "preferred_times",
    "practitioner": "wanted_practitioner",
}


@dataclass(frozen=True)
class RequestedSlot:
    """The time that a form asks for, who may take it, and the time as the visitor saw it."""

    type: ConsultationType
    practitioners: Sequence[Practitioner]
    start_at: datetime
    promised_time: str

    @property
    def end_at(self) -> datetime:
        return self.start_at + timedelta(minutes=self.type.duration_min)

    def fields(self, practitioner: Practitioner) -> dict[str, object]:
        """Return the model fields of this time, with the buffers that the type has now."""
        return {
            "type": self.type,
            "practitioner": practitioner,
            "start_at": self.start_at,
            "end_at": self.end_at,
            "before_min": self.type.before_min,
            "after_min": self.type.after_min,
            "promised_time": self.promised_time,
        }


@dataclass(frozen=True)
class SubmissionMeta:
    """What comes with the answers: the form's key, the consent, and reasons for suspicion."""

    key: str
    consent_version: str
    suspicions: list[str] = field(default_factory=list)


def is_key_spent(key: str, *, now: datetime) -> bool:
    """Whether a form opened with this key needs another one: its request is closed or a day old.

    Otherwise somebody who returns to a bookmarked form months later would get the old request.
    """
    is_past = Q(status__in=FINAL_STATUSES) | Q(created_at__lte=now - KEY_LIFETIME)
    return Consultation.objects.filter(is_past, idempotency_key=key).exists()


def find_submission(key: str, details: RequestDetails) -> tuple[str, Consultation | None]:
    """Return the request that this person sent with a form's key; if None, the key for a new one.

    The key is in the form's address, and addresses get passed on. Knowing it must neither open nor
    overwrite another person's request, so everyone but the first sender gets a key derived from it.
    It is derived, not random, so that the other person's double click makes one request, too.
    """
    for _ in range(MAX_PEOPLE_PER_KEY):
        row = Consultation.objects.filter(idempotency_key=key).first()
        if row is None or _is_same_person(row, details):
            return key, row
        key = hashlib.sha256(key.encode()).hexdigest()
    return new_idempotency_key(), None


def _is_same_person(row: Consultation, details: RequestDetails) -> bool:
    """Whether the email address, the phone number or the name is still the same.

    People correct one of them, hardly all at once. False if the row cannot be decrypted.
    """
    try:
        return (
            (bool(row.email) and normalize_email(row.email) == normalize_email(details.email))
            or (bool(row.phone) and row.phone == details.phone)
            or _normalize_name(row.name) == _normalize_name(details.name)
        )
    except DecryptionError:
        return False


def _normalize_name(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def create_once(
    details: RequestDetails,
    meta: SubmissionMeta,
    create: Callable[[SubmissionMeta], Consultation],
) -> tuple[Consultation, bool]:
    """Run ``create`` in a transaction; return this person's row of the key, and whether it is new.

    A double click, a reload or a retry after a lost response sends the key again. The unique index
    decides, so two concurrent requests leave one row and one set of emails. The second request may
    also find its time taken by the first one; the first one's row is returned then, too. Raises
    SlotTaken.
    """
    key = meta.key
    for _ in range(MAX_REFERENCE_ATTEMPTS):
        try:
            with transaction.atomic():
                return create(replace(meta, key=key)), True
        except IntegrityError:
            # If there is no row, the random reference already existed, or the key is another's.
            key, known = find_submission(meta.key, details)
        except SlotTaken:
            key, known = find_submission(meta.key, details)
            if known is None:
                raise
        if known is not None:
            return known, False
    raise RuntimeError("no free reference found")


def create_consultation(
    details: RequestDetails, meta: SubmissionMeta, *, now: datetime, **values: object
) -> Consultation:
    """Store the row in the caller's transaction; ``values`` are its status and time."""
    practice = PracticeProfile.load()
    fields = {"practitioner": details.practitioner, **answer_fields(details), **values}
    if "reply_by" not in fields:
        fields["reply_by"] = compute_reply_deadline(practice, now)
    return Consultation.objects.create(
        reference=generate_reference(practice.reference_prefix),
        idempotency_key=meta.key,
        consent_version=meta.consent_version,
        consent_at=now,
        suspicions=meta.suspicions,
        read_first=is_read_first(details),
        created_at=now,
        **fields,
    )


def answer_fields(details: RequestDetails) -> dict[str, object]:
    """Return the model fields that hold the visitor's answers, with their values."""
    values: dict[str, object] = {
        COLUMNS.get(field.name, field.name): getattr(details, field.name)
        for field in dataclasses.fields(details)
    }
    values["preferred_times"] = json.dumps(details.preferred) if details.preferred else ""
    return values


def copy_details(row: Consultation) -> RequestDetails:
    """Return the answers stored in a row, for another call with the same person."""
    answers = {
        field.name: getattr(row, COLUMNS.get(field.name, field.name))
        for field in dataclasses.fields(RequestDetails)
    }
    answers["preferred"] = json.loads(row.preferred_times or "[]")
    return RequestDetails(**answers | {"kind": RequestKind.SLOT, "practitioner": None})


def is_read_first(details: RequestDetails) -> bool:
    """Whether staff should read this request before the others."""
    texts = [text for text in (details.note, details.access_needs) if text]
    return bool(texts) and ScreeningSettings.load().is_read_first(*texts)


def initial_status_fields(
    type: ConsultationType, *, reply_by: datetime, now: datetime
) -> dict[str, object]:
    """Return the status of a time that a visitor has just chosen, by the type's booking mode."""
    if type.mode == BookingMode.EMAIL_CONFIRM:
        expires = now + timedelta(minutes=type.email_hold_min)
        return {"status": Status.HELD, "hold_for": HoldFor.EMAIL, "hold_expires_at": expires}
    if type.mode == BookingMode.STAFF_APPROVAL:
        return {"status": Status.HELD, "hold_for": HoldFor.APPROVAL, "hold_expires_at": reply_by}
    return {"status": Status.CONFIRMED, "hold_for": "", "hold_expires_at": None}


def review_hold_fields(start_at: datetime, *, now: datetime) -> dict[str, object]:
    """Return the status of a time that is held until staff have looked at a doubtful form."""
    expires = min(now + REVIEW_HOLD, start_at)
    return {"status": Status.HELD, "hold_for": HoldFor.APPROVAL, "hold_expires_at": expires}


def renewed_reply_deadline(now: datetime) -> datetime:
    """Return the reply deadline of a row that comes back to staff unanswered."""
    return compute_reply_deadline(PracticeProfile.load(), now)


def compute_reply_deadline(practice: PracticeProfile, now: datetime) -> datetime:
    """Return the end of the practice's reply promise, by its hours and holidays."""
    return local_time.reply_deadline(
        now,
        business_days=practice.reply_within_days,
        zone=practice.time_zone,
        open_weekdays={hours.weekday for hours in get_practice_facts().hours},
        holidays=set(Holiday.objects.values_list("on", flat=True)),
    )
