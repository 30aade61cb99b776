"""Book or request a consultation: the page with free times, and the form."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consultations.booking import (
    bookings,
    local_time,
    resubmission,
    slot_choice,
    submission,
    workflow,
)
from consultations.booking.availability import AvailableSlot
from consultations.booking.choices import Channel, RequestKind
from consultations.booking.forms import ConsultationForm, SlotForm, allowed_request_kinds
from consultations.booking.local_time import (
    epoch_seconds,
    get_zone,
    local_date_at,
    selectable_zones,
)
from consultations.booking.models import Consultation
from consultations.booking.slot_choice import SlotChoice
from consultations.rate_limits import limits
from consultations.visitors.requests import VisitorRequest, see_other, visitor_view
from pages.practice.models import PracticeProfile
from pages.site_pages.views import site_page_context


@visitor_view
@require_safe
def consultation_page(request: VisitorRequest) -> HttpResponse:
    """Describe the consultation, and show the free times and the other ways to ask."""
    # Search engines may list the page itself, but not the choices made on it.
    request.is_listed = not request.GET
    practice, now = PracticeProfile.load(), timezone.now()
    kinds = allowed_request_kinds(practice)
    choice = (
        slot_choice.parse_choice(request.GET, practice)
        if practice.accepting == "accepting"
        else None
    )
    key = slot_choice.parse_key(request.GET)
    context: dict[str, object] = {
        **site_page_context(request, "consultation"),
        "kinds": kinds,
        "choice": choice,
        "form_urls": {kind: _form_address(kind=kind, key=key) for kind in kinds},
    }
    if choice is not None:
        context |= slot_list_context(choice, now=now, details=reverse("booking:details"))
    return render(request, "consultations/booking/consultation.html", context)


def slot_list_context(
    choice: SlotChoice,
    *,
    now: datetime,
    details: str,
    moving: Consultation | None = None,
) -> dict[str, object]:
    """Return the context of the list of days with their links, for booking and moving."""
    days, later = slot_choice.next_available_days(choice, now=now, moving=moving)
    first = days[0].times[0].start if days else None
    here = get_zone(choice.home_zone)

    def link(time: AvailableSlot) -> tuple[AvailableSlot, str, str]:
        start = slot_choice.format_start(time.start)
        words = slot_choice.format_slot_time(time, choice.zone)
        return time, words, f"{details}?{choice.query(start=start)}"

    return {
        "days": [(day.on, [link(time) for time in day.times]) for day in days],
        # Shown if the date in our zone differs from the visitor's.
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
    }


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def booking_form(request: VisitorRequest) -> HttpResponse:
    """Show and handle the form; success redirects to the private page.

    The form's key is in its address, so that Back, reload and a restored tab open the form with the
    key that it had: sent again with other answers, it changes the request and makes no second one.
    """
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
        initial = {"kind": request.GET.get("kind", ""), "key": _usable_key(request, now)}
        return _open_form(request, ConsultationForm(practice=practice, now=now, initial=initial))
    form = ConsultationForm(request.POST, practice=practice, now=now)
    if (response := _early_response(request, form)) is not None:
        return response
    stored = workflow.request_consultation(form.details(), form.submission_meta, now=now)
    return see_other(stored.get_absolute_url())


def _handle_slot_form(
    request: VisitorRequest, practice: PracticeProfile, choice: SlotChoice
) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        start_at = slot_choice.parse_start(request.GET.get("start", ""))
        if start_at is None:
            return HttpResponseRedirect(f"{reverse('booking:consultation')}?{choice.query()}")
        initial = {"start": slot_choice.format_start(start_at), "key": _usable_key(request, now)}
        form = SlotForm(practice=practice, now=now, choice=choice, initial=initial)
        return _open_form(request, form)
    form = SlotForm(request.POST, practice=practice, now=now, choice=choice)
    if (response := _early_response(request, form)) is not None:
        return response
    if (booked := _book_slot(form)) is not None:
        return see_other(booked.get_absolute_url())
    near = slot_choice.nearest_slots(choice, form.start_at or now, now=now)
    if near:
        return _render_form(request, form.with_alternatives(near), status=409)
    return _render_form(request, _build_callback_form(request, practice, now), status=409)


def _usable_key(request: VisitorRequest, now: datetime) -> str:
    """Return the key in the form's address, "" if the form needs a new one."""
    key = slot_choice.parse_key(request.GET)
    return "" if key and submission.is_key_spent(key, now=now) else key


def _open_form(request: VisitorRequest, form: ConsultationForm) -> HttpResponse:
    """Show an empty form, after a redirect to the address that contains its key."""
    if request.GET.get("key") != form.idempotency_key:
        return HttpResponseRedirect(_address_of(form))
    return _render_form(request, form)


def _address_of(form: ConsultationForm) -> str:
    if not isinstance(form, SlotForm):
        return _form_address(kind=form.request_kind, key=form.idempotency_key)
    start = slot_choice.format_start(form.start_at) if form.start_at else ""
    query = form.choice.query(kind=form.request_kind, start=start, key=form.idempotency_key)
    return f"{reverse('booking:details')}?{query}"


def _form_address(*, kind: str, key: str) -> str:
    """Return the address of a form without a time."""
    query = {"kind": kind, "key": key} if key else {"kind": kind}
    return f"{reverse('booking:details')}?{urlencode(query)}"


def _book_slot(form: SlotForm) -> Consultation | None:
    """Book the time of a valid form; None if it is taken or not one that we offer."""
    requested_slot = form.requested_slot
    if requested_slot is None:
        return None
    try:
        return bookings.book_slot(
            form.details(), form.submission_meta, requested_slot, now=form.now
        )
    except bookings.SlotTaken:
        return None


def _build_callback_form(
    request: VisitorRequest, practice: PracticeProfile, now: datetime
) -> ConsultationForm:
    """Return the same answers as a callback request, if no other time is near."""
    answers = request.POST.copy()
    ways = [value for value, _label in practice.channels()]
    channel = Channel.CALL if answers.get("phone") else Channel.EMAIL
    answers["kind"] = RequestKind.CALL_BACK
    answers["channel"] = channel if channel in ways else ways[0]
    return ConsultationForm(answers, practice=practice, now=now)


def _early_response(request: VisitorRequest, form: ConsultationForm) -> HttpResponse | None:
    """Return the response to a form that should not be stored now, else None."""
    if request.is_cross_site:
        # The other site chose the key, and could open the request that is stored with it.
        form.renew_key()
        return _render_form(request, form, status=403)
    if not form.is_valid():
        return _render_form(request, form, status=422)
    _key, known = submission.find_submission(form.submission_meta.key, form.details())
    requested_slot = form.requested_slot if isinstance(form, SlotForm) else None
    if known is not None and resubmission.is_settled(known, form.details(), requested_slot):
        # A double click or a retry after a lost response does not count as another request.
        return see_other(known.get_absolute_url())
    address = request.META["REMOTE_ADDR"]
    if not limits.consume(limits.CONSULTATION_LIMITS, address, now=form.now):
        return _render_form(request, form, status=429)
    return None


def _render_form(
    request: VisitorRequest, form: ConsultationForm, *, status: int = 200
) -> HttpResponse:
    key = form.idempotency_key
    back = form.choice.query(key=key) if isinstance(form, SlotForm) else urlencode({"key": key})
    context: dict[str, object] = {
        "form": form,
        "status": status,
        "is_error": status != 200,
        "action": _address_of(form),
        "back": f"{reverse('booking:consultation')}?{back}",
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
            "with_whom": form.choice.practitioners[0].name
            if len(form.choice.practitioners) == 1
            else "",
            "minutes": form.choice.type.duration_min,
            "is_slot": True,
        }
    return render(request, "consultations/booking/details.html", context, status=status)
