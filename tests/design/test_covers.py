"""Cover drawings are small, the same for the same seed, and do not contain the seed."""

import re
from xml.etree import ElementTree

import pytest
from django.utils.html import conditional_escape

from pages.media.rendering import draw_cover

SEEDS = [
    "how-therapy-works",
    "",
    "x" * 500,
    '"><script>alert(1)</script>',
    "ليلى",
    *map(str, range(60)),
]


def test_same_seed_gives_same_cover() -> None:
    assert draw_cover("how-therapy-works") == draw_cover("how-therapy-works")


def test_different_seeds_give_different_covers() -> None:
    assert len({draw_cover(str(number)) for number in range(50)}) == 50


@pytest.mark.parametrize("seed", SEEDS)
def test_cover_is_small_and_contains_only_shapes(seed: str) -> None:
    svg = draw_cover(seed)
    assert len(svg.encode()) < 1500
    assert {element.tag for element in ElementTree.fromstring(svg).iter()} <= {
        "svg",
        "path",
        "circle",
        "ellipse",
    }
    assert set(re.findall(r'class="([^"]+)"', svg)) <= {"art", *(f"art-{n}" for n in range(1, 6))}
    assert "style" not in svg
    assert 'aria-hidden="true"' in svg


def test_cover_renders_unescaped_in_templates() -> None:
    assert conditional_escape(draw_cover("a")) == draw_cover("a")
