"""Asking for a consultation: the free times, then the form. Thin doors to the verbs."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consultations.booking import bookings, local_time, slot_choice, submission, workflow
from consultations.booking.availability import AvailableSlot
from consultations.booking.choices import Channel, RequestKind
from consultations.booking.forms import ConsultationForm, SlotForm, allowed_request_kinds
from consultations.booking.local_time import (
    epoch_seconds,
    get_zone,
    local_date_at,
    selectable_zones,
)
from consultations.booking.slot_choice import SlotChoice
from consultations.rate_limits import limits
from consultations.visitors.decorators import VisitorRequest, visitor_view
from pages.practice.models import PracticeProfile
from pages.site_pages.views import site_page_context


@visitor_view
@require_safe
def consultation_page(request: VisitorRequest) -> HttpResponse:
    """What it is, the free times, and the other ways to ask."""
    # Who looks for a first call should find it; what was chosen on it is nobody else's concern.
    request.is_listed = not request.GET
    practice, now = PracticeProfile.load(), timezone.now()
    kinds = allowed_request_kinds(practice)
    choice = (
        slot_choice.parse_choice(request.GET, practice)
        if practice.accepting == "accepting"
        else None
    )
    context: dict[str, Any] = {
        **site_page_context(request, "consultation"),
        "kinds": kinds,
        "choice": choice,
    }
    if choice is not None:
        context |= slot_list_context(choice, now=now, details=reverse("booking:details"))
    return render(request, "consultations/booking/consultation.html", context)


def slot_list_context(
    choice: SlotChoice, *, now: Any, details: str, moving: Any = None, keep: str = ""
) -> dict[str, Any]:
    """The list of days with their links, for booking and for moving."""
    days, later = slot_choice.next_available_days(choice, now=now, moving=moving)
    first = days[0].times[0].start if days else None
    here = get_zone(choice.home_zone)

    def link(time: AvailableSlot) -> tuple[AvailableSlot, str, str]:
        start = slot_choice.format_start(time.start)
        words = slot_choice.format_slot_time(time, choice.zone)
        return time, words, f"{details}?{choice.query(start=start)}"

    return {
        "days": [(day.on, [link(time) for time in day.times]) for day in days],
        # Said where it could put somebody out by a day.
        "zone_here": local_time.format_zone_with_offset(choice.home_zone, first or now)
        if any(
            local_date_at(epoch_seconds(time.start), here) != day.on
            for day in days
            for time in day.times
        )
        else "",
        "next_free": local_time.format_datetime_in_zone(first, choice.zone)
        if first and not choice.first_date
        else "",
        "later_query": choice.query(**{"from": later.isoformat()}) if later else "",
        "is_later": choice.first_date is not None,
        "first_query": choice.query(),
        "looked_until": now.date() + timedelta(days=choice.type.horizon_days),
        "zone": choice.zone,
        "zone_words": local_time.format_zone_with_offset(choice.zone, first or now),
        "zones": selectable_zones(),
        "types": slot_choice.bookable_types(),
        "everybody": choice.type.bookable_practitioners(),
        "step_action": keep,
    }


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def booking_form(request: VisitorRequest) -> HttpResponse:
    """The form for a chosen time or way; a good one leads to the visitor's own page."""
    practice = PracticeProfile.load()
    asked = request.POST if request.method == "POST" else request.GET
    if not allowed_request_kinds(practice):
        return redirect("booking:consultation")
    is_slot = asked.get("kind") == RequestKind.SLOT or ("start" in asked and "kind" not in asked)
    if is_slot and practice.accepting == "accepting":
        choice = slot_choice.parse_choice(asked, practice)
        if choice is not None:
            return _handle_slot_form(request, practice, choice)
    return _handle_request_form(request, practice)


def _handle_request_form(request: VisitorRequest, practice: PracticeProfile) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        initial = {"kind": request.GET.get("kind", "")}
        return _render_form(request, ConsultationForm(practice=practice, now=now, initial=initial))
    form = ConsultationForm(request.POST, practice=practice, now=now)
    if (answer := _early_response(request, form)) is not None:
        return answer
    stored = workflow.request_consultation(form.details(), form.submission_meta(), now=now)
    return see_other(stored.get_absolute_url())


def _handle_slot_form(
    request: VisitorRequest, practice: PracticeProfile, choice: SlotChoice
) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        start_at = slot_choice.parse_start(request.GET.get("start", ""))
        if start_at is None:
            return HttpResponseRedirect(f"{reverse('booking:consultation')}?{choice.query()}")
        initial = {"start": slot_choice.format_start(start_at)}
        form = SlotForm(practice=practice, now=now, choice=choice, initial=initial)
        return _render_form(request, form)
    form = SlotForm(request.POST, practice=practice, now=now, choice=choice)
    if (answer := _early_response(request, form)) is not None:
        return answer
    start_at = form.start_at
    try:
        if start_at is None:
            raise bookings.SlotTaken
        details = form.details()
        booked = bookings.book_slot(
            details,
            form.submission_meta(),
            type=choice.type,
            people=choice.people,
            start_at=start_at,
            promised_time=local_time.format_datetime_in_zone(start_at, details.zone),
            now=now,
        )
    except bookings.SlotTaken:
        near = slot_choice.nearest_slots(choice, start_at or now, now=now)
        if not near:
            return _render_form(request, _build_callback_form(request, practice, now), status=409)
        form.offer_alternatives(near)
        return _render_form(request, form, status=409)
    return see_other(booked.get_absolute_url())


def _build_callback_form(
    request: VisitorRequest, practice: PracticeProfile, now: datetime
) -> ConsultationForm:
    """No other time is near: the same answers as a request that needs none."""
    answers = request.POST.copy()
    ways = [value for value, _label in practice.channels()]
    wish = Channel.CALL if answers.get("phone") else Channel.EMAIL
    answers["kind"] = RequestKind.CALL_BACK
    answers["channel"] = wish if wish in ways else ways[0]
    return ConsultationForm(answers, practice=practice, now=now)


def _early_response(request: VisitorRequest, form: ConsultationForm) -> HttpResponse | None:
    """The form again, filled, when it may not be taken; None when it is to be stored now."""
    if request.is_foreign:
        return _render_form(request, form, status=403)
    if not form.is_valid():
        return _render_form(request, form, status=422)
    if (known := submission.find_by_key(form.submission_meta().key)) is not None:
        # A double click, or a retry after a lost answer: not one act more, so not counted.
        return see_other(known.get_absolute_url())
    address = request.META["REMOTE_ADDR"]
    if not limits.consume(limits.CONSULTATION_LIMITS, address, now=form.now):
        return _render_form(request, form, status=429)
    return None


def see_other(address: str) -> HttpResponse:
    """303: going back or reloading never sends a form twice."""
    return HttpResponseRedirect(address, status=303)


def _render_form(
    request: VisitorRequest, form: ConsultationForm, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "status": status,
        "is_error": status != 200,
        "back": reverse("booking:consultation"),
        "minutes": settings.CALL_MINUTES,
    }
    if isinstance(form, SlotForm):
        context |= {
            "chosen": local_time.format_datetime_in_zone(form.start_at, form.choice.zone)
            if form.start_at
            else "",
            "chosen_here": slot_choice.format_practice_time(form.start_at, form.choice)
            if form.start_at
            else "",
            "with_whom": form.choice.people[0].name if len(form.choice.people) == 1 else "",
            "back": f"{reverse('booking:consultation')}?{form.choice.query()}",
            "minutes": form.choice.type.duration_min,
            "is_slot": True,
        }
    return render(request, "consultations/booking/details.html", context, status=status)
