"""Draw covers from a seed: the same seed always gives the same picture.

The markup holds fixed shapes and numbers only, never a character of the seed, so it needs no
escaping.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 320, 180

# Numbers of the art-1 to art-5 classes, chosen by eye so that the figures stand out from the
# background: sky and water, sun, far hill, near hill, foreground, left figure, right figure.
PALETTES = (
    (5, 1, 3, 2, 4, 4, 1),
    (5, 1, 2, 4, 3, 3, 1),
    (5, 1, 4, 3, 2, 4, 1),
    (2, 1, 3, 4, 5, 1, 3),
    (3, 1, 2, 4, 1, 5, 1),
)

RandomInt = Callable[[int, int], int]


@dataclass(frozen=True)
class Cover:
    svg: SafeString

    def __html__(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.svg


def draw_cover(seed: str) -> Cover:
    """Draw a landscape with two facing shapes, chosen by a hash of the seed."""
    pick = _make_picker(seed)
    sky, sun, far, near, front, left, right = PALETTES[pick(0, len(PALETTES) - 1)]
    figures = FIGURE_DRAWERS[pick(0, len(FIGURE_DRAWERS) - 1)]
    sun_at = pick(60, 260)
    # Apart from the sun, whose shine on the water has the colour of some figures.
    middle = sun_at + (1 if sun_at < WIDTH // 2 else -1) * pick(80, 100)
    shapes = [
        f'<path class="art-{sky}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>',
        f'<circle class="art-{sun}" cx="{sun_at}" cy="{pick(52, 88)}" r="{pick(20, 34)}"/>',
        _draw_hill(far, pick(84, 104), pick, swing=26),
        _draw_hill(near, pick(108, 122), pick, swing=20),
        _draw_water(sky, sun, sun_at, pick(126, 132)),
        figures(middle, left, right),
        _draw_hill(front, pick(154, 162), pick, swing=8),
    ]
    return _wrap_svg(shapes)


def _make_picker(seed: str) -> RandomInt:
    digest = iter(hashlib.shake_256(seed.encode()).digest(64))
    return lambda low, high: low + next(digest) % (high - low + 1)


def _wrap_svg(shapes: list[str]) -> Cover:
    start = (
        f'<svg class="art" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMax slice" '
        'aria-hidden="true" focusable="false">'
    )
    return Cover(mark_safe(start + "".join(shapes) + "</svg>"))  # noqa: S308 - numbers only


def _draw_hill(colour: int, height: int, pick: RandomInt, *, swing: int) -> str:
    start, middle, end = (height + pick(-swing, swing) // 2 for _ in range(3))
    up, down = height - pick(swing // 2, swing), height + pick(0, swing) // 2
    return (
        f'<path class="art-{colour}" d="M0 {start}C{pick(36, 60)} {up} {pick(90, 120)} {up} '
        f'160 {middle}S{pick(250, 280)} {down} 320 {end}V{HEIGHT}H0z"/>'
    )


def _draw_water(colour: int, shine: int, x: int, top: int) -> str:
    return (
        f'<path class="art-{colour}" d="M0 {top}q160-7 320 0v54H0z"/>'
        f'<path class="art-{shine}" d="M{x - 34} {top + 6}h68l-6 4h-56z'
        'm10 9h48l-6 3h-36zm8 8h32l-5 3h-22z"/>'
    )


def _draw_people(x: int, left: int, right: int) -> str:
    return (
        f'<path class="art-{left}" d="M{x - 42} 170c-4-26 1-46 17-52'
        ' 12 1 19 12 18 25-1 10-5 17-4 27z"/>'
        f'<circle class="art-{left}" cx="{x - 20}" cy="105" r="10"/>'
        f'<path class="art-{right}" d="M{x + 46} 170c4-25-1-44-17-50'
        '-12 1-19 12-18 24 1 10 5 16 4 26z"/>'
        f'<circle class="art-{right}" cx="{x + 24}" cy="108" r="9.5"/>'
    )


def _draw_half_circles(x: int, left: int, right: int) -> str:
    return (
        f'<path class="art-{left}" d="M{x - 5} 98v64a32 32 0 0 1 0-64z"/>'
        f'<path class="art-{right}" d="M{x + 5} 98v64a32 32 0 0 0 0-64z"/>'
    )


def _draw_trees(x: int, left: int, right: int) -> str:
    return (
        f'<path class="art-{left}" d="M{x - 22} 168c-24-28-18-60 0-88 18 28 24 60 0 88z"/>'
        f'<path class="art-{right}" d="M{x + 22} 168c-20-24-15-48 0-70 15 22 20 46 0 70z"/>'
    )


def _draw_stones(x: int, left: int, right: int) -> str:
    return (
        f'<ellipse class="art-{left}" cx="{x - 30}" cy="152" rx="27" ry="13"/>'
        f'<ellipse class="art-{right}" cx="{x - 28}" cy="132" rx="19" ry="9"/>'
        f'<ellipse class="art-{left}" cx="{x - 29}" cy="118" rx="11" ry="6"/>'
        f'<ellipse class="art-{right}" cx="{x + 32}" cy="153" rx="24" ry="12"/>'
        f'<ellipse class="art-{left}" cx="{x + 30}" cy="135" rx="15" ry="8"/>'
    )


FIGURE_DRAWERS = (_draw_people, _draw_half_circles, _draw_trees, _draw_stones)
