"""Status changes that don't involve a slot: request, decline, cancel, withdraw, complete.

Each is one transaction. Pages, admin and jobs call these and ``bookings``. They take ``now`` and
``by``, never a request.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q

from consultations.audit.models import Actor
from consultations.booking import emails, submission, transitions
from consultations.booking.choices import Outcome, RequestKind
from consultations.booking.models import (
    ADDRESS_CORRECTED,
    CALL_NOT_ANSWERED,
    MOVED_TO_WAITLIST,
    PLACE_CHANGED,
    VOICEMAIL_LEFT,
    Consultation,
)
from consultations.booking.resubmission import resubmit
from consultations.booking.states import Status
from consultations.booking.submission import RequestDetails, SubmissionMeta
from consultations.booking.transitions import TransitionNotAllowed, apply_transition
from consultations.outbox import queue
from pages.practice.models import PracticeProfile, Referral

# Before a request expires: two days, plus a weekend.
EXPIRY_WARNING_LEAD = timedelta(days=4)
# A worker that was down for a while still reminds of what has become late meanwhile.
LATE_NOTICE_WINDOW = timedelta(days=3)


def request_consultation(
    details: RequestDetails, meta: SubmissionMeta, *, now: datetime
) -> Consultation:
    """Store a request without a time, with its history and emails.

    A form that was sent before updates the row it created.
    """

    def create(meta: SubmissionMeta) -> Consultation:
        consultation = submission.create_consultation(details, meta, now=now)
        consultation.record_event(Actor.VISITOR, "", Status.REQUESTED, now=now)
        emails.send_request_received(consultation, now=now)
        return consultation

    consultation, is_new = submission.create_once(details, meta, create)
    return consultation if is_new else resubmit(consultation, details, meta, None, now=now)


def add_staff_request(
    details: RequestDetails, meta: SubmissionMeta, *, by: User, now: datetime
) -> Consultation:
    """Store a request that staff took on the phone; only the client gets an email."""

    def create(meta: SubmissionMeta) -> Consultation:
        consultation = submission.create_consultation(details, meta, now=now)
        consultation.record_event(Actor.STAFF, "", Status.REQUESTED, now=now, by=by)
        emails.send_receipt(consultation, now=now)
        return consultation

    consultation, _is_new = submission.create_once(details, meta, create)
    return consultation


def record_call_back(
    consultation: Consultation, *, outcome: str, note: str, by: User, now: datetime
) -> None:
    """Record a call back: a talk answers the request, anything else leaves it open."""
    attempts = {Outcome.NO_ANSWER: CALL_NOT_ANSWERED, Outcome.VOICEMAIL: VOICEMAIL_LEFT}
    with transaction.atomic():
        attempt = attempts.get(Outcome(outcome))
        if attempt is None:
            apply_transition(
                consultation,
                Status.ANSWERED,
                Actor.STAFF,
                by=by,
                now=now,
                note=note,
                outcome=outcome,
            )
            queue.void_emails(about=consultation.uuid, messages=emails.PENDING_ANSWER_MESSAGES)
            return
        consultation.refresh_from_db()
        if consultation.status != Status.REQUESTED:
            raise TransitionNotAllowed("answered meanwhile")
        consultation.record_event(Actor.STAFF, Status.REQUESTED, attempt, now=now, by=by, note=note)


def move_to_waitlist(
    consultation: Consultation, *, by: User, now: datetime, added_text: str = ""
) -> None:
    """Put a request on the waiting list, and tell the client."""
    with transaction.atomic():
        unchanged = Consultation.objects.filter(
            pk=consultation.pk, status=Status.REQUESTED, kind=consultation.kind
        )
        if not unchanged.update(kind=RequestKind.WAITLIST):
            raise TransitionNotAllowed("changed meanwhile")
        consultation.refresh_from_db()
        consultation.record_event(Actor.STAFF, Status.REQUESTED, MOVED_TO_WAITLIST, now=now, by=by)
        queue.void_emails(about=consultation.uuid, messages=emails.PENDING_ANSWER_MESSAGES)
        emails.send_receipt(consultation, now=now, resend=True, added_text=added_text)


def decline_consultation(
    consultation: Consultation,
    *,
    reason: str,
    by: User,
    now: datetime,
    referrals: Iterable[Referral] = (),
    added_text: str = "",
) -> None:
    """Decline a request or a held time for the practice, with a reason.

    ``referrals`` are named in the email; they are not stored with the consultation.
    """
    with transaction.atomic():
        apply_transition(
            consultation, Status.DECLINED, Actor.STAFF, by=by, now=now, decline_reason=reason
        )
        queue.void_emails(about=consultation.uuid, messages=emails.PENDING_ANSWER_MESSAGES)
        consultation.suggested_referrals = [referral.line for referral in referrals]
        emails.send_decline(consultation, now=now, added_text=added_text)


def cancel_consultation(
    consultation: Consultation, *, by: User | None, now: datetime, added_text: str = ""
) -> None:
    """Cancel a confirmed call for the practice."""
    with transaction.atomic():
        apply_transition(consultation, Status.CANCELLED_BY_STAFF, Actor.STAFF, by=by, now=now)
        queue.void_emails(about=consultation.uuid)
        emails.send_cancellation(consultation, now=now, added_text=added_text)


def withdraw_consultation(consultation: Consultation, *, now: datetime, reason: str = "") -> None:
    """Cancel for the visitor, by the private link; a reason is optional."""
    had_a_time = consultation.status == Status.CONFIRMED
    with transaction.atomic():
        apply_transition(
            consultation, Status.CANCELLED_BY_VISITOR, Actor.VISITOR, now=now, note=reason
        )
        queue.void_emails(about=consultation.uuid)
        emails.send_withdrawal(consultation, had_a_time=had_a_time, now=now)


def correct_email(consultation: Consultation, *, email: str, now: datetime) -> None:
    """Store the visitor's corrected address and email it a new link; the old link stops working.

    Raises TransitionNotAllowed.
    """
    with transaction.atomic():
        if consultation.is_final:
            raise TransitionNotAllowed("nothing more will be written")
        if consultation.start_at is not None and now >= consultation.start_at:
            raise TransitionNotAllowed("the call has begun")
        unchanged = Consultation.objects.filter(
            pk=consultation.pk, status=consultation.status, token_version=consultation.token_version
        )
        if not unchanged.update(token_version=F("token_version") + 1):
            raise TransitionNotAllowed("changed meanwhile")
        consultation.refresh_from_db()
        consultation.email = email
        consultation.save(update_fields=["email"])
        consultation.record_event(Actor.VISITOR, consultation.status, ADDRESS_CORRECTED, now=now)
        queue.void_emails(about=consultation.uuid, messages=emails.VISITOR_MESSAGES)
        existing_call = transitions.find_other_upcoming_call(consultation, now=now)
        emails.resend_to_corrected_address(consultation, existing_call=existing_call, now=now)


def set_video_link(
    consultation: Consultation, *, video_url: str, by: User, now: datetime, added_text: str = ""
) -> None:
    """Give a confirmed call its own video link, and send it to the visitor."""
    with transaction.atomic():
        unchanged = Consultation.objects.filter(
            pk=consultation.pk, status=Status.CONFIRMED, sequence=consultation.sequence
        )
        # The next calendar file needs a higher SEQUENCE (RFC 5546, 2.1.4).
        if not unchanged.update(sequence=F("sequence") + 1):
            raise TransitionNotAllowed("changed meanwhile")
        consultation.refresh_from_db()
        if consultation.end_at is None or consultation.end_at <= now:
            raise TransitionNotAllowed("the call is over")
        consultation.video_url = video_url
        consultation.save(update_fields=["video_url"])
        consultation.record_event(Actor.STAFF, consultation.status, PLACE_CHANGED, now=now, by=by)
        queue.void_emails(about=consultation.uuid, messages=emails.VISITOR_MESSAGES)
        emails.send_new_link(consultation, now=now, added_text=added_text)


def complete_consultation(
    consultation: Consultation, *, outcome: str, by: User, now: datetime
) -> None:
    """Record that a call took place, and its outcome."""
    with transaction.atomic():
        apply_transition(
            consultation, Status.COMPLETED, Actor.STAFF, by=by, now=now, outcome=outcome
        )


def mark_no_show(consultation: Consultation, *, by: User, now: datetime) -> None:
    """Record that a call did not take place."""
    with transaction.atomic():
        apply_transition(consultation, Status.NO_SHOW, Actor.STAFF, by=by, now=now)


def expire_requests(*, now: datetime) -> int:
    """Close requests unanswered for CONSULTATION_REQUEST_EXPIRES_DAYS; return how many.

    On the waiting list it is WAITLIST_EXPIRES_DAYS. Days count from the last time the request came
    to staff, so a declined offer starts them again.
    """
    expired = 0
    for consultation in _unanswered_requests(before=now):
        try:
            with transaction.atomic():
                apply_transition(consultation, Status.EXPIRED, Actor.SYSTEM, now=now)
            expired += 1
        except TransitionNotAllowed:
            continue  # answered in the meantime
    return expired


def send_expiry_warnings(*, now: datetime) -> int:
    """Warn the practice once about each request that is about to expire; return how many."""
    warned = 0
    for consultation in _unanswered_requests(before=now + EXPIRY_WARNING_LEAD):
        with transaction.atomic():
            warned += emails.send_expiry_warning(consultation, now=now)
    return warned


def send_late_notices(*, now: datetime) -> int:
    """Remind the practice of each answer that has become late; return how many.

    What was late before LATE_NOTICE_WINDOW gets none: nobody needs news of last month.
    """
    tells_visitor = PracticeProfile.load().apologizes_when_late
    reminded = 0
    late = Consultation.objects.overdue(now).filter(reply_by__gt=now - LATE_NOTICE_WINDOW)
    for consultation in late.select_related("practitioner", "type"):
        with transaction.atomic():
            # Again in the transaction: it may have been answered since the query above.
            if Consultation.objects.overdue(now).filter(pk=consultation.pk).exists():
                reminded += emails.send_late_notices(
                    consultation, to_visitor=tells_visitor, now=now
                )
    return reminded


def _unanswered_requests(*, before: datetime) -> Iterator[Consultation]:
    """Yield requests that will have waited too long by then."""
    days = settings.CONSULTATION_REQUEST_EXPIRES_DAYS
    days_of_list = settings.WAITLIST_EXPIRES_DAYS
    requests, lists = ~Q(kind=RequestKind.WAITLIST), Q(kind=RequestKind.WAITLIST)
    for kinds, limit in ((requests, days), (lists, days_of_list)):
        yield from Consultation.objects.filter(kinds).unanswered_since(
            before - timedelta(days=limit)
        )
