"""The verbs that take a time: book, confirm, approve, offer, move. One transaction each.

All of them end in ``timing.claim``: the unique claims have the last word. They take ``now`` and
``by``, never a request.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from consultations.booking import emails, one_call, storing, taking, timing
from consultations.booking.hours import ConsultationType
from consultations.booking.models import Consultation
from consultations.booking.states import Actor, HoldFor, Status
from consultations.booking.storing import Details, Sending
from consultations.booking.timing import TimeIsTaken
from consultations.booking.transitions import (
    NotAllowed,
    change,
    check_allowed,
    check_confirms,
    check_moves,
    note_event,
)
from consultations.outbox import queue
from pages.practice.models import Practitioner

OFFER_LASTS = timedelta(hours=48)


def book_time(
    details: Details,
    sending: Sending,
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
            return _keep_as_request(details, sending, type, promised_time, now)
        timing.lock(people)
        free = timing.free_in_order(type, people, start_at, now=now)
        if not free:
            raise TimeIsTaken
        return _take(details, sending, type, free, start_at, promised_time, now)

    return storing.once(sending.key, make)


def _keep_as_request(
    details: Details, sending: Sending, type: ConsultationType, promised: str, now: datetime
) -> Consultation:
    consultation = storing.store(details, sending, now=now, type=type, promised_time=promised)
    note_event(consultation, Actor.VISITOR, "", Status.REQUESTED, now=now)
    emails.received(consultation, now=now)
    return consultation


def _take(
    details: Details,
    sending: Sending,
    type: ConsultationType,
    free: Sequence[Practitioner],
    start_at: datetime,
    promised_time: str,
    now: datetime,
) -> Consultation:
    consultation, person = taking.store_claimed(
        details, sending, type, free, start_at, now, promised_time=promised_time
    )
    changes = {"practitioner": person, **taking.state_by_mode(type, consultation, now)}
    Consultation.objects.filter(pk=consultation.pk).update(**changes)
    consultation.refresh_from_db()
    note_event(consultation, Actor.VISITOR, "", consultation.status, now=now)
    if consultation.status == Status.CONFIRMED:
        emails.confirmed(consultation, now=now)
    elif consultation.hold_for == HoldFor.EMAIL:
        has_one = one_call.other_call(consultation, now=now)
        emails.please_confirm(consultation, instead=has_one, now=now)
    else:
        emails.received(consultation, now=now)
    return consultation


def add_by_staff(
    details: Details,
    sending: Sending,
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
        timing.lock([practitioner])
        consultation, _person = taking.store_claimed(
            details,
            sending,
            type,
            [practitioner],
            start_at,
            now,
            promised_time=promised_time,
            **extra,
        )
        note_event(consultation, Actor.STAFF, "", Status.CONFIRMED, now=now, by=by)
        emails.confirmed(consultation, now=now)
        return consultation

    return storing.once(sending.key, make)


def confirm_hold(consultation: Consultation, *, now: datetime) -> None:
    """The visitor presses the link in our mail, or takes the time that staff offered.

    For our mail's link late is not too late while the time is still free; an offer ends when it
    says. Raises TimeIsTaken or NotAllowed.
    """
    with transaction.atomic():
        one_call.check(consultation, now=now)
        person, start_at, end_at = taking.locked_time(consultation)
        check_confirms(consultation, Actor.VISITOR, now)
        if start_at <= now:
            raise NotAllowed("the time is over")
        expires = consultation.hold_expires_at
        if expires is None or expires <= now:
            if consultation.hold_for == HoldFor.OFFER:
                raise NotAllowed("the offer has run out")
            taking.check_still_free(consultation, person, start_at, now)
            taking.claim(consultation, [person], start_at, end_at, now)
        change(consultation, Status.CONFIRMED, Actor.VISITOR, now=now)
        queue.void(about=consultation.uuid)
        emails.confirmed(consultation, now=now)


def approve_hold(consultation: Consultation, *, by: User, now: datetime) -> None:
    """Staff say yes to a time that waits for them. Raises TimeIsTaken or NotAllowed."""
    with transaction.atomic():
        person, start_at, end_at = taking.locked_time(consultation)
        check_confirms(consultation, Actor.STAFF, now)
        taking.claim(consultation, [person], start_at, end_at, now)
        change(consultation, Status.CONFIRMED, Actor.STAFF, by=by, now=now)
        queue.void(about=consultation.uuid, messages=emails.WAITING_FOR_AN_ANSWER)
        emails.confirmed(consultation, now=now)


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
        timing.lock([practitioner])
        check_confirms(consultation, Actor.STAFF, now)
        times = taking.claimed_times(consultation, practitioner, start_at, now)
        change(consultation, Status.CONFIRMED, Actor.STAFF, by=by, now=now, **times)
        queue.void(about=consultation.uuid, messages=emails.WAITING_FOR_AN_ANSWER)
        emails.confirmed(consultation, now=now)


def offer_time(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
) -> None:
    """Staff hold a time for somebody who waits; the visitor says yes or no by a link."""
    with transaction.atomic():
        timing.lock([practitioner])
        check_allowed(consultation, Status.HELD, Actor.STAFF, now)
        times = taking.claimed_times(consultation, practitioner, start_at, now)
        hold: dict[str, Any] = {
            "hold_for": HoldFor.OFFER,
            "hold_expires_at": min(now + OFFER_LASTS, start_at),
        }
        change(consultation, Status.HELD, Actor.STAFF, by=by, now=now, **times, **hold)
        emails.offered(consultation, now=now)


def refuse_offer(consultation: Consultation, *, now: datetime) -> None:
    """The visitor cannot take the offered time and stays on the list."""
    with transaction.atomic():
        again = storing.promise_anew(now)
        change(consultation, Status.REQUESTED, Actor.VISITOR, now=now, **again)
        queue.void(about=consultation.uuid)
        emails.offer_not_taken(consultation, now=now)


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
        timing.lock([*people, *([person] if person is not None else [])])
        consultation.refresh_from_db()
        check_moves(consultation, actor, now)
        if start_at == consultation.start_at and person in people:
            return
        if actor == Actor.VISITOR:
            people = taking.free_to_move(consultation, people, start_at, now)
        end_at = start_at + timedelta(minutes=emails.length_min(consultation))
        taker = taking.claim(consultation, people, start_at, end_at, now)
        change(
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
        queue.void(about=consultation.uuid)
        emails.moved(consultation, now=now)


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
                timing.lock_of(consultation)
                consultation.refresh_from_db()
                if consultation.hold_expires_at is None or consultation.hold_expires_at > now:
                    continue  # answered or offered anew since the look above
                again = storing.promise_anew(now) if is_offer else {}
                change(consultation, after, Actor.SYSTEM, now=now, **again)
                queue.void(about=consultation.uuid)
                if is_offer:
                    emails.offer_not_taken(consultation, now=now)
            expired += 1
        except NotAllowed:
            continue  # confirmed at this very moment
    return expired
