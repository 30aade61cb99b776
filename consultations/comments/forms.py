"""What a visitor may send as a comment."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator
from django.utils.translation import gettext_lazy as _

from consultations.fields import EmailField, OneLineField, PlainTextField
from consultations.forms import VisitorForm
from consultations.privacy.fingerprints import normalised_email

_EMAIL = re.compile(r"\S@\S+\.\S")
_ADDRESS = re.compile(r"https?:|www\.|://", re.IGNORECASE)


class CommentForm(VisitorForm):
    text = PlainTextField(
        label=_("Comment"),
        max_length=5000,
        validators=[MinLengthValidator(2, message=_("Write at least two characters"))],
        error_messages={"required": _("Write your comment")},
        widget=forms.Textarea(attrs={"rows": 7, "autocomplete": "off"}),
    )
    name = OneLineField(
        label=_("Name or nickname"),
        help_text=_("Shown with your comment."),
        max_length=80,
        error_messages={"required": _("Enter a name or nickname")},
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    email = EmailField(
        label=_("Email"),
        help_text=_("Never shown."),
        error_messages={"required": _("Enter your email address")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    parent = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        # Ids of their own: the form stands on the article's page beside other things.
        options.setdefault("auto_id", "id_comment_%s")
        super().__init__(*args, **options)

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if _ADDRESS.search(name):
            raise ValidationError(_("Enter a name without a web address"), code="address")
        if _EMAIL.search(name):
            # The name is published: this would publish an address, whosever it is.
            raise ValidationError(
                _("Enter a name or nickname, not your email address"), code="email"
            )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        name, email = cleaned.get("name"), cleaned.get("email")
        if name and email and normalised_email(email) in normalised_email(name):
            # The name is published: this would publish the address.
            self.add_error("name", _("Enter a name or nickname, not your email address"))
        return cleaned
