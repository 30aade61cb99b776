"""The page on which staff choose a time: wishes, free times that fit, and the email it sends."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultations.audit import requests as audit
from consultations.booking import availability, slot_choice
from consultations.booking.choices import format_preferred_times
from consultations.booking.hours import practitioner_time_zone
from consultations.booking.models import Consultation
from consultations.booking.staff import display, permissions, suggestions
from consultations.booking.staff.actions import OFFER, StaffAction
from consultations.booking.staff.forms import ActionForm
from consultations.booking.staff.suggestions import parse_suggestion, time_form_data
from consultations.booking.staff.waitlist import FreedSlot, parse_freed_slot
from consultations.privacy.fields import readable_text

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.db.models.options import Options
    from django.utils.functional import _StrOrPromise

# The audit log names what the page shows of the client.
SHOWN_FIELDS = ("email", "note", "preferred_times")
TEMPLATE = "admin/consultations/consultation/schedule.html"


class ConsultationPages(Protocol):
    """The admin of consultations, as this page uses it."""

    @property
    def admin_site(self) -> "AdminSite": ...
    @property
    def opts(self) -> "Options[Consultation]": ...


Perform = Callable[[ActionForm], str]


def schedule_page(
    model_admin: "ConsultationPages",
    request: HttpRequest,
    row: Consultation,
    action: StaffAction,
    offered: list[StaffAction],
    *,
    perform: Perform,
    now: datetime,
) -> HttpResponse:
    """Show free times and, once one is chosen, the email; ``perform`` sends it.

    A suggested time is one press, by POST from this page (which keeps what is typed) or as a link
    from another. ``perform`` returns the next URL, or "" if the form has an error.
    """
    ids = permissions.accessible_practitioner_ids(request.user)
    form = action.form(_form_data(request, now), consultation=row, practitioner_ids=ids)
    is_chosen = form.is_bound and form.is_valid()
    key = _chosen_value(form) if is_chosen else ""
    is_sent = request.method == "POST" and not {"preview", "suggested"} & request.POST.keys()
    if is_sent and is_chosen and request.POST.get("seen", key) != key:
        messages.warning(request, _("You changed the time. Please check the email again."))
    elif is_sent and is_chosen and (next_page := perform(form)):
        return HttpResponseRedirect(next_page)
    is_chosen = is_chosen and not form.errors
    preview = action.preview(row, form, now=now)
    found = suggestions.suggest_times(row, ids, now=now)
    audit.record_read(request, row, SHOWN_FIELDS)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": action.label,
        "opts": model_admin.opts,
        "row": row,
        "who": display.readable_initials(row),
        "form": form,
        "own_fields": [form["practitioner"], form["start_at"]],
        "more_fields": _other_fields(form),
        "action": action,
        "is_chosen": is_chosen,
        "chosen": key if is_chosen else "",
        "suggestions": found,
        "is_suggested": key in {time.value for time in found.times},
        "objections": unavailability_warnings(row, form, now=now) if is_chosen else [],
        "preview": preview,
        "offer_url": _offer_url(row) if action.slug == "confirm" and OFFER in offered else "",
        "others": [one for one in offered if one.slug == "decline"],
        "back": reverse("admin:consultations_consultation_change", args=[row.pk]),
        "is_late": row.is_overdue(now),
        "answer_by": display.format_reply_deadline(row),
        "when": display.format_consultation_time(row) if row.start_at else "",
        **_wishes(row),
    }
    is_faulty = request.method == "POST" and bool(form.errors)
    return render(request, TEMPLATE, context, status=422 if is_faulty else 200)


def unavailability_warnings(
    row: Consultation, form: ActionForm, *, now: datetime
) -> "list[_StrOrPromise]":
    """Return why clients would not be offered this time; a warning, since staff may take it."""
    if row.type is None:
        return []
    answers = form.cleaned_data
    reasons = availability.find_unavailability_reasons(
        row.type, answers["practitioner"], answers["start_at"], now=now, moving=row
    )
    return [*display.reason_sentences(reasons)]


def _form_data(request: HttpRequest, now: datetime) -> Mapping[str, Any] | None:
    """Return what the form is filled in with: the POST, or the time of a link to this page."""
    if request.method != "POST":
        chosen = parse_freed_slot(request.GET)
        return _time_data(chosen) if chosen is not None and chosen.start_at > now else None
    chosen = parse_suggestion(request.POST.get("suggested", ""))
    data = request.POST.copy()
    if chosen is not None:
        for name, value in _time_data(chosen).items():
            data[name] = value
    return data


def _time_data(chosen: FreedSlot) -> Mapping[str, str]:
    return time_form_data(chosen, practitioner_time_zone(chosen.practitioner))


def _chosen_value(form: ActionForm) -> str:
    answers = form.cleaned_data
    start = slot_choice.format_start(answers["start_at"])
    return f"{start}_{answers['practitioner'].pk}"


def _other_fields(form: ActionForm) -> list[object]:
    """Return the fields that belong into the email, such as the video link."""
    fields = form.visible_fields()
    return [field for field in fields if field.name not in ("practitioner", "start_at")]


def _offer_url(row: Consultation) -> str:
    return reverse("admin:consultations_consultation_action", args=[row.pk, OFFER.slug])


def _wishes(row: Consultation) -> dict[str, object]:
    """Return what the client asked for, as far as it matters for a time."""
    wanted = row.wanted_practitioner or row.practitioner
    return {
        "wishes": [
            line.replace(": ", " ") for line in format_preferred_times(suggestions.read_wishes(row))
        ],
        "wished_time": row.promised_time,
        "meeting": row.get_meeting_display(),
        "with_whom": wanted.name if wanted else _("Anyone"),
        "channel": row.get_channel_display(),
        "received": display.format_instant(row.created_at, display.practice_zone_for_row(row)),
        "note": readable_text(row, "note"),
        "client_zone": row.visitor_zone.replace("_", " "),
    }
