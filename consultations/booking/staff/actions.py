"""What staff may do with a consultation now: the form it takes, the mail it sends, the verb."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consultations.booking import bookings, emails, local_time, workflow
from consultations.booking.choices import DeclineReason, Kind
from consultations.booking.hours import ConsultationType
from consultations.booking.models import Consultation
from consultations.booking.staff.forms import ActForm, DeclineForm, MoveForm, OutcomeForm, TimeForm
from consultations.booking.states import FINAL, HoldFor, Status
from consultations.booking.submission import Details, Sending
from consultations.booking.transitions import NotAllowed
from consultations.privacy.encryption import CannotOpen
from pages.practice.models import PracticeProfile, Practitioner

# Staff's own bookings: by hand, once more, and at another time. Each ends in ``bookings``.


def move(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
) -> None:
    bookings.move_consultation(
        consultation,
        start_at=start_at,
        promised_time=local_time.words(start_at, consultation.visitor_zone),
        people=[practitioner],
        by=by,
        now=now,
    )


def book_again(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
) -> Consultation:
    """A new row with the answers of one that is closed, which stays as it is."""
    kind = consultation.type or ConsultationType.objects.active().first()
    if not consultation.is_final or kind is None:
        raise NotAllowed("only what is closed is booked again")
    # The same press twice is one booking; the same time once more, after that one was closed, is
    # another.
    closed = Consultation.objects.filter(rebooked_from=consultation, status__in=FINAL).count()
    key = f"again-{consultation.public_id}-{int(start_at.timestamp())}-{closed}"
    return bookings.add_by_staff(
        _details_of(consultation),
        Sending(key=key, consent_version=""),
        type=kind,
        practitioner=practitioner,
        start_at=start_at,
        promised_time=local_time.words(start_at, consultation.visitor_zone),
        by=by,
        now=now,
        rebooked_from=consultation,
    )


def _details_of(consultation: Consultation) -> Details:
    return Details(
        kind=Kind.SLOT,
        name=consultation.name,
        channel=consultation.channel,
        email=consultation.email,
        phone=consultation.phone,
        voicemail=consultation.voicemail,
        location=consultation.location,
        service=consultation.service,
        audience=consultation.audience,
        meeting=consultation.meeting,
        note=consultation.note,
        access_needs=consultation.access_needs,
        preferred=json.loads(consultation.preferred_times or "[]"),
        is_adult=consultation.is_adult,
        zone=consultation.visitor_zone,
    )


Answers = dict[str, Any]
Changes = Callable[[Consultation, Answers, datetime], Answers]


def _nothing(row: Consultation, answers: Answers, now: datetime) -> Answers:
    return {}


@dataclass(frozen=True)
class Act:
    slug: str
    label: Any
    done: Any
    verb: Callable[..., Any]
    form: type[ActForm] = ActForm
    message: str = ""  # the folder in templates/emails/, "" when nobody is written to
    changes: Changes = field(default=_nothing)  # what the mail will speak of
    frees_its_time: bool = False
    adds_a_row: bool = False

    @property
    def asks_for_a_time(self) -> bool:
        return issubclass(self.form, TimeForm)

    def perform(self, row: Consultation, answers: Answers, *, by: User, now: datetime) -> Any:
        """None when done, else why not, for the form."""
        try:
            self.verb(row, by=by, now=now, **answers)
        except bookings.TimeIsTaken:
            return _("Another consultation lies at that time. Choose another one.")
        except workflow.NotAllowed:
            return _("The state has changed meanwhile. Look at the consultation again.")
        except CannotOpen:
            return _("What this person wrote cannot be read, so nothing was done.")
        return None

    def preview(self, row: Consultation, form: ActForm, *, now: datetime) -> Answers | None:
        """The mail as it would leave now; None when this act sends none."""
        if not self.message:
            return None
        answers = form.cleaned_data if form.is_bound and form.is_valid() else {}
        if self.asks_for_a_time and not answers:
            # Before a time is chosen the mail would have a hole where the time belongs.
            return without_words(row)
        shown = Consultation.objects.select_related("practitioner", "type").get(pk=row.pk)
        for name, value in self.changes(row, answers, now).items():
            setattr(shown, name, value)  # never saved
        return preview(self.message, shown)


def _timed(row: Consultation, answers: Answers, now: datetime) -> Answers:
    start = answers["start_at"]
    end = start + timedelta(minutes=emails.length_min(row))
    return {"start_at": start, "end_at": end, "practitioner": answers["practitioner"]}


def _held(row: Consultation, answers: Answers, now: datetime) -> Answers:
    expires = min(now + bookings.OFFER_LASTS, answers["start_at"])
    return {**_timed(row, answers, now), "hold_expires_at": expires}


def _reasoned(row: Consultation, answers: Answers, now: datetime) -> Answers:
    return {"decline_reason": answers.get("reason", DeclineReason.FULL)}


CONFIRM = Act(
    "confirm",
    _("Confirm with a time"),
    _("Confirmed. The person is told by email where we have one."),
    bookings.confirm_consultation,
    TimeForm,
    "consultation_confirmed",
    _timed,
)
APPROVE = Act(
    "approve",
    _("Approve this time"),
    _("Confirmed. The person is told by email where we have one."),
    bookings.approve_hold,
    message="consultation_confirmed",
)
OFFER = Act(
    "offer",
    _("Offer a time"),
    _("Offered. The time is held until the person answers, two days at most."),
    bookings.offer_time,
    TimeForm,
    "consultation_offered",
    _held,
)
MOVE = Act(
    "move",
    _("Move the call"),
    _("Moved. The person is told by email where we have one."),
    move,
    MoveForm,
    "consultation_moved",
    _timed,
    frees_its_time=True,
)
DECLINE = Act(
    "decline",
    _("Decline kindly"),
    _("Declined. The person is told by email where we have one."),
    workflow.decline_consultation,
    DeclineForm,
    "consultation_declined",
    _reasoned,
    frees_its_time=True,
)
CANCEL = Act(
    "cancel",
    _("Cancel the call"),
    _("Cancelled. The person is told by email where we have one."),
    workflow.cancel_consultation,
    message="consultation_cancelled",
    frees_its_time=True,
)
COMPLETE = Act(
    "complete",
    _("Mark as completed"),
    _("Noted."),
    workflow.complete_consultation,
    OutcomeForm,
)
NO_SHOW = Act("no-show", _("Mark as did not happen"), _("Noted."), workflow.mark_no_show)
BOOK_AGAIN = Act(
    "book-again",
    _("Book again"),
    _("Booked as a new consultation. The person is told by email where we have one."),
    book_again,
    TimeForm,
    "consultation_confirmed",
    _timed,
    adds_a_row=True,
)

SLUGS = frozenset(
    act.slug
    for act in (CONFIRM, APPROVE, OFFER, MOVE, DECLINE, CANCEL, COMPLETE, NO_SHOW, BOOK_AGAIN)
)


def offered(row: Consultation, now: datetime) -> list[Act]:
    """The acts that the state and the time allow; the workflow has the last word."""
    begun = row.start_at is not None and now >= row.start_at
    over = row.end_at is not None and now >= row.end_at
    again = [BOOK_AGAIN] if row.status in FINAL else []
    match row.status:
        case Status.REQUESTED:
            return [CONFIRM, *([OFFER] if _may_be_written_to(row) else []), DECLINE]
        case Status.HELD:
            waits_for_us = row.hold_for == HoldFor.APPROVAL
            return [*([APPROVE] if waits_for_us else []), DECLINE]
        case Status.CONFIRMED:
            return ([COMPLETE, NO_SHOW] if begun else []) + ([] if over else [MOVE, CANCEL])
        case Status.COMPLETED:
            return [NO_SHOW, *again]
        case Status.NO_SHOW:
            return [COMPLETE, *again]
    return again


def _may_be_written_to(row: Consultation) -> bool:
    """An offer is answered by a link, so it needs an address."""
    try:
        return bool(row.email)
    except CannotOpen:
        return False


# The mail that an act sends, as staff see it before it leaves.


def without_words(row: Consultation) -> dict[str, Any]:
    """To whom, while there is nothing to say yet."""
    try:
        address = row.email
    except CannotOpen:
        address = ""
    return {"to": address, "subject": "", "text": ""}


def preview(message: str, shown: Consultation) -> dict[str, Any]:
    """``shown`` is the consultation as it will be; it need not be stored."""
    empty = without_words(shown)
    if not empty["to"]:
        return empty
    context = emails.visitor_context(shown, PracticeProfile.load())
    # The links in it are the visitor's own keys; staff need not hold them.
    own = gettext("(their own link)")
    context |= {"site_url": settings.SITE_URL, "manage_url": own, "confirm_url": own}
    folder = f"emails/{message}"
    subject = render_to_string(f"{folder}/subject.txt", context)
    return {
        **empty,
        "subject": " ".join(subject.split()),
        "text": render_to_string(f"{folder}/body.txt", context).strip(),
    }
