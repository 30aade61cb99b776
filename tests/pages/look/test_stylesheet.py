"""The stylesheet of the look: what is in it, how it is served, and that it never breaks out."""

import re

import pytest

from pages.look.choices import TYPE_PAIRS, TypePair
from pages.look.models import Look, LookFile
from pages.look.stylesheet import Style, Stylesheet, build_stylesheet
from pages.practice.models import PracticeProfile
from tests.design.stylesheets import CSS_DIR
from tests.factories.pages import make_article, make_practice

FONT_BUDGET_BYTES = 72 * 1024


def style_of(look: Look) -> Stylesheet:
    assert look.stylesheet is not None
    return look.stylesheet


def make_look(**choices: object) -> Look:
    if not PracticeProfile.objects.exists():
        make_practice()
    return Look.objects.create(profile_id=1, **choices)


def test_only_what_differs_is_written() -> None:
    text = build_stylesheet(Style(corners="round")).text
    assert "--radius-card: 1.75rem;" in text
    assert "--accent" not in text
    assert "font" not in text


def test_colors_stand_for_light_and_dark() -> None:
    light, dark = build_stylesheet(Style(accent="#2F4F6F")).text.split("prefers-color-scheme: dark")
    assert "--accent: #2F4F6F;" in light
    assert re.search(r"--accent: #[0-9A-F]{6};", dark)


def test_preview_of_a_scheme_ignores_that_of_the_system() -> None:
    text = build_stylesheet(Style(), "dark").text
    assert "color-scheme: dark;" in text
    assert "prefers-color-scheme" not in text
    assert "--error: #FF9E91;" in text


def test_stylesheet_adds_to_the_layer_of_tokens_only() -> None:
    text = build_stylesheet(Style("#6B4B73", "cool", "square", "book-serif")).text
    assert text.startswith("@layer tokens {")
    assert text.count("{") == text.count("}")
    assert "@import" not in text
    assert "://" not in text
    assert "data:" not in text


@pytest.mark.parametrize("pair", TypePair.values)
def test_fonts_of_each_pair_exist_and_stay_within_the_budget(pair: str) -> None:
    chosen = TYPE_PAIRS[pair]
    static = CSS_DIR.parent
    files = {static / chosen.heading.preload, static / chosen.text.preload}
    assert sum(file.stat().st_size for file in files) <= FONT_BUDGET_BYTES
    for family in (chosen.heading, chosen.text):
        assert (static / f"fonts/{family.file}-latin-ext.woff2").is_file()
        assert family.has_italic == (static / f"fonts/{family.file}-latin-italic.woff2").is_file()
        assert list((static / "fonts").glob(f"OFL-{family.file.removesuffix('-next')}*.txt"))


@pytest.mark.django_db
def test_usual_look_adds_nothing_to_a_page(client) -> None:
    make_practice()
    before = client.get("/").content
    make_look()
    assert client.get("/").content == before
    assert b"/look/" not in before


@pytest.mark.django_db
def test_every_page_links_the_stylesheet_at_its_hashed_address(client) -> None:
    make_article(slug="one")
    look = make_look(accent="#2F4F6F", paper="cool")
    url = f"/look/{style_of(look).digest}.css"
    for path in ("/", "/articles/one/", "/consultation/", "/search/?q=x"):
        assert f'<link rel="stylesheet" href="{url}">' in client.get(path).content.decode()
    response = client.get(url)
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.content.decode() == style_of(look).text


@pytest.mark.django_db
def test_page_of_an_older_look_gets_the_new_stylesheet_unkept(client) -> None:
    look = make_look(accent="#2F4F6F")
    old = style_of(look).digest
    look.accent = "#6B4B73"
    look.save()
    response = client.get(f"/look/{old}.css")
    assert "#6B4B73" in response.content.decode()
    assert "immutable" not in response["Cache-Control"]


@pytest.mark.django_db
def test_without_a_look_there_is_no_stylesheet(client) -> None:
    make_practice()
    assert client.get("/look/0123456789abcdef.css").status_code == 404
    assert client.get("/look/logo-0123456789abcdef-10x10.png").status_code == 404
    assert client.get("/look/logo%00.png").status_code == 404


@pytest.mark.django_db
def test_look_costs_no_query(client, django_assert_num_queries) -> None:
    make_look(accent="#2F4F6F")
    PracticeProfile.load()
    with django_assert_num_queries(1):
        assert PracticeProfile.load().look.accent == "#2F4F6F"


@pytest.mark.django_db
def test_file_is_stored_once_and_served_for_ever(client) -> None:
    first, second = LookFile.keep("logo", b"png", (3, 2)), LookFile.keep("logo", b"png", (3, 2))
    assert first == second
    response = client.get(f"/look/{first.name}")
    assert response.content == b"png"
    assert response["Content-Type"] == "image/png"
    assert "immutable" in response["Cache-Control"]
    again = client.get(f"/look/{first.name}", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


@pytest.mark.django_db
def test_own_words_stand_on_the_button_of_an_open_practice_only(client) -> None:
    make_practice()
    assert ">Free consultation</a>" in client.get("/").content.decode()
    make_look(call_words="Talk <to> us")
    assert ">Talk &lt;to&gt; us</a>" in client.get("/").content.decode()
    PracticeProfile.objects.update(accepting="closed")
    assert "Talk &lt;to&gt; us" not in client.get("/").content.decode()
