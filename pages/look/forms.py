"""The form of the Look page."""

from typing import cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
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
from pages.look.logos import (
    MAX_UPLOAD_BYTES,
    InvalidLogo,
    LogoPng,
    file_too_large_message,
    read_logo,
)
from pages.look.models import Look, LookFile
from pages.look.oklch import parse_hex
from pages.scenes import SCENE_CHOICES

OWN_COLOR = "own"
LOGO_FIELDS = ("logo", "dark_logo")
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
    logo_file = forms.FileField(
        label=_("Logo"), required=False, help_text=_("PNG, WebP, JPEG or SVG, up to 2 MB.")
    )
    dark_logo_file = forms.FileField(
        label=_("Logo for dark mode"),
        required=False,
        help_text=_("If yours is too dark to be seen on a dark page."),
    )
    removes_logo = forms.BooleanField(label=_("Back to the drawn mark"), required=False)
    removes_dark_logo = forms.BooleanField(label=_("Without one for dark mode"), required=False)
    version = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    class Meta:
        model = Look
        fields = [
            "paper",
            "corners",
            "type_pair",
            "header_shows",
            "call_words",
            "logo",
            "dark_logo",
            "home_scene",
            "home_picture",
        ]
        widgets = {
            "paper": forms.RadioSelect,
            "corners": forms.RadioSelect,
            "type_pair": forms.RadioSelect,
            "header_shows": forms.RadioSelect,
            "logo": forms.HiddenInput,
            "dark_logo": forms.HiddenInput,
            "home_scene": forms.RadioSelect,
            "home_picture": ForeignKeyRawIdWidget(
                Look._meta.get_field("home_picture").remote_field, admin.site
            ),
        }

    instance: Look

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        instance: Look,
    ) -> None:
        accent = instance.accent
        known = {value: key for key, value in PRESET_ACCENTS.items()}
        initial = {
            "preset": known.get(accent, OWN_COLOR),
            "own_color": accent,
            "version": look_version(instance),
        }
        super().__init__(data, files, instance=instance, initial=initial, label_suffix="")
        self.logos: dict[str, LogoPng] = {}
        self.sections = _posted_sections(data) if data is not None else instance.sections
        for name, choices in (
            ("paper", Paper.choices),
            ("corners", Corners.choices),
            ("type_pair", TypePair.choices),
            ("header_shows", HeaderShows.choices),
            ("home_scene", [("", _("Lake and two people")), *SCENE_CHOICES]),
        ):
            cast("forms.ChoiceField", self.fields[name]).choices = choices
        for name in LOGO_FIELDS:
            field = cast("forms.ModelChoiceField", self.fields[name])
            field.queryset = LookFile.objects.defer("content")

    def clean_own_color(self) -> str:
        typed = self.cleaned_data["own_color"]
        if not typed.strip():
            return ""
        color = parse_hex(typed)
        if color is None:
            raise ValidationError(gettext("Enter a color as six letters and digits, like #2F5D50."))
        return color

    def clean_logo_file(self) -> None:
        self._read_logo("logo")

    def clean_dark_logo_file(self) -> None:
        self._read_logo("dark_logo")

    def _read_logo(self, name: str) -> None:
        upload = self.cleaned_data[f"{name}_file"]
        if upload is None:
            return
        if upload.size > MAX_UPLOAD_BYTES:
            raise ValidationError(file_too_large_message())
        try:
            self.logos[name] = read_logo(upload.read())
        except InvalidLogo as error:
            raise ValidationError(str(error)) from None

    def keep_logos(self) -> None:
        """Store the uploaded logos, so that a preview shows them and a later save has them.

        A browser sends a chosen file once: from now on the form carries the name of the stored
        one. Files that no look uses are deleted a day later.
        """
        data = cast("QueryDict", self.data).copy()
        for name in LOGO_FIELDS:
            if self.cleaned_data.get(f"removes_{name}"):
                file = None
            elif name in self.logos:
                file = LookFile.keep("logo", self.logos[name].data, self.logos[name].size)
            else:
                continue
            setattr(self.instance, name, file)
            data[name] = file.name if file else ""
            data.pop(f"removes_{name}", None)
        self.data = data

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
