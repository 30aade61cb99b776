"""Draw a stand-in for a portrait: a person's initials before a scene of their own.

No figure is drawn: it would guess at what somebody looks like.
"""

import hashlib
from collections.abc import Callable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# Numbers of the art-1 to art-5 classes: ground, sun or window, far, near.
PALETTES = ((5, 1, 2, 3), (2, 5, 3, 4), (5, 3, 4, 2), (3, 5, 1, 4), (1, 5, 3, 2))


RandomInt = Callable[[int, int], int]


def draw_portrait(seed: str, name: str, number: int = 0) -> SafeString:
    """Return an SVG with the initials of `name`, the only characters taken from outside.

    People whose numbers follow each other get another scene in other colors.
    """
    pick = _make_picker(seed)
    colors = PALETTES[number % len(PALETTES)]
    scene = SCENES[number % len(SCENES)](pick, colors)
    text = f'<text class="initials" x="200" y="420" text-anchor="middle">{initials(name)}</text>'
    return mark_safe(  # noqa: S308 - shapes, numbers and escaped initials
        '<svg class="art" viewBox="0 0 400 500" preserveAspectRatio="xMidYMax slice" '
        f'aria-hidden="true" focusable="false"><path class="art-{colors[0]}" d="M0 0h400v500H0z"/>'
        f"{scene}{text}</svg>"
    )


def initials(name: str) -> str:
    """Return the first letters of the first and the last word, escaped."""
    words = [word for word in name.split() if word[0].isalpha()]
    ends = words[:1] + words[1:][-1:]
    return escape("".join(word[0].upper() for word in ends))


def _make_picker(seed: str) -> RandomInt:
    digest = iter(hashlib.shake_256(f"portrait {seed}".encode()).digest(64))
    return lambda low, high: low + next(digest) % (high - low + 1)


def _hills(pick: RandomInt, colors: tuple[int, ...]) -> str:
    _ground, sun, far, near = colors
    left, right = pick(200, 270), pick(200, 270)
    return (
        f'<circle class="art-{sun}" cx="{pick(110, 290)}" cy="{pick(130, 180)}" r="60"/>'
        f'<path class="art-{far}" d="M0 {left}c90-60 150-50 230-10s120 20 170-20v{530 - left}H0z"/>'
        f'<path class="art-{near}" d="M0 {right + 90}c110-50 280-40 400 0v200H0z"/>'
    )


def _window(pick: RandomInt, colors: tuple[int, ...]) -> str:
    _ground, pane, far, near = colors
    left = pick(70, 150)
    return (
        f'<path class="art-{pane}" d="M{left} 300V160a90 90 0 0 1 180 0v140z"/>'
        f'<circle class="art-{far}" cx="{left + pick(60, 120)}" cy="160" r="34"/>'
        f'<path class="art-{far}" d="M{left} 240c60-34 120-30 180-6v66H{left}z"/>'
        f'<path class="art-{near}" d="M0 324h400v176H0z"/>'
    )


def _waves(pick: RandomInt, colors: tuple[int, ...]) -> str:
    _ground, sun, far, near = colors
    top = pick(230, 280)
    return (
        f'<circle class="art-{sun}" cx="{pick(120, 280)}" cy="{top - 40}" r="{pick(60, 80)}"/>'
        f'<path class="art-{far}" d="M0 {top}q50-30 100 0t100 0 100 0 100 0v300H0z"/>'
        f'<path class="art-{near}" d="M0 {top + 70}q50-30 100 0t100 0 100 0 100 0v300H0z"/>'
    )


def _leaves(pick: RandomInt, colors: tuple[int, ...]) -> str:
    _ground, sun, far, near = colors
    x = pick(120, 280)
    return (
        f'<circle class="art-{sun}" cx="{400 - x}" cy="{pick(130, 170)}" r="{pick(44, 60)}"/>'
        f'<path class="art-{near}" d="M{x} 330c-60-60-60-150 0-220 60 70 60 160 0 220z"/>'
        f'<path class="art-{far}" d="M{x - 8} 330c-110-10-130-70-130-130 80 10 130 60 130 130z'
        f'm16 0c110-10 130-70 130-130-80 10-130 60-130 130z"/>'
        f'<path class="art-{near}" d="M0 330c120-24 280-24 400 0v170H0z"/>'
    )


SCENES: tuple[Callable[[RandomInt, tuple[int, ...]], str], ...] = (_hills, _window, _waves, _leaves)
