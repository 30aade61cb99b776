"""Crisis lines: defaults by country, and the practice's own."""

import pytest

from pages.practice.crisis_lines import crisis_lines_for
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
def test_default_lines_by_country(country, emergency, line) -> None:
    phones = [row.phone for row in crisis_lines_for(country)]
    assert phones[0] == emergency
    assert line in phones


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_every_country_has_a_crisis_line(country) -> None:
    assert all(row.phone or row.sms or row.url for row in crisis_lines_for(country))
    assert crisis_lines_for(country)


def test_custom_lines_replace_defaults() -> None:
    make_crisis_line(kind="emergency", name="Police", phone="911")
    make_crisis_line()
    assert [row.name for row in crisis_lines_for("US")] == ["Police", "County line"]


def test_custom_line_keeps_default_emergency_number() -> None:
    make_crisis_line()
    assert [row.phone for row in crisis_lines_for("US")] == ["911", "(503) 555-0188"]


@pytest.mark.parametrize(
    ("number", "word", "shown"),
    [
        ("741741", "HOME", "HOME to 741741"),
        ("741741", "text HOME", "HOME to 741741"),
        ("988", "", "988"),
        ("", "HOME", ""),
    ],
)
def test_text_message_instructions(number, word, shown) -> None:
    assert make_crisis_line(sms_number=number, sms_text=word).sms == shown


@pytest.mark.parametrize("path", ["/", "/crisis/", "/articles/", "/faq/", "/search/"])
def test_every_page_links_to_crisis_help(client, path) -> None:
    make_practice(country="GB")
    page = client.get(path).content.decode()
    assert 'href="tel:999"' in page
    assert 'href="tel:116123"' in page
    assert 'href="sms:85258"' in page
