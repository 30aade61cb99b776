"""The page of one act: its form, the mail it sends, and the button."""

from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consultations.audit import requests as audit
from consultations.booking.models import Consultation
from consultations.booking.staff import staff_words, waiting, waiting_view, whose
from consultations.booking.staff.act_forms import TimeForm
from consultations.booking.staff.acts import Act


def page(model_admin: Any, request: HttpRequest, key: Any, slug: str) -> HttpResponse:
    row = get_object_or_404(Consultation.objects.visible_to(request.user), pk=key)
    if not model_admin.has_change_permission(request, row):
        raise PermissionDenied
    back = reverse("admin:consultations_consultation_change", args=[row.pk])
    now = timezone.now()
    offered = model_admin.acts_for(request, row, now)
    chosen = next((one for one in offered if one.slug == slug), None)
    if chosen is None:
        messages.warning(request, _("This can no longer be done: the state has changed."))
        return HttpResponseRedirect(back)
    data = request.POST if request.method == "POST" else None
    form = chosen.form(data, consultation=row, people=whose.keys_of_people(request.user))
    if isinstance(form, TimeForm):
        waiting_view.fill_in(form, request.GET)
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        next_page = _perform(model_admin, request, chosen, row, form, now)
        if next_page:
            return HttpResponseRedirect(next_page)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": chosen.label,
        "opts": model_admin.opts,
        "row": row,
        "form": form,
        "act": chosen,
        "preview": chosen.preview(row, form, now=now),
        "back": back,
        "when": staff_words.time_words(row) if row.start_at else "",
    }
    status = 422 if form.errors and request.method == "POST" else 200
    return render(request, "admin/consultations/consultation/act.html", context, status=status)


def _perform(
    model_admin: Any, request: HttpRequest, act: Act, row: Consultation, form: Any, now: datetime
) -> str:
    """Where to go on once it is done; "" when it is not, and the form says why."""
    freed = (row.start_at, row.practitioner)
    fault = act.perform(row, form.cleaned_data, by=cast(User, request.user), now=now)
    if fault is not None:
        form.add_error(None, fault)
        return ""
    model_admin.log_change(request, row, [{"changed": {"fields": [act.slug]}}])
    audit.note(request, act.slug, row=row)
    messages.success(request, act.done)
    if act.message and row.address_is_lost:
        messages.warning(request, staff_words.address_is_lost())
    rows = Consultation.objects.visible_to(request.user)
    waits = waiting.address_for(*freed, rows, now=now) if act.frees_its_time else ""
    index = reverse("admin:consultations_consultation_changelist")
    return waits or add_preserved_filters({"opts": model_admin.opts}, index)
