"""The form for the wording of one email."""

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from consultations.email_texts.catalog import EmailKind
from consultations.email_texts.placeholders import find_faults
from consultations.email_texts.sentences import find_health_words


class EmailTextForm(forms.Form):
    """Subject and text. ``version`` is the one that was opened, to notice a conflict."""

    subject = forms.CharField(
        label=_("Subject"), max_length=120, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=5000,
        help_text=_("Plain text. Leave a blank line between paragraphs."),
        widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        kind: EmailKind,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.kind = kind

    def clean_subject(self) -> str:
        return " ".join(self.cleaned_data["subject"].split())

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n").strip()

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        faults = find_faults(self.kind, cleaned.get("subject", ""), cleaned.get("body", ""))
        for name, sentences in faults.items():
            if sentences and name in cleaned:
                self.add_error(name, ValidationError([ValidationError(one) for one in sentences]))
        return cleaned

    def typed(self) -> tuple[str, str]:
        """Return subject and text as they stand in the form, valid or not."""
        return str(self["subject"].value() or ""), str(self["body"].value() or "")

    def health_words(self) -> list[str]:
        """Return words by which others could learn what the call is about; a warning only."""
        return find_health_words("\n".join(self.typed()))
