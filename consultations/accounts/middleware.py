"""Staff pages: is this sign-in still good, and is there the second factor that is required?"""

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
    """Readers' pages pass untouched: nothing there may look at a session."""

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
        """Here, since Django has then looked whether a form came from our own pages."""
        return self.refusal(request) if is_staff_page(request) else None

    def refusal(self, request: HttpRequest) -> HttpResponseBase | None:
        if not request.user.is_authenticated:
            return None
        now = timezone.now()
        row = sessions.get_current_session(request)
        if why := sessions.session_end_reason(row, now):
            return redirect_to_login(request, why, now)
        assert row is not None
        if not is_auto_refresh(request):
            sessions.record_activity(row, now)
        if settings.SECOND_FACTOR_REQUIRED and not getattr(row, "has_second_factor", False):
            return (
                None
                if is_account_setup_page(request)
                else HttpResponseRedirect(account_setup_url())
            )
        return None


def is_staff_page(request: HttpRequest) -> bool:
    return request.path_info.startswith(f"/{settings.ADMIN_PATH}")


def is_auto_refresh(request: HttpRequest) -> bool:
    """A page that renews itself says so in its address; nobody need sit before it."""
    return "renewed" in request.GET


def is_account_setup_page(request: HttpRequest) -> bool:
    own = (reverse("mfa_index"), reverse("admin:logout"), reverse("admin:jsi18n"))
    return request.path_info.startswith(own)


def account_setup_url() -> str:
    return reverse("mfa_index")


def redirect_to_login(request: HttpRequest, why: str, now: datetime) -> HttpResponse:
    """Signed in again, people are where they were; what they had typed waits for them."""
    way_on = request.get_full_path() if request.method == "GET" else ""
    if request.method == "POST" and why in ("idle", "long"):
        row = sessions.hold_form(request, cast("User", request.user), now)
        way_on = reverse("account_held_form", args=[row.pk]) if row else ""
    logout(request)
    query = {"ended": why, **({"next": way_on} if way_on else {})}
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode(query)}")
