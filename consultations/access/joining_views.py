"""The pages behind the two links: an invitation, and a new password for somebody who lost it."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from consultations.access import browsers, workflow
from consultations.access.joining_forms import JoinForm, NewPasswordForm


def _page(request: HttpRequest, template: str, status: int = 200, **words: Any) -> HttpResponse:
    common = {**admin.site.each_context(request), "is_nav_sidebar_enabled": False}
    return render(request, f"admin/account/{template}.html", {**common, **words}, status=status)


def _not_good(request: HttpRequest) -> HttpResponse:
    """The same for a link that was used, taken back, ran out, was cut, or never was one."""
    return _page(request, "no_link", 404, title=_("This link opens nothing"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    row = workflow.invited(token, now=now)
    if row is None:
        return _not_good(request)
    title = _("Welcome")
    stranger = User(email=row.address, first_name=row.name[:150])
    form = JoinForm(request.POST if request.method == "POST" else None, user=stranger)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return _page(request, "join", status, title=title, form=form, name=row.name)
    try:
        user = workflow.join(
            token,
            username=form.cleaned_data["username"],
            password=form.cleaned_data["password1"],
            network=request.META.get("REMOTE_ADDR", ""),
            now=now,
        )
    except IntegrityError:  # chosen by somebody else in the same moment
        form.add_error("username", _("Somebody has this login already."))
        return _page(request, "join", 422, title=title, form=form, name=row.name)
    if user is None:
        return _not_good(request)
    logout(request)  # whoever sat here before
    get_adapter().login(request, user)
    messages.success(request, _("Your login is made. Now add a second factor, please."))
    return HttpResponseRedirect(reverse("mfa_index"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
def reset(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    row = workflow.reset_of(token, now=now)
    if row is None:
        return _not_good(request)
    title = _("A new password")
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=row.user)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return _page(request, "reset", status, title=title, form=form, login=row.user.username)
    user = workflow.reset(
        token,
        password=form.cleaned_data["password1"],
        network=request.META.get("REMOTE_ADDR", ""),
        now=now,
    )
    if user is None:
        return _not_good(request)
    logout(request)
    # Here they are known from now on, whatever strangers try with their name elsewhere.
    browsers.remember(request, user, now)
    messages.success(request, _("Your password is new. Please sign in with it."))
    return HttpResponseRedirect(reverse("account_login"))
