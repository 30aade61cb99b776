"""What allauth asks of us: who may in, in which words, and what is kept of it."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from consultations.accounts import browsers, rate_limits
from consultations.privacy import durable_keys
from consultations.privacy.durable_keys import SECOND_FACTOR_PURPOSE
from pages.practice.models import PracticeProfile

PENDING_AUTH_HASH_KEY = "second_step_for"  # whose password was right, as it was then
INVALID_LOGIN_MESSAGE = _(
    "The login and the password do not fit together. Both are sensitive to capital letters, "
    "so please look at them once more."
)
TOO_MANY_ATTEMPTS_MESSAGE = _(
    "There were many tries in a short time, so we are waiting a little. Please try again in "
    "five minutes; after very many it may take until tomorrow. "
    "In a browser where you have signed in before, a stranger’s tries do not count."
)
INVALID_CODE_MESSAGE = _(
    "This code does not fit, or it was used already. Please wait for the next one."
)
# allauth's messages, by the last part of their template; what is not here is not said.
MESSAGES_BY_TEMPLATE = {
    "totp_activated": _("Your authenticator app is set up."),
    "totp_deactivated": _("Your authenticator app is taken out."),
    "webauthn_added": _("Your passkey is added."),
    "webauthn_removed": _("Your passkey is taken out."),
    "recovery_codes_generated": _("Here are your recovery codes. Former ones are void."),
    "password_changed": _("Your password is changed."),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": INVALID_LOGIN_MESSAGE,
        "email_password_mismatch": INVALID_LOGIN_MESSAGE,
        "invalid_login": INVALID_LOGIN_MESSAGE,
        "too_many_login_attempts": TOO_MANY_ATTEMPTS_MESSAGE,
        "rate_limited": TOO_MANY_ATTEMPTS_MESSAGE,
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your password."),
        "incorrect_code": INVALID_CODE_MESSAGE,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        name = credentials.get("username") or credentials.get("email") or ""
        now = timezone.now()
        attempt = rate_limits.password_attempt(
            name,
            request.META.get("REMOTE_ADDR", ""),
            known_browser=browsers.known_browser_fingerprint(request, name),
        )
        if not attempt.is_allowed(now):
            raise self.validation_error("too_many_login_attempts")
        user = authenticate(request, username=name, password=credentials.get("password"))
        if user is None:
            browsers.record_failed_sign_in(request)
        else:
            attempt.refund(now)
        return user

    def reauthenticate(self, user: Any, password: str) -> bool:
        return bool(user.check_password(password))

    def pre_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse | None:
        """Also on the way of a passkey, which asks no backend."""
        if user.is_active and user.is_staff:
            request.session[PENDING_AUTH_HASH_KEY] = user.get_session_auth_hash()
            return None
        clear_login(request)
        messages.error(request, str(INVALID_LOGIN_MESSAGE))
        return HttpResponseRedirect(reverse("account_login"))

    def login(self, request: HttpRequest, user: Any) -> None:
        """The second step may come a quarter of an hour after the first: is it all as it was?"""
        before = request.session.pop(PENDING_AUTH_HASH_KEY, user.get_session_auth_hash())
        as_it_was = constant_time_compare(before, user.get_session_auth_hash())
        if not (as_it_was and user.is_active and user.is_staff):
            clear_login(request)
            messages.error(request, str(INVALID_LOGIN_MESSAGE))
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
        super().login(request, user)
        browsers.record_sign_in(request, user)

    def is_safe_url(self, url: str) -> bool:
        """Our own staff pages, and nothing else."""
        return url.startswith(f"/{settings.ADMIN_PATH}") and url_has_allowed_host_and_scheme(
            url, allowed_hosts=None
        )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")

    def get_client_ip(self, request: HttpRequest) -> str:
        # Whom to believe was settled by TrustedProxies.
        return request.META.get("REMOTE_ADDR", "")

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        known = (message_template or "").rpartition("/")[2].partition(".")[0]
        if words := message or MESSAGES_BY_TEMPLATE.get(known):
            messages.add_message(request, level, str(words), extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """None of allauth's mails: ours are written by ``emails`` and go through the outbox."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """See ``receivers``: one place hears of every change."""


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": INVALID_CODE_MESSAGE}

    def encrypt(self, text: str) -> str:
        return durable_keys.encrypt_secret(text, purpose=SECOND_FACTOR_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return durable_keys.decrypt_secret(encrypted_text, purpose=SECOND_FACTOR_PURPOSE)

    def get_totp_label(self, user: Any) -> str:
        return user.get_username()

    def get_totp_issuer(self) -> str:
        return PracticeProfile.load().sender_name

    def _get_user_identifier(self, user: Any) -> str:
        # The login, never the address: it is shown by the person's devices.
        return user.get_username()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        # From SITE_URL, not from the Host header. A demo is tried out as localhost too, where
        # browsers know passkeys; at 127.0.0.1 they do not.
        host = context.request.get_host().partition(":")[0]
        name = settings.SITE_HOST if settings.IS_PRODUCTION else host
        return {"id": name, "name": self.get_totp_issuer()}

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return str(_("Passkey %(number)d") % {"number": count + 1})

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Where a second factor is required, the last one can be replaced but not taken out."""
        if not settings.SECOND_FACTOR_REQUIRED:
            return True
        others = Authenticator.objects.filter(user_id=authenticator.user_id)
        others = others.exclude(type=Authenticator.Type.RECOVERY_CODES)
        return others.exclude(pk=authenticator.pk).exists()
