"""Book or request a consultation: the page with free times, and the form."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consultations.booking import (
    availability,
    bookings,
    calendar_page,
    local_time,
    resubmission,
    slot_choice,
    submission,
    workflow,
    zones,
)
from consultations.booking.choices import Channel, RequestKind
from consultations.booking.forms import ConsultationForm, SlotForm, allowed_request_kinds
from consultations.booking.models import Consultation
from consultations.booking.slot_choice import SlotChoice
from consultations.privacy.fingerprints import normalize_email
from consultations.rate_limits import limits
from consultations.rate_limits.limits import RateLimit
from consultations.visitors.requests import VisitorRequest, see_other, visitor_view
from pages.practice.models import PracticeProfile, Service
from pages.site_pages.views import site_page_context

MAX_FIND_CHARS = 60


@visitor_view
@require_safe
def consultation_page(request: VisitorRequest) -> HttpResponse:
    """Describe the consultation, and show the free times and the other ways to ask."""
    # Search engines may list the page itself, but not the choices made on it.
    request.is_listed = not request.GET
    practice, now = PracticeProfile.load(), timezone.now()
    kinds = allowed_request_kinds(practice)
    service = _carried_service(request)
    is_full = service is not None and not service.is_open(practice)
    choice = (
        slot_choice.parse_choice(request.GET, practice)
        if practice.accepting == "accepting" and not is_full
        else None
    )
    key, slug = slot_choice.parse_key(request.GET), service.slug if service else ""
    context: dict[str, object] = {
        **site_page_context(request, "consultation"),
        "kinds": kinds,
        "choice": choice,
        # One that is full has its own waiting list, never the times of the others.
        "waitlist_service": service if is_full else None,
        "form_urls": {kind: _form_address(kind=kind, key=key, service=slug) for kind in kinds},
    }
    if choice is not None:
        here = reverse("booking:consultation")
        context |= booker_context(request, choice, now=now, here=here)
        gone = slot_choice.parse_start(request.GET.get("gone", ""))
        if gone is not None and not _is_offered(request, choice, gone, now):
            context["gone"] = gone_notice(choice, gone, now=now, url=reverse("booking:details"))
    return render(request, "consultations/booking/consultation.html", context)


class SlotFormOptions(TypedDict):
    """What the form of a time needs besides its answers."""

    practice: PracticeProfile
    now: datetime
    choice: SlotChoice
    fixed_meeting: str
    carried_service: Service | None


@dataclass(frozen=True)
class GoneNotice:
    """What a visitor reads whose time is past, taken or not offered."""

    title: str
    text: str
    slots: list[calendar_page.ShownSlot]


def gone_notice(
    choice: SlotChoice,
    start_at: datetime,
    *,
    now: datetime,
    url: str,
    moving: Consultation | None = None,
) -> GoneNotice:
    """Say why a time cannot be booked, with the nearest ones that can."""
    when = local_time.format_day_and_time(start_at, choice.zone)
    title = _("%(when)s has passed.") if start_at <= now else _("%(when)s is no longer free.")
    near = slot_choice.nearest_slots(choice, max(start_at, now), now=now, moving=moving)
    own = moving.start_at if moving is not None else None
    return GoneNotice(
        title=title % {"when": when},
        text=_("Your call stays as it was.") if moving is not None else "",
        slots=[
            calendar_page.ShownSlot(
                start=slot.start,
                words=local_time.format_day_and_time(slot.start, choice.zone),
                url=f"{url}?{choice.query(start=slot_choice.format_start(slot.start))}",
            )
            for slot in near
            if slot.start != own
        ],
    )


def booker_context(
    request: HttpRequest,
    choice: SlotChoice,
    *,
    now: datetime,
    here: str,
    moving: Consultation | None = None,
) -> dict[str, object]:
    """Return the context of the card with month and times, for booking and for moving."""
    asked = {"from": choice.first_date.isoformat()} if choice.first_date else {}
    details = here if moving else reverse("booking:details")

    def page_url(**changes: str) -> str:
        return f"{here}?{choice.query(**{**asked, **changes})}"

    def slot_url(**changes: str) -> str:
        way = choice.shown_meeting if len(choice.meetings) > 1 and not moving else ""
        return f"{details}?{choice.query(meeting=way, **changes)}"

    zone_name, zone_clock = calendar_page.zone_words(choice, now)
    is_choosing_zone = request.GET.get("choose") == "zone" and not choice.is_in_person
    context: dict[str, object] = {
        "zone_name": zone_name,
        "zone_clock": zone_clock,
        "zone_url": "" if choice.is_in_person else page_url(choose="zone"),
        "is_choosing_zone": is_choosing_zone,
        "first_url": f"{here}?{choice.query()}",
        "here": here,
        "service": _carried_service(request),
        "only_practitioner": choice.practitioners[0] if len(choice.practitioners) == 1 else None,
    }
    if is_choosing_zone:
        text = request.GET.get("find", "")[:MAX_FIND_CHARS]
        fields = parse_qsl(choice.query(choose="zone", **asked))
        return context | {
            "zone_find": text,
            "zone_fields": fields,
            "zone_options": calendar_page.zone_options(
                choice, page_url, now=now, text=text, country=PracticeProfile.load().country
            ),
        }
    calendar = calendar_page.build_calendar_page(
        choice, now=now, page_url=page_url, slot_url=slot_url, moving=moving
    )
    context["calendar"] = calendar
    context["zone_here"] = zones.zone_name(choice.home_zone) if calendar.has_other_date else ""
    if moving is None:
        context |= {
            "type_options": calendar_page.type_options(choice, page_url),
            "who_options": calendar_page.practitioner_options(choice, page_url),
            "how_options": calendar_page.meeting_options(choice, page_url),
        }
    return context


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
    service = _carried_service(request)
    if is_slot and service is not None and not service.is_open(practice):
        query = urlencode({"service": service.slug})
        return redirect(f"{reverse('booking:consultation')}?{query}")
    if is_slot and practice.accepting == "accepting":
        choice = slot_choice.parse_choice(asked, practice)
        if choice is not None:
            return _handle_slot_form(request, practice, choice)
    return _handle_request_form(request, practice)


def _handle_request_form(request: VisitorRequest, practice: PracticeProfile) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        initial = {"kind": request.GET.get("kind", ""), "key": _usable_key(request, now)}
        form = ConsultationForm(
            practice=practice, now=now, initial=initial, carried_service=_carried_service(request)
        )
        return _open_form(request, form)
    form = ConsultationForm(
        request.POST, practice=practice, now=now, carried_service=_carried_service(request)
    )
    if (response := _early_response(request, form)) is not None:
        return response
    stored = workflow.request_consultation(form.details(), form.submission_meta, now=now)
    return see_other(stored.get_absolute_url())


def _handle_slot_form(
    request: VisitorRequest, practice: PracticeProfile, choice: SlotChoice
) -> HttpResponse:
    now = timezone.now()
    options: SlotFormOptions = {
        "practice": practice,
        "now": now,
        "choice": choice,
        "fixed_meeting": _fixed_meeting(request, choice),
        "carried_service": _carried_service(request),
    }
    if request.method != "POST":
        start_at = slot_choice.parse_start(request.GET.get("start", ""))
        if start_at is None:
            return HttpResponseRedirect(_times_address(choice))
        if not _is_offered(request, choice, start_at, now):
            gone = slot_choice.format_start(start_at)
            return HttpResponseRedirect(_times_address(choice, max(start_at, now), gone=gone))
        initial = {"start": slot_choice.format_start(start_at), "key": _usable_key(request, now)}
        form = SlotForm(initial=initial, **options)
        return _open_form(request, form)
    form = SlotForm(request.POST, **options)
    if (response := _early_response(request, form)) is not None:
        return response
    if (booked := _book_slot(form)) is not None:
        return see_other(booked.get_absolute_url())
    limits.release(_limits_for(request, form), now=now)  # only what is stored counts
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
    slug = form.carried_service.slug if form.carried_service else ""
    if not isinstance(form, SlotForm):
        return _form_address(kind=form.request_kind, key=form.idempotency_key, service=slug)
    start = slot_choice.format_start(form.start_at) if form.start_at else ""
    query = form.choice.query(
        kind=form.request_kind,
        start=start,
        key=form.idempotency_key,
        meeting=form.fixed_meeting,
        service=slug,
    )
    return f"{reverse('booking:details')}?{query}"


def _form_address(*, kind: str, key: str, service: str) -> str:
    """Return the address of a form without a time."""
    query = {"kind": kind, "key": key, "service": service}
    known = {name: value for name, value in query.items() if value}
    return f"{reverse('booking:details')}?{urlencode(known)}"


def _times_address(choice: SlotChoice, at: datetime | None = None, **changes: str) -> str:
    """Return the address of the free times, on the day of an instant."""
    if at is not None:
        local = at.astimezone(local_time.get_zone(choice.zone))
        changes["from"] = local.date().isoformat()
    return f"{reverse('booking:consultation')}?{choice.query(**changes)}"


def _carried_service(request: HttpRequest) -> Service | None:
    """Return the service that the address names; None if there is none of that name."""
    slug = request.GET.get("service", "")[: slot_choice.MAX_SLUG_CHARS]
    # PostgreSQL refuses some characters that no slug contains.
    is_slug = slug.replace("-", "").replace("_", "").isalnum()
    return Service.objects.published().filter(slug=slug).first() if is_slug else None


def _fixed_meeting(request: HttpRequest, choice: SlotChoice) -> str:
    """Return how to meet, if it was chosen together with the time."""
    return choice.meeting if request.GET.get("meeting") == choice.meeting else ""


def _is_offered(
    request: VisitorRequest, choice: SlotChoice, start_at: datetime, now: datetime
) -> bool:
    """Whether a time in a link can still be booked, or is held by the same form already."""
    key = slot_choice.parse_key(request.GET)
    known = Consultation.objects.filter(idempotency_key=key).first() if key else None
    return bool(
        availability.find_available_practitioners(
            choice.type, choice.practitioners, start_at, now=now, moving=known
        )
    )


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
    if not limits.reserve(_limits_for(request, form), now=form.now):
        limits.record_refusal(limits.CONSULTATION_REFUSALS, now=form.now)
        return _render_form(request, form, status=429)
    return None


def _limits_for(request: VisitorRequest, form: ConsultationForm) -> list[tuple[RateLimit, str]]:
    """Return the limits that count what this form stores."""
    counted = [
        (limits.CONSULTATION_NETWORK_LIMIT, request.META["REMOTE_ADDR"]),
        (limits.CONSULTATION_SITE_LIMIT, limits.WHOLE_SITE),
    ]
    details = form.details()
    if whom := normalize_email(details.email) or details.phone:
        counted.append((limits.CONSULTATION_EMAIL_LIMIT, whom))
    return counted


def _render_form(
    request: VisitorRequest, form: ConsultationForm, *, status: int = 200
) -> HttpResponse:
    back = urlencode({"key": form.idempotency_key})
    context: dict[str, object] = {
        "form": form,
        "status": status,
        "is_error": status != 200,
        "action": _address_of(form),
        "back": f"{reverse('booking:consultation')}?{back}",
        "minutes": settings.CALL_MINUTES,
        "service": form.carried_service,
    }
    if isinstance(form, SlotForm):
        context |= _slot_context(form)
    return render(request, "consultations/booking/details.html", context, status=status)


def _slot_context(form: SlotForm) -> dict[str, object]:
    """Return what the form says about the chosen time."""
    choice, start_at, key = form.choice, form.start_at, form.idempotency_key
    practitioners = choice.practitioners
    context: dict[str, object] = {
        "is_slot": True,
        "only_practitioner": practitioners[0] if len(practitioners) == 1 else None,
        "back": _times_address(choice, start_at, key=key, meeting=form.fixed_meeting),
        "minutes": choice.type.duration_min,
        "zone_words": zones.zone_name(choice.zone),
    }
    if start_at is None:
        return context
    zone = local_time.get_zone(choice.zone)
    local = start_at.astimezone(zone)
    _clock, _space, which = local_time.time_label(start_at, zone).partition(" ")
    return context | {
        "chosen_start": local,
        "chosen_label": which,
        "chosen_here": slot_choice.format_practice_time(start_at, choice),
        "button": _("Book %(day)s at %(time)s")
        % {"day": formats.date_format(local, "l"), "time": local_time.format_clock_time(local)},
    }
