"""allauth's forms in our words; each counts its tries."""

import logging
from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.base import forms as codes
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consultations.access import limits, used_codes
from consultations.access.limits import Attempt
from consultations.privacy.encryption import CannotOpen

log = logging.getLogger(__name__)


class OurWords:
    """Labels above the fields instead of placeholders in them."""

    labels: dict[str, Any] = {}
    helps: dict[str, Any] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]
        for name, field in fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, field.help_text)


def refuse_when_many(attempt: Attempt) -> None:
    if not attempt.is_allowed(timezone.now()):
        raise get_adapter().validation_error("too_many_login_attempts")


class LoginForm(OurWords, account.LoginForm):
    labels = {"login": _("Login or email"), "password": _("Password")}
    helps = {"password": ""}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "maxlength": 254}
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}

    def user_credentials(self) -> dict[str, Any]:
        # One name, whichever of both it is: asked for twice it would be hashed twice.
        return {
            "username": self.cleaned_data["login"],
            "password": self.cleaned_data.get("password"),
        }


class OnePassword(OurWords, account.ReauthenticateForm):
    labels = {"password": _("Your password")}
    helps = {"password": ""}

    def clean_password(self) -> str:
        attempt = limits.of_confirmation(self.user.pk)
        refuse_when_many(attempt)
        password = super().clean_password()
        attempt.give_back(timezone.now())
        return password


class PasswordForm(OurWords, account.ChangePasswordForm):
    labels = {
        "oldpassword": _("Your password until now"),
        "password1": _("Your new password"),
        "password2": _("The new one once more"),
    }
    helps = {"oldpassword": ""}

    def clean_oldpassword(self) -> str:
        attempt = limits.of_confirmation(self.user.pk)
        refuse_when_many(attempt)
        password = super().clean_oldpassword()
        attempt.give_back(timezone.now())
        return password


class _Code(OurWords):
    labels = {"code": _("Code")}
    helps = {
        "code": _("Six digits from your authenticator app, or one of your recovery codes."),
    }

    def clean_code(self) -> str:
        user = self.user  # type: ignore[attr-defined]
        attempt = limits.of_code(user.pk)
        refuse_when_many(attempt)
        try:
            code = super().clean_code()  # type: ignore[misc]
        except CannotOpen:
            raise get_adapter().validation_error("incorrect_code") from None
        used: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if used.type == Authenticator.Type.TOTP:
            secret = decrypt(used.data["secret"])
            if not used_codes.is_first_use(user, secret, normalize_user_code(code)):
                raise get_adapter().validation_error("incorrect_code")
        attempt.give_back(timezone.now())
        return code


class SecondStepForm(_Code, codes.AuthenticateForm):
    pass


class CodeAgainForm(_Code, codes.ReauthenticateForm):
    pass


class AppForm(OurWords, totp.ActivateTOTPForm):
    labels = {"code": _("The code that the app shows now")}

    def clean_code(self) -> str:
        attempt = limits.of_code(self.user.pk)
        refuse_when_many(attempt)
        code = super().clean_code()
        if not used_codes.is_first_use(self.user, self.secret, normalize_user_code(code)):
            raise get_adapter().validation_error("incorrect_code")
        attempt.give_back(timezone.now())
        return code


class CarefulForm(forms.Form):
    """What a key answers is a stranger's word until it is verified: whatever the libraries trip
    over (a missing part, a wrong signature, a thousand brackets) is a key that does not fit."""

    def full_clean(self) -> None:
        try:
            super().full_clean()
        except Exception as error:
            log.info("a passkey's answer was refused: %s", type(error).__name__)
            self.add_error("credential", get_adapter().validation_error("incorrect_code"))


class PasskeyStepForm(CarefulForm, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeyLoginForm(CarefulForm, webauthn.LoginWebAuthnForm):
    pass


class PasskeyAgainForm(CarefulForm, webauthn.ReauthenticateWebAuthnForm):
    pass


class PasskeyForm(OurWords, CarefulForm, webauthn.AddWebAuthnForm):
    labels = {
        "name": _("A name for it"),
        "passwordless": _("Let me sign in with it alone, without a password"),
    }
    helps = {"passwordless": ""}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "passwordless" in self.fields:
            self.fields["passwordless"].initial = True
        self.fields["name"].widget.attrs["maxlength"] = 60

    def clean_name(self) -> str:
        name = super().clean_name()
        if len(name) > 60:
            raise ValidationError(_("Please use 60 characters or fewer."))
        return name


class PasskeyNameForm(OurWords, webauthn.EditWebAuthnForm):
    labels = {"name": _("A name for it")}
