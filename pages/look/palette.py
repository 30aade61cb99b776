"""Derive all colors of the site, for light and dark, from one accent and a paper.

Each derived color starts at a fixed lightness in OKLCH. Where it carries text, it is then made
darker or lighter in small steps until it is readable on every ground it is used on. So no accent,
however bright or pale, can make a page hard to read.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from django.conf import settings

from pages.look.oklch import contrast_ratio, from_oklch, hue_distance, relative_luminance, to_oklch

Tokens = Mapping[str, str]

# The formula asks for 4.5; the rest is a margin.
TEXT_CONTRAST = 4.55
LIGHTNESS_STEP = 0.012
# The hue of small headings and of the sun in drawings, and the one used instead of it if the
# accent is close to it.
SECOND_HUE, OTHER_SECOND_HUE = 40.0, 235.0
MIN_HUE_DISTANCE = 50.0
SAND_HUE = 72.0
COLOR_PATTERN = re.compile(r"--([a-z0-9-]+): (#[0-9A-F]{6});")
DARK_MARKER = "@media (prefers-color-scheme: dark)"


@dataclass(frozen=True)
class Palette:
    """Every color token of the site, without its dashes, in light and in dark mode."""

    light: Tokens
    dark: Tokens


# The grounds and the texts that do not depend on the accent. The warm paper is in tokens.css.
PAPERS: Mapping[str, Palette] = MappingProxyType(
    {
        "warm": Palette({}, {}),
        "cool": Palette(
            {
                "paper": "#F6F8FB",
                "surface": "#FFFFFF",
                "tint": "#E8EDF4",
                "ink": "#1F2733",
                "soft": "#4C586A",
                "line": "#D3DBE6",
                "field": "#6F7C90",
            },
            {
                "paper": "#14181F",
                "surface": "#1D232D",
                "tint": "#262E3A",
                "ink": "#E7ECF4",
                "soft": "#AEBACB",
                "line": "#36404F",
                "field": "#8592A6",
            },
        ),
        "plain": Palette(
            {
                "paper": "#FFFFFF",
                "surface": "#FFFFFF",
                "tint": "#F2F2F1",
                "ink": "#262626",
                "soft": "#565656",
                "line": "#DCDCDB",
                "field": "#767676",
            },
            {
                "paper": "#181818",
                "surface": "#222222",
                "tint": "#2C2C2C",
                "ink": "#EDEDED",
                "soft": "#B8B8B8",
                "line": "#3C3C3C",
                "field": "#909090",
            },
        ),
    }
)


@lru_cache(maxsize=1)
def read_default_palette() -> Palette:
    """Return the colors of tokens.css: the look of a practice that has chosen nothing."""
    text = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    light, _marker, dark = text.partition(DARK_MARKER)
    return Palette(dict(COLOR_PATTERN.findall(light)), dict(COLOR_PATTERN.findall(dark)))


def default_accent() -> str:
    return read_default_palette().light["accent"]


@lru_cache(maxsize=32)
def derive_palette(accent: str, paper: str) -> Palette:
    """Return all colors for an accent (`#RRGGBB`) and a paper (a key of PAPERS)."""
    default, grounds = read_default_palette(), PAPERS[paper]
    light, dark = {**default.light, **grounds.light}, {**default.dark, **grounds.dark}
    if accent != default.light["accent"]:
        is_cool = paper == "cool"
        light.update(_light_colors(accent, light, is_cool=is_cool))
        dark.update(_dark_colors(accent, dark, is_cool=is_cool))
    return Palette(light, dark)


def _light_colors(accent: str, base: Tokens, *, is_cool: bool) -> dict[str, str]:
    lightness, chroma, hue = to_oklch(accent)
    second = _second_hue(chroma, hue)
    grounds = [base["paper"], base["surface"], base["tint"]]
    tint = from_oklch(0.918, min(0.03, chroma * 0.35), hue)
    on_tint = [*grounds, tint]
    kept = accent if _is_readable(accent, on_tint) else ""
    accent = kept or _darken(min(lightness, 0.75), chroma, hue, on_tint)
    own = to_oklch(accent).lightness
    hover = own - 0.07 if own > 0.3 else own + 0.14
    return {
        "accent": accent,
        "accent-hover": _darken(hover, chroma, hue, on_tint),
        "on-accent": "#FFFFFF",
        "accent-tint": tint,
        "clay": _darken(0.52, 0.13, second, grounds),
        **_art_colors(
            (chroma, hue), second, (0.82, 0.80, 0.835, 0.68, 0.905, 0.37), is_cool=is_cool
        ),
    }


def _dark_colors(accent: str, base: Tokens, *, is_cool: bool) -> dict[str, str]:
    _lightness, chroma, hue = to_oklch(accent)
    second = _second_hue(chroma, hue)
    grounds = [base["paper"], base["surface"], base["tint"]]
    tint = from_oklch(0.31, min(0.035, chroma * 0.5), hue)
    on_tint, pale = [*grounds, tint], min(0.1, chroma * 0.8)
    return {
        "accent": _lighten(0.80, pale, hue, on_tint),
        "accent-hover": _lighten(0.86, pale * 0.75, hue, on_tint),
        "on-accent": from_oklch(0.235, min(0.05, chroma * 0.4), hue),
        "accent-tint": tint,
        "clay": _lighten(0.76, 0.1, second, grounds),
        **_art_colors((chroma, hue), second, (0.57, 0.52, 0.5, 0.42, 0.42, 0.22), is_cool=is_cool),
    }


def _art_colors(
    accent: tuple[float, float], second: float, lightness: tuple[float, ...], *, is_cool: bool
) -> dict[str, str]:
    """Return the colors of the drawings: sun, leaf, sand, deep leaf, sky, and dark figures."""
    chroma, hue = accent
    strength = min(1.0, 0.25 + chroma / 0.06)
    # Sand and a warm sky belong to warm papers.
    has_sand = second == SECOND_HUE and not is_cool
    shades = (
        (0.08, second),
        (0.045 * strength, hue),
        (0.05, SAND_HUE) if has_sand else (0.04 * strength, hue + 12),
        (0.052 * strength, hue),
        (0.02 if is_cool else 0.045, SAND_HUE),
        (0.035 * strength, hue),
    )
    return {
        f"art-{number}": from_oklch(level, shade, angle)
        for number, (level, (shade, angle)) in enumerate(zip(lightness, shades, strict=True), 1)
    }


def _second_hue(chroma: float, hue: float) -> float:
    is_close = chroma > 0.03 and hue_distance(hue, SECOND_HUE) < MIN_HUE_DISTANCE
    return OTHER_SECOND_HUE if is_close else SECOND_HUE


def _is_readable(color: str, grounds: Iterable[str]) -> bool:
    return all(contrast_ratio(color, ground) >= TEXT_CONTRAST for ground in grounds)


def _darken(lightness: float, chroma: float, hue: float, grounds: Iterable[str]) -> str:
    """Return the color, as much darker as it takes to be readable on every ground."""
    darkest = min(relative_luminance(ground) for ground in grounds)
    color = from_oklch(lightness, chroma, hue)
    while (darkest + 0.05) / (relative_luminance(color) + 0.05) < TEXT_CONTRAST:
        lightness -= LIGHTNESS_STEP
        color = from_oklch(lightness, chroma, hue)
    return color


def _lighten(lightness: float, chroma: float, hue: float, grounds: Iterable[str]) -> str:
    """Return the color, as much lighter as it takes to be readable on every ground."""
    lightest = max(relative_luminance(ground) for ground in grounds)
    color = from_oklch(lightness, chroma, hue)
    while (relative_luminance(color) + 0.05) / (lightest + 0.05) < TEXT_CONTRAST:
        lightness += LIGHTNESS_STEP
        color = from_oklch(lightness, chroma, hue)
    return color


def adjusted_accent(accent: str, paper: str) -> str:
    """Return the accent as light pages use it, if it had to be changed to be readable."""
    used = derive_palette(accent, paper).light["accent"]
    return "" if used == accent else used
