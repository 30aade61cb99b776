from decimal import Decimal

import pytest
from django.db import IntegrityError

from pages.practice.display import lowest_price
from pages.practice.models import Fee
from pages.practice.phrases import concerns, dialled, either, money
from tests.factories.pages import make_fee, make_practice, make_service

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("facts", "price"),
    [
        ({"amount": Decimal("140")}, "$140"),
        ({"amount": Decimal("140.50")}, "$140.50"),
        ({"amount": Decimal("0")}, "Free"),
        (
            {"amount": Decimal("140"), "is_sliding": True, "lowest_amount": Decimal("80")},
            "$80–$140",
        ),
        ({"amount": Decimal("140"), "is_sliding": False, "lowest_amount": Decimal("80")}, "$140"),
    ],
)
def test_price_in_words(facts, price) -> None:
    assert Fee(label="Session", **facts).price("USD") == price


def test_a_currency_without_a_sign_is_named() -> None:
    assert money(Decimal("1200"), "CHF") in {"1,200 CHF", "1200 CHF"}


def test_the_lowest_amount_is_not_above_the_amount() -> None:
    with pytest.raises(IntegrityError):
        make_fee(amount=Decimal("80"), lowest_amount=Decimal("90"))


def test_the_home_page_names_the_lowest_paid_price(client) -> None:
    make_practice()
    make_fee(amount=Decimal("0"))
    make_fee(amount=Decimal("140"))
    make_fee(amount=Decimal("120"), is_sliding=True, lowest_amount=Decimal("70"))
    assert "from $70" in client.get("/").content.decode()


def test_without_paid_sessions_there_is_no_lowest_price() -> None:
    assert lowest_price([Fee(amount=Decimal("0"))], "USD") == ""


def test_fees_of_a_hidden_service_are_not_shown(client) -> None:
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
def test_a_service_may_differ_from_an_open_practice(client, practice, service, status) -> None:
    profile = make_practice(accepting=practice)
    row = make_service(slug="couples", accepting=service)
    assert row.status(profile) == status
    label = profile.call_to_action(status).label
    assert label in client.get("/services/couples/").content.decode()


def test_small_phrases() -> None:
    assert either([]) == ""
    assert either(["phone"]) == "phone"
    assert either(["phone", "video"]) == "phone or video"
    assert dialled("(503) 555-0142") == "5035550142"
    assert dialled("+44 20 7946 0000") == "+442079460000"
    assert [(row.title, row.text) for row in concerns("Tired: I sleep: badly.\n\nLost")] == [
        ("Tired", "I sleep: badly."),
        ("Lost", ""),
    ]
