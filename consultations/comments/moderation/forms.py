"""Forms of the moderation desk: reply, redaction, search."""

from django import forms
from django.utils.translation import gettext_lazy as _

from consultations.visitors.forms import OneLineField, PlainTextField

MAX_REPLY_CHARS = 5000


class ReplyForm(forms.Form):
    text = PlainTextField(
        label=_("Your reply"),
        max_length=MAX_REPLY_CHARS,
        error_messages={"required": _("Write the reply first.")},
        widget=forms.Textarea(attrs={"rows": 8, "cols": 80}),
    )


class RedactForm(forms.Form):
    text = PlainTextField(
        label=_("What readers will see"),
        max_length=MAX_REPLY_CHARS + 500,
        error_messages={"required": _("Leave some words, or move the comment to the trash.")},
        widget=forms.Textarea(attrs={"rows": 12, "cols": 80}),
        help_text=_("Take out or replace what could tell who somebody is, such as “[a town]”."),
    )


class SearchForm(forms.Form):
    q = OneLineField(
        label=_("Search"),
        max_length=254,
        min_length=2,
        error_messages={
            "required": _("Enter an email address, or a name as published."),
            "min_length": _("Enter two letters or more."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 32}),
        help_text=_("A whole email address, or a name as it is published."),
    )
