"""Every pair of colours used together has enough contrast by the formula of WCAG 2."""

import re

import pytest

from tests.design.stylesheets import CSS_DIR

TEXT_CONTRAST, EDGE_CONTRAST = 4.5, 3.0
COLOR_PAIRS = [
    *[
        (word, ground, TEXT_CONTRAST)
        for word in ("ink", "soft", "accent")
        for ground in ("paper", "tint")
    ],
    ("ink", "surface", TEXT_CONTRAST),
    ("soft", "surface", TEXT_CONTRAST),
    ("accent", "surface", TEXT_CONTRAST),
    ("accent-hover", "paper", TEXT_CONTRAST),
    ("accent-hover", "tint", TEXT_CONTRAST),
    ("accent-hover", "surface", TEXT_CONTRAST),
    ("accent-hover", "accent-tint", TEXT_CONTRAST),
    ("accent", "accent-tint", TEXT_CONTRAST),
    ("ink", "accent-tint", TEXT_CONTRAST),
    ("on-accent", "accent", TEXT_CONTRAST),
    ("on-accent", "accent-hover", TEXT_CONTRAST),
    ("paper", "ink", TEXT_CONTRAST),
    ("paper", "soft", TEXT_CONTRAST),
    ("clay", "paper", TEXT_CONTRAST),
    ("clay", "surface", TEXT_CONTRAST),
    ("clay", "tint", TEXT_CONTRAST),
    ("error", "error-bg", TEXT_CONTRAST),
    ("error", "paper", TEXT_CONTRAST),
    ("ok", "ok-bg", TEXT_CONTRAST),
    ("ink", "ok-bg", TEXT_CONTRAST),
    ("ink", "error-bg", TEXT_CONTRAST),
    ("ink", "note", TEXT_CONTRAST),
    *[("field", ground, EDGE_CONTRAST) for ground in ("paper", "surface", "tint")],
    *[
        ("focus", ground, EDGE_CONTRAST)
        for ground in ("paper", "surface", "tint", "note", "accent-tint")
    ],
    ("note-edge", "note", EDGE_CONTRAST),
    ("accent", "paper", EDGE_CONTRAST),
]


def theme_colors() -> dict[str, dict[str, str]]:
    text = (CSS_DIR / "tokens.css").read_text()
    light, dark = text.split("@media (prefers-color-scheme: dark)")
    return {"light": _parse_colors(light), "dark": _parse_colors(dark)}


def _parse_colors(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6});", text))


def relative_luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast_ratio(one: str, other: str) -> float:
    darker, lighter = sorted((relative_luminance(one), relative_luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_has_contrast_21() -> None:
    assert contrast_ratio("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), COLOR_PAIRS)
def test_color_pair_has_enough_contrast(theme: str, front: str, ground: str, least: float) -> None:
    colours = theme_colors()[theme]
    assert contrast_ratio(colours[front], colours[ground]) >= least


def test_themes_define_the_same_colors() -> None:
    light, dark = theme_colors().values()
    assert light.keys() == dark.keys()
