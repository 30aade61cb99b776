"""What a practice may choose for its look: presets of color, papers, corners and pairs of type."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Paper(models.TextChoices):
    WARM = "warm", _("Warm")
    COOL = "cool", _("Cool")
    PLAIN = "plain", _("Plain")


class Corners(models.TextChoices):
    ROUND = "round", _("Round")
    SOFT = "soft", _("Soft")
    SQUARE = "square", _("Square")


class TypePair(models.TextChoices):
    WARM_SERIF = "warm-serif", _("Warm serif")
    CLEAR_SANS = "clear-sans", _("Clear sans")
    BOOK_SERIF = "book-serif", _("Book serif")
    PLAIN_SANS = "plain-sans", _("Plain sans")


class HeaderShows(models.TextChoices):
    BOTH = "both", _("Logo and name")
    LOGO = "logo", _("Logo only")
    NAME = "name", _("Name only")


DEFAULT_ACCENT = "#2F5D50"


@dataclass(frozen=True)
class Preset:
    key: str
    label: Promise
    accent: str


PRESETS = (
    Preset("forest", _("Forest"), DEFAULT_ACCENT),
    Preset("lake", _("Lake"), "#2F4F6F"),
    Preset("plum", _("Plum"), "#6B4B73"),
    Preset("clay", _("Clay"), "#9A4526"),
    Preset("olive", _("Olive"), "#5C5B2F"),
    Preset("slate", _("Slate"), "#444B55"),
)

# Soft corners are those of tokens.css.
CORNER_TOKENS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        Corners.ROUND: {
            "radius-field": "0.875rem",
            "radius-button": "2rem",
            "radius-card": "1.75rem",
        },
        Corners.SOFT: {},
        Corners.SQUARE: {
            "radius-field": "0",
            "radius-button": "0",
            "radius-card": "0",
            "window": "0",
            "window-small": "0",
        },
    }
)

LATIN = (
    "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, U+20AC, "
    "U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD"
)
LATIN_ITALIC = "U+0000-00FF, U+0131, U+0152-0153, U+2000-206F, U+20AC"
LATIN_EXT = (
    "U+0100-02BA, U+02BD-02C5, U+1E00-1E9F, U+1EF2-1EFF, U+20A0-20AB, U+20AD-20C0, U+2C60-2C7F, "
    "U+A720-A7FF"
)


@dataclass(frozen=True)
class Family:
    """A typeface of static/fonts: `<file>-latin.woff2`, `-latin-ext`, and maybe `-latin-italic`."""

    name: str
    file: str
    fallback: str
    has_italic: bool = False

    @property
    def preload(self) -> str:
        """The path of the file that almost every page needs."""
        return f"fonts/{self.file}-latin.woff2"

    @property
    def stack(self) -> str:
        return f'"{self.name}", {self.fallback}'


SANS, SERIF = "system-ui, sans-serif", "Georgia, serif"
ATKINSON = Family("Atkinson Next", "atkinson-next", SANS, has_italic=True)
FRAUNCES = Family("Fraunces", "fraunces", SERIF)
BRICOLAGE = Family("Bricolage Grotesque", "bricolage-grotesque", SANS)
FIGTREE = Family("Figtree", "figtree", SANS, has_italic=True)
NEWSREADER = Family("Newsreader", "newsreader", SERIF)
PUBLIC_SANS = Family("Public Sans", "public-sans", SANS, has_italic=True)
# fonts.css declares these on every page.
DECLARED_FAMILIES = frozenset({ATKINSON, FRAUNCES})


@dataclass(frozen=True)
class Pair:
    """The typefaces of headings and of text, and how bold and how narrow headings are set."""

    heading: Family
    text: Family
    tokens: Mapping[str, str]


TYPE_PAIRS: Mapping[str, Pair] = MappingProxyType(
    {
        TypePair.WARM_SERIF: Pair(FRAUNCES, ATKINSON, {}),
        TypePair.CLEAR_SANS: Pair(
            BRICOLAGE,
            FIGTREE,
            {"heading-weight": "640", "heading-space": "-0.025em"},
        ),
        TypePair.BOOK_SERIF: Pair(
            NEWSREADER,
            PUBLIC_SANS,
            {"heading-weight": "500", "heading-space": "-0.012em"},
        ),
        TypePair.PLAIN_SANS: Pair(
            PUBLIC_SANS,
            ATKINSON,
            {"heading-weight": "680", "heading-space": "-0.02em"},
        ),
    }
)
