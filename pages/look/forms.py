"""The form of the Look page."""

from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.look.choices import PRESETS, Corners, HeaderShows, Paper, TypePair
from pages.look.home_sections import (
    MAX_TITLE_CHARS,
    HomeSection,
    format_sections,
    move_section,
    parse_sections,
    update_section,
)
from pages.look.models import Look
from pages.look.oklch import parse_hex

OWN_COLOR = "own"
PRESET_ACCENTS = {preset.key: preset.accent for preset in PRESETS}
PRESET_CHOICES = [(preset.key, preset.label) for preset in PRESETS]


class LookForm(forms.ModelForm):
    """Everything a practice chooses; the sections of the home page are read from the post."""

    preset = forms.ChoiceField(
        label=_("Color"),
        choices=[*PRESET_CHOICES, (OWN_COLOR, _("Your own"))],
        widget=forms.RadioSelect,
    )
    own_color = forms.CharField(
        label=_("Your own color"),
        required=False,
        max_length=20,
        help_text=_("Six letters and digits, as in #2F5D50."),
    )
    version = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    class Meta:
        model = Look
        fields = ["paper", "corners", "type_pair", "header_shows", "call_words"]
        widgets = {
            "paper": forms.RadioSelect,
            "corners": forms.RadioSelect,
            "type_pair": forms.RadioSelect,
            "header_shows": forms.RadioSelect,
        }

    instance: Look

    def __init__(self, data: QueryDict | None = None, *, instance: Look) -> None:
        accent = instance.accent
        known = {value: key for key, value in PRESET_ACCENTS.items()}
        initial = {
            "preset": known.get(accent, OWN_COLOR),
            "own_color": accent,
            "version": look_version(instance),
        }
        super().__init__(data, instance=instance, initial=initial, label_suffix="")
        self.sections = _posted_sections(data) if data is not None else instance.sections
        for name, choices in (
            ("paper", Paper.choices),
            ("corners", Corners.choices),
            ("type_pair", TypePair.choices),
            ("header_shows", HeaderShows.choices),
        ):
            cast("forms.ChoiceField", self.fields[name]).choices = choices

    def clean_own_color(self) -> str:
        typed = self.cleaned_data["own_color"]
        if not typed.strip():
            return ""
        color = parse_hex(typed)
        if color is None:
            raise ValidationError(gettext("Enter a color as six letters and digits, like #2F5D50."))
        return color

    def clean(self) -> None:
        super().clean()
        preset, own = self.cleaned_data.get("preset"), self.cleaned_data.get("own_color")
        if preset == OWN_COLOR and own == "":
            self.add_error("own_color", gettext("Enter your color, or choose one above."))
        # Without script, somebody who types a color may leave the circle above as it was.
        changed = self.changed_data
        is_typed = bool(own) and "own_color" in changed and "preset" not in changed
        if preset == OWN_COLOR or is_typed:
            self.instance.accent = own or self.instance.accent
        elif preset:
            self.instance.accent = PRESET_ACCENTS[preset]
        self.instance.home_sections = format_sections(self.sections)
        self.instance.__dict__.pop("sections", None)


def look_version(look: Look) -> str:
    """Return what tells this stored look from a later one."""
    return look.updated_at.isoformat() if look.updated_at else ""


def _posted_sections(data: QueryDict) -> list[HomeSection]:
    """Read the sections in the order of the post, and move the one whose arrow was pressed."""
    sections = [
        update_section(
            section,
            is_shown=f"show-{section.key}" in data,
            title=data.get(f"title-{section.key}", "")[: 2 * MAX_TITLE_CHARS],
        )
        for section in parse_sections(data.getlist("section"))
    ]
    key, _colon, step = data.get("move", "").partition(":")
    return move_section(sections, key, -1 if step == "up" else 1) if key else sections
