"""Staff book for somebody who rang or wrote: a short form with the mail shown before it leaves."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking import availability, bookings, local_time
from consultations.booking.choices import Channel, Kind, Meeting, Voicemail
from consultations.booking.forms import new_key
from consultations.booking.hours import ConsultationType
from consultations.booking.local_time import offered_zones
from consultations.booking.models import Consultation
from consultations.booking.staff import preview_emails, whose
from consultations.booking.staff.act_forms import TimeFields
from consultations.booking.staff.reason_words import in_words
from consultations.booking.staff.waiting import read_freed
from consultations.booking.submission import Details, Sending
from consultations.fields import EmailField, OneLineField, PhoneField
from pages.practice.models import PracticeProfile


class AddForm(TimeFields):
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
        label=_("Kind of consultation"),
        queryset=ConsultationType.objects.all(),
        empty_label=None,
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    field_order = ["type", "practitioner", "start_at", "name", "channel", "email", "phone"]

    def __init__(self, data: Any = None, *, people: Collection[int] | None = None) -> None:
        super().__init__(data)
        practice = PracticeProfile.load()
        self.offer_people(None, people)
        zones = self.fields["zone"]
        known = dict.fromkeys([practice.time_zone, *offered_zones()])
        zones.choices = [(zone, zone.replace("_", " ")) for zone in known]  # type: ignore[attr-defined]
        zones.initial = practice.time_zone
        phone = self.fields["phone"]
        if isinstance(phone, PhoneField):
            phone.region = practice.country
        self.fields["key"].initial = new_key()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        channel = cleaned.get("channel")
        if channel == Channel.EMAIL and "email" in cleaned and not cleaned["email"]:
            self.add_error("email", _("Enter an email address, so that we can write to them."))
        wants_phone = channel in (Channel.CALL, Channel.TEXT)
        if wants_phone and "phone" in cleaned and not cleaned["phone"]:
            self.add_error("phone", _("Enter a phone number, so that we can reach them."))
        return cleaned

    def details(self) -> Details:
        names = ("name", "email", "phone", "channel", "voicemail", "meeting", "zone")
        return Details(kind=Kind.SLOT, **{name: self.cleaned_data[name] for name in names})

    def sending(self) -> Sending:
        # What was agreed to was said on the phone or in a letter, not on our form.
        return Sending(key=self.cleaned_data["key"] or new_key(), consent_version="")

    @property
    def promised_time(self) -> str:
        return local_time.words(self.cleaned_data["start_at"], self.cleaned_data["zone"])

    def mail(self, *, now: datetime) -> dict[str, Any]:
        """The mail that would leave, from a consultation that is never stored."""
        answers, details = self.cleaned_data, self.details()
        start = answers["start_at"]
        shown = Consultation(
            reference=_g("(given when booked)"),
            kind=Kind.SLOT,
            type=answers["type"],
            practitioner=answers["practitioner"],
            start_at=start,
            end_at=start + timedelta(minutes=answers["type"].duration_min),
            reply_by=now,
            email=details.email,
            meeting=details.meeting,
            visitor_zone=details.zone,
        )
        return preview_emails.preview("consultation_confirmed", shown)

    def against(self, *, now: datetime) -> list[str]:
        """Why visitors would not be offered this time: a warning, since staff may take it."""
        answers = self.cleaned_data
        person, start = answers["practitioner"], answers["start_at"]
        return in_words(availability.why_not(answers["type"], person, start, now=now))


def page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    now = timezone.now()
    data = request.POST if request.method == "POST" else None
    form = AddForm(data, people=whose.keys_of_people(request.user))
    if (wanted := read_freed(request.GET)) is not None:
        form.propose(wanted.start_at, wanted.practitioner)
    is_good = request.method == "POST" and form.is_valid()
    if is_good and "preview" not in request.POST:
        added = _add(form, request, now)
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
        "against": form.against(now=now) if is_good else [],
    }
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "admin/consultations/consultation/add.html", context, status=status)


def _add(form: AddForm, request: HttpRequest, now: datetime) -> Consultation | None:
    """None when the time is somebody else's; the form says so."""
    answers = form.cleaned_data
    against = form.against(now=now)
    try:
        added = bookings.add_by_staff(
            form.details(),
            form.sending(),
            type=answers["type"],
            practitioner=answers["practitioner"],
            start_at=answers["start_at"],
            promised_time=form.promised_time,
            by=cast(User, request.user),
            now=now,
        )
    except bookings.TimeIsTaken:
        form.add_error("start_at", _("Another consultation lies at that time. Choose another one."))
        return None
    messages.success(request, _("Booked. The person is told by email where we have one."))
    if against:
        words = _g("Visitors would not have been offered this time:")
        messages.warning(request, format_html("{} {}", words, " ".join(against)))
    return added
