"""Forms in which visitors write and edit comments."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator
from django.utils.translation import gettext_lazy as _

from consultations.comments.models import Comment
from consultations.privacy.fields import readable_text
from consultations.privacy.fingerprints import normalize_email
from consultations.visitors.forms import EmailField, OneLineField, PlainTextField, VisitorForm

_EMAIL_PATTERN = re.compile(r"\S@\S+\.\S")
_URL_PATTERN = re.compile(r"https?:|www\.|://", re.IGNORECASE)
EMAIL_AS_NAME_ERROR = _("Enter a name or nickname, not your email address")


def is_email_in_name(name: str, email: str) -> bool:
    """Return whether the name, which is published, contains the email address."""
    return normalize_email(email) in normalize_visible(name).lower()


def normalize_visible(name: str) -> str:
    """Remove differences that readers cannot see, such as zero-width characters."""
    normalized = unicodedata.normalize("NFKC", name)
    return "".join(c for c in normalized if unicodedata.category(c) != "Cf")


class BaseCommentForm(VisitorForm):
    """The published parts of a comment: text and name."""

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

    def __init__(self, *args: Any, **options: Any) -> None:
        # Ids with a prefix: the form is part of the article's page.
        options.setdefault("auto_id", "id_comment_%s")
        super().__init__(*args, **options)

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if _URL_PATTERN.search(normalize_visible(name)):
            raise ValidationError(_("Enter a name without a web address"), code="address")
        if _EMAIL_PATTERN.search(normalize_visible(name)):
            # The name is published, and with it any email address in it.
            raise ValidationError(EMAIL_AS_NAME_ERROR, code="email")
        return name


class CommentForm(BaseCommentForm):
    """A new comment, or a reply when ``parent`` has the public id of a comment."""

    email = EmailField(
        label=_("Email"),
        help_text=_("Never shown."),
        error_messages={"required": _("Enter your email address")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    wants_notice = forms.BooleanField(
        label=_("Tell me when it is published or answered"), required=False
    )
    parent = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        name, email = cleaned.get("name"), cleaned.get("email")
        if name and email and is_email_in_name(name, email):
            self.add_error("name", EMAIL_AS_NAME_ERROR)
        return cleaned


class EditForm(BaseCommentForm):
    """Edit a comment that is not approved yet."""

    # The revision that the page showed, so that a stale tab does not overwrite a newer text.
    seen = forms.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, comment: Comment, **options: Any) -> None:
        self.comment = comment
        shown = {
            "text": readable_text(comment, "text"),
            "name": readable_text(comment, "name"),
            "seen": comment.revision,
        }
        super().__init__(*args, initial=shown, **options)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        name = cleaned.get("name")
        email = readable_text(self.comment, "email")
        if name and email and is_email_in_name(name, email):
            self.add_error("name", EMAIL_AS_NAME_ERROR)
        return cleaned
