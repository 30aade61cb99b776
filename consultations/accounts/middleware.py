"""Middleware for staff pages: session limits and the required second factor."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from consultations.accounts import browsers, sessions

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class StaffSessionMiddleware:
    """Check the session on every staff page.

    Public pages pass untouched: nothing there may look at a session.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if is_staff_page(request):
            browsers.set_browser_cookie(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, options: object
    ) -> HttpResponseBase | None:
        """Check here, not in ``__call__``, because the CSRF check has passed by now."""
        return self.get_redirect(request) if is_staff_page(request) else None

    def get_redirect(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return the redirect to the login or the setup page, or None to show the page."""
        if not request.user.is_authenticated:
            return None
        now = timezone.now()
        row = sessions.get_current_session(request)
        if reason := sessions.session_end_reason(row, now):
            return redirect_to_login(request, reason, now)
        assert row is not None
        if not is_auto_refresh(request):
            sessions.record_activity(row, now)
        if is_account_setup_page(request):
            return None
        if settings.SECOND_FACTOR_REQUIRED and not getattr(row, "has_second_factor", False):
            return HttpResponseRedirect(reverse("mfa_index"))
        return None


def is_staff_page(request: HttpRequest) -> bool:
    return request.path_info.startswith(f"/{settings.ADMIN_PATH}")


def is_auto_refresh(request: HttpRequest) -> bool:
    """Recognize requests of a self-refreshing page: auto-refresh does not count as activity."""
    return "renewed" in request.GET


def is_account_setup_page(request: HttpRequest) -> bool:
    """Tell whether staff without a second factor may open this page."""
    prefixes = (reverse("mfa_index"), reverse("admin:logout"), reverse("admin:jsi18n"))
    return request.path_info.startswith(prefixes)


def redirect_to_login(request: HttpRequest, reason: str, now: datetime) -> HttpResponse:
    """Sign the user out, keep what they posted, and bring them back after the next sign-in.

    ``reason`` is one of ``sessions.session_end_reason``.
    """
    next_url = request.get_full_path() if request.method == "GET" else ""
    if request.method == "POST" and reason in ("idle", "long"):
        row = sessions.hold_form(request, cast("User", request.user), now)
        next_url = reverse("account_held_form", args=[row.pk]) if row else ""
    logout(request)
    query = {"ended": reason, **({"next": next_url} if next_url else {})}
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode(query)}")
