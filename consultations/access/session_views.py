"""End one's own sign-ins, one or all others."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from consultations.access import sessions, sign_in_acts


@require_POST
@login_required
def end_one(request: HttpRequest, which: UUID) -> HttpResponse:
    return _ended(request, sessions.end(_me(request), which=which, but=sessions.own_id(request)))


@require_POST
@login_required
def end_others(request: HttpRequest) -> HttpResponse:
    return _ended(request, sessions.end(_me(request), but=sessions.own_id(request)))


def _me(request: HttpRequest) -> User:
    return cast("User", request.user)  # behind login_required


def _ended(request: HttpRequest, count: int) -> HttpResponse:
    if count:
        sign_in_acts.note(request, "sign_ins_ended", _me(request))
    words = ngettext("%(n)d sign-in is ended.", "%(n)d sign-ins are ended.", count)
    messages.success(request, words % {"n": count})
    return HttpResponseRedirect(reverse("mfa_index"))
