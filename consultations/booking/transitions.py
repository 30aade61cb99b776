"""Apply a status transition with optimistic locking, and record it in the history."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from consultations.audit.models import Actor
from consultations.booking import claims
from consultations.booking.claims import lock_practitioner_of, release_claims
from consultations.booking.models import Consultation
from consultations.booking.states import (
    FINAL_STATUSES,
    LIVE_STATUSES,
    HoldFor,
    Status,
    is_transition_allowed,
)
from consultations.privacy.fingerprints import email_fingerprints
from pages.practice.models import Practitioner


class TransitionNotAllowed(Exception):
    """The status has changed in the meantime, or this actor may not do this."""


class CutoffPassed(TransitionNotAllowed):
    """It is too late for the visitor to change the call."""


def apply_transition(
    consultation: Consultation,
    after: str,
    actor: str,
    *,
    now: datetime,
    by: User | None = None,
    note: str = "",
    **changes: object,
) -> None:
    """Compare and swap on (status, sequence), with the history row in the same transaction.

    A status without a time releases the claims here, so that no code path can forget to.
    ``changes`` are stored with it. Raises TransitionNotAllowed.
    """
    before = consultation.status
    check_transition(consultation, after, actor, now)
    old_start, old_practitioner = consultation.start_at, consultation.practitioner
    if after in FINAL_STATUSES:
        changes["closed_at"] = now
    elif before == Status.EXPIRED:
        changes["closed_at"] = None
    if before == Status.CONFIRMED and after not in (Status.COMPLETED, Status.NO_SHOW):
        # A calendar file was sent, so the next one needs a higher SEQUENCE.
        changes["sequence"] = consultation.sequence + 1
    if after != Status.HELD:
        changes.setdefault("hold_expires_at", None)
    if after not in (Status.HELD, Status.EXPIRED):
        # An expired hold keeps its reason, because the emailed link may still confirm it.
        changes.setdefault("hold_for", "")
    if after == Status.REQUESTED:
        wanted = consultation.wanted_practitioner
        changes |= {
            "start_at": None, "end_at": None, "promised_time": "", "practitioner": wanted,
        }  # fmt: skip
    if after not in LIVE_STATUSES:
        # Before the row itself, as in every operation that claims a time: otherwise a cancellation
        # and a confirmation could wait for each other's rows.
        lock_practitioner_of(consultation)
    changed = Consultation.objects.filter(
        pk=consultation.pk, status=before, sequence=consultation.sequence
    ).update(status=after, **changes)
    if not changed:
        raise TransitionNotAllowed(f"no longer {before}")
    consultation.refresh_from_db()
    if after not in LIVE_STATUSES:
        release_claims(consultation)
    consultation.record_event(
        actor,
        before,
        after,
        now=now,
        by=by,
        old_start=old_start,
        old_practitioner=old_practitioner if old_start else None,
        note=note,
    )


def check_transition(consultation: Consultation, after: str, actor: str, now: datetime) -> None:
    """Check the state table and the clock. Raises TransitionNotAllowed or CutoffPassed."""
    before, start, end = consultation.status, consultation.start_at, consultation.end_at
    if not is_transition_allowed(actor, before, after):
        raise TransitionNotAllowed(f"{actor}: {before} to {after}")
    if before in (Status.HELD, Status.EXPIRED) and not _is_allowed_by_hold(
        consultation, after, actor
    ):
        raise TransitionNotAllowed(f"{actor}: a time held for {consultation.hold_for or 'nobody'}")
    if after in (Status.COMPLETED, Status.NO_SHOW) and start is not None and now < start:
        raise TransitionNotAllowed("the call has not begun")
    if before != Status.CONFIRMED or start is None or end is None:
        return
    changes_it = after in (Status.CANCELLED_BY_STAFF, Status.CONFIRMED)
    if actor == Actor.STAFF and changes_it and now >= end:
        raise TransitionNotAllowed("the call is over")
    if actor == Actor.VISITOR and (now > start - change_cutoff(consultation) or now >= start):
        raise CutoffPassed("inside the cut-off")


def check_can_confirm(consultation: Consultation, actor: str, now: datetime) -> None:
    """Refuse to confirm twice: that would be a move, with another email."""
    if consultation.status == Status.CONFIRMED:
        raise TransitionNotAllowed("confirmed already")
    check_transition(consultation, Status.CONFIRMED, actor, now)


def check_can_move(consultation: Consultation, actor: str, now: datetime) -> None:
    """Refuse to move an unconfirmed call: moving would confirm it silently."""
    if consultation.status != Status.CONFIRMED:
        raise TransitionNotAllowed(f"no call to move: {consultation.status}")
    check_transition(consultation, Status.CONFIRMED, actor, now)


def _is_allowed_by_hold(consultation: Consultation, after: str, actor: str) -> bool:
    """Whether the reason for a hold allows this actor to change it to ``after``."""
    hold = consultation.hold_for
    if after == Status.CONFIRMED:
        visitors = hold in (HoldFor.EMAIL, HoldFor.OFFER)
        return visitors if actor == Actor.VISITOR else hold == HoldFor.APPROVAL
    if after == Status.REQUESTED:
        # A time that is held because a form is doubtful goes free by itself; the request stays.
        is_review = hold == HoldFor.APPROVAL and bool(consultation.suspicions)
        return hold == HoldFor.OFFER or (is_review and actor == Actor.SYSTEM)
    if after == Status.EXPIRED:
        return hold != HoldFor.OFFER
    return True


def change_cutoff(consultation: Consultation) -> timedelta:
    """Return how long before the start a visitor can no longer move or cancel it."""
    return timedelta(hours=consultation.type.cutoff_hours if consultation.type else 0)


def can_visitor_change(consultation: Consultation, after: str, now: datetime) -> bool:
    """Whether a page should offer the change; the operation itself checks again."""
    try:
        check_transition(consultation, after, Actor.VISITOR, now)
    except TransitionNotAllowed:
        return False
    return True


# One upcoming call per email address, if the practice wants no more.
#
# Checked only where an emailed link confirms a time. There the page always says "check your email",
# so no one can find out what someone else has booked; the email goes to the owner of the address.


class UpcomingCallExists(TransitionNotAllowed):
    """This address already has an upcoming call."""


def find_other_upcoming_call(consultation: Consultation, *, now: datetime) -> Consultation | None:
    """Return another upcoming call of the same address if only one is allowed, else None."""
    consultation_type = consultation.type
    if (
        consultation_type is None
        or not consultation_type.one_per_address
        or consultation.address_is_lost
    ):
        return None
    if not consultation.email:
        return None
    rows = Consultation.objects.upcoming(now).filter(
        email_fingerprint__in=email_fingerprints(consultation.email)
    )
    return rows.exclude(pk=consultation.pk).order_by("start_at").first()


def check_one_call_per_email(consultation: Consultation, *, now: datetime) -> None:
    """Refuse a second upcoming call of the same address. Raises UpcomingCallExists.

    Locks all practitioners, because two holds of one address may be with different ones.
    """
    consultation_type = consultation.type
    if (
        consultation_type is None
        or not consultation_type.one_per_address
        or consultation.hold_for != HoldFor.EMAIL
    ):
        return
    claims.lock_practitioners(Practitioner.objects.all())
    if consultation.status in (Status.HELD, Status.EXPIRED) and find_other_upcoming_call(
        consultation, now=now
    ):
        raise UpcomingCallExists
