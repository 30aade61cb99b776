"""Update a consultation when its form is sent again with other answers.

A visitor goes back, changes an answer and sends the form again: its key is still the same, and so
is the consultation. The row follows the form until staff or the visitor have acted on it in another
way (an answer, a move on the private page, a corrected address), or it is closed. From then on the
form is out of date, and sending it changes nothing.
"""

from datetime import datetime

from django.db import transaction

from consultations.audit.models import Actor
from consultations.booking import claims, emails, submission, transitions
from consultations.booking.choices import RequestKind
from consultations.booking.claims import SlotTaken
from consultations.booking.models import ANSWERS_CHANGED, Consultation
from consultations.booking.states import Status
from consultations.booking.submission import RequestDetails, RequestedSlot, SubmissionMeta
from consultations.outbox import queue
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import Practitioner

# Derived from the answers and stored with them, but not compared.
DERIVED_FIELDS = ("consent_version", "consent_at", "suspicions", "read_first")


def is_settled(
    known: Consultation, details: RequestDetails, requested_slot: RequestedSlot | None
) -> bool:
    """Whether sending these answers again would change nothing.

    For the page, so that a double click does not count as another request; ``resubmit`` decides
    again while holding the lock.
    """
    return has_same_answers(known, details, requested_slot) or not is_changeable_by_form(
        known, requested_slot
    )


def resubmit(
    known: Consultation,
    details: RequestDetails,
    meta: SubmissionMeta,
    requested_slot: RequestedSlot | None,
    *,
    now: datetime,
) -> Consultation:
    """Update the row of a form that was sent again, and return it. Raises SlotTaken.

    ``requested_slot`` is None for a request without a time. Row, claims, history and emails change
    in one transaction or not at all.
    """
    with transaction.atomic():
        # Before the row itself, as in every operation that claims a time. All practitioners,
        # because which two are concerned is known only once the row is locked.
        claims.lock_practitioners(Practitioner.objects.all())
        row = Consultation.objects.select_for_update().get(pk=known.pk)
        if has_same_answers(row, details, requested_slot) or not is_changeable_by_form(
            row, requested_slot, now=now
        ):
            return row
        _apply(row, details, meta, requested_slot, now)
    return row


def has_same_answers(
    row: Consultation, details: RequestDetails, requested_slot: RequestedSlot | None
) -> bool:
    """Whether a row has the same answers as a form. False if its text cannot be decrypted."""
    try:
        is_same = all(
            getattr(row, name) == value for name, value in submission.answer_fields(details).items()
        )
    except DecryptionError:
        return False
    return is_same and _has_same_slot(row, requested_slot)


def is_changeable_by_form(
    row: Consultation, requested_slot: RequestedSlot | None, *, now: datetime | None = None
) -> bool:
    """Whether the form that created a row may still change it.

    Without ``now`` only what has happened counts; with it, the time as well.
    """
    if row.is_final:
        return False
    if row.events.exclude(before="").exclude(after=ANSWERS_CHANGED).exists():
        return False
    if now is None:
        return True
    if row.hold_expires_at is not None and row.hold_expires_at <= now:
        return False  # only the emailed link can continue from here
    if row.status != Status.CONFIRMED or row.start_at is None:
        return True
    if _has_same_slot(row, requested_slot):
        return now < row.start_at
    return now <= row.start_at - transitions.change_cutoff(row)


def _has_same_slot(row: Consultation, requested_slot: RequestedSlot | None) -> bool:
    if requested_slot is None:
        return row.start_at is None and row.kind != RequestKind.SLOT
    if row.type_id != requested_slot.type.pk:
        return False
    if row.start_at is None:
        # A suspicious form that was stored as a request has only the time as shown.
        return row.promised_time == requested_slot.promised_time
    return (
        row.start_at == requested_slot.start_at and row.practitioner in requested_slot.practitioners
    )


def _apply(
    row: Consultation,
    details: RequestDetails,
    meta: SubmissionMeta,
    requested_slot: RequestedSlot | None,
    now: datetime,
) -> None:
    before, old_start, old_practitioner = row.status, row.start_at, row.practitioner
    answers = submission.answer_fields(details)
    has_new_email = _differs(row, "email", details.email)
    is_same_slot = _has_same_slot(row, requested_slot)
    # Stated in the emails, which are sent again when it changes.
    is_other_meeting = row.meeting != details.meeting or row.kind != details.kind
    changes: dict[str, object] = {}
    if not is_same_slot:
        changes = _change_slot(row, details, meta, requested_slot, now)
        if before == Status.CONFIRMED and changes["status"] != Status.CONFIRMED:
            _send_cancellation(row, now)
    elif row.start_at is None:
        # Decides who sees the request and is emailed about it.
        changes["practitioner"] = details.practitioner
    if has_new_email:
        changes["token_version"] = row.token_version + 1  # the old link may be in a wrong mailbox
    if before == Status.CONFIRMED and (not is_same_slot or is_other_meeting):
        # A calendar file was sent, so the next one needs a higher SEQUENCE.
        changes["sequence"] = row.sequence + 1
    if changes:
        Consultation.objects.filter(pk=row.pk).update(**changes)
        row.refresh_from_db()
    for name, value in answers.items():
        setattr(row, name, value)
    row.consent_version, row.consent_at = meta.consent_version, now
    row.suspicions = [*dict.fromkeys([*row.suspicions, *meta.suspicions])]
    row.read_first = submission.is_read_first(details)
    row.save(update_fields=[*answers, *DERIVED_FIELDS])
    row.record_event(
        Actor.VISITOR,
        before,
        ANSWERS_CHANGED,
        now=now,
        old_start=None if is_same_slot else old_start,
        old_practitioner=None if is_same_slot or old_start is None else old_practitioner,
    )
    if not is_same_slot:
        _send_for_new_slot(row, before, now)
    elif has_new_email or is_other_meeting:
        queue.void_emails(about=row.uuid, messages=emails.VISITOR_MESSAGES)
        existing_call = transitions.find_other_upcoming_call(row, now=now)
        emails.resend_to_corrected_address(row, existing_call=existing_call, now=now)


def _change_slot(
    row: Consultation,
    details: RequestDetails,
    meta: SubmissionMeta,
    requested_slot: RequestedSlot | None,
    now: datetime,
) -> dict[str, object]:
    """Free the old time and claim the new one; return the fields to store. Raises SlotTaken."""
    reply_by = submission.renewed_reply_deadline(now)
    free: list[Practitioner] = []
    if requested_slot is not None:
        free = claims.rank_available_practitioners(
            requested_slot.type,
            requested_slot.practitioners,
            requested_slot.start_at,
            now=now,
            moving=row,
            policy=requested_slot.type.policy,
        )
        if not free:
            raise SlotTaken
        if meta.suspicions:
            free = claims.keep_reviewable(free, requested_slot.start_at, now=now)
    if requested_slot is None or not free:
        claims.release_claims(row)
        return {
            "status": Status.REQUESTED,
            "hold_for": "",
            "hold_expires_at": None,
            "start_at": None,
            "end_at": None,
            "before_min": 0,
            "after_min": 0,
            "type": requested_slot.type if requested_slot else None,
            "practitioner": details.practitioner,
            "promised_time": requested_slot.promised_time if requested_slot else "",
            "reply_by": reply_by,
        }
    row.before_min = requested_slot.type.before_min
    row.after_min = requested_slot.type.after_min
    assigned = claims.claim_slot(row, free, requested_slot.start_at, requested_slot.end_at, now=now)
    status = (
        submission.review_hold_fields(requested_slot.start_at, now=now)
        if meta.suspicions
        else submission.initial_status_fields(requested_slot.type, reply_by=reply_by, now=now)
    )
    return {**requested_slot.fields(assigned), **status, "reply_by": reply_by}


def _send_cancellation(row: Consultation, now: datetime) -> None:
    """Remove the event of a confirmed call from both calendars; the row still has its time."""
    queue.void_emails(about=row.uuid)
    row.sequence += 1
    emails.send_withdrawal(row, had_a_time=True, now=now)
    row.sequence -= 1


def _send_for_new_slot(row: Consultation, before: str, now: datetime) -> None:
    if before == Status.CONFIRMED and row.status == Status.CONFIRMED:
        queue.void_emails(about=row.uuid)
        emails.send_move_notice(row, now=now)
        return
    if before != Status.CONFIRMED:
        queue.void_emails(about=row.uuid)
    existing_call = transitions.find_other_upcoming_call(row, now=now)
    emails.send_booking(row, now=now, existing_call=existing_call, resend=True)


def _differs(row: Consultation, name: str, value: object) -> bool:
    try:
        return bool(getattr(row, name) != value)
    except DecryptionError:
        return True
