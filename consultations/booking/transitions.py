"""One step of a consultation from state to state: judged, swapped, and written into its history."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from consultations.booking import claims
from consultations.booking.claims import lock_practitioner_of, release_claims
from consultations.booking.models import Consultation, ConsultationEvent
from consultations.booking.states import (
    FINAL_STATUSES,
    LIVE_STATUSES,
    Actor,
    HoldFor,
    Status,
    is_transition_allowed,
)
from consultations.privacy.fingerprints import email_fingerprints
from pages.practice.models import Practitioner


class TransitionNotAllowed(Exception):
    """The state has changed meanwhile, or this actor may not do this."""


class CutoffPassed(TransitionNotAllowed):
    """Inside the hours in which a visitor can no longer change the call here."""


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

    A state that takes no time gives its claims back here, so no path can forget to.
    """
    before = consultation.status
    check_transition(consultation, after, actor, now)
    old_start, old_person = consultation.start_at, consultation.practitioner
    if after in FINAL_STATUSES:
        changes["closed_at"] = now
    elif before == Status.EXPIRED:
        changes["closed_at"] = None
    if before == Status.CONFIRMED and after not in (Status.COMPLETED, Status.NO_SHOW):
        # A calendar file was sent: what follows it must say that it is newer.
        changes["sequence"] = consultation.sequence + 1
    if after != Status.HELD:
        changes.setdefault("hold_expires_at", None)
    if after not in (Status.HELD, Status.EXPIRED):
        # An expired hold keeps its reason: the link in our mail may still lead back.
        changes.setdefault("hold_for", "")
    if after == Status.REQUESTED:
        wanted = consultation.wanted_practitioner
        changes |= {
            "start_at": None, "end_at": None, "promised_time": "", "practitioner": wanted,
        }  # fmt: skip
    if after not in LIVE_STATUSES:
        # Before the row itself, as every verb that takes a time does: a cancelling and a confirming
        # would otherwise wait for each other's rows.
        lock_practitioner_of(consultation)
    changed = Consultation.objects.filter(
        pk=consultation.pk, status=before, sequence=consultation.sequence
    ).update(status=after, **changes)
    if not changed:
        raise TransitionNotAllowed(f"no longer {before}")
    consultation.refresh_from_db()
    if after not in LIVE_STATUSES:
        release_claims(consultation)
    record_event(
        consultation,
        actor,
        before,
        after,
        now=now,
        by=by,
        old_start=old_start,
        old_practitioner=old_person if old_start else None,
        note=note,
    )


def check_transition(consultation: Consultation, after: str, actor: str, now: datetime) -> None:
    """The state table, and what the clock adds to it. Raises NotAllowed."""
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
    """What is confirmed is not confirmed again: that would be a move, with another mail."""
    if consultation.status == Status.CONFIRMED:
        raise TransitionNotAllowed("confirmed already")
    check_transition(consultation, Status.CONFIRMED, actor, now)


def check_can_move(consultation: Consultation, actor: str, now: datetime) -> None:
    """Only what is confirmed moves; everything else would be confirmed by it, unseen."""
    if consultation.status != Status.CONFIRMED:
        raise TransitionNotAllowed(f"no call to move: {consultation.status}")
    check_transition(consultation, Status.CONFIRMED, actor, now)


def _is_allowed_by_hold(consultation: Consultation, after: str, actor: str) -> bool:
    """What a held time waits for decides who confirms it, and where a refusal leads."""
    hold = consultation.hold_for
    if after == Status.CONFIRMED:
        visitors = hold in (HoldFor.EMAIL, HoldFor.OFFER)
        return visitors if actor == Actor.VISITOR else hold == HoldFor.APPROVAL
    if after == Status.REQUESTED:
        return hold == HoldFor.OFFER
    if after == Status.EXPIRED:
        return hold != HoldFor.OFFER
    return True


def change_cutoff(consultation: Consultation) -> timedelta:
    """How long before the start a visitor may still move or cancel it."""
    return timedelta(hours=consultation.type.cutoff_hours if consultation.type else 0)


def can_visitor_change(consultation: Consultation, after: str, now: datetime) -> bool:
    """For pages that offer it; the verb has the last word."""
    try:
        check_transition(consultation, after, Actor.VISITOR, now)
    except TransitionNotAllowed:
        return False
    return True


def record_event(
    consultation: Consultation,
    actor: str,
    before: str,
    after: str,
    *,
    now: datetime,
    by: User | None = None,
    old_start: datetime | None = None,
    old_practitioner: Practitioner | None = None,
    note: str = "",
) -> None:
    ConsultationEvent.objects.create(
        consultation=consultation,
        at=now,
        actor=actor,
        by=by,
        before=before,
        after=after,
        old_start_at=old_start,
        old_practitioner=old_practitioner,
        new_start_at=consultation.start_at,
        note=note,
    )


# One call to come for each address, where a practice wants no more.
#
# Only where a link in our mail confirms a time: there every answer on the screen is "look into
# your
# mail", so nobody learns what somebody else has arranged. The mail goes to the one whose address
# it
# is, and may say it.


class UpcomingCallExists(TransitionNotAllowed):
    """This address has a call to come."""


def find_other_upcoming_call(consultation: Consultation, *, now: datetime) -> Consultation | None:
    """The call to come of the same address; None where there is none, or the practice minds not."""
    kind = consultation.type
    if kind is None or not kind.one_per_address or consultation.address_is_lost:
        return None
    if not consultation.email:
        return None
    rows = Consultation.objects.upcoming(now).filter(
        email_fingerprint__in=email_fingerprints(consultation.email)
    )
    return rows.exclude(pk=consultation.pk).order_by("start_at").first()


def check_one_call_per_email(consultation: Consultation, *, now: datetime) -> None:
    """Under a lock of everybody, since two holds of one address may lie with two people."""
    kind = consultation.type
    if kind is None or not kind.one_per_address or consultation.hold_for != HoldFor.EMAIL:
        return
    claims.lock_practitioners(Practitioner.objects.all())
    if consultation.status in (Status.HELD, Status.EXPIRED) and find_other_upcoming_call(
        consultation, now=now
    ):
        raise UpcomingCallExists
