"""Who waits for a time, and the offer of one that came free, in one press."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.booking.hours import zone_name
from consultations.booking.models import Consultation
from consultations.booking.staff import waiting, whose
from consultations.booking.staff.act_forms import TimeForm


def fill_in(form: TimeForm, asked: Mapping[str, Any]) -> None:
    if (freed := waiting.read_freed(asked)) is not None:
        form.propose(freed.start_at, freed.practitioner)


def page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Free times to choose from; with one chosen, those who wanted it and an offer for each."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    now, user = timezone.now(), request.user
    waits = waiting.everybody(Consultation.objects.visible_to(user))
    chosen = waiting.read_freed(request.GET)
    if chosen is not None and not whose.may_meet(user, chosen.practitioner):
        chosen = None
    if chosen is not None and (chosen.start_at <= now or not waiting.still_free([chosen])):
        chosen = None
    freed = waiting.freed_times(now, whose.keys_of_people(user))
    wanted, others = waiting.matching(waits, chosen) if chosen else ([], waits)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Who waits for a time"),
        "opts": model_admin.opts,
        "freed": [(one, len(waiting.matching(waits, one)[0])) for one in freed],
        "chosen": chosen,
        "was_asked": "start" in request.GET,
        "wanted": wanted,
        "others": others,
        "may_offer": model_admin.has_change_permission(request),
    }
    if chosen is not None:
        local = chosen.start_at.astimezone(ZoneInfo(zone_name(chosen.practitioner)))
        context |= {"day": f"{local:%Y-%m-%d}", "clock": f"{local:%H:%M}"}
    return render(request, "admin/consultations/consultation/waiting.html", context)
