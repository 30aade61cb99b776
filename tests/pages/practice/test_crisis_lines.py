import pytest

from pages.practice.crisis_lines import lines_for
from pages.practice.places import COUNTRIES
from tests.factories.pages import make_crisis_line, make_practice

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("country", "emergency", "line"),
    [
        ("US", "911", "988"),
        ("CA", "911", "988"),
        ("GB", "999", "116 123"),
        ("IE", "112", "116 123"),
        ("AU", "000", "13 11 14"),
    ],
)
def test_shipped_lines_by_country(country, emergency, line) -> None:
    phones = [row.phone for row in lines_for(country)]
    assert phones[0] == emergency
    assert line in phones


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_every_country_has_somewhere_to_turn(country) -> None:
    assert all(row.phone or row.sms or row.url for row in lines_for(country))
    assert lines_for(country)


def test_own_lines_replace_the_shipped_ones() -> None:
    make_crisis_line(kind="emergency", name="Police", phone="911")
    make_crisis_line()
    assert [row.name for row in lines_for("US")] == ["Police", "County line"]


def test_adding_a_line_does_not_lose_the_emergency_number() -> None:
    make_crisis_line()
    assert [row.phone for row in lines_for("US")] == ["911", "(503) 555-0188"]


@pytest.mark.parametrize(
    ("number", "word", "shown"),
    [
        ("741741", "HOME", "HOME to 741741"),
        ("741741", "text HOME", "HOME to 741741"),
        ("988", "", "988"),
        ("", "HOME", ""),
    ],
)
def test_text_messages_as_shown(number, word, shown) -> None:
    assert make_crisis_line(sms_number=number, sms_text=word).sms == shown


@pytest.mark.parametrize("path", ["/", "/crisis/", "/articles/", "/faq/", "/search/"])
def test_help_is_one_tap_away_on_every_page(client, path) -> None:
    make_practice(country="GB")
    page = client.get(path).content.decode()
    assert 'href="tel:999"' in page
    assert 'href="tel:116123"' in page
    assert 'href="sms:85258"' in page
