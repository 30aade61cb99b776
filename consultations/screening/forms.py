"""The form in which staff edit the word lists: one word or phrase a line."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from consultations.screening.models import ScreeningSettings
from consultations.screening.parsed_text import folded_words
from consultations.screening.word_lists import DEFAULT_WORD_LISTS, MAX_PHRASE_CHARS, MAX_PHRASES

HELP_TEXTS = {
    "hold_words": _("A comment with one of these is marked for you to look at."),
    "spam_words": _(
        "A comment with one of these goes to the spam folder, unless it speaks of distress."
    ),
    "brand_names": _("A writer who calls themselves by one of these is marked."),
    "distress_words": _(
        "A comment or a request with one of these is marked “read first”. A star at the end "
        "stands for any ending, as in every list: “suicid*”."
    ),
}


def _without_control_characters(line: str) -> str:
    # Cs: half of a surrogate pair, which databases refuse.
    kept = (c if unicodedata.category(c) not in ("Cc", "Cs") else " " for c in line)
    return " ".join("".join(kept).split())


class WordListField(forms.Field):
    """A list of phrases, edited as one phrase a line."""

    widget = forms.Textarea(attrs={"rows": 12, "cols": 50, "spellcheck": "false"})

    def prepare_value(self, value: Iterable[str] | None) -> str:
        return value if isinstance(value, str) else "\n".join(value or ())

    def to_python(self, value: object) -> list[str]:
        lines = unicodedata.normalize("NFC", str(value or "")).splitlines()
        phrases = dict.fromkeys(_without_control_characters(line) for line in lines)
        # A phrase without a letter or digit never matches anything.
        return [phrase for phrase in phrases if folded_words(phrase)]

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > MAX_PHRASES:
            raise ValidationError(
                ngettext(
                    "Keep it to %(most)d line, so that reading stays fast.",
                    "Keep it to %(most)d lines, so that reading stays fast.",
                    MAX_PHRASES,
                )
                % {"most": MAX_PHRASES},
                code="many",
            )
        if long := next((phrase for phrase in value if len(phrase) > MAX_PHRASE_CHARS), None):
            raise ValidationError(
                _("“%(start)s…” is longer than %(most)d characters.")
                % {"start": long[:30], "most": MAX_PHRASE_CHARS},
                code="long",
            )


class ScreeningForm(forms.ModelForm):
    """The word lists, each with a box that resets it to the shipped list."""

    hold_words = WordListField(label=_("Words to look at"), required=False)
    spam_words = WordListField(label=_("Spam words"), required=False)
    brand_names = WordListField(label=_("Names of products"), required=False)
    distress_words = WordListField(label=_("Words of distress"), required=False)

    class Meta:
        model = ScreeningSettings
        fields = ["distress_is_on", "learns", *DEFAULT_WORD_LISTS]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in DEFAULT_WORD_LISTS:
            self.initial[name] = self.instance.words(name)
            self.fields[name].help_text = HELP_TEXTS[name]
            self.fields[f"reset_{name}"] = self.make_reset_field()

    @staticmethod
    def make_reset_field() -> forms.BooleanField:
        return forms.BooleanField(label=_("Go back to the list the site came with"), required=False)

    def save(self, commit: bool = True) -> ScreeningSettings:
        changed = []
        for name, shipped in DEFAULT_WORD_LISTS.items():
            wanted = self.cleaned_data[name]
            is_own = not self.cleaned_data[f"reset_{name}"] and tuple(wanted) != shipped
            # A list equal to the shipped one is not stored, so that updates take effect.
            setattr(self.instance, name, list(wanted) if is_own else [])
            changed += [name] if is_own else []
        self.instance.changed_lists = changed
        return super().save(commit)
