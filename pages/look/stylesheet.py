"""Build the one stylesheet of a practice's look: custom properties, and the fonts they name.

It comes after site.css and adds to its layer of tokens, so that it wins over tokens.css and over
nothing else. It is built from the choices each time a process first needs it; nothing is stored
that a new version of the site would have to rebuild.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.templatetags.static import static

from pages.look.choices import (
    CORNER_TOKENS,
    DECLARED_FAMILIES,
    DEFAULT_ACCENT,
    LATIN,
    LATIN_EXT,
    LATIN_ITALIC,
    TYPE_PAIRS,
    Corners,
    Family,
    Paper,
    TypePair,
)
from pages.look.palette import derive_palette


@dataclass(frozen=True)
class Style:
    """The choices that the stylesheet depends on."""

    accent: str = DEFAULT_ACCENT
    paper: str = Paper.WARM
    corners: str = Corners.SOFT
    type_pair: str = TypePair.WARM_SERIF


@dataclass(frozen=True)
class Stylesheet:
    text: str
    digest: str


@lru_cache(maxsize=32)
def build_stylesheet(style: Style, scheme: str = "") -> Stylesheet:
    """Return the stylesheet; with "light" or "dark" as scheme, one that ignores the system's."""
    pair = TYPE_PAIRS[style.type_pair]
    tokens = {**CORNER_TOKENS[style.corners]}
    if style.type_pair != TypePair.WARM_SERIF:
        fonts = {"heading-font": pair.heading.stack, "text-font": pair.text.stack}
        tokens |= {**fonts, **pair.tokens}
    light, dark = _color_tokens(style, is_complete=bool(scheme))
    if scheme:
        chosen = {**tokens, **(dark if scheme == "dark" else light)}
        rules = _root_rule(chosen, f"color-scheme: {scheme};")
    else:
        rules = _root_rule({**tokens, **light})
        rules += f"@media (prefers-color-scheme: dark) {{\n{_root_rule(dark)}}}\n" if dark else ""
    faces = _font_faces({pair.heading, pair.text} - DECLARED_FAMILIES)
    text = f"@layer tokens {{\n{faces}{rules}}}\n"
    return Stylesheet(text, hashlib.sha256(text.encode()).hexdigest()[:16])


def _color_tokens(
    style: Style, *, is_complete: bool
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    if not is_complete and (style.accent, style.paper) == (DEFAULT_ACCENT, Paper.WARM):
        return {}, {}
    palette = derive_palette(style.accent, style.paper)
    return palette.light, palette.dark


def _root_rule(tokens: Mapping[str, str], first: str = "") -> str:
    lines = [first] * bool(first) + [f"--{name}: {value};" for name, value in tokens.items()]
    return ":root {\n" + "\n".join(lines) + "\n}\n" if lines else ""


def _font_faces(families: Iterable[Family]) -> str:
    return "".join(
        _font_face(family, suffix, style, characters)
        for family in sorted(families, key=lambda one: one.name)
        for suffix, style, characters in (
            ("latin", "normal", LATIN),
            *([("latin-italic", "italic", LATIN_ITALIC)] if family.has_italic else []),
            ("latin-ext", "normal", LATIN_EXT),
        )
    )


def _font_face(family: Family, suffix: str, style: str, characters: str) -> str:
    # optional, as in fonts.css: a slow line keeps the system's letters.
    url = static(f"fonts/{family.file}-{suffix}.woff2")
    return (
        f'@font-face {{\nfont-family: "{family.name}";\nsrc: url("{url}") format("woff2");\n'
        f"font-weight: 400 700;\nfont-style: {style};\nfont-display: optional;\n"
        f"unicode-range: {characters};\n}}\n"
    )
