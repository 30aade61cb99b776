"""Staff pages: is this sign-in still good, and is there the second factor that is required?"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from consultations.access import browsers, sessions

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class StaffSessions:
    """Readers' pages pass untouched: nothing there may look at a session."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(f"/{settings.ADMIN_PATH}"):
            return self.get_response(request)
        response = self.refusal(request) or self.get_response(request)
        browsers.set_cookie(request, response)
        return response

    def refusal(self, request: HttpRequest) -> HttpResponseBase | None:
        if not request.user.is_authenticated:
            return None
        now = timezone.now()
        row = sessions.look(request)
        if why := sessions.why_ended(row, now):
            logout(request)
            return back_to_login(request, why)
        assert row is not None
        if not is_by_itself(request):
            sessions.note_use(row, now)
        if settings.SECOND_FACTOR_REQUIRED and not getattr(row, "has_second_factor", False):
            return None if is_for_setting_up(request) else HttpResponseRedirect(start_page())
        return None


def is_by_itself(request: HttpRequest) -> bool:
    """A page that renews itself says so in its address; nobody need sit before it."""
    return "renewed" in request.GET


def is_for_setting_up(request: HttpRequest) -> bool:
    own = (reverse("mfa_index"), reverse("admin:logout"), reverse("admin:jsi18n"))
    return request.path_info.startswith(own)


def start_page() -> str:
    return reverse("mfa_index")


def back_to_login(request: HttpRequest, why: str) -> HttpResponse:
    """A page is asked for again after signing in; of a form that was sent we say what to do."""
    if request.path_info == reverse("account_login"):
        return HttpResponseRedirect(request.get_full_path())
    query = {"ended": why}
    if request.method == "GET":
        query["next"] = request.get_full_path()
    address = f"{reverse('account_login')}?{urlencode(query)}"
    if request.method == "GET":
        return HttpResponseRedirect(address)
    page = {"title": "", "login_url": reverse("account_login"), "why": why}
    return render(request, "admin/account/ended.html", page, status=403)
