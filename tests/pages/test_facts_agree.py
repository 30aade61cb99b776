"""A fact that several pages tell is the same on all of them."""

import json
import re
from decimal import Decimal

import pytest

from consultations.privacy import consent
from pages.practice.models import FrequentQuestion
from tests.factories.pages import (
    make_article,
    make_fee,
    make_licence,
    make_opening_hours,
    make_practice,
    make_question,
    make_service,
)

pytestmark = pytest.mark.django_db
JSON_LD_RE = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
PUBLIC_PATHS = [
    "/", "/about/", "/services/", "/fees/", "/faq/", "/contact/", "/articles/", "/articles/rest/",
    "/privacy/", "/terms/", "/search/",
]  # fmt: skip


def page(client, path: str) -> str:
    return client.get(path).content.decode()


def text(client, path: str) -> str:
    """Return the visible words of a page, with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", page(client, path)).split())


def entity(client, path: str, kind: str) -> dict:
    (block,) = JSON_LD_RE.findall(page(client, path))
    graph = json.loads(block)["@graph"]
    return next(found for found in graph if found["@type"] == kind)


def test_retention_of_requests_is_the_same_everywhere(client, settings) -> None:
    settings.CONSULTATION_RETENTION_DAYS = 77
    practice = make_practice()
    version = consent.current_consent_version(practice)
    assert "77 days after my request is closed" in consent.consent_text(version)
    assert "77 days after it’s closed" in text(client, "/privacy/")
    assert "77 days after your request is closed" in text(client, "/privacy/what-we-collect/")
    assert "77 days after your request is closed" in text(client, "/consultation/")


def test_waiting_list_retention_is_on_both_privacy_pages(client, settings) -> None:
    settings.WAITLIST_EXPIRES_DAYS = 123
    make_practice()
    assert "123 days, then it’s closed as above" in text(client, "/privacy/")
    assert "123 days, then we close your request" in text(client, "/privacy/what-we-collect/")


@pytest.mark.parametrize(
    ("accepting", "short", "label"),
    [
        ("accepting", "Free consultation", "Book a free consultation"),
        ("waitlist", "Waiting list", "Join the waiting list"),
        ("closed", "Find help", "Find help elsewhere"),
    ],
)
def test_header_and_buttons_follow_the_status(client, accepting, short, label) -> None:
    make_practice(accepting=accepting)
    make_article(slug="rest")
    for path in PUBLIC_PATHS:
        html = page(client, path)
        header, _, rest = html.partition("</header>")
        assert f">{short}</a>" in header, path
        assert label in rest, path
        if accepting != "accepting":
            assert "Book a free consultation" not in html, path
            assert ">Free consultation</a>" not in html, path


def test_a_fee_is_the_same_on_every_page_and_for_engines(client) -> None:
    make_practice(currency="USD")
    service = make_service(slug="solo", title="Solo")
    make_fee(label="First call", minutes=20, amount=Decimal(0))
    make_fee(service=service, label="With Ash", amount=Decimal(150))
    make_fee(
        service=service, label="With Ty", amount=Decimal(110), is_sliding=True,
        lowest_amount=Decimal(50),
    )  # fmt: skip
    make_fee(label="Late cancellation", amount=Decimal(60))
    assert "$110–150 sliding from $50" in text(client, "/")
    assert "50 minutes · $110–150" in text(client, "/services/")
    assert "Fee $110–150" in text(client, "/services/solo/")
    for path in ("/services/solo/", "/fees/"):
        assert "$150" in text(client, path)
        assert "Sliding scale, from $50" in text(client, path)
    for path in ("/", "/fees/"):
        practice = entity(client, path, "ProfessionalService")
        assert practice["priceRange"] == "$50–$150"
        offers = {offer["name"]: offer for offer in practice["makesOffer"]}
        assert offers.keys() == {"First call", "With Ash", "With Ty"}
        assert offers["With Ash"]["price"] == "150.00"
        assert offers["With Ty"]["priceSpecification"]["minPrice"] == "50.00"
    offers = entity(client, "/services/solo/", "Service")["offers"]
    assert [offer["name"] for offer in offers] == ["With Ash", "With Ty"]


@pytest.mark.parametrize(
    ("accepting", "availability"),
    [("accepting", "InStock"), ("waitlist", "BackOrder"), ("closed", "SoldOut")],
)
def test_engines_read_whether_clients_are_accepted(client, accepting, availability) -> None:
    make_practice(accepting=accepting, covered_entity=True)
    make_fee(service=make_service(slug="solo"))
    practice = entity(client, "/", "ProfessionalService")
    assert practice["isAcceptingNewPatients"] is (accepting == "accepting")
    (offer,) = practice["makesOffer"]
    assert offer["availability"] == f"https://schema.org/{availability}"


def test_engines_read_where_licenses_are_valid(client) -> None:
    make_practice(area_served="The coast")
    assert entity(client, "/", "ProfessionalService")["areaServed"] == "The coast"
    make_licence(jurisdiction="Oregon")
    (area,) = entity(client, "/", "ProfessionalService")["areaServed"]
    assert area == {"@type": "AdministrativeArea", "name": "Oregon"}


def test_insurance_has_one_answer_for_both_pages(client) -> None:
    make_practice()
    make_question(slug="insurance", answer="<p>No plan right now.</p>", is_on_fees=True)
    for path in ("/faq/", "/fees/"):
        assert "No plan right now." in page(client, path)
    FrequentQuestion.objects.update(answer="<p>We take Example Health.</p>")
    for path in ("/faq/", "/fees/"):
        assert "We take Example Health." in page(client, path)
        assert "No plan right now." not in page(client, path)


def test_booking_online_comes_without_a_promise_to_answer(client) -> None:
    make_practice(reply_within_days=3)
    make_opening_hours()
    for path in ("/", "/about/", "/fees/", "/services/"):
        assert "business days" not in text(client, path), path
    assert "Anything else we answer within 3 business days" in text(client, "/contact/")


def test_hours_are_the_same_in_footer_and_on_contact_page(client) -> None:
    make_opening_hours(weekday=0)
    make_opening_hours(weekday=1)
    assert text(client, "/contact/").count("Mon, Tue 9–5") == 2
    assert text(client, "/").count("Mon, Tue 9–5") == 1
