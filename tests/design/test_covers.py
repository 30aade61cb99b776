"""Covers: the same seed, the same picture; small; nothing of the seed inside."""

import re
from xml.etree import ElementTree

import pytest

from pages.cover_art import cover

SEEDS = [
    "how-therapy-works",
    "",
    "x" * 500,
    '"><script>alert(1)</script>',
    "ليلى",
    *map(str, range(60)),
]


def test_same_seed_same_picture() -> None:
    assert cover("how-therapy-works") == cover("how-therapy-works")


def test_pictures_differ() -> None:
    assert len({cover(str(number)).svg for number in range(50)}) == 50


@pytest.mark.parametrize("seed", SEEDS)
def test_cover_is_small_and_holds_only_shapes(seed: str) -> None:
    svg = cover(seed).svg
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


def test_a_picture_prints_itself_unescaped_in_a_template() -> None:
    assert cover("a").__html__() == cover("a").svg == str(cover("a"))
