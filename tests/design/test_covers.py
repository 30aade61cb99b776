"""Cover drawings are small, the same for the same seed, and do not contain the seed."""

import re
from xml.etree import ElementTree

import pytest
from django.utils.html import conditional_escape

from pages.scenes import COLORINGS, SCENES, draw_cover, draw_scene

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


def test_seeds_give_every_scene_in_every_coloring() -> None:
    covers = {draw_cover(str(number)) for number in range(400)}
    assert len(covers) == len(SCENES) * len(COLORINGS)


def test_chosen_scene_wins_over_the_seed_and_an_unknown_one_does_not() -> None:
    assert {draw_cover(str(number), "bridge") for number in range(30)} == {
        draw_scene("bridge", coloring) for coloring in range(len(COLORINGS))
    }
    assert draw_cover("a", "gone") == draw_cover("a")


def test_there_are_twelve_scenes_and_no_two_use_the_same_colors_alike() -> None:
    assert len(SCENES) == 12
    grounds = [shapes[0][0] for _label, shapes in SCENES.values()]
    assert len(set(grounds)) >= 5
    assert len({draw_scene(key) for key in SCENES}) == 12


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
    classes = {"art scene", *(f"art-{number}" for number in range(1, 7))}
    assert set(re.findall(r'class="([^"]+)"', svg)) <= classes
    assert "style" not in svg
    assert 'aria-hidden="true"' in svg


def test_cover_renders_unescaped_in_templates() -> None:
    assert conditional_escape(draw_cover("a")) == draw_cover("a")
