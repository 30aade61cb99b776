"""The sentence that staff add to one email, and the checks it passes before it is sent."""

from django import forms
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking.models import Consultation
from consultations.booking.staff import display
from consultations.email_texts import sentences
from consultations.privacy.encryption import DecryptionError


class AddedTextMixin(forms.Form):
    """Takes words for the one email that is about to be sent.

    Words that a visitor typed are refused. Words that tell what the call is about are sent only
    if staff press the button again, having seen the warning for this very text.
    """

    added_text = forms.CharField(
        label=_("Add a sentence"),
        required=False,
        max_length=600,
        help_text=_(
            "Optional, for this email only; it follows the time. Don’t repeat what the client told "
            "you: others may see the inbox."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    added_text_seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def visitor_row(self) -> Consultation | None:
        """Return the consultation whose answers must not be repeated."""
        return None

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        seen, text = cleaned.pop("added_text_seen", ""), cleaned.get("added_text")
        row = self.visitor_row()
        if not isinstance(text, str) or not text or row is None:
            return cleaned
        if repeated := find_repeated_words(text, row):
            self.add_error("added_text", _repeated_message(repeated))
        elif (doubtful := sentences.find_doubtful_words(text)) and seen != (
            digest := sentences.text_digest(text)
        ):
            self.data = {**self.data, "added_text_seen": digest}
            self.add_error("added_text", _doubtful_message(doubtful))
        return cleaned


def find_repeated_words(text: str, row: Consultation) -> list[str]:
    """Return what a text repeats of what a visitor told us; answers that cannot be read count not.

    No email repeats a visitor's words.
    """
    readable = {name: decrypted_or_empty(row, name) for name in display.ENCRYPTED_FIELDS}
    return sentences.find_repeated_words(
        text,
        name=readable["name"],
        contacts=[readable["email"], readable["phone"]],
        answers=[readable["note"], readable["access_needs"]],
    )


def decrypted_or_empty(row: Consultation, name: str) -> str:
    try:
        return str(getattr(row, name))
    except DecryptionError:
        return ""


def _repeated_message(words: list[str]) -> str:
    text = _g("Please leave out “%(words)s”. Our emails never repeat what a client told us.")
    return text % {"words": words[0]}


def _doubtful_message(words: list[str]) -> str:
    text = _g(
        "Other people may see this email, and “%(words)s” could tell them what it’s about. Change "
        "it, or press the button again to send it as it is."
    )
    return text % {"words": "”, “".join(words)}
