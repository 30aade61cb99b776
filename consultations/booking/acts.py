"""What staff may do with a consultation now: the form it takes, the mail it sends, the verb."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking import emails, reply_promise, workflow
from consultations.booking.choices import DeclineReason, Interest, Outcome
from consultations.booking.models import Consultation, ConsultationQuerySet
from consultations.booking.states import Status
from consultations.privacy.encryption import CannotOpen
from consultations.privacy.fingerprints import email_fingerprints, phone_fingerprints
from pages.practice.models import PracticeProfile, Practitioner


class ActForm(forms.Form):
    """A form that knows its consultation."""

    def __init__(self, data: Any = None, *, consultation: Consultation) -> None:
        super().__init__(data)
        self.consultation = consultation


class ConfirmForm(ActForm):
    """The time is meant and shown in the practitioner's zone."""

    practitioner = forms.ModelChoiceField(
        label=_("Who talks"), queryset=Practitioner.objects.none(), empty_label=None
    )
    start_at = forms.SplitDateTimeField(label=_("Day and time"), widget=AdminSplitDateTime)

    def __init__(self, data: Any = None, *, consultation: Consultation) -> None:
        super().__init__(data, consultation=consultation)
        people = Practitioner.objects.bookable()
        person = self.fields["practitioner"]
        person.queryset = people  # type: ignore[attr-defined]
        person.initial = consultation.practitioner_id or people.first()
        # The widget's two boxes have words beside them, but no label of their own.
        for box, words in zip(
            self.fields["start_at"].widget.widgets, (_("Date"), _("Time")), strict=True
        ):
            box.attrs["aria-label"] = words
        zone = PracticeProfile.load().time_zone
        self.fields["start_at"].help_text = _g(
            "In the time zone %(zone)s. The call takes %(n)d minutes."
        ) % {
            "zone": zone.replace("_", " "),
            "n": settings.CALL_MINUTES,
        }

    def clean_start_at(self) -> datetime:
        # The field read the clock time in the server's zone (UTC); it was meant in the practice's.
        typed = self.cleaned_data["start_at"].replace(tzinfo=None)
        start = in_zone(typed, PracticeProfile.load().time_zone)
        if start is None:
            raise forms.ValidationError(_("The clocks jump over this time on that day."))
        if start <= timezone.now():
            raise forms.ValidationError(_("Choose a time that is still to come."))
        return start


class DeclineForm(ActForm):
    reason = forms.ChoiceField(label=_("Reason"), choices=DeclineReason.choices)


class OutcomeForm(ActForm):
    outcome = forms.ChoiceField(label=_("How it went"), choices=Outcome.choices)


@dataclass(frozen=True)
class Act:
    slug: str
    label: Any
    done: Any
    form: type[ActForm]
    message: str  # the folder in templates/emails/, "" when nobody is written to
    verb: Callable[..., None]
    changes: Callable[[dict[str, Any]], dict[str, Any]]

    def perform(
        self, row: Consultation, answers: dict[str, Any], *, by: User, now: datetime
    ) -> Any:
        """None when done, else why not, for the form."""
        try:
            self.verb(row, by=by, now=now, **answers)
        except workflow.TimeIsTaken:
            return _("Another consultation lies at that time. Choose another one.")
        except workflow.NotAllowed:
            return _("The state has changed meanwhile. Look at the consultation again.")
        except CannotOpen:
            return _("The email address of this person cannot be read, so nothing was done.")
        return None

    def preview(self, row: Consultation, form: ActForm) -> dict[str, Any] | None:
        """The mail as it would leave now; None when this act sends none."""
        if not self.message:
            return None
        try:
            address = row.email
        except CannotOpen:
            address = ""
        if not address:
            return {"to": "", "subject": "", "text": ""}
        answers = form.cleaned_data if form.is_bound and form.is_valid() else {}
        if "start_at" in form.fields and not answers:
            # Before a time is chosen the mail would have a hole where the time belongs.
            return {"to": address, "subject": "", "text": ""}
        shown = Consultation.objects.get(pk=row.pk)
        for name, value in self.changes(answers).items():
            setattr(shown, name, value)  # never saved
        context = emails.visitor_context(shown, PracticeProfile.load())
        context |= {"site_url": settings.SITE_URL}
        folder = f"emails/{self.message}"
        return {
            "to": address,
            "subject": " ".join(render_to_string(f"{folder}/subject.txt", context).split()),
            # The link in it is the visitor's own key; staff need not hold it.
            "text": render_to_string(
                f"{folder}/body.txt", {**context, "manage_url": _g("(their own link)")}
            ).strip(),
        }


def _timed(answers: dict[str, Any]) -> dict[str, Any]:
    start = answers.get("start_at")
    if start is None:
        return {}
    end = start + timedelta(minutes=settings.CALL_MINUTES)
    return {"start_at": start, "end_at": end, "practitioner": answers["practitioner"]}


def _reasoned(answers: dict[str, Any]) -> dict[str, Any]:
    return {"decline_reason": answers.get("reason", DeclineReason.FULL)}


def _nothing(answers: dict[str, Any]) -> dict[str, Any]:
    return {}


CONFIRM = Act(
    "confirm",
    _("Confirm with a time"),
    _("Confirmed. The person is told by email where we have one."),
    ConfirmForm,
    "consultation_confirmed",
    workflow.confirm_consultation,
    _timed,
)
DECLINE = Act(
    "decline",
    _("Decline kindly"),
    _("Declined. The person is told by email where we have one."),
    DeclineForm,
    "consultation_declined",
    workflow.decline_consultation,
    _reasoned,
)
CANCEL = Act(
    "cancel",
    _("Cancel the call"),
    _("Cancelled. The person is told by email where we have one."),
    ActForm,
    "consultation_cancelled",
    workflow.cancel_consultation,
    _nothing,
)
COMPLETE = Act(
    "complete",
    _("Mark as completed"),
    _("Noted."),
    OutcomeForm,
    "",
    workflow.complete_consultation,
    _nothing,
)
NO_SHOW = Act(
    "no-show",
    _("Mark as did not happen"),
    _("Noted."),
    ActForm,
    "",
    workflow.mark_no_show,
    _nothing,
)


def offered(row: Consultation, now: datetime) -> list[Act]:
    """The acts that the state and the time allow; the workflow has the last word."""
    begun = row.start_at is not None and now >= row.start_at
    over = row.end_at is not None and now >= row.end_at
    match row.status:
        case Status.REQUESTED:
            return [CONFIRM, DECLINE]
        case Status.CONFIRMED:
            return ([COMPLETE, NO_SHOW] if begun else []) + ([] if over else [CANCEL])
        case Status.COMPLETED:
            return [NO_SHOW]
        case Status.NO_SHOW:
            return [COMPLETE]
    return []


def in_zone(clock: datetime, zone: str) -> datetime | None:
    """The instant of a clock time; None where the clocks jump over it."""
    instant = clock.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
    back = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return instant if back == clock else None


def same_person(row: Consultation) -> ConsultationQuerySet:
    """Other consultations under the same address or number, whichever key hashed them."""
    try:
        by_email, by_phone = email_fingerprints(row.email), phone_fingerprints(row.phone)
    except CannotOpen:
        stored = (row.email_fingerprint, row.phone_fingerprint)
        by_email, by_phone = ([value] if value else [] for value in stored)
    same = Q(email_fingerprint__in=by_email) | Q(phone_fingerprint__in=by_phone)
    return Consultation.objects.filter(same).exclude(pk=row.pk).order_by("-created_at")


def with_practice_zone(rows: QuerySet[Consultation]) -> QuerySet[Consultation]:
    """For lists: the zone comes with each row, instead of a query for each."""
    profile = PracticeProfile.objects.filter(pk=1).values("time_zone")[:1]
    return rows.annotate(practice_zone=Coalesce(Subquery(profile), Value("UTC")))


def practice_zone_of(row: Consultation) -> str:
    return getattr(row, "practice_zone", "") or PracticeProfile.load().time_zone


def promised_day(row: Consultation) -> str:
    day: date = reply_promise.last_day(row.reply_by, practice_zone_of(row))
    return formats.date_format(day, "DATE_FORMAT")


def time_words(row: Consultation, *, both_zones: bool = False) -> str:
    if row.start_at is None:
        return "–"
    practice_zone = practice_zone_of(row)
    zones = [practice_zone]
    if both_zones and row.visitor_zone != practice_zone:
        zones.append(row.visitor_zone)
    return "; ".join(
        f"{formats.date_format(row.start_at.astimezone(ZoneInfo(zone)), 'DATETIME_FORMAT')}"
        f" ({zone.replace('_', ' ')})"
        for zone in zones
    )


def interest_words(value: str) -> str:
    return str(Interest(value).label) if value in Interest.values else value or "–"
