"""End one's own sign-ins, one or all others; take up a form again that one of them left."""

from typing import cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from consultations.access import held, sessions, sign_in_acts


@require_POST
@login_required
def end_one(request: HttpRequest, which: UUID) -> HttpResponse:
    return _ended(request, sessions.end(_me(request), which=which, but=sessions.own_id(request)))


@require_POST
@login_required
def end_others(request: HttpRequest) -> HttpResponse:
    return _ended(request, sessions.end(_me(request), but=sessions.own_id(request)))


@require_GET
@login_required
def held_form(request: HttpRequest, which: UUID) -> HttpResponse:
    found = held.of(_me(request), which, timezone.now())
    if found is None:
        messages.info(request, _("This form does not wait any more."))
        return HttpResponseRedirect(reverse("admin:index"))
    row, pairs = found
    title = _("Your text is still here")
    context = {**admin.site.each_context(request), "title": title, "row": row, "pairs": pairs}
    return render(request, "admin/account/held.html", {**context, "is_nav_sidebar_enabled": False})


def _me(request: HttpRequest) -> User:
    return cast("User", request.user)  # behind login_required


def _ended(request: HttpRequest, count: int) -> HttpResponse:
    if count:
        sign_in_acts.note(request, "sign_ins_ended", _me(request))
    words = ngettext("%(n)d sign-in is ended.", "%(n)d sign-ins are ended.", count)
    messages.success(request, words % {"n": count})
    return HttpResponseRedirect(reverse("mfa_index"))
