"""The verbs that take a time: book, confirm, approve, offer, move. One transaction each.

All of them end in ``timing.claim``: the unique claims have the last word. They take ``now`` and
``by``, never a request.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from consultations.booking import claims, emails, local_time, submission, transitions
from consultations.booking.claims import SlotTaken
from consultations.booking.hours import GRID_MINUTES, BookingMode, ConsultationType
from consultations.booking.models import Consultation
from consultations.booking.states import Actor, HoldFor, Status
from consultations.booking.submission import RequestDetails, SubmissionMeta
from consultations.booking.transitions import (
    TransitionNotAllowed,
    apply_transition,
    check_can_confirm,
    check_can_move,
    check_transition,
    record_event,
)
from consultations.outbox import queue
from pages.practice.models import Practitioner

OFFER_LIFETIME = timedelta(hours=48)


def book_slot(
    details: RequestDetails,
    sending: SubmissionMeta,
    *,
    type: ConsultationType,
    people: Sequence[Practitioner],
    start_at: datetime,
    promised_time: str,
    now: datetime,
) -> Consultation:
    """A visitor takes a free time. Raises TimeIsTaken.

    A form that a program seems to have filled is kept as a request that takes no time.
    """

    def make() -> Consultation:
        if sending.suspicions:
            return _store_as_request(details, sending, type, promised_time, now)
        claims.lock_practitioners(people)
        free = claims.rank_available_practitioners(type, people, start_at, now=now)
        if not free:
            raise SlotTaken
        return _create_booking(details, sending, type, free, start_at, promised_time, now)

    return submission.create_once(sending.key, make)


def _store_as_request(
    details: RequestDetails,
    sending: SubmissionMeta,
    type: ConsultationType,
    promised: str,
    now: datetime,
) -> Consultation:
    consultation = submission.create_consultation(
        details, sending, now=now, type=type, promised_time=promised
    )
    record_event(consultation, Actor.VISITOR, "", Status.REQUESTED, now=now)
    emails.send_request_received(consultation, now=now)
    return consultation


def _create_booking(
    details: RequestDetails,
    sending: SubmissionMeta,
    type: ConsultationType,
    free: Sequence[Practitioner],
    start_at: datetime,
    promised_time: str,
    now: datetime,
) -> Consultation:
    consultation, person = store_and_claim(
        details, sending, type, free, start_at, now, promised_time=promised_time
    )
    changes = {"practitioner": person, **initial_status_fields(type, consultation, now)}
    Consultation.objects.filter(pk=consultation.pk).update(**changes)
    consultation.refresh_from_db()
    record_event(consultation, Actor.VISITOR, "", consultation.status, now=now)
    if consultation.status == Status.CONFIRMED:
        emails.send_confirmation(consultation, now=now)
    elif consultation.hold_for == HoldFor.EMAIL:
        has_one = transitions.find_other_upcoming_call(consultation, now=now)
        emails.send_confirmation_request(consultation, instead=has_one, now=now)
    else:
        emails.send_request_received(consultation, now=now)
    return consultation


def create_staff_booking(
    details: RequestDetails,
    sending: SubmissionMeta,
    *,
    type: ConsultationType,
    practitioner: Practitioner,
    start_at: datetime,
    promised_time: str,
    by: User,
    now: datetime,
    **extra: object,
) -> Consultation:
    """Staff book for somebody, also outside hours but never onto a claim. Raises TimeIsTaken."""

    def make() -> Consultation:
        claims.lock_practitioners([practitioner])
        consultation, _person = store_and_claim(
            details,
            sending,
            type,
            [practitioner],
            start_at,
            now,
            promised_time=promised_time,
            **extra,
        )
        record_event(consultation, Actor.STAFF, "", Status.CONFIRMED, now=now, by=by)
        emails.send_confirmation(consultation, now=now)
        return consultation

    return submission.create_once(sending.key, make)


def confirm_hold(consultation: Consultation, *, now: datetime) -> None:
    """The visitor presses the link in our mail, or takes the time that staff offered.

    For our mail's link late is not too late while the time is still free; an offer ends when it
    says. Raises TimeIsTaken or NotAllowed.
    """
    with transaction.atomic():
        transitions.check_one_call_per_email(consultation, now=now)
        person, start_at, end_at = lock_held_slot(consultation)
        check_can_confirm(consultation, Actor.VISITOR, now)
        if start_at <= now:
            raise TransitionNotAllowed("the time is over")
        expires = consultation.hold_expires_at
        if expires is None or expires <= now:
            if consultation.hold_for == HoldFor.OFFER:
                raise TransitionNotAllowed("the offer has run out")
            check_slot_still_free(consultation, person, start_at, now)
            claim_with_own_buffers(consultation, [person], start_at, end_at, now)
        apply_transition(consultation, Status.CONFIRMED, Actor.VISITOR, now=now)
        queue.void_emails(about=consultation.uuid)
        emails.send_confirmation(consultation, now=now)


def approve_hold(consultation: Consultation, *, by: User, now: datetime) -> None:
    """Staff say yes to a time that waits for them. Raises TimeIsTaken or NotAllowed."""
    with transaction.atomic():
        person, start_at, end_at = lock_held_slot(consultation)
        check_can_confirm(consultation, Actor.STAFF, now)
        claim_with_own_buffers(consultation, [person], start_at, end_at, now)
        apply_transition(consultation, Status.CONFIRMED, Actor.STAFF, by=by, now=now)
        queue.void_emails(about=consultation.uuid, messages=emails.PENDING_ANSWER_MESSAGES)
        emails.send_confirmation(consultation, now=now)


def confirm_consultation(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
) -> None:
    """Staff give a request its time, also outside hours. Raises TimeIsTaken or NotAllowed."""
    with transaction.atomic():
        claims.lock_practitioners([practitioner])
        check_can_confirm(consultation, Actor.STAFF, now)
        times = claim_staff_slot(consultation, practitioner, start_at, now)
        apply_transition(consultation, Status.CONFIRMED, Actor.STAFF, by=by, now=now, **times)
        queue.void_emails(about=consultation.uuid, messages=emails.PENDING_ANSWER_MESSAGES)
        emails.send_confirmation(consultation, now=now)


def offer_slot(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
) -> None:
    """Staff hold a time for somebody who waits; the visitor says yes or no by a link."""
    with transaction.atomic():
        claims.lock_practitioners([practitioner])
        check_transition(consultation, Status.HELD, Actor.STAFF, now)
        times = claim_staff_slot(consultation, practitioner, start_at, now)
        hold: dict[str, Any] = {
            "hold_for": HoldFor.OFFER,
            "hold_expires_at": min(now + OFFER_LIFETIME, start_at),
        }
        apply_transition(consultation, Status.HELD, Actor.STAFF, by=by, now=now, **times, **hold)
        emails.send_offer(consultation, now=now)


def decline_offer(consultation: Consultation, *, now: datetime) -> None:
    """The visitor cannot take the offered time and stays on the list."""
    with transaction.atomic():
        again = submission.renew_reply_deadline(now)
        apply_transition(consultation, Status.REQUESTED, Actor.VISITOR, now=now, **again)
        queue.void_emails(about=consultation.uuid)
        emails.send_offer_not_accepted(consultation, now=now)


def move_consultation(
    consultation: Consultation,
    *,
    start_at: datetime,
    promised_time: str,
    now: datetime,
    people: Sequence[Practitioner] = (),
    zone: str = "",
    by: User | None = None,
) -> None:
    """Another time for a confirmed call: the visitor until the cut-off, staff until its end.

    ``zone`` is the one in which the visitor chose it, and in which mails show it from now on. The
    same time again changes nothing and writes nobody. Raises TimeIsTaken or NotAllowed.
    """
    actor = Actor.STAFF if by is not None else Actor.VISITOR
    person = consultation.practitioner
    people = people or ([person] if person is not None else [])
    with transaction.atomic():
        # The old practitioner's row too: a swap of two talks would wait crosswise otherwise.
        claims.lock_practitioners([*people, *([person] if person is not None else [])])
        consultation.refresh_from_db()
        check_can_move(consultation, actor, now)
        if start_at == consultation.start_at and person in people:
            return
        if actor == Actor.VISITOR:
            people = find_practitioners_for_move(consultation, people, start_at, now)
        end_at = start_at + timedelta(minutes=emails.duration_minutes(consultation))
        taker = claim_with_own_buffers(consultation, people, start_at, end_at, now)
        apply_transition(
            consultation,
            Status.CONFIRMED,
            actor,
            by=by,
            now=now,
            start_at=start_at,
            end_at=end_at,
            practitioner=taker,
            promised_time=promised_time,
            visitor_zone=zone or consultation.visitor_zone,
        )
        queue.void_emails(about=consultation.uuid)
        emails.send_move_notice(consultation, now=now)


def expire_holds(*, now: datetime) -> int:
    """Give back what was held too long: offers return to the list, the rest ends."""
    expired = 0
    for consultation in Consultation.objects.filter(
        status=Status.HELD, hold_expires_at__lte=now
    ).order_by("hold_expires_at"):
        is_offer = consultation.hold_for == HoldFor.OFFER
        after = Status.REQUESTED if is_offer else Status.EXPIRED
        try:
            with transaction.atomic():
                claims.lock_practitioner_of(consultation)
                consultation.refresh_from_db()
                if consultation.hold_expires_at is None or consultation.hold_expires_at > now:
                    continue  # answered or offered anew since the look above
                again = submission.renew_reply_deadline(now) if is_offer else {}
                apply_transition(consultation, after, Actor.SYSTEM, now=now, **again)
                queue.void_emails(about=consultation.uuid)
                if is_offer:
                    emails.send_offer_not_accepted(consultation, now=now)
            expired += 1
        except TransitionNotAllowed:
            continue  # confirmed at this very moment
    return expired


# What the verbs that take a time are made of. Each runs in the verb's transaction.


def store_and_claim(
    details: RequestDetails,
    sending: SubmissionMeta,
    type: ConsultationType,
    people: Sequence[Practitioner],
    start_at: datetime,
    now: datetime,
    **extra: object,
) -> tuple[Consultation, Practitioner]:
    end_at = start_at + timedelta(minutes=type.duration_min)
    values: dict[str, object] = {
        "type": type,
        "practitioner": people[0],
        "start_at": start_at,
        "end_at": end_at,
        "before_min": type.before_min,
        "after_min": type.after_min,
        "status": Status.CONFIRMED,
    }
    consultation = submission.create_consultation(details, sending, now=now, **{**values, **extra})
    return consultation, claim_with_own_buffers(consultation, people, start_at, end_at, now)


def initial_status_fields(
    type: ConsultationType, consultation: Consultation, now: datetime
) -> dict[str, object]:
    if type.mode == BookingMode.EMAIL_CONFIRM:
        expires = now + timedelta(minutes=type.email_hold_min)
        return {"status": Status.HELD, "hold_for": HoldFor.EMAIL, "hold_expires_at": expires}
    if type.mode == BookingMode.STAFF_APPROVAL:
        return {
            "status": Status.HELD,
            "hold_for": HoldFor.APPROVAL,
            "hold_expires_at": consultation.reply_by,
        }
    return {"status": Status.CONFIRMED}


def lock_held_slot(consultation: Consultation) -> tuple[Practitioner, datetime, datetime]:
    """Whose time is held and when, as it stands under the lock."""
    claims.lock_practitioner_of(consultation)
    before = consultation.practitioner
    consultation.refresh_from_db()
    if consultation.practitioner != before:
        raise TransitionNotAllowed("offered anew, by somebody else")
    person, start, end = consultation.practitioner, consultation.start_at, consultation.end_at
    if person is None or start is None or end is None:
        raise TransitionNotAllowed("no time is held")
    return person, start, end


def check_slot_still_free(
    consultation: Consultation, person: Practitioner, start_at: datetime, now: datetime
) -> None:
    """The link in our mail, pressed late: the time need only be free, however near it is by now.

    Length and gaps as they were promised; a grid that has changed meanwhile keeps nobody out.
    Raises TimeIsTaken.
    """
    kind = consultation.type
    if kind is None:
        return  # deleted: only the claims are left to ask
    policy = replace(
        kind.policy,
        duration_min=emails.duration_minutes(consultation),
        step_min=GRID_MINUTES,
        before_min=consultation.before_min,
        after_min=consultation.after_min,
        notice_hours=0,
    )
    if not claims.rank_available_practitioners(
        kind, [person], start_at, now=now, moving=consultation, policy=policy
    ):
        raise SlotTaken


def claim_staff_slot(
    consultation: Consultation, person: Practitioner, start_at: datetime, now: datetime
) -> dict[str, Any]:
    """Staff's own choice of a time: no look at hours or notice, but never onto a claim."""
    end_at = start_at + timedelta(minutes=emails.duration_minutes(consultation))
    kind = consultation.type
    consultation.before_min = kind.before_min if kind else 0
    consultation.after_min = kind.after_min if kind else 0
    claim_with_own_buffers(consultation, [person], start_at, end_at, now)
    return {
        "start_at": start_at,
        "end_at": end_at,
        "practitioner": person,
        "before_min": consultation.before_min,
        "after_min": consultation.after_min,
        "promised_time": local_time.format_datetime_in_zone(start_at, consultation.visitor_zone),
    }


def find_practitioners_for_move(
    consultation: Consultation, people: Sequence[Practitioner], start_at: datetime, now: datetime
) -> list[Practitioner]:
    kind = consultation.type
    free = (
        claims.rank_available_practitioners(kind, people, start_at, now=now, moving=consultation)
        if kind
        else []
    )
    if not free:
        raise SlotTaken
    return free


def claim_with_own_buffers(
    consultation: Consultation,
    people: Sequence[Practitioner],
    start_at: datetime,
    end_at: datetime,
    now: datetime,
) -> Practitioner:
    return claims.claim_slot(
        consultation,
        people,
        start_at,
        end_at,
        before_min=consultation.before_min,
        after_min=consultation.after_min,
        now=now,
    )
