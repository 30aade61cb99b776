"""allauth's pages of signing in, as pages of the admin: the same look, our words, no-store."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from allauth.account import views as account
from allauth.account.adapter import get_adapter as adapter_get_adapter
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from consultations.accounts import browsers, rate_limits, sessions, workflow
from consultations.accounts.adapters import TOO_MANY_ATTEMPTS_MESSAGE
from consultations.accounts.forms import AcceptInvitationForm, NewPasswordForm
from pages.practice.models import PracticeProfile

ViewCallable = Callable[..., HttpResponseBase]
TEMPLATE_DIR = "admin/account"
SESSION_ENDED_MESSAGES = {
    "idle": gettext_lazy("You were away for a while, so we signed you out."),
    "long": gettext_lazy("Your sign-in was twelve hours old, so we ended it."),
    "ended": gettext_lazy("This sign-in was ended."),
}


def admin_page(view: ViewCallable, title: Any) -> ViewCallable:
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
    template_name = f"{TEMPLATE_DIR}/login.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        ended = SESSION_ENDED_MESSAGES.get(self.request.GET.get("ended", ""))
        return {**super().get_context_data(**options), "ended": ended}


class SecondFactorView(mfa.AuthenticateView):
    template_name = f"{TEMPLATE_DIR}/second_factor.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        kinds = Authenticator.objects.filter(user_id=self.stage.login.user.pk)
        types = set(kinds.values_list("type", flat=True))
        found = super().get_context_data(**options)
        return {
            **found,
            "has_codes": bool(types - {Authenticator.Type.WEBAUTHN}),
            "has_passkey": Authenticator.Type.WEBAUTHN in types,
        }


class AccountOverviewView(mfa.IndexView):
    """One's own sign-in: second factors, password, where one is signed in."""

    template_name = f"{TEMPLATE_DIR}/overview.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        found = super().get_context_data(**options)
        own = sessions.current_session_id(self.request)
        idle = sessions.idle_timeout(sessions.get_current_session(self.request))
        rows = sessions.active_sessions(cast("User", self.request.user), idle, timezone.now())
        has_second = any(kind != "recovery_codes" for kind in found["authenticators"])
        zone = ZoneInfo(PracticeProfile.load().time_zone)
        return {
            **found,
            "must": settings.SECOND_FACTOR_REQUIRED and not has_second,
            "has_second": has_second,
            "sign_ins": [(row, row.began_at.astimezone(zone), row.pk == own) for row in rows],
            "idle": int(idle.total_seconds() // 60),
            "longest": int(sessions.MAX_SESSION_AGE.total_seconds() // 3600),
        }


class ReauthenticateView(account.ReauthenticateView):
    template_name = f"{TEMPLATE_DIR}/reauthenticate.html"


class ReauthenticateByCodeView(mfa.ReauthenticateView):
    template_name = f"{TEMPLATE_DIR}/reauthenticate.html"


class ReauthenticateByPasskeyView(webauthn.ReauthenticateWebAuthnView):
    template_name = f"{TEMPLATE_DIR}/reauthenticate_passkey.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        for words in form.errors.get("credential", []):
            messages.error(self.request, words)
        return HttpResponseRedirect(self.request.get_full_path())


class ActivateTOTPView(totp.ActivateTOTPView):
    template_name = f"{TEMPLATE_DIR}/totp_setup.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        found = super().get_context_data(**options)
        secret = found["form"].secret
        return {**found, "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))}


class DeactivateTOTPView(totp.DeactivateTOTPView):
    template_name = f"{TEMPLATE_DIR}/factor_remove.html"


class AddPasskeyView(webauthn.AddWebAuthnView):
    template_name = f"{TEMPLATE_DIR}/passkey_add.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        # allauth forgets the form with its faults.
        return {**options, **super().get_context_data(**options), **options}


class RenamePasskeyView(webauthn.EditWebAuthnView):
    template_name = f"{TEMPLATE_DIR}/passkey_rename.html"

    def get_success_url(self) -> str:
        return reverse("mfa_index")


class RemovePasskeyView(webauthn.RemoveWebAuthnView):
    template_name = f"{TEMPLATE_DIR}/factor_remove.html"

    def get_success_url(self) -> str:
        return reverse("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.get_object()):
            words = gettext_lazy("This is your only second factor. Add another one first, please.")
            messages.error(self.request, str(words))
            return HttpResponseRedirect(reverse("mfa_index"))
        return super().form_valid(form)


class RecoveryCodesView(codes.ViewRecoveryCodesView):
    template_name = f"{TEMPLATE_DIR}/recovery_codes.html"


class RegenerateRecoveryCodesView(codes.GenerateRecoveryCodesView):
    template_name = f"{TEMPLATE_DIR}/recovery_codes_renew.html"


class ChangePasswordView(account.PasswordChangeView):
    template_name = f"{TEMPLATE_DIR}/password_change.html"

    def get_default_success_url(self) -> str:
        return reverse("mfa_index")


@require_GET
@login_required
def totp_qr_code(request: HttpRequest) -> HttpResponse:
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
    attempt = rate_limits.passkey_attempt(request.META.get("REMOTE_ADDR", ""))
    if attempt.is_allowed(timezone.now()):
        return webauthn.login_webauthn(request)
    if request.method != "POST":
        return HttpResponse(status=429)
    messages.error(request, str(TOO_MANY_ATTEMPTS_MESSAGE))
    return HttpResponseRedirect(reverse("account_login"))


# End one's own sign-ins, one or all others; take up a form again that one of them left.


@require_POST
@login_required
def end_session(request: HttpRequest, which: UUID) -> HttpResponse:
    return _redirect_with_ended_count(
        request,
        sessions.end_sessions(
            _current_user(request), which=which, but=sessions.current_session_id(request)
        ),
    )


@require_POST
@login_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    return _redirect_with_ended_count(
        request,
        sessions.end_sessions(_current_user(request), but=sessions.current_session_id(request)),
    )


@require_GET
@login_required
def show_held_form(request: HttpRequest, which: UUID) -> HttpResponse:
    found = sessions.get_held_form(_current_user(request), which, timezone.now())
    if found is None:
        messages.info(request, _("This form does not wait any more."))
        return HttpResponseRedirect(reverse("admin:index"))
    row, pairs = found
    title = _("Your text is still here")
    context = {**admin.site.each_context(request), "title": title, "row": row, "pairs": pairs}
    return render(
        request, "admin/account/held_form.html", {**context, "is_nav_sidebar_enabled": False}
    )


def _current_user(request: HttpRequest) -> User:
    return cast("User", request.user)  # behind login_required


def _redirect_with_ended_count(request: HttpRequest, count: int) -> HttpResponse:
    if count:
        browsers.record_sign_in_event(request, "sign_ins_ended", _current_user(request))
    words = ngettext("%(n)d sign-in is ended.", "%(n)d sign-ins are ended.", count)
    messages.success(request, words % {"n": count})
    return HttpResponseRedirect(reverse("mfa_index"))


# The pages behind the two links: an invitation, and a new password for somebody who lost it.


def _render_account_page(
    request: HttpRequest, template: str, status: int = 200, **words: Any
) -> HttpResponse:
    common = {**admin.site.each_context(request), "is_nav_sidebar_enabled": False}
    return render(request, f"admin/account/{template}.html", {**common, **words}, status=status)


def _render_invalid_link(request: HttpRequest) -> HttpResponse:
    """The same for a link that was used, taken back, ran out, was cut, or never was one."""
    return _render_account_page(request, "invalid_link", 404, title=_("This link opens nothing"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    row = workflow.find_open_invitation(token, now=now)
    if row is None:
        return _render_invalid_link(request)
    title = _("Welcome")
    stranger = User(email=row.address, first_name=row.name[:150])
    form = AcceptInvitationForm(request.POST if request.method == "POST" else None, user=stranger)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return _render_account_page(
            request, "accept_invitation", status, title=title, form=form, name=row.name
        )
    try:
        user = workflow.accept_invitation(
            token,
            username=form.cleaned_data["username"],
            password=form.cleaned_data["password1"],
            network=request.META.get("REMOTE_ADDR", ""),
            now=now,
        )
    except IntegrityError:  # chosen by somebody else in the same moment
        form.add_error("username", _("Somebody has this login already."))
        return _render_account_page(
            request, "accept_invitation", 422, title=title, form=form, name=row.name
        )
    if user is None:
        return _render_invalid_link(request)
    logout(request)  # whoever sat here before
    adapter_get_adapter().login(request, user)
    messages.success(request, _("Your login is made. Now add a second factor, please."))
    return HttpResponseRedirect(reverse("mfa_index"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
def reset_password(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    row = workflow.find_reset_link(token, now=now)
    if row is None:
        return _render_invalid_link(request)
    title = _("A new password")
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=row.user)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return _render_account_page(
            request, "account_reset", status, title=title, form=form, login=row.user.username
        )
    user = workflow.reset_password(
        token,
        password=form.cleaned_data["password1"],
        network=request.META.get("REMOTE_ADDR", ""),
        now=now,
    )
    if user is None:
        return _render_invalid_link(request)
    logout(request)
    # Here they are known from now on, whatever strangers try with their name elsewhere.
    browsers.remember_browser(request, user, now)
    messages.success(request, _("Your password is new. Please sign in with it."))
    return HttpResponseRedirect(reverse("account_login"))
