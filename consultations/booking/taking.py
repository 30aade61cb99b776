"""What the verbs that take a time are made of. Each runs in the verb's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from consultations.booking import choosing, emails, storing, timing
from consultations.booking.hours import GRID_MIN, ConsultationType, Mode
from consultations.booking.models import Consultation
from consultations.booking.states import HoldFor, Status
from consultations.booking.storing import Details, Sending
from consultations.booking.timing import TimeIsTaken
from consultations.booking.transitions import NotAllowed
from pages.practice.models import Practitioner


def store_claimed(
    details: Details,
    sending: Sending,
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
    consultation = storing.store(details, sending, now=now, **{**values, **extra})
    return consultation, claim(consultation, people, start_at, end_at, now)


def state_by_mode(
    type: ConsultationType, consultation: Consultation, now: datetime
) -> dict[str, object]:
    if type.mode == Mode.EMAIL_CONFIRM:
        expires = now + timedelta(minutes=type.email_hold_min)
        return {"status": Status.HELD, "hold_for": HoldFor.EMAIL, "hold_expires_at": expires}
    if type.mode == Mode.STAFF_APPROVAL:
        return {
            "status": Status.HELD,
            "hold_for": HoldFor.APPROVAL,
            "hold_expires_at": consultation.reply_by,
        }
    return {"status": Status.CONFIRMED}


def locked_time(consultation: Consultation) -> tuple[Practitioner, datetime, datetime]:
    """Whose time is held and when, as it stands under the lock."""
    timing.lock_of(consultation)
    before = consultation.practitioner
    consultation.refresh_from_db()
    if consultation.practitioner != before:
        raise NotAllowed("offered anew, by somebody else")
    person, start, end = consultation.practitioner, consultation.start_at, consultation.end_at
    if person is None or start is None or end is None:
        raise NotAllowed("no time is held")
    return person, start, end


def check_still_free(
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
        duration_min=emails.length_min(consultation),
        step_min=GRID_MIN,
        before_min=consultation.before_min,
        after_min=consultation.after_min,
        notice_hours=0,
    )
    if not timing.free_in_order(
        kind, [person], start_at, now=now, moving=consultation, policy=policy
    ):
        raise TimeIsTaken


def claimed_times(
    consultation: Consultation, person: Practitioner, start_at: datetime, now: datetime
) -> dict[str, Any]:
    """Staff's own choice of a time: no look at hours or notice, but never onto a claim."""
    end_at = start_at + timedelta(minutes=emails.length_min(consultation))
    kind = consultation.type
    consultation.before_min = kind.before_min if kind else 0
    consultation.after_min = kind.after_min if kind else 0
    claim(consultation, [person], start_at, end_at, now)
    return {
        "start_at": start_at,
        "end_at": end_at,
        "practitioner": person,
        "before_min": consultation.before_min,
        "after_min": consultation.after_min,
        "promised_time": choosing.words(start_at, consultation.visitor_zone),
    }


def free_to_move(
    consultation: Consultation, people: Sequence[Practitioner], start_at: datetime, now: datetime
) -> list[Practitioner]:
    kind = consultation.type
    free = (
        timing.free_in_order(kind, people, start_at, now=now, moving=consultation) if kind else []
    )
    if not free:
        raise TimeIsTaken
    return free


def claim(
    consultation: Consultation,
    people: Sequence[Practitioner],
    start_at: datetime,
    end_at: datetime,
    now: datetime,
) -> Practitioner:
    return timing.claim(
        consultation,
        people,
        start_at,
        end_at,
        before_min=consultation.before_min,
        after_min=consultation.after_min,
        now=now,
    )
