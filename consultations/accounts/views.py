"""Views for signing in, the second factor, own sessions, invitations and password resets.

allauth's views, rendered as pages of the admin with our own texts and without caching.
"""

from collections.abc import Callable
from functools import wraps
from uuid import UUID
from zoneinfo import ZoneInfo

from allauth.account import views as account
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from consultations.accounts import allauth_compat, browsers, rate_limits, sessions, workflow
from consultations.accounts.adapters import TOO_MANY_ATTEMPTS_MESSAGE
from consultations.accounts.forms import AcceptInvitationForm, NewPasswordForm
from pages.practice.models import PracticeProfile
from pages.staff_pages import get_staff_user

ViewCallable = Callable[..., HttpResponseBase]
Context = dict[str, object]
TEMPLATE_DIR = "admin/account"
SESSION_ENDED_MESSAGES = {
    "idle": gettext_lazy("You were away for a while, so we signed you out."),
    "long": gettext_lazy("Your sign-in was twelve hours old, so we ended it."),
    "ended": gettext_lazy("This sign-in was ended."),
}


def admin_page(view: ViewCallable, title: str | Promise) -> ViewCallable:
    """Add the admin's context and a title to a view, and answer an invalid form with status 422."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            context = response.context_data or {}
            common = {**admin.site.each_context(request), "title": title, "is_popup": False}
            response.context_data = {**common, "is_nav_sidebar_enabled": False, **context}
            form = context.get("form")
            if request.method == "POST" and form is not None and form.errors:
                response.status_code = 422
        return response

    return wrapper


class LoginView(account.LoginView):
    template_name = f"{TEMPLATE_DIR}/login.html"

    def get_context_data(self, **kwargs: object) -> Context:
        ended = SESSION_ENDED_MESSAGES.get(self.request.GET.get("ended", ""))
        return {**super().get_context_data(**kwargs), "ended": ended}


class SecondFactorView(allauth_compat.MFAAuthenticateView):
    template_name = f"{TEMPLATE_DIR}/second_factor.html"

    def get_context_data(self, **kwargs: object) -> Context:
        authenticators = Authenticator.objects.filter(user_id=self.stage.login.user.pk)
        types = set(authenticators.values_list("type", flat=True))
        return {
            **super().get_context_data(**kwargs),
            "has_codes": bool(types - {Authenticator.Type.WEBAUTHN}),
            "has_passkey": Authenticator.Type.WEBAUTHN in types,
        }


class AccountOverviewView(allauth_compat.MFAIndexView):
    """The user's own second factors, password and sessions."""

    template_name = f"{TEMPLATE_DIR}/overview.html"

    def get_context_data(self, **kwargs: object) -> Context:
        context = super().get_context_data(**kwargs)
        session_id = sessions.current_session_id(self.request)
        idle_timeout = sessions.idle_timeout(sessions.get_current_session(self.request))
        rows = sessions.active_sessions(get_staff_user(self.request), idle_timeout, timezone.now())
        has_second = any(kind != "recovery_codes" for kind in context["authenticators"])
        zone = ZoneInfo(PracticeProfile.load().time_zone)
        return {
            **context,
            "setup_required": settings.SECOND_FACTOR_REQUIRED and not has_second,
            "has_second": has_second,
            "sign_ins": [
                (row, row.began_at.astimezone(zone), row.pk == session_id) for row in rows
            ],
            "idle": int(idle_timeout.total_seconds() // 60),
            "longest": int(sessions.MAX_SESSION_AGE.total_seconds() // 3600),
        }


class ReauthenticateView(account.ReauthenticateView):
    template_name = f"{TEMPLATE_DIR}/reauthenticate.html"


class ReauthenticateByCodeView(allauth_compat.MFAReauthenticateView):
    template_name = f"{TEMPLATE_DIR}/reauthenticate.html"


class ReauthenticateByPasskeyView(allauth_compat.ReauthenticateWebAuthnView):
    template_name = f"{TEMPLATE_DIR}/reauthenticate_passkey.html"

    def form_invalid(self, form: Form) -> HttpResponse:
        for message in form.errors.get("credential", []):
            messages.error(self.request, str(message))
        return HttpResponseRedirect(self.request.get_full_path())


class ActivateTOTPView(allauth_compat.ActivateTOTPView):
    template_name = f"{TEMPLATE_DIR}/totp_setup.html"

    def get_context_data(self, **kwargs: object) -> Context:
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        groups_of_four = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
        return {**context, "secret": groups_of_four}


class DeactivateTOTPView(allauth_compat.DeactivateTOTPView):
    template_name = f"{TEMPLATE_DIR}/factor_remove.html"


class AddPasskeyView(allauth_compat.AddWebAuthnView):
    template_name = f"{TEMPLATE_DIR}/passkey_add.html"

    def get_context_data(self, **kwargs: object) -> Context:
        # allauth replaces the submitted form, and its errors with it.
        return {**super().get_context_data(**kwargs), **kwargs}


class RenamePasskeyView(allauth_compat.EditWebAuthnView):
    template_name = f"{TEMPLATE_DIR}/passkey_rename.html"

    def get_success_url(self) -> str:
        return reverse("mfa_index")


class RemovePasskeyView(allauth_compat.RemoveWebAuthnView):
    template_name = f"{TEMPLATE_DIR}/factor_remove.html"

    def get_success_url(self) -> str:
        return reverse("mfa_index")

    def form_valid(self, form: Form) -> HttpResponse:
        if not get_mfa_adapter().can_delete_authenticator(self.get_object()):
            message = _("This is your only second factor. Add another one first, please.")
            messages.error(self.request, message)
            return HttpResponseRedirect(reverse("mfa_index"))
        return super().form_valid(form)


class RecoveryCodesView(allauth_compat.ViewRecoveryCodesView):
    template_name = f"{TEMPLATE_DIR}/recovery_codes.html"


class RegenerateRecoveryCodesView(allauth_compat.GenerateRecoveryCodesView):
    template_name = f"{TEMPLATE_DIR}/recovery_codes_renew.html"


class ChangePasswordView(account.PasswordChangeView):
    template_name = f"{TEMPLATE_DIR}/password_change.html"

    def get_default_success_url(self) -> str:
        return reverse("mfa_index")


@require_GET
@login_required
def totp_qr_code(request: HttpRequest) -> HttpResponse:
    """Serve the QR code as a file: an inline image would need ``data:`` in the CSP."""
    secret = request.session.get(allauth_compat.SECRET_SESSION_KEY)
    if not secret:
        raise Http404
    adapter = get_mfa_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return HttpResponse(svg, content_type="image/svg+xml")


def passkey_login(request: HttpRequest) -> HttpResponseBase:
    """Give the login page's script a challenge (GET) and check the passkey's answer (POST).

    Both are limited: each challenge creates a session, and anybody can ask for one.
    """
    attempt = rate_limits.passkey_attempt(request.META.get("REMOTE_ADDR", ""))
    if attempt.consume(timezone.now()):
        return allauth_compat.login_webauthn(request)
    if request.method != "POST":
        return HttpResponse(status=429)
    messages.error(request, str(TOO_MANY_ATTEMPTS_MESSAGE))
    return HttpResponseRedirect(reverse("account_login"))


@require_POST
@login_required
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """End another session of the same user."""
    current_id = sessions.current_session_id(request)
    count = sessions.end_sessions(
        get_staff_user(request), session_id=session_id, except_id=current_id
    )
    return _redirect_with_ended_count(request, count)


@require_POST
@login_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End all sessions of the user except this one."""
    current_id = sessions.current_session_id(request)
    count = sessions.end_sessions(get_staff_user(request), except_id=current_id)
    return _redirect_with_ended_count(request, count)


@require_GET
@login_required
def show_held_form(request: HttpRequest, held_form_id: UUID) -> HttpResponse:
    """Show what the user had typed when their session ended, ready to be sent again."""
    row_and_pairs = sessions.get_held_form(get_staff_user(request), held_form_id, timezone.now())
    if row_and_pairs is None:
        messages.info(request, _("This form does not wait any more."))
        return HttpResponseRedirect(reverse("admin:index"))
    row, pairs = row_and_pairs
    title = _("Your text is still here")
    return _render_account_page(request, "held_form", title=title, row=row, pairs=pairs)


def _redirect_with_ended_count(request: HttpRequest, count: int) -> HttpResponse:
    if count:
        browsers.record_sign_in_event(request, "sign_ins_ended", get_staff_user(request))
    message = ngettext("%(n)d sign-in is ended.", "%(n)d sign-ins are ended.", count)
    messages.success(request, message % {"n": count})
    return HttpResponseRedirect(reverse("mfa_index"))


def _render_account_page(
    request: HttpRequest, template: str, status: int = 200, **context: object
) -> HttpResponse:
    common = {**admin.site.each_context(request), "is_nav_sidebar_enabled": False}
    return render(request, f"{TEMPLATE_DIR}/{template}.html", {**common, **context}, status=status)


def _render_invalid_link(request: HttpRequest) -> HttpResponse:
    """Show the same page for a used, revoked, expired, truncated or made-up link."""
    return _render_account_page(request, "invalid_link", 404, title=_("This link opens nothing"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let an invited person choose a username and password, and sign them in."""
    now = timezone.now()
    row = workflow.find_open_invitation(token, now=now)
    if row is None:
        return _render_invalid_link(request)
    title = _("Welcome")
    new_user = User(email=row.address, first_name=row.name[:150])
    form = AcceptInvitationForm(request.POST if request.method == "POST" else None, user=new_user)
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
    except IntegrityError:  # somebody else took the username at the same moment
        form.add_error("username", _("Somebody has this login already."))
        return _render_account_page(
            request, "accept_invitation", 422, title=title, form=form, name=row.name
        )
    if user is None:
        return _render_invalid_link(request)
    logout(request)  # a colleague may be signed in in this browser
    get_account_adapter().login(request, user)
    messages.success(request, _("Your login is made. Now add a second factor, please."))
    return HttpResponseRedirect(reverse("mfa_index"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
def reset_password(request: HttpRequest, token: str) -> HttpResponse:
    """Let a staff member with a reset link set a new password."""
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
    # From now on a stranger's attempts with this name cannot lock them out of this browser.
    browsers.remember_browser(request, user, now)
    messages.success(request, _("Your password is new. Please sign in with it."))
    return HttpResponseRedirect(reverse("account_login"))
