"""Forms of data requests: for the person, and for staff who act for a person."""

from collections.abc import Mapping

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consultations.accounts import rate_limits
from consultations.accounts.adapters import TOO_MANY_ATTEMPTS_MESSAGE
from consultations.booking.models import Consultation
from consultations.data_rights.people import (
    Person,
    decrypted_or_blank,
    people_with_phone,
    person_with_email,
)
from consultations.visitors.forms import EmailField, OneLineField, PhoneField, PlainTextField
from pages.practice.models import PracticeProfile


class DataRightsForm(forms.Form):
    """Rendered like every visitor form, but without a honeypot: nobody screens data requests."""

    use_required_attribute = False


class RequestLinkForm(DataRightsForm):
    """Asks for the email that the link is sent to."""

    email = EmailField(
        label=_("Your email"),
        help_text=_("The one you gave us. We send a link to it, good for one hour."),
        error_messages={"required": _("Enter your email address")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class CorrectionForm(DataRightsForm):
    """Corrects what a person wrote in a consultation that is still open."""

    name = OneLineField(
        label=_("Name you would like us to use"),
        max_length=100,
        error_messages={"required": _("Enter the name you would like us to use")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = PhoneField(
        label=_("Phone"), required=False, widget=forms.TextInput(attrs={"autocomplete": "tel"})
    )
    note = PlainTextField(
        label=_("Anything that helps us prepare"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )
    access_needs = OneLineField(label=_("Access or language needs"), required=False, max_length=200)

    def __init__(self, *args: object, row: Consultation, region: str, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.row = row
        field = self.fields["phone"]
        if isinstance(field, PhoneField):
            field.region = region
        self.initial = {name: decrypted_or_blank(row, name) for name in self.fields}

    @classmethod
    def for_row(
        cls, row: Model | None, *, region: str, data: Mapping[str, str] | None = None
    ) -> "CorrectionForm | None":
        """Return the form for a row, or None if the row cannot be corrected.

        The prefix is the reference: a page may show several of these forms.
        """
        if not isinstance(row, Consultation) or row.is_final:
            return None
        return cls(data, row=row, region=region, prefix=row.reference.lower())

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if not phone and not decrypted_or_blank(self.row, "email"):
            raise ValidationError(_("Without a phone number we could not reach you."))
        return phone


REASON_CHOICES = [
    ("asked", _("the person asked for it")),
    ("law", _("a court or an authority asked for it")),
    ("care", _("needed for their care")),
]


class FindPersonForm(forms.Form):
    """Finds a person by email or phone. Always posted, so that neither appears in a log."""

    contact = OneLineField(label=_("Email or phone"), max_length=254)

    def people(self) -> list[Person]:
        """Return one person for an email, or everybody who shares a phone number."""
        contact = self.cleaned_data["contact"]
        return [person_with_email(contact)] if "@" in contact else people_with_phone(contact)

    def clean_contact(self) -> str:
        contact = self.cleaned_data["contact"]
        region = PracticeProfile.load().country
        field: forms.CharField
        field = EmailField() if "@" in contact else PhoneField(region=region)
        return field.clean(contact)


class ConfirmActionForm(forms.Form):
    """Asks for a reason and the password before data is exported or erased."""

    reason = forms.ChoiceField(label=_("Why"), choices=REASON_CHOICES)
    with_own_work = forms.BooleanField(
        label=_("Put in our own notes and marks, too"), required=False
    )
    password = forms.CharField(
        label=_("Your password, once more"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
    )

    def __init__(
        self, *args: object, user: AbstractBaseUser | AnonymousUser, **options: object
    ) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.user = user

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        # The same limit as on the reauthentication page, so that nobody can guess here instead.
        attempt = rate_limits.reauthentication_attempt(self.user.pk or 0)
        if not attempt.consume(timezone.now()):
            raise ValidationError(TOO_MANY_ATTEMPTS_MESSAGE, code="many")
        if not self.user.check_password(password):
            raise ValidationError(_("This is not your password."), code="password")
        attempt.refund(timezone.now())
        return password
