"""The sections of the home page: stored order, titles, new sections, and what a page shows."""

import re

import pytest

from pages.look.home_sections import (
    DEFAULT_SECTIONS,
    HomeSection,
    format_sections,
    move_section,
    parse_sections,
    update_section,
)
from pages.look.models import Look
from tests.factories.pages import make_article, make_practice, make_question, make_service

DEFAULT_KEYS = [section.key for section in DEFAULT_SECTIONS]
H2_PATTERN = re.compile(r"<h2[^>]*>(.*?)</h2>", re.DOTALL)


def main_of(response) -> str:
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def test_nothing_stored_means_the_usual_order() -> None:
    assert parse_sections([]) == list(DEFAULT_SECTIONS)
    assert format_sections(DEFAULT_SECTIONS) == []


def test_choice_is_stored_and_read_again() -> None:
    sections = [HomeSection("hero", False), HomeSection("articles", True, "Words: ours")]
    sections += DEFAULT_SECTIONS[1:6]
    sections += [HomeSection(key) for key in ("questions", "office", "call_to_action")]
    assert parse_sections(format_sections(sections)) == sections


def test_unknown_and_repeated_sections_are_left_out_and_missing_ones_come_back() -> None:
    sections = parse_sections(["fees:", "-fees:", "gone:", "", ":", "-hero:x"])
    assert sorted(section.key for section in sections) == sorted(DEFAULT_KEYS)
    shown = {section.key: section.is_shown for section in sections}
    assert shown["fees"]
    assert not shown["hero"]


@pytest.mark.parametrize(
    ("key", "step", "start"),
    [
        ("how_it_works", -1, ["hero", "how_it_works", "concerns"]),
        ("concerns", 1, ["hero", "how_it_works", "concerns"]),
        ("concerns", -1, ["hero", "concerns", "how_it_works"]),
        ("hero", 1, ["hero", "concerns", "how_it_works"]),
        ("nonsense", 1, ["hero", "concerns", "how_it_works"]),
    ],
)
def test_section_moves_between_the_first_and_the_last(key: str, step: int, start: list) -> None:
    moved = move_section(list(DEFAULT_SECTIONS), key, step)
    assert [section.key for section in moved][:3] == start
    assert sorted(section.key for section in moved) == sorted(DEFAULT_KEYS)


def test_title_is_one_short_line_and_the_welcome_has_none() -> None:
    section = update_section(
        HomeSection("fees"), is_shown=True, title=" \0What \n it costs " + "x" * 99
    )
    assert section.title.startswith("What it costs xxx")
    assert len(section.title) == 80
    assert update_section(HomeSection("hero"), is_shown=True, title="Hello").title == ""


@pytest.mark.django_db
def test_home_page_follows_order_titles_and_switches(client) -> None:
    make_practice(concerns="Worn out: I am tired.")
    make_article()
    make_service()
    make_question(is_on_home=True)
    before = H2_PATTERN.findall(client.get("/").content.decode())
    Look.objects.create(
        profile_id=1,
        home_sections=["hero:", "articles:To <read> & rest", "concerns:", "-questions:"],
    )
    after = H2_PATTERN.findall(client.get("/").content.decode())
    assert "To &lt;read&gt; &amp; rest" in after[0]
    assert len(after) == len(before) - 1
    assert after.index(before[0]) > 0


@pytest.mark.django_db
def test_home_page_without_its_welcome_still_has_a_heading(client) -> None:
    make_practice(name="Harbor Street")
    Look.objects.create(profile_id=1, home_sections=["-hero:"])
    html = client.get("/").content.decode()
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", html) == ["Harbor Street"]


@pytest.mark.django_db
def test_office_and_call_to_action_can_be_shown(client) -> None:
    make_practice(address="12 Harbor Street\nPortland, OR 97201")
    assert "12 Harbor Street" not in main_of(client.get("/"))
    Look.objects.create(profile_id=1, home_sections=["office:Find us", "call_to_action:Ready?"])
    home = main_of(client.get("/"))
    assert "12 Harbor Street" in home
    assert H2_PATTERN.findall(home)[-1] == "Ready?"
    assert "Find us" in home
