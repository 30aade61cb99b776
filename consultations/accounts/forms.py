"""allauth's forms in our words; each counts its tries."""

import logging
from collections.abc import Iterator
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
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from consultations.accounts import rate_limits, roles
from consultations.accounts.backends import is_identifier_taken
from consultations.accounts.models import Invitation
from consultations.accounts.rate_limits import Attempt
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import Practitioner

log = logging.getLogger(__name__)


class LabelOverridesMixin:
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


def enforce_rate_limit(attempt: Attempt) -> None:
    if not attempt.is_allowed(timezone.now()):
        raise get_adapter().validation_error("too_many_login_attempts")


class LoginForm(LabelOverridesMixin, account.LoginForm):
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


class ConfirmPasswordForm(LabelOverridesMixin, account.ReauthenticateForm):
    labels = {"password": _("Your password")}
    helps = {"password": ""}

    def clean_password(self) -> str:
        attempt = rate_limits.reauthentication_attempt(self.user.pk)
        enforce_rate_limit(attempt)
        password = super().clean_password()
        attempt.refund(timezone.now())
        return password


class ChangePasswordForm(LabelOverridesMixin, account.ChangePasswordForm):
    labels = {
        "oldpassword": _("Your password until now"),
        "password1": _("Your new password"),
        "password2": _("The new one once more"),
    }
    helps = {"oldpassword": ""}

    def clean_oldpassword(self) -> str:
        attempt = rate_limits.reauthentication_attempt(self.user.pk)
        enforce_rate_limit(attempt)
        password = super().clean_oldpassword()
        attempt.refund(timezone.now())
        return password


class _CodeFormMixin(LabelOverridesMixin):
    labels = {"code": _("Code")}
    helps = {
        "code": _("Six digits from your authenticator app, or one of your recovery codes."),
    }

    def clean_code(self) -> str:
        user = self.user  # type: ignore[attr-defined]
        attempt = rate_limits.code_attempt(user.pk)
        enforce_rate_limit(attempt)
        try:
            code = super().clean_code()  # type: ignore[misc]
        except DecryptionError:
            raise get_adapter().validation_error("incorrect_code") from None
        used: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if used.type == Authenticator.Type.TOTP:
            secret = decrypt(used.data["secret"])
            if not rate_limits.consume_totp_code(user, secret, normalize_user_code(code)):
                raise get_adapter().validation_error("incorrect_code")
        attempt.refund(timezone.now())
        return code


class SecondFactorForm(_CodeFormMixin, codes.AuthenticateForm):
    pass


class ReauthenticateByCodeForm(_CodeFormMixin, codes.ReauthenticateForm):
    pass


class ActivateTOTPForm(LabelOverridesMixin, totp.ActivateTOTPForm):
    labels = {"code": _("The code that the app shows now")}

    def clean_code(self) -> str:
        attempt = rate_limits.code_attempt(self.user.pk)
        enforce_rate_limit(attempt)
        code = super().clean_code()
        if not rate_limits.consume_totp_code(self.user, self.secret, normalize_user_code(code)):
            raise get_adapter().validation_error("incorrect_code")
        attempt.refund(timezone.now())
        return code


class SafeWebAuthnForm(forms.Form):
    """What a key answers is a stranger's word until it is verified: whatever the libraries trip
    over (a missing part, a wrong signature, a thousand brackets) is a key that does not fit."""

    def full_clean(self) -> None:
        try:
            super().full_clean()
        except Exception as error:
            log.info("a passkey's answer was refused: %s", type(error).__name__)
            self.add_error("credential", get_adapter().validation_error("incorrect_code"))


class SecondFactorPasskeyForm(SafeWebAuthnForm, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeyLoginForm(SafeWebAuthnForm, webauthn.LoginWebAuthnForm):
    pass


class ReauthenticateByPasskeyForm(SafeWebAuthnForm, webauthn.ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(LabelOverridesMixin, SafeWebAuthnForm, webauthn.AddWebAuthnForm):
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


class RenamePasskeyForm(LabelOverridesMixin, webauthn.EditWebAuthnForm):
    labels = {"name": _("A name for it")}


# What an owner says about somebody of the staff: their name, their roles, who they are here.


def role_choices() -> Iterator[tuple[str, Any]]:
    """Each role with its sentence, for boxes to tick."""
    for role in roles.ROLES.values():
        yield role.key, format_html("<strong>{}</strong>: {}", role.title, role.words)


class StaffDetailsForm(forms.ModelForm):
    """Of oneself and of those one may only name: no roles, nothing that opens a door."""

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email"]

    def clean_username(self) -> str:
        """No two that differ in capitals alone, and none that is a colleague's address."""
        name: str = self.cleaned_data["username"]
        if is_identifier_taken(name, but=self.instance.pk):
            raise ValidationError(_("Somebody has this login already."))
        return name

    def clean_email(self) -> str:
        """Of two people with one address neither could sign in by it."""
        address: str = self.cleaned_data["email"]
        if address and is_identifier_taken(address, but=self.instance.pk):
            raise ValidationError(_("Somebody signs in with this address already."))
        return address


class StaffForm(StaffDetailsForm):
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        choices=role_choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "role-list"}),
        help_text=_("Give what the work needs and no more. Several roles add up."),
    )
    practitioner = forms.ModelChoiceField(
        label=_("Practitioner"),
        required=False,
        queryset=Practitioner.objects.none(),
        empty_label=_("Nobody who sees people"),
        help_text=_(
            "Who they are for visitors: their own consultations, hours and articles are those of "
            "this person."
        ),
    )

    class Meta(StaffDetailsForm.Meta):
        fields = [*StaffDetailsForm.Meta.fields, "is_active"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        free = Q(user=None) | (Q(user=self.instance.pk) if self.instance.pk else Q())
        person = self.fields["practitioner"]
        person.queryset = Practitioner.objects.filter(free)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["roles"] = [role.key for role in roles.get_roles(self.instance)]
            self.initial["practitioner"] = Practitioner.objects.filter(user=self.instance).first()
        if "groups" in self.fields:
            ours = [role.group_name for role in roles.ROLES.values()]
            others = Group.objects.exclude(name__in=ours)
            self.fields["groups"].queryset = others  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        person = cleaned.get("practitioner")
        if person is not None and person.slug == cleaned.get("username"):
            # Half of a login would stand in a public address.
            self.add_error("username", _("The address of this person’s page is the same word."))
        return cleaned

    def settle(self) -> tuple[list[str], list[str]]:
        """Roles and person as ticked, once the row is stored; which roles came and which went."""
        user, wanted = self.instance, set(self.cleaned_data["roles"])
        had = {role.key for role in roles.get_roles(user)}
        roles.set_roles(user, wanted)
        person = self.cleaned_data["practitioner"]
        for other in Practitioner.objects.filter(user=user).exclude(pk=person.pk if person else 0):
            other.user = None
            other.save(update_fields=["user"])
        if person is not None and person.user_id != user.pk:
            person.user = user
            person.save(update_fields=["user"])
        return sorted(wanted - had), sorted(had - wanted)


# What an invited person is asked, and what somebody who lost the password is.


class NewPasswordForm(forms.Form):
    """For a login that exists."""

    password1 = forms.CharField(
        label=_("Your new password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html,
    )
    password2 = forms.CharField(
        label=_("The same once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        self.fields["password1"].help_text = password_validators_help_text_html()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, second = given.get("password1"), given.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two differ."))
        if first:
            try:
                validate_password(first, self.user)
            except ValidationError as error:
                self.add_error("password1", error)
        return given


class AcceptInvitationForm(NewPasswordForm):
    username = forms.CharField(
        label=_("Login"),
        help_text=_("With it you sign in. Visitors never see it, so it need not be your name."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    field_order = ("username", "password1", "password2")

    def clean_username(self) -> str:
        name = self.cleaned_data["username"].strip()
        field: Any = User._meta.get_field("username")
        field.clean(name, User())
        if is_identifier_taken(name):
            raise ValidationError(_("Somebody has this login already."))
        self.user.username = name
        return name


class InvitationForm(forms.ModelForm):
    """Fields of a model, so that the admin draws them."""

    address = forms.EmailField(label=_("Email"), max_length=254)
    name = forms.CharField(
        label=_("Name"), max_length=150, help_text=_("As colleagues read it. Visitors do not.")
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "role-list"}),
        choices=role_choices,
        help_text=_("One or more; they can be changed later, under Users."),
    )
    practitioner = forms.ModelChoiceField(
        label=_("Practitioner"),
        queryset=Practitioner.objects.none(),
        required=False,
        help_text=_("Whose page and calendar these are. Only those without a login are listed."),
    )

    class Meta:
        model = Invitation
        fields = ("address", "name", "roles", "practitioner")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["practitioner"]
        field.queryset = Practitioner.objects.filter(user=None)

    def clean_address(self) -> str:
        address = self.cleaned_data["address"].strip()
        validate_email(address)
        if User.objects.filter(email__iexact=address).exists():
            raise ValidationError(_("Somebody of your staff has this address already."))
        return address
