"""The look of the practice, and the files it needs: logos and icons."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Unpack

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.look.choices import (
    DEFAULT_ACCENT,
    TYPE_PAIRS,
    Corners,
    HeaderShows,
    Pair,
    Paper,
    TypePair,
)
from pages.look.home_sections import HomeSection, parse_sections
from pages.look.palette import derive_palette
from pages.look.stylesheet import Style, Stylesheet, build_stylesheet
from pages.media.models import Picture
from pages.practice.profile import PracticeProfile
from pages.scenes import SCENE_CHOICES
from pages.text.lists import TextListField
from pages.text.search_mixin import SaveOptions

FILE_NAME_PATTERN = re.compile(r"[a-z]+-[0-9a-f]{16}-([0-9]{1,4})x([0-9]{1,4})\.png")
FILE_FIELDS = ("logo", "dark_logo", "small_icon", "touch_icon")
PREVIEW_TIME = timedelta(days=1)
validate_color = RegexValidator(r"^#[0-9A-F]{6}$", _("Enter a color like #2F5D50."))


@dataclass(frozen=True)
class LookImage:
    """The name of a stored file, and its size, which the name tells."""

    name: str
    width: int
    height: int

    @classmethod
    def parse(cls, name: str | None) -> "LookImage | None":
        match = FILE_NAME_PATTERN.fullmatch(name or "")
        return cls(match[0], int(match[1]), int(match[2])) if match else None


class LookFile(models.Model):
    """A PNG of the look, named by a hash of its content, so that browsers may keep it for ever.

    In the database rather than in a folder: every web server has it, and so has every backup.
    """

    name = models.CharField(primary_key=True, max_length=60, editable=False)
    content = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("file of the look")
        verbose_name_plural = _("files of the look")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def keep(cls, kind: str, png: bytes, size: tuple[int, int]) -> "LookFile":
        """Store a PNG, once however often it comes."""
        digest = hashlib.sha256(png).hexdigest()[:16]
        name = f"{kind}-{digest}-{size[0]}x{size[1]}.png"
        row, _made = cls.objects.get_or_create(name=name, defaults={"content": png})
        return row

    @classmethod
    def delete_unused(cls, *, now: datetime) -> None:
        """Delete what was only previewed, a day after it was uploaded."""
        used = {
            name
            for row in Look.objects.values_list(*FILE_FIELDS)
            for name in row
            if name is not None
        }
        cls.objects.filter(created_at__lt=now - PREVIEW_TIME).exclude(name__in=used).delete()


class Look(models.Model):
    """What the practice has chosen for its look; no row means nothing chosen."""

    profile = models.OneToOneField(
        PracticeProfile, on_delete=models.CASCADE, primary_key=True, related_name="look"
    )
    accent = models.CharField(
        _("color"), max_length=7, default=DEFAULT_ACCENT, validators=[validate_color]
    )
    paper = models.CharField(_("paper"), max_length=5, choices=Paper.choices, default=Paper.WARM)
    corners = models.CharField(
        _("corners"), max_length=6, choices=Corners.choices, default=Corners.SOFT
    )
    type_pair = models.CharField(
        _("type"), max_length=10, choices=TypePair.choices, default=TypePair.WARM_SERIF
    )
    header_shows = models.CharField(
        _("header"), max_length=4, choices=HeaderShows.choices, default=HeaderShows.BOTH
    )
    call_words = models.CharField(
        _("words on the button"),
        max_length=28,
        blank=True,
        help_text=_("While you accept new clients. Left empty: “Free consultation”."),
    )
    logo = models.ForeignKey(
        LookFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    dark_logo = models.ForeignKey(
        LookFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    small_icon = models.ForeignKey(
        LookFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    touch_icon = models.ForeignKey(
        LookFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    home_scene = models.CharField(
        _("drawing on the home page"), max_length=12, choices=SCENE_CHOICES, blank=True
    )
    home_picture = models.ForeignKey(
        Picture,
        verbose_name=_("photo on the home page"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    home_sections = TextListField()
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("look")

    def __str__(self) -> str:
        return gettext("The look of the site")

    def save(self, *args: object, **kwargs: Unpack[SaveOptions]) -> None:
        if not self.profile_id or not PracticeProfile.objects.filter(pk=self.profile_id).exists():
            profile = PracticeProfile.load()
            profile.save()
            self.profile = profile
        super().save(*args, **kwargs)

    @classmethod
    def load(cls) -> "Look":
        """Return the look to show: the one being previewed, the stored one, or the usual one.

        The stored one comes with the practice, without a query of its own.
        """
        previewed = _previewed_look.get()
        if previewed is not None:
            return previewed
        profile = PracticeProfile.load()
        return getattr(profile, "look", None) or cls(profile=profile)

    # Set on a look that is being previewed: its stylesheet is served to staff only.
    preview_stylesheet_url = ""

    @property
    def stylesheet_url(self) -> str:
        if self.preview_stylesheet_url or self.stylesheet is None:
            return self.preview_stylesheet_url
        return reverse("pages:look_stylesheet", args=[self.stylesheet.digest])

    @property
    def paper_color(self) -> str:
        return derive_palette(self.accent, self.paper).light["paper"]

    @property
    def dark_paper_color(self) -> str:
        return derive_palette(self.accent, self.paper).dark["paper"]

    @property
    def fonts(self) -> Pair:
        return TYPE_PAIRS[self.type_pair]

    @property
    def logo_image(self) -> "LookImage | None":
        return LookImage.parse(self.logo_id)

    @property
    def dark_logo_image(self) -> "LookImage | None":
        return LookImage.parse(self.dark_logo_id)

    @property
    def style(self) -> Style:
        return Style(self.accent, self.paper, self.corners, self.type_pair)

    @property
    def stylesheet(self) -> Stylesheet | None:
        """The stylesheet to add to that of every practice, if there is any."""
        return None if self.style == Style() else build_stylesheet(self.style)

    @cached_property
    def sections(self) -> list[HomeSection]:
        return parse_sections(self.home_sections)

    @property
    def shown_sections(self) -> list[HomeSection]:
        return [section for section in self.sections if section.is_shown]

    @property
    def shows_logo(self) -> bool:
        return self.header_shows != HeaderShows.NAME

    @property
    def shows_name(self) -> bool:
        """Return whether the header writes the name; it does while the logo is the drawn mark."""
        return self.header_shows != HeaderShows.LOGO or self.logo_id is None


_previewed_look: ContextVar[Look | None] = ContextVar("previewed_look", default=None)


@contextmanager
def previewing(look: Look) -> Iterator[None]:
    """Show every page with this look instead of the stored one, within the block."""
    token = _previewed_look.set(look)
    try:
        yield
    finally:
        _previewed_look.reset(token)


def is_previewing() -> bool:
    return _previewed_look.get() is not None
