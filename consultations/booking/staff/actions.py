"""Actions staff can take on a consultation: the form, the email and the operation of each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consultations.booking import bookings, emails, local_time, workflow
from consultations.booking.choices import DeclineReason, Meeting, RequestKind
from consultations.booking.hours import ConsultationType
from consultations.booking.models import Consultation
from consultations.booking.staff.forms import (
    ActionForm,
    CallBackForm,
    DeclineForm,
    EmailActionForm,
    MoveForm,
    OutcomeForm,
    ScheduleForm,
    VideoLinkForm,
)
from consultations.booking.states import FINAL_STATUSES, HoldFor, Status
from consultations.booking.submission import SubmissionMeta, copy_details
from consultations.booking.transitions import TransitionNotAllowed
from consultations.email_texts import catalog, rendering
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import PracticeProfile, Practitioner

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

# --- Staff bookings: move a call, book again ------------------------------------------------------


def move_by_staff(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
    added_text: str = "",
) -> None:
    """Move a call to the time and practitioner that staff chose."""
    bookings.move_consultation(
        consultation,
        start_at=start_at,
        promised_time=local_time.format_datetime_in_zone(start_at, consultation.visitor_zone),
        practitioners=[practitioner],
        by=by,
        now=now,
        added_text=added_text,
    )


def book_again(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
    added_text: str = "",
) -> Consultation:
    """Book a new call with the answers of a closed consultation, which stays unchanged.

    Raises SlotTaken or TransitionNotAllowed.
    """
    consultation_type = consultation.type or ConsultationType.objects.active().first()
    if not consultation.is_final or consultation_type is None:
        raise TransitionNotAllowed("only what is closed is booked again")
    # Submitting twice makes one booking. Booking the same time again after that one was closed
    # makes another, so the number of closed ones is part of the key.
    closed = Consultation.objects.filter(
        rebooked_from=consultation, status__in=FINAL_STATUSES
    ).count()
    key = f"again-{consultation.public_id}-{int(start_at.timestamp())}-{closed}"
    return bookings.create_staff_booking(
        copy_details(consultation),
        SubmissionMeta(key=key, consent_version=""),
        type=consultation_type,
        practitioner=practitioner,
        start_at=start_at,
        promised_time=local_time.format_datetime_in_zone(start_at, consultation.visitor_zone),
        by=by,
        now=now,
        added_text=added_text,
        rebooked_from=consultation,
    )


def save_call_link(row: Consultation, video_url: str) -> None:
    """Store the video link of one call, in the transaction that gives the call its time."""
    if video_url != row.video_url:
        row.video_url = video_url
        row.save(update_fields=["video_url"])


FormAnswers = dict[str, Any]
PreviewChanges = Callable[[Consultation, FormAnswers, datetime], FormAnswers]


def _no_changes(row: Consultation, answers: FormAnswers, now: datetime) -> FormAnswers:
    return {}


@dataclass(frozen=True)
class StaffAction:
    """A button on the consultation page, with its form and the email it sends."""

    slug: str
    label: "_StrOrPromise"
    success_message: "_StrOrPromise"
    operation: Callable[..., object]
    form: type[ActionForm] = ActionForm
    email_template: str = ""  # the message to the client; "" if no email is sent
    changes: PreviewChanges = field(default=_no_changes)  # fields as the email will show them
    frees_slot: bool = False
    creates_booking: bool = False
    send_label: "_StrOrPromise" = ""  # of the button that sends the email

    @property
    def needs_time(self) -> bool:
        return issubclass(self.form, ScheduleForm)

    def perform(
        self, row: Consultation, answers: FormAnswers, *, by: User, now: datetime
    ) -> "_StrOrPromise | None":
        """Run the action; return None, or an error message for the form."""
        answers = dict(answers)
        try:
            with transaction.atomic():
                if self.needs_time and "video_url" in answers:
                    save_call_link(row, answers.pop("video_url"))
                self.operation(row, by=by, now=now, **answers)
        except bookings.SlotTaken:
            return _("Another consultation lies at that time. Choose another one.")
        except workflow.TransitionNotAllowed:
            return _("The state has changed meanwhile. Look at the consultation again.")
        except DecryptionError:
            return _("What this person wrote cannot be read, so nothing was done.")
        return None

    def preview(
        self, row: Consultation, form: ActionForm, *, now: datetime
    ) -> dict[str, str] | None:
        """Return the email as it would be sent now; None if the action sends none."""
        if not self.email_template:
            return None
        answers = form.cleaned_data if form.is_bound and form.is_valid() else {}
        if self.needs_time and not answers:
            # Before a time is chosen, the email would have a gap in its place.
            return empty_preview(row)
        shown = Consultation.objects.select_related("practitioner", "type").get(pk=row.pk)
        for name, value in self.changes(row, answers, now).items():
            setattr(shown, name, value)  # never saved
        added_text = answers.get("added_text", "")
        return render_email_preview(self.email_template, shown, added_text=added_text)


def _time_changes(row: Consultation, answers: FormAnswers, now: datetime) -> FormAnswers:
    start = answers["start_at"]
    end = start + timedelta(minutes=emails.duration_minutes(row))
    changes = {"start_at": start, "end_at": end, "practitioner": answers["practitioner"]}
    return {**changes, "status": Status.CONFIRMED, **_link_changes(row, answers)}


def _link_changes(row: Consultation, answers: FormAnswers) -> FormAnswers:
    return {"video_url": answers["video_url"]} if "video_url" in answers else {}


def _waitlist_changes(row: Consultation, answers: FormAnswers, now: datetime) -> FormAnswers:
    return {"kind": RequestKind.WAITLIST}


def _approval_changes(row: Consultation, answers: FormAnswers, now: datetime) -> FormAnswers:
    return {"status": Status.CONFIRMED}


def _new_link_changes(row: Consultation, answers: FormAnswers, now: datetime) -> FormAnswers:
    return _link_changes(row, answers)


def _hold_changes(row: Consultation, answers: FormAnswers, now: datetime) -> FormAnswers:
    expires = min(now + bookings.OFFER_LIFETIME, answers["start_at"])
    return {**_time_changes(row, answers, now), "hold_expires_at": expires, "status": Status.HELD}


def _reason_changes(row: Consultation, answers: FormAnswers, now: datetime) -> FormAnswers:
    return {
        "decline_reason": answers.get("reason", DeclineReason.FULL),
        "suggested_referrals": [referral.line for referral in answers.get("referrals", ())],
    }


CONFIRM = StaffAction(
    "confirm",
    _("Confirm a time"),
    _("Confirmed. The person is told by email where we have one."),
    bookings.confirm_consultation,
    ScheduleForm,
    "consultation_confirmed",
    _time_changes,
    send_label=_("Send confirmation"),
)
APPROVE = StaffAction(
    "approve",
    _("Approve this time"),
    _("Confirmed. The person is told by email where we have one."),
    bookings.approve_hold,
    EmailActionForm,
    email_template="consultation_confirmed",
    changes=_approval_changes,
)
OFFER = StaffAction(
    "offer",
    _("Offer a time"),
    _("Offered. The time is held until the person answers, two days at most."),
    bookings.offer_slot,
    ScheduleForm,
    "consultation_offered",
    _hold_changes,
    send_label=_("Send offer"),
)
MOVE = StaffAction(
    "move",
    _("Move the call"),
    _("Moved. The person is told by email where we have one."),
    move_by_staff,
    MoveForm,
    "consultation_moved",
    _time_changes,
    frees_slot=True,
    send_label=_("Send new time"),
)
CALL_BACK = StaffAction(
    "call-back",
    _("Record a call back"),
    _("Saved in the history."),
    workflow.record_call_back,
    CallBackForm,
)
WAITLIST = StaffAction(
    "waitlist",
    _("Put on the waiting list"),
    _("On the waiting list. The person is told by email where we have one."),
    workflow.move_to_waitlist,
    EmailActionForm,
    email_template="consultation_received",
    changes=_waitlist_changes,
)
DECLINE = StaffAction(
    "decline",
    _("Decline kindly"),
    _("Declined. The person is told by email where we have one."),
    workflow.decline_consultation,
    DeclineForm,
    "consultation_declined",
    _reason_changes,
    frees_slot=True,
)
CANCEL = StaffAction(
    "cancel",
    _("Cancel the call"),
    _("Cancelled. The person is told by email where we have one."),
    workflow.cancel_consultation,
    EmailActionForm,
    email_template="consultation_cancelled",
    frees_slot=True,
)
LINK = StaffAction(
    "link",
    _("Set the video link"),
    _("Saved. The person is told by email where we have one."),
    workflow.set_video_link,
    VideoLinkForm,
    "consultation_new_link",
    _new_link_changes,
)
COMPLETE = StaffAction(
    "complete", _("Mark as completed"), _("Noted."), workflow.complete_consultation, OutcomeForm
)
NO_SHOW = StaffAction("no-show", _("Mark as did not happen"), _("Noted."), workflow.mark_no_show)
BOOK_AGAIN = StaffAction(
    "book-again",
    _("Book again"),
    _("Booked as a new consultation. The person is told by email where we have one."),
    book_again,
    ScheduleForm,
    "consultation_confirmed",
    _time_changes,
    creates_booking=True,
    send_label=_("Send confirmation"),
)

ACTION_SLUGS = frozenset(
    action.slug
    for action in (
        CONFIRM,
        APPROVE,
        OFFER,
        MOVE,
        LINK,
        CALL_BACK,
        WAITLIST,
        DECLINE,
        CANCEL,
        COMPLETE,
        NO_SHOW,
        BOOK_AGAIN,
    )
)


def available_actions(row: Consultation, now: datetime) -> list[StaffAction]:
    """Return the actions that the status and the time allow; the workflow checks again."""
    begun = row.start_at is not None and now >= row.start_at
    over = row.end_at is not None and now >= row.end_at
    rebook = [BOOK_AGAIN] if row.status in FINAL_STATUSES else []
    match row.status:
        case Status.REQUESTED:
            return [
                CONFIRM,
                *([OFFER] if _has_email(row) else []),
                *([CALL_BACK] if _has_phone(row) else []),
                *([WAITLIST] if row.kind != RequestKind.WAITLIST else []),
                DECLINE,
            ]
        case Status.HELD:
            waits_for_us = row.hold_for == HoldFor.APPROVAL
            return [*([APPROVE] if waits_for_us else []), DECLINE]
        case Status.CONFIRMED:
            link = [LINK] if row.meeting == Meeting.VIDEO else []
            return ([COMPLETE, NO_SHOW] if begun else []) + ([] if over else [*link, MOVE, CANCEL])
        case Status.COMPLETED:
            return [NO_SHOW, *rebook]
        case Status.NO_SHOW:
            return [COMPLETE, *rebook]
    return rebook


def _has_email(row: Consultation) -> bool:
    """Whether an offer can be sent: the client answers it by a link in the email."""
    try:
        return bool(row.email)
    except DecryptionError:
        return False


def _has_phone(row: Consultation) -> bool:
    try:
        return bool(row.phone)
    except DecryptionError:
        return False


# --- Email preview --------------------------------------------------------------------------------


def empty_preview(row: Consultation) -> dict[str, str]:
    """Return a preview with the recipient only."""
    try:
        address = row.email
    except DecryptionError:
        address = ""
    return {"to": address, "subject": "", "text": ""}


def render_email_preview(
    message: str, shown: Consultation, *, added_text: str = ""
) -> dict[str, str]:
    """Render the email to the client. ``shown`` has its future values and need not be stored."""
    empty = empty_preview(shown)
    if not empty["to"]:
        return empty
    context = emails.visitor_context(shown, PracticeProfile.load(), added_text=added_text)
    values = context[rendering.VALUES]
    assert isinstance(values, dict)
    # The real links give access to the client's private page; staff don't need them.
    own = gettext("(their own link)")
    values |= {catalog.PRIVATE_LINK: own, catalog.CONFIRMATION_LINK: own}
    email = rendering.render_email(emails.wording_of(message, shown), context)
    place = emails.place_of(shown, PracticeProfile.load())
    return {
        **empty,
        "missing_place": place.missing if shown.status == Status.CONFIRMED else "",
        "subject": email.subject,
        "text": email.text.strip(),
    }
