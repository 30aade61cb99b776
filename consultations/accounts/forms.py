"""Forms for signing in, the second factor, staff and their roles, invitations, new passwords.

Most replace one of allauth's: they change its labels and limit attempts.
"""

import logging
from collections.abc import Iterator

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Field, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from consultations.accounts import rate_limits, roles
from consultations.accounts.allauth_compat import decrypt, normalize_user_code
from consultations.accounts.backends import is_identifier_taken
from consultations.accounts.models import Invitation
from consultations.accounts.rate_limits import Attempt
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import Practitioner

log = logging.getLogger(__name__)

Text = str | Promise


class LabelOverridesMixin:
    """Replaces allauth's labels and help texts, and its placeholders by labels."""

    labels: dict[str, Text] = {}
    help_texts: dict[str, Text] = {}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]
        for name, field in fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)  # type: ignore[assignment]
            field.help_text = self.help_texts.get(name, field.help_text)  # type: ignore[assignment]


def enforce_rate_limit(attempt: Attempt) -> None:
    """Count the attempt; raises ValidationError if it is one too many."""
    if not attempt.consume(timezone.now()):
        raise get_adapter().validation_error("too_many_login_attempts")


class LoginForm(LabelOverridesMixin, account.LoginForm):
    labels = {"login": _("Login or email"), "password": _("Password")}
    help_texts = {"password": ""}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "maxlength": 254}
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}

    def user_credentials(self) -> dict[str, str | None]:
        # One credential, whether username or email: two would hash the password twice.
        return {
            "username": self.cleaned_data["login"],
            "password": self.cleaned_data.get("password"),
        }


class ConfirmPasswordForm(LabelOverridesMixin, account.ReauthenticateForm):
    labels = {"password": _("Your password")}
    help_texts = {"password": ""}

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
    help_texts = {"oldpassword": ""}

    def clean_oldpassword(self) -> str:
        attempt = rate_limits.reauthentication_attempt(self.user.pk)
        enforce_rate_limit(attempt)
        password = super().clean_oldpassword()
        attempt.refund(timezone.now())
        return password


class _CodeFormMixin(LabelOverridesMixin):
    labels = {"code": _("Code")}
    help_texts = {
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
        authenticator: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if authenticator.type == Authenticator.Type.TOTP:
            secret = decrypt(authenticator.data["secret"])
            if not rate_limits.consume_totp_code(user, secret, normalize_user_code(code)):
                raise get_adapter().validation_error("incorrect_code")
        attempt.refund(timezone.now())
        return code


class SecondFactorForm(_CodeFormMixin, mfa.AuthenticateForm):
    pass


class ReauthenticateByCodeForm(_CodeFormMixin, mfa.ReauthenticateForm):
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
    """Treats every error in a passkey's answer as a failed attempt.

    The answer is untrusted input. The libraries raise many kinds of exceptions on a missing part, a
    wrong signature or deeply nested data.
    """

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
    help_texts = {"passwordless": ""}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
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


# Staff and their roles.


def role_choices() -> Iterator[tuple[str, SafeString]]:
    """Yield each role's key and its title with the description, for checkboxes."""
    for role in roles.ROLES.values():
        yield role.key, format_html("<strong>{}</strong>: {}", role.title, role.description)


class StaffDetailsForm(forms.ModelForm):
    """Username, name and email: all that staff can change about themselves."""

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email"]

    def clean_username(self) -> str:
        """Refuse a username that differs only in case from another, or is a colleague's email."""
        name: str = self.cleaned_data["username"]
        if is_identifier_taken(name, exclude_user_id=self.instance.pk):
            raise ValidationError(_("Somebody has this login already."))
        return name

    def clean_email(self) -> str:
        """Refuse an email in use: of two people who share one, neither could sign in by it."""
        address: str = self.cleaned_data["email"]
        if address and is_identifier_taken(address, exclude_user_id=self.instance.pk):
            raise ValidationError(_("Somebody signs in with this address already."))
        return address


class StaffForm(StaffDetailsForm):
    """A colleague's details, roles and practitioner, for owners."""

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

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        available = Q(user=None) | (Q(user=self.instance.pk) if self.instance.pk else Q())
        field = self.fields["practitioner"]
        field.queryset = Practitioner.objects.filter(available)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["roles"] = [role.key for role in roles.get_roles(self.instance)]
            self.initial["practitioner"] = Practitioner.objects.filter(user=self.instance).first()
        if "groups" in self.fields:
            role_groups = [role.group_name for role in roles.ROLES.values()]
            other_groups = Group.objects.exclude(name__in=role_groups)
            self.fields["groups"].queryset = other_groups  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        practitioner = cleaned.get("practitioner")
        if practitioner is not None and practitioner.slug == cleaned.get("username"):
            # The slug is part of a public URL, and would give away half of a login.
            self.add_error("username", _("The address of this person’s page is the same word."))
        return cleaned

    def save_roles_and_practitioner(self) -> tuple[list[str], list[str]]:
        """Store them once the user is saved; return the keys of roles added and removed."""
        user, selected = self.instance, set(self.cleaned_data["roles"])
        previous = {role.key for role in roles.get_roles(user)}
        roles.set_roles(user, selected)
        practitioner = self.cleaned_data["practitioner"]
        selected_pk = practitioner.pk if practitioner else 0
        for other in Practitioner.objects.filter(user=user).exclude(pk=selected_pk):
            other.user = None
            other.save(update_fields=["user"])
        if practitioner is not None and practitioner.user_id != user.pk:
            practitioner.user = user
            practitioner.save(update_fields=["user"])
        return sorted(selected - previous), sorted(previous - selected)


# Invitations and new passwords.


class NewPasswordForm(forms.Form):
    """A new password, typed twice, for an existing user or one about to be created."""

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

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.user = user
        self.fields["password1"].help_text = password_validators_help_text_html()

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        password1, password2 = cleaned.get("password1"), cleaned.get("password2")
        if password1 and password2 and password1 != password2:
            self.add_error("password2", _("The two differ."))
        if password1:
            try:
                validate_password(password1, self.user)
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned


class AcceptInvitationForm(NewPasswordForm):
    """Username and password of an invited person."""

    username = forms.CharField(
        label=_("Login"),
        help_text=_("With it you sign in. Visitors never see it, so it need not be your name."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    field_order = ("username", "password1", "password2")

    def clean_username(self) -> str:
        name = self.cleaned_data["username"].strip()
        field: Field = User._meta.get_field("username")
        field.clean(name, User())
        if is_identifier_taken(name):
            raise ValidationError(_("Somebody has this login already."))
        self.user.username = name
        return name


class InvitationForm(forms.ModelForm):
    """Who to invite, with which roles. A ModelForm, because the admin takes nothing else."""

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

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["practitioner"]
        field.queryset = Practitioner.objects.filter(user=None)  # type: ignore[attr-defined]

    def clean_address(self) -> str:
        address = self.cleaned_data["address"].strip()
        validate_email(address)
        if User.objects.filter(email__iexact=address).exists():
            raise ValidationError(_("Somebody of your staff has this address already."))
        return address
