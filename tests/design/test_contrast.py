"""Every pair of colours that meets on a page, computed by the formula of WCAG 2."""

import re

import pytest

from tests.design.stylesheets import CSS

TEXT, EDGE = 4.5, 3.0
PAIRS = [
    *[(word, ground, TEXT) for word in ("ink", "soft", "accent") for ground in ("paper", "tint")],
    ("ink", "surface", TEXT),
    ("soft", "surface", TEXT),
    ("accent", "surface", TEXT),
    ("accent-hover", "paper", TEXT),
    ("accent-hover", "tint", TEXT),
    ("accent-hover", "surface", TEXT),
    ("accent-hover", "accent-tint", TEXT),
    ("accent", "accent-tint", TEXT),
    ("ink", "accent-tint", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-hover", TEXT),
    ("paper", "ink", TEXT),
    ("paper", "soft", TEXT),
    ("clay", "paper", TEXT),
    ("clay", "surface", TEXT),
    ("clay", "tint", TEXT),
    ("error", "error-bg", TEXT),
    ("error", "paper", TEXT),
    ("ok", "ok-bg", TEXT),
    ("ink", "ok-bg", TEXT),
    ("ink", "error-bg", TEXT),
    ("ink", "note", TEXT),
    *[("field", ground, EDGE) for ground in ("paper", "surface", "tint")],
    *[("focus", ground, EDGE) for ground in ("paper", "surface", "tint", "note", "accent-tint")],
    ("note-edge", "note", EDGE),
    ("accent", "paper", EDGE),
]


def themes() -> dict[str, dict[str, str]]:
    text = (CSS / "tokens.css").read_text()
    light, dark = text.split("@media (prefers-color-scheme: dark)")
    return {"light": _colours(light), "dark": _colours(dark)}


def _colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6});", text))


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_knows_black_on_white() -> None:
    assert ratio("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_pair_can_be_read(theme: str, front: str, ground: str, least: float) -> None:
    colours = themes()[theme]
    assert ratio(colours[front], colours[ground]) >= least


def test_both_themes_name_the_same_colours() -> None:
    light, dark = themes().values()
    assert light.keys() == dark.keys()
