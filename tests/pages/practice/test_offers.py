"""Fees, services and the phrases built from them."""

from decimal import Decimal

import pytest
from django.db import IntegrityError

from pages.practice.crisis_lines import dialable_number
from pages.practice.models import Fee
from pages.practice.offers import format_money, lowest_price
from pages.practice.profile import join_with_or, parse_concerns
from tests.factories.pages import make_fee, make_practice, make_service

pytestmark = pytest.mark.django_db


def test_currency_without_symbol_shows_code() -> None:
    assert format_money(Decimal("1200"), "CHF") in {"1,200 CHF", "1200 CHF"}


def test_money_shows_cents_only_if_there_are_any() -> None:
    assert format_money(Decimal("140.00"), "USD") == "$140"
    assert format_money(Decimal("140.50"), "USD") == "$140.50"


def test_lowest_amount_cannot_exceed_amount() -> None:
    with pytest.raises(IntegrityError):
        make_fee(amount=Decimal("80"), lowest_amount=Decimal("90"))


def test_home_page_shows_lowest_paid_price(client) -> None:
    make_practice()
    make_fee(amount=Decimal("0"))
    make_fee(amount=Decimal("140"))
    make_fee(amount=Decimal("120"), is_sliding=True, lowest_amount=Decimal("70"))
    assert "start at $70" in client.get("/").content.decode()


def test_no_paid_sessions_means_no_lowest_price() -> None:
    assert lowest_price([Fee(amount=Decimal("0"))], "USD") == ""


def test_hidden_service_fees_are_not_shown(client) -> None:
    make_practice()
    make_fee(service=make_service(is_published=False), label="Secret session")
    make_fee(label="Open session")
    page = client.get("/fees/").content.decode()
    assert "Open session" in page
    assert "Secret session" not in page


@pytest.mark.parametrize(
    ("practice", "service", "status"),
    [
        ("accepting", "", "accepting"),
        ("accepting", "waitlist", "waitlist"),
        ("waitlist", "accepting", "accepting"),
        ("closed", "accepting", "closed"),
    ],
)
def test_service_status_can_be_stricter_than_practice(client, practice, service, status) -> None:
    profile = make_practice(accepting=practice)
    row = make_service(slug="couples", accepting=service)
    assert row.status(profile) == status
    label = profile.call_to_action(status).label
    assert label in client.get("/services/couples/").content.decode()


def test_text_helpers() -> None:
    assert join_with_or([]) == ""
    assert join_with_or(["phone"]) == "phone"
    assert join_with_or(["phone", "video"]) == "phone or video"
    assert dialable_number("(503) 555-0142") == "5035550142"
    assert dialable_number("+44 20 7946 0000") == "+442079460000"
    assert [(row.title, row.text) for row in parse_concerns("Tired: I sleep: badly.\n\nLost")] == [
        ("Tired", "I sleep: badly."),
        ("Lost", ""),
    ]
