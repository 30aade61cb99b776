"""allauth's pages of signing in, as pages of the admin: the same look, our words, no-store."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from zoneinfo import ZoneInfo

from allauth.account import views as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from consultations.access import limits, sessions
from consultations.access.adapters import TOO_MANY
from pages.practice.models import PracticeProfile

View = Callable[..., HttpResponseBase]
TEMPLATES = "admin/account"
ENDED = {
    "idle": _("You were away for a while, so we signed you out."),
    "long": _("Your sign-in was twelve hours old, so we ended it."),
    "ended": _("This sign-in was ended."),
}


def page(view: View, title: Any) -> View:
    """What every page of the admin knows, and the status of a form with a fault."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            own = response.context_data or {}
            common = {**admin.site.each_context(request), "title": title, "is_popup": False}
            response.context_data = {**common, "is_nav_sidebar_enabled": False, **own}
            form = own.get("form")
            if request.method == "POST" and form is not None and form.errors:
                response.status_code = 422
        return response

    return shown


class LoginView(account.LoginView):
    template_name = f"{TEMPLATES}/login.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        ended = ENDED.get(self.request.GET.get("ended", ""))
        return {**super().get_context_data(**options), "ended": ended}


class SecondStep(mfa.AuthenticateView):
    template_name = f"{TEMPLATES}/second_step.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        kinds = Authenticator.objects.filter(user_id=self.stage.login.user.pk)
        types = set(kinds.values_list("type", flat=True))
        found = super().get_context_data(**options)
        return {
            **found,
            "has_codes": bool(types - {Authenticator.Type.WEBAUTHN}),
            "has_passkey": Authenticator.Type.WEBAUTHN in types,
        }


class Overview(mfa.IndexView):
    """One's own sign-in: second factors, password, where one is signed in."""

    template_name = f"{TEMPLATES}/overview.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        found = super().get_context_data(**options)
        own = sessions.own_id(self.request)
        idle = sessions.idle_of(sessions.look(self.request))
        rows = sessions.of(cast("User", self.request.user), idle, timezone.now())
        has_second = any(kind != "recovery_codes" for kind in found["authenticators"])
        zone = ZoneInfo(PracticeProfile.load().time_zone)
        return {
            **found,
            "must": settings.SECOND_FACTOR_REQUIRED and not has_second,
            "has_second": has_second,
            "sign_ins": [(row, row.began_at.astimezone(zone), row.pk == own) for row in rows],
            "idle": int(idle.total_seconds() // 60),
            "longest": int(sessions.LONGEST.total_seconds() // 3600),
        }


class Confirm(account.ReauthenticateView):
    template_name = f"{TEMPLATES}/confirm.html"


class ConfirmByCode(mfa.ReauthenticateView):
    template_name = f"{TEMPLATES}/confirm.html"


class ConfirmByPasskey(webauthn.ReauthenticateWebAuthnView):
    template_name = f"{TEMPLATES}/confirm_passkey.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        for words in form.errors.get("credential", []):
            messages.error(self.request, words)
        return HttpResponseRedirect(self.request.get_full_path())


class SetUpApp(totp.ActivateTOTPView):
    template_name = f"{TEMPLATES}/app.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        found = super().get_context_data(**options)
        secret = found["form"].secret
        return {**found, "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))}


class RemoveApp(totp.DeactivateTOTPView):
    template_name = f"{TEMPLATES}/remove.html"


class AddPasskey(webauthn.AddWebAuthnView):
    template_name = f"{TEMPLATES}/passkey.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        # allauth forgets the form with its faults.
        return {**options, **super().get_context_data(**options), **options}


class RenamePasskey(webauthn.EditWebAuthnView):
    template_name = f"{TEMPLATES}/rename.html"

    def get_success_url(self) -> str:
        return reverse("mfa_index")


class RemovePasskey(webauthn.RemoveWebAuthnView):
    template_name = f"{TEMPLATES}/remove.html"

    def get_success_url(self) -> str:
        return reverse("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.get_object()):
            words = _("This is your only second factor. Add another one first, please.")
            messages.error(self.request, str(words))
            return HttpResponseRedirect(reverse("mfa_index"))
        return super().form_valid(form)


class RecoveryCodes(codes.ViewRecoveryCodesView):
    template_name = f"{TEMPLATES}/codes.html"


class RenewCodes(codes.GenerateRecoveryCodesView):
    template_name = f"{TEMPLATES}/codes_renew.html"


class ChangePassword(account.PasswordChangeView):
    template_name = f"{TEMPLATES}/password.html"

    def get_default_success_url(self) -> str:
        return reverse("mfa_index")


@require_GET
@login_required
def app_picture(request: HttpRequest) -> HttpResponse:
    """The QR code as a file: an inline picture would need data: in the policy."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return HttpResponse(svg, content_type="image/svg+xml")


def passkey_login(request: HttpRequest) -> HttpResponseBase:
    """A script fetches the challenge here and posts the key's answer.

    Both are counted: each challenge makes a session, and anybody may ask for one.
    """
    attempt = limits.of_passkey(request.META.get("REMOTE_ADDR", ""))
    if attempt.is_allowed(timezone.now()):
        return webauthn.login_webauthn(request)
    if request.method != "POST":
        return HttpResponse(status=429)
    messages.error(request, str(TOO_MANY))
    return HttpResponseRedirect(reverse("account_login"))
