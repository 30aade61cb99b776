"""The private page of a consultation: view, confirm, move, cancel. GET changes nothing."""

from contextlib import suppress
from datetime import datetime
from typing import cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consultations.booking import (
    availability,
    bookings,
    emails,
    local_time,
    reminders,
    slot_choice,
    workflow,
    zones,
)
from consultations.booking.calendars.invite import CalendarMethod
from consultations.booking.choices import Meeting, RequestKind
from consultations.booking.emails import build_invite
from consultations.booking.forms import CancelForm, EmailCorrectionForm
from consultations.booking.models import Consultation
from consultations.booking.slot_choice import SlotChoice
from consultations.booking.states import HoldFor, Status
from consultations.booking.transitions import UpcomingCallExists, can_visitor_change, change_cutoff
from consultations.booking.views import GoneNotice, booker_context, gone_notice
from consultations.privacy.encryption import DecryptionError
from consultations.rate_limits import limits
from consultations.visitors.requests import VisitorRequest, find_or_404, see_other, visitor_view
from pages.practice.models import PracticeProfile


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: VisitorRequest, token: str) -> HttpResponse:
    """Show the status. POST answers an offered time, or corrects the email address."""
    consultation, now = get_consultation_or_404(request, token), timezone.now()
    if request.method == "POST" and not request.is_cross_site and "email" in request.POST:
        return _correct_email(request, consultation)
    if request.method == "POST" and not request.is_cross_site:
        is_offer = consultation.status == Status.HELD and consultation.hold_for == HoldFor.OFFER
        with suppress(workflow.TransitionNotAllowed, bookings.SlotTaken):
            if is_offer and request.POST.get("answer") == "yes":
                bookings.confirm_hold(consultation, now=now)
            elif is_offer and request.POST.get("answer") == "no":
                bookings.decline_offer(consultation, now=now)
        return see_other(consultation.get_absolute_url())
    status = 403 if request.method == "POST" else 200
    # Only for a refused address; an answer to an offer has no form to redisplay.
    typed = {"address_form": EmailCorrectionForm(request.POST)} if "email" in request.POST else {}
    return _render_page(request, consultation, "manage", status=status, **typed)


def _correct_email(request: VisitorRequest, consultation: Consultation) -> HttpResponse:
    form, now = EmailCorrectionForm(request.POST), timezone.now()
    if not form.is_valid():
        return _render_page(request, consultation, "manage", status=422, address_form=form)
    # This sends an email to any address typed here, so it is limited.
    if not limits.consume(limits.EMAIL_CORRECTION_LIMITS, request.META["REMOTE_ADDR"], now=now):
        return _render_page(request, consultation, "manage", status=429, address_form=form)
    # If something else happened in the meantime, the private page shows it.
    with suppress(workflow.TransitionNotAllowed):
        workflow.correct_email(consultation, email=form.cleaned_data["email"], now=now)
    return see_other(consultation.get_absolute_url())


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: VisitorRequest, token: str) -> HttpResponse:
    """Confirm a held time by the emailed link, with a button because mail scanners open links."""
    consultation, now = (
        get_consultation_or_404(request, token, purpose="hold-confirm"),
        timezone.now(),
    )
    if consultation.status == Status.CONFIRMED:
        return see_other(consultation.get_absolute_url())
    if request.method != "POST" or request.is_cross_site:
        return _render_page(
            request, consultation, "confirm", status=403 if request.is_cross_site else 200
        )
    try:
        bookings.confirm_hold(consultation, now=now)
    except bookings.SlotTaken:
        return _render_page(request, consultation, "confirm", status=409, is_taken=True)
    except UpcomingCallExists:
        return _render_page(request, consultation, "confirm", status=409, has_existing_call=True)
    except workflow.TransitionNotAllowed:
        pass  # the private page shows what has happened in the meantime
    return see_other(consultation.get_absolute_url())


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: VisitorRequest, token: str) -> HttpResponse:
    """Move the call: choose another time from the list, then confirm it."""
    consultation, now = get_consultation_or_404(request, token), timezone.now()
    choice = build_move_choice(consultation, request)
    if choice is None or not can_visitor_change(consultation, Status.CONFIRMED, now):
        return _render_page(
            request, consultation, "move", status=409 if request.method == "POST" else 200
        )
    if consultation.status != Status.CONFIRMED:
        return see_other(consultation.get_absolute_url())
    asked = request.POST if request.method == "POST" else request.GET
    start_at = slot_choice.parse_start(asked.get("start", ""))
    here = reverse("booking:move", args=[consultation.token])
    extra: dict[str, object] = {
        "choice": choice,
        "now_at": local_time.format_datetime_in_zone(
            consultation.start_at, consultation.visitor_zone
        )
        if consultation.start_at
        else "",
        "back": f"{here}?{choice.query()}",
        "here": here,
        "wanted": local_time.format_datetime_in_zone(start_at, choice.zone) if start_at else "",
        "wanted_here": slot_choice.format_practice_time(start_at, choice) if start_at else "",
        "wanted_start": slot_choice.format_start(start_at) if start_at else "",
    }
    status = 403 if request.is_cross_site else 200
    if request.method == "POST" and not request.is_cross_site and start_at is not None:
        try:
            bookings.move_consultation(
                consultation,
                start_at=start_at,
                promised_time=cast("str", extra["wanted"]),
                practitioners=choice.practitioners,
                zone=choice.zone,
                now=now,
            )
        except bookings.SlotTaken:
            status, extra["wanted"] = 409, ""
            extra["gone"] = _taken_notice(choice, consultation, start_at, here=here, now=now)
        except workflow.TransitionNotAllowed:
            return see_other(consultation.get_absolute_url())
        else:
            return see_other(consultation.get_absolute_url())
    elif start_at is not None and not _is_free(consultation, choice, start_at, now=now):
        # An old link, or somebody has taken the time: say so before any button.
        extra["wanted"] = ""
        extra["gone"] = _taken_notice(choice, consultation, start_at, here=here, now=now)
    if not extra["wanted"]:
        extra |= booker_context(request, choice, now=now, here=here, moving=consultation)
    return _render_page(request, consultation, "move", status=status, may_move=True, **extra)


def _is_free(
    consultation: Consultation, choice: SlotChoice, start_at: datetime, *, now: datetime
) -> bool:
    """Whether a call may move to a time, which may not be its own."""
    return start_at != consultation.start_at and bool(
        availability.find_available_practitioners(
            choice.type, choice.practitioners, start_at, now=now, moving=consultation
        )
    )


def _taken_notice(
    choice: SlotChoice, consultation: Consultation, start_at: datetime, *, here: str, now: datetime
) -> GoneNotice | None:
    if start_at == consultation.start_at:
        return None  # the current time is simply not offered
    return gone_notice(choice, start_at, now=now, url=here, moving=consultation)


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: VisitorRequest, token: str) -> HttpResponse:
    """Ask for confirmation on GET, cancel on POST."""
    consultation, now = get_consultation_or_404(request, token), timezone.now()
    may_cancel = can_visitor_change(consultation, Status.CANCELLED_BY_VISITOR, now)
    if request.method != "POST" or request.is_cross_site or not may_cancel:
        if request.method != "POST" and consultation.is_final:
            return see_other(consultation.get_absolute_url())
        status = 403 if request.is_cross_site else 200 if request.method != "POST" else 409
        typed = CancelForm(request.POST if request.is_cross_site else None)
        return _render_page(request, consultation, "cancel", status=status, cancel_form=typed)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _render_page(request, consultation, "cancel", status=422, cancel_form=form)
    # If something else happened in the meantime, the private page shows it.
    with suppress(workflow.TransitionNotAllowed):
        workflow.withdraw_consultation(consultation, now=now, reason=form.cleaned_data["reason"])
    return see_other(consultation.get_absolute_url())


@visitor_view
@require_safe
def calendar_file(request: VisitorRequest, token: str) -> HttpResponse:
    """Download the event, with the same UID and sequence as in the emails."""
    consultation, practice = get_consultation_or_404(request, token), PracticeProfile.load()
    if consultation.status != Status.CONFIRMED:
        raise Http404
    body = build_invite(
        consultation,
        practice,
        CalendarMethod.PUBLISH,
        attendee="",
        zone=consultation.visitor_zone,
        now=timezone.now(),
    )
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="call.ics"'
    return response


def get_consultation_or_404(
    request: HttpRequest, token: str, *, purpose: str = "consultation"
) -> Consultation:
    """Return the consultation of a private link."""
    rows = Consultation.objects.select_related("type", "practitioner")
    return find_or_404(request, rows, purpose=purpose, token=token)


def build_move_choice(consultation: Consultation, request: HttpRequest) -> SlotChoice | None:
    """Return the choice for moving: same type and practitioner; None if either is gone."""
    if consultation.type is None or consultation.practitioner is None:
        return None
    zone = str(request.GET.get("zone") or request.POST.get("zone") or "")
    practice = PracticeProfile.load()
    first_date = slot_choice.parse_date(request.GET.get("from", ""))
    zone = zones.resolve_zone(zone) if consultation.meeting != Meeting.IN_PERSON else ""
    zone = zone or consultation.visitor_zone
    if first_date is None and consultation.start_at is not None:
        # A visitor who moves a call looks at its own day first.
        first_date = consultation.start_at.astimezone(ZoneInfo(zone)).date()
    return SlotChoice(
        type=consultation.type,
        practitioners=(consultation.practitioner,),
        practitioner=consultation.practitioner.slug,
        zone=zone,
        home_zone=slot_choice.staff_zone_for([consultation.practitioner], practice),
        first_date=first_date,
        meeting=consultation.meeting,
        has_own_zone=True,
    )


def _render_page(
    request: HttpRequest,
    consultation: Consultation,
    page: str,
    *,
    status: int = 200,
    **extra: object,
) -> HttpResponse:
    shown = manage_page_context(consultation, PracticeProfile.load(), now=timezone.now())
    shown |= {
        "is_error": status >= 400,
        "status": status,
        "address_form": EmailCorrectionForm(),
        "cancel_form": CancelForm(),
        **extra,
    }
    return render(request, f"consultations/booking/{page}.html", shown, status=status)


def manage_page_context(
    consultation: Consultation, practice: PracticeProfile, *, now: datetime
) -> dict[str, object]:
    """Return the context of the private page.

    No contact details except the first letter of the address: the link may reach other people.
    """
    start, end, token = consultation.start_at, consultation.end_at, consultation.token
    place = emails.place_of(consultation, practice)
    expires = consultation.hold_expires_at
    zone = ZoneInfo(consultation.visitor_zone)
    is_live_hold = expires is not None and expires > now
    return {
        "reference": consultation.reference,
        "read_first": consultation.read_first,
        "state": consultation.status,
        "kind": consultation.kind,
        "channel": consultation.channel,
        "reason": consultation.decline_reason,
        "meeting": consultation.meeting,
        "place": place,
        "video_url": place.video_url,
        "video_url_text": place.video_host,
        "answer_by": local_time.promised_date(consultation.reply_by, practice.time_zone),
        "is_late": consultation.is_overdue(now),
        **emails.time_context(consultation, practice),
        "is_over": end is not None and now >= end,
        "has_begun": start is not None and now >= start,
        "practitioner": consultation.practitioner,
        "with_whom": emails.sender_name_for(consultation, practice),
        "end": end.astimezone(zone) if end else None,
        "is_booked": consultation.status == Status.CONFIRMED and not (end and now >= end),
        "moved_from": moved_from(consultation),
        "reminder": reminder_at(consultation, now=now),
        "price_text": consultation.type.price_text if consultation.type else "",
        "asked_time": consultation.promised_time if consultation.kind == RequestKind.SLOT else "",
        "book_again_url": f"{reverse('booking:consultation')}{book_again_query(consultation)}",
        "private_url": settings.SITE_URL + consultation.get_absolute_url(),
        "minutes": emails.duration_minutes(consultation),
        "masked_email": mask_email(consultation),
        "waits_for_mail": is_live_hold and consultation.hold_for == HoldFor.EMAIL,
        "waited_for_mail": consultation.hold_for == HoldFor.EMAIL,
        "waits_for_us": is_live_hold and consultation.hold_for == HoldFor.APPROVAL,
        "waits_for_review": is_live_hold
        and consultation.hold_for == HoldFor.APPROVAL
        and bool(consultation.suspicions),
        "is_offer": is_live_hold and consultation.hold_for == HoldFor.OFFER,
        "hold_expires": expires.astimezone(zone) if expires else None,
        "may_cancel": can_visitor_change(consultation, Status.CANCELLED_BY_VISITOR, now),
        "may_move": consultation.status == Status.CONFIRMED
        and consultation.type is not None
        and can_visitor_change(consultation, Status.CONFIRMED, now),
        "cutoff_hours": int(change_cutoff(consultation).total_seconds() // 3600),
        "may_correct": not consultation.is_final
        and not (start is not None and now >= start)
        and has_email(consultation),
        "manage_url": consultation.get_absolute_url(),
        "move_url": reverse("booking:move", args=[token]),
        "cancel_url": reverse("booking:cancel", args=[token]),
        "calendar_url": reverse("booking:calendar_file", args=[token]),
        "days_kept": settings.CONSULTATION_RETENTION_DAYS,
        "waitlist_days": settings.WAITLIST_EXPIRES_DAYS,
    }


def moved_from(consultation: Consultation) -> datetime | None:
    """Return the time that the last move left, in the visitor's zone; None without a move."""
    moves = consultation.events.filter(new_start_at=consultation.start_at)
    last = moves.exclude(old_start_at=None).order_by("at").last()
    if last is None or last.old_start_at is None or last.old_start_at == consultation.start_at:
        return None
    return last.old_start_at.astimezone(ZoneInfo(consultation.visitor_zone))


def reminder_at(consultation: Consultation, *, now: datetime) -> datetime | None:
    """Return when the visitor is reminded, in their zone; None if it is too late for that."""
    if consultation.start_at is None or not has_email(consultation):
        return None
    _message, ahead = reminders.FIRST_REMINDER
    at = consultation.start_at - ahead
    return at.astimezone(ZoneInfo(consultation.visitor_zone)) if at > now else None


def book_again_query(consultation: Consultation) -> str:
    """Return the query that leads to times of the same practitioner, in the same zone."""
    values = {
        "type": consultation.type.slug if consultation.type else "",
        "practitioner": consultation.practitioner.slug if consultation.practitioner else "",
        "zone": zones.resolve_zone(consultation.visitor_zone),
    }
    return "?" + urlencode({name: value for name, value in values.items() if value})


def has_email(consultation: Consultation) -> bool:
    """Whether there is an address; one that cannot be decrypted counts, to be corrected."""
    return consultation.address_is_lost or bool(consultation.email)


def mask_email(consultation: Consultation) -> str:
    """Return ``a…`` for an address, enough to recognize the mailbox but not to use it.

    Empty if there is none or it cannot be decrypted.
    """
    try:
        email = consultation.email
    except DecryptionError:
        return ""
    return f"{email[0]}…" if email else ""
