"""Adapters that tell allauth who may sign in, which messages to show, and what to store."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from consultations.accounts import browsers, rate_limits
from consultations.accounts.allauth_compat import clear_login, context
from consultations.privacy import durable_keys
from consultations.privacy.durable_keys import SECOND_FACTOR_PURPOSE
from pages.practice.models import PracticeProfile

# Session key: the user's session auth hash when the first factor was accepted.
PENDING_AUTH_HASH_KEY = "second_step_for"
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
# Our messages by the last part of allauth's template name. All other messages are dropped.
MESSAGES_BY_TEMPLATE = {
    "totp_activated": _("Your authenticator app is set up."),
    "totp_deactivated": _("Your authenticator app is taken out."),
    "webauthn_added": _("Your passkey is added."),
    "webauthn_removed": _("Your passkey is taken out."),
    "recovery_codes_generated": _("Here are your recovery codes. Former ones are void."),
    "password_changed": _("Your password is changed."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Staff only, without signup; limits attempts and records sign-ins in the audit log."""

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

    def authenticate(self, request: HttpRequest, **credentials: str) -> User | None:
        """Check a password, within the sign-in limits.

        Raises ValidationError after too many attempts.
        """
        name = credentials.get("username") or credentials.get("email") or ""
        now = timezone.now()
        attempt = rate_limits.password_attempt(
            name,
            request.META.get("REMOTE_ADDR", ""),
            known_browser=browsers.known_browser_fingerprint(request, name),
        )
        if not attempt.consume(now):
            raise self.validation_error("too_many_login_attempts")
        user = authenticate(request, username=name, password=credentials.get("password"))
        if user is None:
            browsers.record_failed_sign_in(request)
        else:
            attempt.refund(now)
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        return bool(user.check_password(password))

    def pre_login(self, request: HttpRequest, user: User, **options: object) -> HttpResponse | None:
        """Refuse users who are not active staff.

        The backend does the same, but signing in with a passkey passes no backend.
        """
        if user.is_active and user.is_staff:
            request.session[PENDING_AUTH_HASH_KEY] = user.get_session_auth_hash()
            return None
        clear_login(request)
        messages.error(request, str(INVALID_LOGIN_MESSAGE))
        return HttpResponseRedirect(reverse("account_login"))

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, unless the account changed since the first factor was accepted.

        The second factor may come up to a quarter of an hour after the first.
        """
        pending_hash = request.session.pop(PENDING_AUTH_HASH_KEY, user.get_session_auth_hash())
        is_unchanged = constant_time_compare(pending_hash, user.get_session_auth_hash())
        if not (is_unchanged and user.is_active and user.is_staff):
            clear_login(request)
            messages.error(request, str(INVALID_LOGIN_MESSAGE))
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
        super().login(request, user)
        browsers.record_sign_in(request, user)

    def is_safe_url(self, url: str) -> bool:
        """Allow redirects to staff pages only."""
        return url.startswith(f"/{settings.ADMIN_PATH}") and url_has_allowed_host_and_scheme(
            url, allowed_hosts=None
        )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")

    def get_client_ip(self, request: HttpRequest) -> str:
        # The TrustedProxies middleware has already resolved the client's address.
        return request.META.get("REMOTE_ADDR", "")

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, object] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        template_name = (message_template or "").rpartition("/")[2].partition(".")[0]
        if text := message or MESSAGES_BY_TEMPLATE.get(template_name):
            messages.add_message(request, level, str(text), extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Send nothing: ``emails`` writes our own emails and puts them into the outbox."""

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """Send nothing: ``signals`` notifies people about changes to their sign-in."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts second-factor secrets and names the practice in authenticator apps."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": INVALID_CODE_MESSAGE}

    def encrypt(self, text: str) -> str:
        return durable_keys.encrypt_secret(text, purpose=SECOND_FACTOR_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return durable_keys.decrypt_secret(encrypted_text, purpose=SECOND_FACTOR_PURPOSE)

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def get_totp_issuer(self) -> str:
        return PracticeProfile.load().sender_name

    def _get_user_identifier(self, user: User) -> str:
        # The login, never the email address: the person's devices show it.
        return user.get_username()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        # In production from SITE_URL, not from the Host header. A demo is also tried out at
        # localhost, where browsers support passkeys (at 127.0.0.1 they do not).
        host = context.request.get_host().partition(":")[0]
        name = settings.SITE_HOST if settings.IS_PRODUCTION else host
        return {"id": name, "name": self.get_totp_issuer()}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return str(_("Passkey %(number)d") % {"number": count + 1})

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep the last second factor where one is required; it can only be replaced."""
        if not settings.SECOND_FACTOR_REQUIRED:
            return True
        others = Authenticator.objects.filter(user_id=authenticator.user_id)
        others = others.exclude(type=Authenticator.Type.RECOVERY_CODES)
        return others.exclude(pk=authenticator.pk).exists()
