"""Operations that reserve a slot: book, confirm, approve, offer, move. One transaction each.

All of them end in ``claims.claim_slot``, whose unique index is the final check. They take ``now``
and ``by``, never a request.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypedDict

from django.contrib.auth.models import User
from django.db import transaction

from consultations.audit.models import Actor
from consultations.booking import claims, emails, local_time, submission, transitions
from consultations.booking.claims import SlotTaken
from consultations.booking.hours import GRID_MINUTES, ConsultationType
from consultations.booking.models import Consultation
from consultations.booking.resubmission import resubmit
from consultations.booking.states import HoldFor, Status
from consultations.booking.submission import RequestDetails, RequestedSlot, SubmissionMeta
from consultations.booking.transitions import (
    TransitionNotAllowed,
    apply_transition,
    check_can_confirm,
    check_can_move,
    check_transition,
)
from consultations.outbox import queue
from pages.practice.models import Practitioner

OFFER_LIFETIME = timedelta(hours=48)


class HoldTerms(TypedDict):
    """The fields of a held time besides the time."""

    hold_for: str
    hold_expires_at: datetime


class StaffSlot(TypedDict):
    """The fields that a time chosen by staff sets."""

    start_at: datetime
    end_at: datetime
    practitioner: Practitioner
    before_min: int
    after_min: int
    promised_time: str


def book_slot(
    details: RequestDetails, meta: SubmissionMeta, requested_slot: RequestedSlot, *, now: datetime
) -> Consultation:
    """Book a free time for a visitor. Raises SlotTaken.

    The time of a form that looks filled in by a bot is held until staff have looked at it; beyond
    a few such holds it is stored as a request. A form that was sent before updates the row it
    created.
    """

    def create(meta: SubmissionMeta) -> Consultation:
        start_at = requested_slot.start_at
        claims.lock_practitioners(requested_slot.practitioners)
        free = claims.rank_available_practitioners(
            requested_slot.type, requested_slot.practitioners, start_at, now=now
        )
        if not free:
            raise SlotTaken
        hold: dict[str, object] = {}
        if meta.suspicions:
            free = claims.keep_reviewable(free, start_at, now=now)
            hold = submission.review_hold_fields(start_at, now=now)
        if free:
            consultation = _store_and_claim(details, meta, requested_slot, free, now=now, **hold)
        else:
            consultation = submission.create_consultation(
                details,
                meta,
                now=now,
                type=requested_slot.type,
                promised_time=requested_slot.promised_time,
            )
        consultation.record_event(Actor.VISITOR, "", consultation.status, now=now)
        existing_call = None
        if consultation.hold_for == HoldFor.EMAIL:
            existing_call = transitions.find_other_upcoming_call(consultation, now=now)
        emails.send_booking(consultation, existing_call=existing_call, now=now)
        return consultation

    consultation, is_new = submission.create_once(details, meta, create)
    return (
        consultation if is_new else resubmit(consultation, details, meta, requested_slot, now=now)
    )


def create_staff_booking(
    details: RequestDetails,
    meta: SubmissionMeta,
    *,
    type: ConsultationType,
    practitioner: Practitioner,
    start_at: datetime,
    promised_time: str,
    by: User,
    now: datetime,
    added_text: str = "",
    **extra: object,
) -> Consultation:
    """Book for a client, also outside hours but never over another call. Raises SlotTaken."""

    requested_slot = RequestedSlot(type, [practitioner], start_at, promised_time)

    def create(meta: SubmissionMeta) -> Consultation:
        claims.lock_practitioners([practitioner])
        consultation = _store_and_claim(
            details,
            meta,
            requested_slot,
            [practitioner],
            now=now,
            # Staff confirm at once, whatever the type asks of visitors.
            **{"status": Status.CONFIRMED, "hold_for": "", "hold_expires_at": None, **extra},
        )
        consultation.record_event(Actor.STAFF, "", Status.CONFIRMED, now=now, by=by)
        emails.send_confirmation(consultation, now=now, added_text=added_text)
        return consultation

    consultation, _is_new = submission.create_once(details, meta, create)
    return consultation


def confirm_hold(consultation: Consultation, *, now: datetime) -> None:
    """Confirm a held time for the visitor: by the emailed link, or to accept an offer.

    The emailed link also works after the hold has expired, while the time is still free; an offer
    cannot be accepted after it has ended. Raises SlotTaken or TransitionNotAllowed.
    """
    with transaction.atomic():
        transitions.check_one_call_per_email(consultation, now=now)
        practitioner, start_at, end_at = _lock_held_slot(consultation)
        check_can_confirm(consultation, Actor.VISITOR, now)
        if start_at <= now:
            raise TransitionNotAllowed("the time is over")
        expires = consultation.hold_expires_at
        if expires is None or expires <= now:
            if consultation.hold_for == HoldFor.OFFER:
                raise TransitionNotAllowed("the offer has run out")
            _check_slot_still_free(consultation, practitioner, start_at, now)
            claims.claim_slot(consultation, [practitioner], start_at, end_at, now=now)
        apply_transition(consultation, Status.CONFIRMED, Actor.VISITOR, now=now)
        queue.void_emails(about=consultation.uuid)
        emails.send_confirmation(consultation, now=now)


def approve_hold(
    consultation: Consultation, *, by: User, now: datetime, added_text: str = ""
) -> None:
    """Confirm a held time that needs staff approval. Raises SlotTaken or TransitionNotAllowed."""
    with transaction.atomic():
        practitioner, start_at, end_at = _lock_held_slot(consultation)
        check_can_confirm(consultation, Actor.STAFF, now)
        claims.claim_slot(consultation, [practitioner], start_at, end_at, now=now)
        apply_transition(consultation, Status.CONFIRMED, Actor.STAFF, by=by, now=now)
        queue.void_emails(about=consultation.uuid, messages=emails.PENDING_ANSWER_MESSAGES)
        emails.send_confirmation(consultation, now=now, added_text=added_text)


def confirm_consultation(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
    added_text: str = "",
) -> None:
    """Give a request its time, also outside hours, and confirm it.

    Raises SlotTaken or TransitionNotAllowed.
    """
    with transaction.atomic():
        claims.lock_practitioners([practitioner])
        check_can_confirm(consultation, Actor.STAFF, now)
        times = _claim_staff_slot(consultation, practitioner, start_at, now)
        apply_transition(consultation, Status.CONFIRMED, Actor.STAFF, by=by, now=now, **times)
        queue.void_emails(about=consultation.uuid, messages=emails.PENDING_ANSWER_MESSAGES)
        emails.send_confirmation(consultation, now=now, added_text=added_text)


def offer_slot(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
    added_text: str = "",
) -> None:
    """Hold a time for a waiting client, who accepts or declines on the private page.

    Raises SlotTaken or TransitionNotAllowed.
    """
    with transaction.atomic():
        claims.lock_practitioners([practitioner])
        check_transition(consultation, Status.HELD, Actor.STAFF, now)
        times = _claim_staff_slot(consultation, practitioner, start_at, now)
        hold: HoldTerms = {
            "hold_for": HoldFor.OFFER,
            "hold_expires_at": min(now + OFFER_LIFETIME, start_at),
        }
        apply_transition(consultation, Status.HELD, Actor.STAFF, by=by, now=now, **times, **hold)
        emails.send_offer(consultation, now=now, added_text=added_text)


def decline_offer(consultation: Consultation, *, now: datetime) -> None:
    """Give an offered time back; the client stays on the waiting list."""
    with transaction.atomic():
        reply_by = submission.renewed_reply_deadline(now)
        apply_transition(consultation, Status.REQUESTED, Actor.VISITOR, now=now, reply_by=reply_by)
        queue.void_emails(about=consultation.uuid)
        emails.send_offer_not_accepted(consultation, now=now)


def move_consultation(
    consultation: Consultation,
    *,
    start_at: datetime,
    promised_time: str,
    now: datetime,
    practitioners: Sequence[Practitioner] = (),
    zone: str = "",
    by: User | None = None,
    added_text: str = "",
) -> None:
    """Move a confirmed call: visitors until the cutoff, staff (``by``) until its end.

    ``zone`` is the time zone in which the visitor chose the time; emails use it from now on.
    Choosing the same time again changes nothing and sends no email. Raises SlotTaken or
    TransitionNotAllowed.
    """
    actor = Actor.STAFF if by is not None else Actor.VISITOR
    practitioner = consultation.practitioner
    practitioners = practitioners or ([practitioner] if practitioner is not None else [])
    with transaction.atomic():
        # The previous practitioner's row too: otherwise two calls that swap their times would
        # deadlock.
        claims.lock_practitioners(
            [*practitioners, *([practitioner] if practitioner is not None else [])]
        )
        consultation.refresh_from_db()
        check_can_move(consultation, actor, now)
        if start_at == consultation.start_at and practitioner in practitioners:
            return
        if actor == Actor.VISITOR:
            practitioners = _find_practitioners_for_move(consultation, practitioners, start_at, now)
        end_at = start_at + timedelta(minutes=emails.duration_minutes(consultation))
        assigned = claims.claim_slot(consultation, practitioners, start_at, end_at, now=now)
        apply_transition(
            consultation,
            Status.CONFIRMED,
            actor,
            by=by,
            now=now,
            start_at=start_at,
            end_at=end_at,
            practitioner=assigned,
            promised_time=promised_time,
            visitor_zone=zone or consultation.visitor_zone,
        )
        queue.void_emails(about=consultation.uuid)
        emails.send_move_notice(consultation, now=now, added_text=added_text)


def expire_holds(*, now: datetime) -> int:
    """End expired holds and return how many; offers and doubtful forms become requests again."""
    expired = 0
    for consultation in Consultation.objects.filter(
        status=Status.HELD, hold_expires_at__lte=now
    ).order_by("hold_expires_at"):
        is_offer = consultation.hold_for == HoldFor.OFFER
        # A doubtful form keeps its place among the requests when its time is let go.
        is_review = consultation.hold_for == HoldFor.APPROVAL and bool(consultation.suspicions)
        after = Status.REQUESTED if is_offer or is_review else Status.EXPIRED
        try:
            with transaction.atomic():
                claims.lock_practitioner_of(consultation)
                consultation.refresh_from_db()
                if consultation.hold_expires_at is None or consultation.hold_expires_at > now:
                    continue  # answered, or offered again, since the query above
                reply_by = consultation.reply_by
                if is_offer:
                    reply_by = submission.renewed_reply_deadline(now)
                apply_transition(consultation, after, Actor.SYSTEM, now=now, reply_by=reply_by)
                queue.void_emails(about=consultation.uuid)
                if is_offer:
                    emails.send_offer_not_accepted(consultation, now=now)
            expired += 1
        except TransitionNotAllowed:
            continue  # confirmed in the meantime
    return expired


# Parts of the operations above. Each runs in the caller's transaction.


def _store_and_claim(
    details: RequestDetails,
    meta: SubmissionMeta,
    requested_slot: RequestedSlot,
    free: Sequence[Practitioner],
    *,
    now: datetime,
    **extra: object,
) -> Consultation:
    """Store a new row and claim its time for the first of ``free`` who is still available."""
    reply_by = submission.renewed_reply_deadline(now)
    consultation = submission.create_consultation(
        details,
        meta,
        now=now,
        **{
            **requested_slot.fields(free[0]),
            **submission.initial_status_fields(requested_slot.type, reply_by=reply_by, now=now),
            "reply_by": reply_by,
            **extra,
        },
    )
    assigned = claims.claim_slot(
        consultation, free, requested_slot.start_at, requested_slot.end_at, now=now, is_new=True
    )
    if assigned != free[0]:
        Consultation.objects.filter(pk=consultation.pk).update(practitioner=assigned)
        consultation.refresh_from_db()
    return consultation


def _lock_held_slot(consultation: Consultation) -> tuple[Practitioner, datetime, datetime]:
    """Lock the practitioner's row and return practitioner, start and end of the held time.

    Raises TransitionNotAllowed.
    """
    claims.lock_practitioner_of(consultation)
    before = consultation.practitioner
    consultation.refresh_from_db()
    if consultation.practitioner != before:
        raise TransitionNotAllowed("offered again, with another practitioner")
    practitioner, start, end = consultation.practitioner, consultation.start_at, consultation.end_at
    if practitioner is None or start is None or end is None:
        raise TransitionNotAllowed("no time is held")
    return practitioner, start, end


def _check_slot_still_free(
    consultation: Consultation, practitioner: Practitioner, start_at: datetime, now: datetime
) -> None:
    """Check that the time of an expired hold is still free. Raises SlotTaken.

    The notice period does not apply. Uses the booking's own length and buffers, and ignores a
    changed step of start times.
    """
    consultation_type = consultation.type
    if consultation_type is None:
        return  # the type was deleted: only the claims can be checked
    policy = replace(
        consultation_type.policy,
        duration_min=emails.duration_minutes(consultation),
        step_min=GRID_MINUTES,
        before_min=consultation.before_min,
        after_min=consultation.after_min,
        notice_hours=0,
    )
    if not claims.rank_available_practitioners(
        consultation_type, [practitioner], start_at, now=now, moving=consultation, policy=policy
    ):
        raise SlotTaken


def _claim_staff_slot(
    consultation: Consultation, practitioner: Practitioner, start_at: datetime, now: datetime
) -> StaffSlot:
    """Claim a time that staff chose, ignoring hours and notice. Raises SlotTaken.

    Returns the fields to store with it.
    """
    end_at = start_at + timedelta(minutes=emails.duration_minutes(consultation))
    consultation_type = consultation.type
    consultation.before_min = consultation_type.before_min if consultation_type else 0
    consultation.after_min = consultation_type.after_min if consultation_type else 0
    claims.claim_slot(consultation, [practitioner], start_at, end_at, now=now)
    return {
        "start_at": start_at,
        "end_at": end_at,
        "practitioner": practitioner,
        "before_min": consultation.before_min,
        "after_min": consultation.after_min,
        "promised_time": local_time.format_datetime_in_zone(start_at, consultation.visitor_zone),
    }


def _find_practitioners_for_move(
    consultation: Consultation,
    practitioners: Sequence[Practitioner],
    start_at: datetime,
    now: datetime,
) -> list[Practitioner]:
    consultation_type = consultation.type
    free = (
        claims.rank_available_practitioners(
            consultation_type, practitioners, start_at, now=now, moving=consultation
        )
        if consultation_type
        else []
    )
    if not free:
        raise SlotTaken
    return free
