"""What an invited person is asked, and what somebody who lost the password is."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from consultations.access.backends import is_taken
from consultations.access.models import Invitation
from consultations.access.staff_forms import role_choices
from pages.practice.models import Practitioner


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


class JoinForm(NewPasswordForm):
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
        if is_taken(name):
            raise ValidationError(_("Somebody has this login already."))
        self.user.username = name
        return name


class InviteForm(forms.ModelForm):
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
