"""Preview of the times clients see in the next two weeks, and why a time is not offered."""

from datetime import date, datetime, timedelta

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking import availability, slot_choice
from consultations.booking.availability import AvailableSlot
from consultations.booking.hours import ConsultationType, practitioner_time_zone
from consultations.booking.local_time import epoch_seconds, get_zone, local_date_at
from consultations.booking.staff.display import general_unavailability_reasons, reason_sentences
from consultations.booking.staff.forms import DateInput, instant_in_zone
from pages.practice.models import PracticeProfile, Practitioner

PREVIEW_DAYS = 14


class PreviewForm(forms.Form):
    type = forms.ModelChoiceField(
        label=_("Kind of consultation"), queryset=ConsultationType.objects.all(), empty_label=None
    )
    practitioner = forms.ModelChoiceField(
        label=_("Practitioner"),
        queryset=Practitioner.objects.bookable(),
        required=False,
        empty_label=_("Anyone"),
    )


class ExplainTimeForm(PreviewForm):
    """Ask about one time, which is in each practitioner's own zone."""

    on = forms.DateField(label=_("Date"), widget=DateInput)
    at = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}))


def preview_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show the free times of a type; with ``on`` and ``at``, explain one time."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    now, practice = timezone.now(), PracticeProfile.load()
    asks_why = "on" in request.GET
    first = ConsultationType.objects.order_by("-is_active", "order", "pk").first()
    start = {"type": first.pk} if first else {}
    data = {**start, **request.GET.dict()}
    form = PreviewForm(data)
    why = ExplainTimeForm(request.GET) if asks_why else ExplainTimeForm(initial=data)
    context: dict[str, object] = {
        **model_admin.admin_site.each_context(request),
        "title": _g("What visitors see"),
        "opts": model_admin.opts,
        "form": form,
        "why": why,
        "has_kinds": first is not None,
    }
    if first is not None and form.is_valid():
        consultation_type = form.cleaned_data["type"]
        if practitioner := form.cleaned_data["practitioner"]:
            practitioners, zone = [practitioner], practitioner_time_zone(practitioner)
        else:
            practitioners, zone = consultation_type.bookable_practitioners(), practice.time_zone
        context |= {
            "zone": zone.replace("_", " "),
            "days": slots_by_day(consultation_type, practitioners, zone, now=now),
            "objections": shared_unavailability_reasons(consultation_type, practitioners, practice),
        }
        if asks_why and why.is_valid():
            on, at = why.cleaned_data["on"], why.cleaned_data["at"]
            context["answers"] = [
                explain_for_practitioner(
                    consultation_type, row, datetime.combine(on, at), practice, now=now
                )
                for row in practitioners
            ]
            context["asked"] = (on, at)
    status = 422 if asks_why and why.errors else 200
    template = "admin/consultations/consultationtype/preview.html"
    return render(request, template, context, status=status)


def slots_by_day(
    consultation_type: ConsultationType,
    practitioners: list[Practitioner],
    zone: str,
    *,
    now: datetime,
) -> list[tuple[date, list[AvailableSlot]]]:
    """Return the next days with their free times, including days that have none."""
    today = local_date_at(epoch_seconds(now), get_zone(zone))
    last = today + timedelta(days=PREVIEW_DAYS - 1)
    times = availability.find_available_slots(
        consultation_type,
        practitioners,
        visitor_zone=zone,
        first_date=today,
        last_date=last,
        now=now,
    )
    free = {day.on: list(day.times) for day in slot_choice.group_by_day(times, zone)}
    dates = (today + timedelta(days=number) for number in range(PREVIEW_DAYS))
    return [(day, free.get(day, [])) for day in dates]


def shared_unavailability_reasons(
    consultation_type: ConsultationType,
    practitioners: list[Practitioner],
    practice: PracticeProfile,
) -> list[str]:
    """Return the reasons that apply to all of these practitioners."""
    if not practitioners:
        return [_g("Nobody takes consultations of this kind.")]
    objections = [
        general_unavailability_reasons(consultation_type, practitioner, practice)
        for practitioner in practitioners
    ]
    return [
        sentence for sentence in objections[0] if all(sentence in others for others in objections)
    ]


def explain_for_practitioner(
    consultation_type: ConsultationType,
    practitioner: Practitioner,
    clock: datetime,
    practice: PracticeProfile,
    *,
    now: datetime,
) -> tuple[Practitioner, str, list[str]]:
    """Return the practitioner, the zone the time was read in, and every reason against it."""
    zone = practitioner_time_zone(practitioner)
    start = instant_in_zone(clock, zone)
    if start is None:
        reasons = [_g("The clocks jump over this time on that day.")]
    else:
        reasons = general_unavailability_reasons(consultation_type, practitioner, practice)
        reasons += reason_sentences(
            availability.find_unavailability_reasons(
                consultation_type, practitioner, start, now=now
            )
        )
    return practitioner, zone.replace("_", " "), reasons
