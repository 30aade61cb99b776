"""The Look page of the admin: preview without saving, saving, defaults, and two people at once."""

import re
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry

from pages.look.models import Look
from tests.factories.consultations import make_staff, make_staff_with_roles
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db
URL = "/admin/pages/look/"
PREVIEW_URL, PREVIEW_CSS_URL = f"{URL}preview/", f"{URL}preview.css"


@pytest.fixture
def owner(client):
    make_practice(home_heading="Find your footing")
    make_article(slug="newest", title="The newest article")
    client.force_login(make_staff_with_roles("owner"))
    return client


def form_data(**changes: object) -> dict[str, object]:
    return {
        "preset": "forest",
        "own_color": "#2F5D50",
        "paper": "warm",
        "corners": "soft",
        "type_pair": "warm-serif",
        "header_shows": "both",
        "call_words": "",
        "version": "",
        "section": ["hero", "concerns", "how_it_works", "services", "people", "fees", "articles"],
        "show-hero": "on",
        "show-articles": "on",
        **changes,
    }


def previewed_html(response) -> str:
    match = re.search(r'srcdoc="([^"]*)"', response.content.decode())
    assert match is not None
    return unescape(match[1])


def test_page_shows_the_home_page_as_it_is(owner) -> None:
    response = owner.get(URL)
    html = previewed_html(response)
    assert "Find your footing" in html
    assert "<body inert>" in html
    assert "<script src" not in html
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert "frame-src" not in response["Content-Security-Policy"]


def test_preview_button_shows_the_choice_and_stores_nothing(owner) -> None:
    response = owner.post(URL, form_data(preset="lake", _preview="1", scheme="dark"))
    assert response.status_code == 200
    assert "accent=%232F4F6F" in previewed_html(response)
    assert "scheme=dark" in previewed_html(response)
    assert not Look.objects.exists()
    assert 'value="lake" data-accent="#2F4F6F" checked' in response.content.decode()


@pytest.mark.parametrize(
    ("page", "word"),
    [
        ("home", "Find your footing"),
        ("article", "The newest article"),
        ("booking", "<title>Free consultation"),
    ],
)
def test_script_gets_each_page_of_the_preview(owner, page: str, word: str) -> None:
    response = owner.post(PREVIEW_URL, form_data(page=page, preset="plum"))
    assert word in response.json()["html"]
    assert "Every text stays readable" in response.json()["verdict"]
    assert "no-store" in response["Cache-Control"]
    assert not Look.objects.exists()


def test_preview_stylesheet_is_for_staff_and_takes_any_address(owner) -> None:
    css = owner.get(PREVIEW_CSS_URL, {"accent": "#6B4B73", "scheme": "dark", "paper": "cool"})
    assert "color-scheme: dark" in css.content.decode()
    odd = owner.get(PREVIEW_CSS_URL, {"accent": "red;}", "paper": "x", "type_pair": "../../etc"})
    assert odd.status_code == 200
    assert "red" not in odd.content.decode()
    owner.logout()
    assert owner.get(PREVIEW_CSS_URL).status_code == 302


@pytest.mark.parametrize("role", ["author", "editor", "moderator", "practitioner", "intake"])
def test_only_owners_may_open_it(client, role: str) -> None:
    make_practice()
    client.force_login(make_staff_with_roles(role))
    assert client.get(URL).status_code == 403
    assert client.post(PREVIEW_URL, form_data()).status_code == 403
    assert client.get(PREVIEW_CSS_URL).status_code == 403


def test_saving_changes_the_site_and_is_logged(owner) -> None:
    response = owner.post(URL, form_data(preset="clay", corners="round", _save="1"), follow=True)
    assert "your site shows it now" in response.content.decode()
    look = Look.objects.get()
    assert (look.accent, look.corners) == ("#9A4526", "round")
    assert LogEntry.objects.filter(content_type__model="look").count() == 1
    owner.logout()
    assert look.stylesheet_url.startswith("/look/")
    assert look.stylesheet_url in owner.get("/").content.decode()


def test_typed_color_wins_over_the_circle_it_left_alone(owner) -> None:
    owner.post(URL, form_data(own_color="#123abc", _save="1"))
    assert Look.objects.get().accent == "#123ABC"


def test_circle_wins_over_the_color_of_before(owner) -> None:
    owner.post(URL, form_data(own_color="#2F5D50", preset="olive", _save="1"))
    assert Look.objects.get().accent == "#5C5B2F"


def test_pale_color_is_told_to_be_darkened(owner) -> None:
    response = owner.post(URL, form_data(preset="own", own_color="#FFE28A", _preview="1"))
    assert "a little darker" in response.content.decode()


def test_wrong_answers_keep_the_form_and_say_so(owner) -> None:
    response = owner.post(URL, form_data(own_color="greenish", paper="silk", _save="1"))
    assert response.status_code == 422
    assert "Please check the highlighted fields" in response.content.decode()
    assert "greenish" in response.content.decode()
    assert not Look.objects.exists()
    assert owner.post(PREVIEW_URL, form_data(own_color="#12")).status_code == 422


def test_default_button_fills_the_form_and_saves_nothing(owner) -> None:
    Look.objects.create(profile_id=1, accent="#6B4B73")
    response = owner.post(URL, form_data(preset="plum", _reset="1"))
    assert 'value="forest" data-accent="#2F5D50" checked' in response.content.decode()
    assert Look.objects.get().accent == "#6B4B73"


def test_second_of_two_people_is_told_and_may_save_again(owner) -> None:
    Look.objects.create(profile_id=1, accent="#6B4B73")
    response = owner.post(URL, form_data(preset="lake", version="earlier", _save="1"))
    page = response.content.decode()
    assert "Somebody else has saved a look" in page
    assert Look.objects.get().accent == "#6B4B73"
    version = re.search(r'name="version" value="([^"]+)"', page)
    assert version is not None
    owner.post(URL, form_data(preset="lake", version=unescape(version[1]), _save="1"))
    assert Look.objects.get().accent == "#2F4F6F"


def test_practice_that_has_no_row_yet_gets_one(client) -> None:
    client.force_login(make_staff())
    client.post(URL, form_data(preset="lake", _save="1"))
    assert Look.objects.get().profile_id == 1
