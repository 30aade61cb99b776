"""Drawn portraits hold initials only, differ between people and stay the same for one."""

from xml.etree import ElementTree

import pytest

from pages.media.portraits import draw_portrait, initials
from pages.practice.models import Practitioner
from pages.templatetags.content_tags import portrait_pair


def test_people_get_different_drawings() -> None:
    drawings = {draw_portrait("robin", "A B", number) for number in range(20)}
    assert len(drawings) == 20
    assert draw_portrait("robin", "A B") != draw_portrait("ash", "A B")
    assert draw_portrait("robin", "Robin") == draw_portrait("robin", "Robin")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Marisol Ashgrove", "MA"),
        ("Robin", "R"),
        ("Anna Maria de Souza", "AS"),
        ("ليلى حداد", "لح"),
        ("", ""),
        ("123 <b>", ""),
        ("Ångström", "Å"),
    ],
)
def test_initials_of_name(name, letters) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize("name", ["Jo Sample", '"><script>alert(1)</script>', "", "& &"])
def test_drawing_is_small_valid_svg(name) -> None:
    svg = draw_portrait(name, name)
    assert len(svg.encode()) < 1500
    assert {element.tag for element in ElementTree.fromstring(svg).iter()} <= {
        "svg",
        "path",
        "circle",
        "text",
    }
    assert "style" not in svg


def test_home_page_shows_only_photos_of_people() -> None:
    nobody = Practitioner(name="Robin", slug="robin")
    pair = portrait_pair([nobody, nobody])
    assert (pair.pictures, pair.caption) == ([], "")
