"""Staff pages: perform an action, add a booking, and offer freed times to the waiting list."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.audit import requests as audit
from consultations.booking import availability, bookings, local_time
from consultations.booking.choices import Channel, Meeting, RequestKind, Voicemail
from consultations.booking.hours import ConsultationType, practitioner_time_zone
from consultations.booking.models import Consultation, new_idempotency_key
from consultations.booking.staff import actions, display, permissions, schedule_view, waitlist
from consultations.booking.staff.actions import StaffAction
from consultations.booking.staff.added_text import AddedTextMixin
from consultations.booking.staff.display import reason_sentences
from consultations.booking.staff.forms import ActionForm, PractitionerTimeForm, instant_in_zone
from consultations.booking.staff.waitlist import FreedSlot, parse_freed_slot
from consultations.booking.states import Status
from consultations.booking.submission import RequestDetails, SubmissionMeta
from consultations.booking.zones import listed_zones
from consultations.visitors.forms import EmailField, OneLineField, PhoneField
from pages.practice.models import PracticeProfile

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.contrib.admin.models import LogEntry
    from django.db.models.options import Options


class ConsultationPages(Protocol):
    """The admin of consultations, as the page of an action uses it."""

    @property
    def admin_site(self) -> "AdminSite": ...
    @property
    def opts(self) -> "Options[Consultation]": ...
    def has_change_permission(self, request: HttpRequest, obj: Consultation) -> bool: ...
    def actions_for(
        self, request: HttpRequest, row: Consultation, now: datetime
    ) -> list[StaffAction]: ...
    def log_change(
        self, request: HttpRequest, obj: Consultation, message: object
    ) -> "LogEntry | None": ...


def action_page(
    model_admin: ConsultationPages, request: HttpRequest, key: UUID, slug: str
) -> HttpResponse:
    """Show an action's form and the email it sends; perform the action on POST."""
    row = get_object_or_404(Consultation.objects.visible_to(request.user), pk=key)
    if not model_admin.has_change_permission(request, row):
        raise PermissionDenied
    back = reverse("admin:consultations_consultation_change", args=[row.pk])
    now = timezone.now()
    offered = model_admin.actions_for(request, row, now)
    chosen = next((action for action in offered if action.slug == slug), None)
    if chosen is None:
        messages.warning(request, _("This can no longer be done: the state has changed."))
        return HttpResponseRedirect(back)
    if chosen.needs_time:
        return schedule_view.schedule_page(
            model_admin,
            request,
            row,
            chosen,
            offered,
            perform=lambda form: _perform_action(model_admin, request, chosen, row, form, now),
            now=now,
        )
    data = request.POST if request.method == "POST" else None
    form = chosen.form(
        data,
        consultation=row,
        practitioner_ids=permissions.accessible_practitioner_ids(request.user),
    )
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        next_page = _perform_action(model_admin, request, chosen, row, form, now)
        if next_page:
            return HttpResponseRedirect(next_page)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": chosen.label,
        "opts": model_admin.opts,
        "row": row,
        "form": form,
        "action": chosen,
        "preview": chosen.preview(row, form, now=now),
        "back": back,
        "when": display.format_consultation_time(row) if row.start_at else "",
    }
    status = 422 if form.errors and request.method == "POST" else 200
    return render(request, "admin/consultations/consultation/action.html", context, status=status)


def _perform_action(
    model_admin: ConsultationPages,
    request: HttpRequest,
    action: StaffAction,
    row: Consultation,
    form: ActionForm,
    now: datetime,
) -> str:
    """Perform the action; return the next page's URL, or "" if the form has an error."""
    freed = (row.start_at, row.practitioner)
    fault = action.perform(row, form.cleaned_data, by=cast(User, request.user), now=now)
    if fault is not None:
        form.add_error(None, fault)
        return ""
    model_admin.log_change(request, row, [{"changed": {"fields": [action.slug]}}])
    audit.record_request_action(request, action.slug, row=row)
    messages.success(request, action.success_message)
    if action.email_template and row.address_is_lost:
        messages.warning(request, display.unreadable_email_message())
    rows = Consultation.objects.visible_to(request.user)
    waitlist_url = waitlist.waitlist_url_for(*freed, rows, now=now) if action.frees_slot else ""
    if request.POST.get("next") == "today":
        return reverse("admin:index")
    index = reverse("admin:consultations_consultation_changelist")
    return waitlist_url or add_preserved_filters({"opts": model_admin.opts}, index)


# --- Add a booking for a client who called or wrote, with a preview of the email ------------------


class AddBookingForm(PractitionerTimeForm, AddedTextMixin):
    """Book for a client who called or wrote."""

    name = OneLineField(label=_("Name"), max_length=100)
    email = EmailField(label=_("Email"), required=False)
    phone = PhoneField(label=_("Phone"), required=False)
    channel = forms.ChoiceField(label=_("Best way to reach"), choices=Channel.choices)
    voicemail = forms.ChoiceField(label=_("Voicemail"), choices=Voicemail.choices)
    meeting = forms.ChoiceField(label=_("How to meet"), choices=Meeting.choices)
    zone = forms.ChoiceField(
        label=_("Their time zone"), help_text=_("Mails to this person show the time in it.")
    )
    type = forms.ModelChoiceField(
        label=_("Kind of consultation"), queryset=ConsultationType.objects.all(), empty_label=None
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    field_order = ["type", "practitioner", "start_at", "name", "channel", "email", "phone"]

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        practitioner_ids: Collection[int] | None = None,
    ) -> None:
        super().__init__(data)
        practice = PracticeProfile.load()
        self.set_practitioner_choices(None, practitioner_ids)
        zones = self.fields["zone"]
        known = dict.fromkeys([practice.time_zone, *listed_zones()])
        zones.choices = [(zone, zone.replace("_", " ")) for zone in known]  # type: ignore[attr-defined]
        zones.initial = practice.time_zone
        phone = self.fields["phone"]
        if isinstance(phone, PhoneField):
            phone.region = practice.country
        self.fields["key"].initial = new_idempotency_key()

    def visitor_row(self) -> Consultation:
        typed = {name: self.cleaned_data.get(name) or "" for name in ("name", "email", "phone")}
        return Consultation(**typed)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        channel = cleaned.get("channel")
        if channel == Channel.EMAIL and "email" in cleaned and not cleaned["email"]:
            self.add_error("email", _("Enter an email address, so that we can write to them."))
        wants_phone = channel in (Channel.CALL, Channel.TEXT)
        if wants_phone and "phone" in cleaned and not cleaned["phone"]:
            self.add_error("phone", _("Enter a phone number, so that we can reach them."))
        return cleaned

    def details(self) -> RequestDetails:
        names = ("name", "email", "phone", "channel", "voicemail", "meeting", "zone")
        return RequestDetails(
            kind=RequestKind.SLOT, **{name: self.cleaned_data[name] for name in names}
        )

    def submission_meta(self) -> SubmissionMeta:
        # No consent version: the client agreed on the phone or in writing, not on our form.
        return SubmissionMeta(
            key=self.cleaned_data["key"] or new_idempotency_key(), consent_version=""
        )

    @property
    def promised_time(self) -> str:
        """The time as the client sees it, in their own zone."""
        return local_time.format_datetime_in_zone(
            self.cleaned_data["start_at"], self.cleaned_data["zone"]
        )

    def mail(self, *, now: datetime) -> dict[str, str]:
        """Return a preview of the email, from a consultation that is never stored."""
        answers, details = self.cleaned_data, self.details()
        start = answers["start_at"]
        shown = Consultation(
            reference=_g("(given when booked)"),
            kind=RequestKind.SLOT,
            type=answers["type"],
            practitioner=answers["practitioner"],
            start_at=start,
            end_at=start + timedelta(minutes=answers["type"].duration_min),
            reply_by=now,
            email=details.email,
            meeting=details.meeting,
            phone=details.phone,
            status=Status.CONFIRMED,
            visitor_zone=details.zone,
        )
        return actions.render_email_preview(
            "consultation_confirmed", shown, added_text=answers["added_text"]
        )

    def unavailability_warnings(self, *, now: datetime) -> list[str]:
        """Return why clients would not be offered this time; a warning, since staff may book it."""
        answers = self.cleaned_data
        practitioner, start = answers["practitioner"], answers["start_at"]
        return reason_sentences(
            availability.find_unavailability_reasons(answers["type"], practitioner, start, now=now)
        )


def add_booking_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show the form and a preview of the email; book on POST."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    now = timezone.now()
    data = request.POST if request.method == "POST" else None
    form = AddBookingForm(
        data, practitioner_ids=permissions.accessible_practitioner_ids(request.user)
    )
    if (wanted := parse_freed_slot(request.GET) or parse_clicked_time(request)) is not None:
        form.set_initial_time(wanted.start_at, wanted.practitioner)
    is_good = request.method == "POST" and form.is_valid()
    if is_good and "preview" not in request.POST:
        added = _add_booking(form, request, now)
        if added is not None:
            model_admin.log_addition(request, added, [{"added": {}}])
            return HttpResponseRedirect(
                reverse("admin:consultations_consultation_change", args=[added.pk])
            )
    is_good = is_good and not form.errors
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _g("Add a booking"),
        "opts": model_admin.opts,
        "form": form,
        "preview": form.mail(now=now) if is_good else None,
        "objections": form.unavailability_warnings(now=now) if is_good else [],
    }
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "admin/consultations/consultation/add.html", context, status=status)


def parse_clicked_time(request: HttpRequest) -> FreedSlot | None:
    """Parse a place of the calendar: a date and a time on the practice's clock; None if invalid."""
    asked = request.GET
    try:
        clock = datetime.fromisoformat(f"{asked.get('on', '')}T{asked.get('at', '')}")
    except ValueError:
        return None
    rows = permissions.accessible_practitioners(request.user).filter(is_bookable=True)
    named = rows.filter(slug=asked.get("practitioner", "")).first()
    own = rows.filter(user=request.user.pk).first()
    practitioner = named or own or rows.first()
    start = instant_in_zone(clock.replace(tzinfo=None), PracticeProfile.load().time_zone)
    return FreedSlot(start, practitioner) if start is not None and practitioner else None


def _add_booking(form: AddBookingForm, request: HttpRequest, now: datetime) -> Consultation | None:
    """Book the time; None if it is taken, with an error on the form."""
    answers = form.cleaned_data
    objections = form.unavailability_warnings(now=now)
    try:
        added = bookings.create_staff_booking(
            form.details(),
            form.submission_meta(),
            type=answers["type"],
            practitioner=answers["practitioner"],
            start_at=answers["start_at"],
            promised_time=form.promised_time,
            by=cast(User, request.user),
            now=now,
            added_text=answers["added_text"],
        )
    except bookings.SlotTaken:
        form.add_error("start_at", _("Another consultation lies at that time. Choose another one."))
        return None
    messages.success(request, _("Booked. The person is told by email where we have one."))
    if objections:
        words = _g("Visitors would not have been offered this time:")
        messages.warning(request, format_html("{} {}", words, " ".join(objections)))
    return added


# --- Waiting list: offer a freed time -------------------------------------------------------------


def waitlist_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show freed times; for a chosen one, the clients who wanted it and a button to offer it."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    now, user = timezone.now(), request.user
    entries = waitlist.list_waitlist_entries(Consultation.objects.visible_to(user))
    chosen = waitlist.parse_freed_slot(request.GET)
    if chosen is not None and not permissions.can_access_practitioner(user, chosen.practitioner):
        chosen = None
    if chosen is not None and (chosen.start_at <= now or not waitlist.filter_unclaimed([chosen])):
        chosen = None
    freed = waitlist.find_freed_slots(now, permissions.accessible_practitioner_ids(user))
    wanted, others = waitlist.split_by_match(entries, chosen) if chosen else ([], entries)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _g("Who waits for a time"),
        "opts": model_admin.opts,
        "freed": [(slot, len(waitlist.split_by_match(entries, slot)[0])) for slot in freed],
        "chosen": chosen,
        "was_asked": "start" in request.GET,
        "wanted": wanted,
        "others": others,
        "may_offer": model_admin.has_change_permission(request),
    }
    if chosen is not None:
        local = chosen.start_at.astimezone(ZoneInfo(practitioner_time_zone(chosen.practitioner)))
        context |= {"day": f"{local:%Y-%m-%d}", "clock": f"{local:%H:%M}"}
    return render(request, "admin/consultations/consultation/waitlist.html", context)
