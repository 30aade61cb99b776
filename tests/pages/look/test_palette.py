"""The palette of any accent is readable, and each color is what OKLCH says."""

import random

import pytest

from pages.look.choices import DEFAULT_ACCENT, PRESETS
from pages.look.oklch import contrast_ratio, from_oklch, hue_distance, parse_hex, to_oklch
from pages.look.palette import (
    PAPERS,
    Palette,
    adjusted_accent,
    derive_palette,
    read_default_palette,
)
from tests.design.test_contrast import COLOR_PAIRS
from tests.design.test_contrast import contrast_ratio as reference_contrast

RANDOM_ACCENTS = 10_000
EXTREMES = ["#000000", "#FFFFFF", "#FF0000", "#00FF00", "#0000FF", "#FFFF00", "#00FFFF", "#FF00FF"]
derive = derive_palette.__wrapped__


def unreadable_pairs(palette: Palette) -> list[tuple[str, str, float]]:
    return [
        (front, ground, ratio)
        for colors in (palette.light, palette.dark)
        for front, ground, least in COLOR_PAIRS
        if (ratio := contrast_ratio(colors[front], colors[ground])) < least
    ]


def random_accents(count: int) -> list[str]:
    picker = random.Random(20261129)
    return [f"#{picker.randrange(1 << 24):06X}" for _number in range(count)]


def test_every_pair_is_readable_for_ten_thousand_accents() -> None:
    papers = list(PAPERS)
    for number, accent in enumerate(random_accents(RANDOM_ACCENTS)):
        paper = papers[number % len(papers)]
        assert unreadable_pairs(derive(accent, paper)) == [], (accent, paper)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("accent", [*EXTREMES, *(preset.accent for preset in PRESETS)])
def test_every_pair_is_readable_for_presets_and_extremes(accent: str, paper: str) -> None:
    assert unreadable_pairs(derive(accent, paper)) == []


def test_search_finds_an_unreadable_pair() -> None:
    palette = derive("#2F4F6F", "warm")
    bad = Palette({**palette.light, "accent": "#9CB8D0"}, palette.dark)
    assert ("accent", "paper") in {pair[:2] for pair in unreadable_pairs(bad)}


def test_contrast_is_that_of_the_formula() -> None:
    for one, other in zip(random_accents(200), random_accents(400)[200:], strict=True):
        assert contrast_ratio(one, other) == pytest.approx(reference_contrast(one, other), 1e-3)


def test_default_choices_give_the_colors_of_tokens_css() -> None:
    assert derive(DEFAULT_ACCENT, "warm") == read_default_palette()
    assert read_default_palette().light["accent"] == DEFAULT_ACCENT


def test_palette_has_every_color_of_tokens_css() -> None:
    palette, default = derive("#6B4B73", "cool"), read_default_palette()
    assert palette.light.keys() >= default.light.keys()
    assert palette.dark.keys() >= default.dark.keys()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_presets_are_used_as_they_are(preset) -> None:
    for paper in PAPERS:
        assert adjusted_accent(preset.accent, paper) == ""


def test_pale_accent_is_darkened_and_keeps_its_hue() -> None:
    used = adjusted_accent("#FFD84D", "warm")
    assert used
    assert hue_distance(to_oklch(used).hue, to_oklch("#FFD84D").hue) < 6


def test_second_color_differs_from_the_accent() -> None:
    for accent in ("#9A4526", "#A05A00", "#B03A48"):
        colors = derive(accent, "warm").light
        assert hue_distance(to_oklch(colors["clay"]).hue, to_oklch(accent).hue) > 90


@pytest.mark.parametrize(
    ("color", "lightness", "chroma", "hue"),
    # Computed with coloraide.
    [
        ("#FF0000", 0.6280, 0.2577, 29.23),
        ("#00FF00", 0.8664, 0.2948, 142.50),
        ("#0000FF", 0.4520, 0.3132, 264.05),
        ("#2F5D50", 0.4413, 0.0556, 173.19),
    ],
)
def test_oklch_of_known_colors(color: str, lightness: float, chroma: float, hue: float) -> None:
    found = to_oklch(color)
    assert found.lightness == pytest.approx(lightness, abs=0.002)
    assert found.chroma == pytest.approx(chroma, abs=0.002)
    assert hue_distance(found.hue, hue) < 1.5
    assert from_oklch(*found) == color


def test_color_outside_srgb_keeps_lightness_and_hue() -> None:
    found = to_oklch(from_oklch(0.6, 0.4, 150))
    assert found.lightness == pytest.approx(0.6, abs=0.01)
    assert hue_distance(found.hue, 150) < 2


@pytest.mark.parametrize(
    ("typed", "color"),
    [
        ("#2f5d50", "#2F5D50"),
        (" 2F5D50 ", "#2F5D50"),
        ("#abc", "#AABBCC"),
        ("green", None),
        ("#12345", None),
        ("#2F5D50;}", None),
        ("", None),
    ],
)
def test_typed_color_is_read_or_refused(typed: str, color: str | None) -> None:
    assert parse_hex(typed) == color
