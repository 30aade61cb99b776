"""Factories for public content, with typical defaults."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from pages.articles.models import Article, Category, Tag
from pages.practice.models import (
    CrisisLine,
    Fee,
    FrequentQuestion,
    Licence,
    OpeningHours,
    PracticeProfile,
    Practitioner,
    Service,
)
from pages.publishing.models import Status
from pages.site_pages.models import SitePage

PUBLISHED_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_numbers = count(1)


# Settings that enable the optional legal pages.
LEGAL_PAGE_SWITCHES = {
    "covered_entity": True,
    "shows_good_faith_estimate": True,
    "has_imprint": True,
}


def make_practice(**facts: Any) -> PracticeProfile:
    defaults: dict[str, Any] = {
        "name": "Quiet Room Counselling",
        "tagline": "A quiet room by the river",
        "email": "hello@quietroom.example.com",
        "phone": "(503) 555-0142",
        "country": "US",
        "time_zone": "America/Los_Angeles",
    }
    practice, _created = PracticeProfile.objects.update_or_create(
        pk=1, defaults={**defaults, **facts}
    )
    return practice


def make_practitioner(**facts: Any) -> Practitioner:
    number = next(_numbers)
    defaults = {"slug": f"person-{number}", "name": f"Robin Example {number}"}
    return Practitioner.objects.create(**{**defaults, **facts})


def make_licence(practitioner: Practitioner | None = None, **facts: Any) -> Licence:
    defaults: dict[str, Any] = {
        "practitioner": practitioner or make_practitioner(),
        "title": "Licensed Professional Counselor",
        "number": "C0000-EXAMPLE",
        "jurisdiction": "Oregon",
        "jurisdiction_code": "US-OR",
        "board": "Example Board",
        "register_url": "https://board.example.com/",
    }
    return Licence.objects.create(**{**defaults, **facts})


def make_service(**facts: Any) -> Service:
    number = next(_numbers)
    defaults = {"slug": f"service-{number}", "title": f"Service {number}"}
    return Service.objects.create(**{**defaults, **facts})


def make_fee(**facts: Any) -> Fee:
    defaults: dict[str, Any] = {"label": "Session", "minutes": 50, "amount": Decimal("140")}
    return Fee.objects.create(**{**defaults, **facts})


def make_question(**facts: Any) -> FrequentQuestion:
    number = next(_numbers)
    defaults = {
        "slug": f"question-{number}",
        "question": f"Question {number}?",
        "answer": "<p>An answer.</p>",
    }
    return FrequentQuestion.objects.create(**{**defaults, **facts})


def make_crisis_line(**facts: Any) -> CrisisLine:
    defaults = {"country": "US", "name": "County line", "phone": "(503) 555-0188"}
    return CrisisLine.objects.create(**{**defaults, **facts})


def make_opening_hours(**facts: Any) -> OpeningHours:
    make_practice()
    defaults = {"weekday": 0, "opens_at": "09:00", "closes_at": "17:00"}
    hours = OpeningHours.objects.create(**{**defaults, **facts})
    hours.refresh_from_db()
    return hours


def make_category(**facts: Any) -> Category:
    number = next(_numbers)
    defaults = {"slug": f"topic-{number}", "name": f"Topic {number}"}
    return Category.objects.create(**{**defaults, **facts})


def make_tag(**facts: Any) -> Tag:
    number = next(_numbers)
    return Tag.objects.create(**{"slug": f"tag-{number}", "name": f"tag {number}", **facts})


def make_article(*, tags: list[Tag] | None = None, **facts: Any) -> Article:
    """Create an article, published by default."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "slug": f"article-{number}",
        "title": f"Article {number}",
        "summary": "A short summary.",
        "body": "<p>A few words.</p>",
        "status": Status.PUBLISHED,
        "published_at": PUBLISHED_AT,
    }
    if "category" not in facts:
        facts["category"] = Category.objects.first() or make_category()
    article = Article.objects.create(**{**defaults, **facts})
    article.tags.set(tags or [])
    return article


def make_site_page(**facts: Any) -> SitePage:
    defaults = {"key": "terms", "title": "Terms", "body": "<p>Words.</p>"}
    return SitePage.objects.create(**{**defaults, **facts})


def make_whole_site() -> Article:
    """Create content for every kind of public page; return the article."""
    make_practice(
        home_heading="Counselling by the river",
        concerns="Worn out: I am tired.",
        **LEGAL_PAGE_SWITCHES,
    )
    make_opening_hours()
    person = make_practitioner(slug="robin", intro="Hello.", about_me="<p>About me.</p>")
    make_licence(person)
    service = make_service(slug="counselling", body="<p>Words.</p>", who_for="You")
    make_fee(service=service, is_sliding=True, lowest_amount=Decimal("80"))
    make_question(is_on_home=True)
    category = make_category(slug="daily-life", name="Daily life")
    tags = [make_tag(slug="sleep", name="sleep")]
    for number in range(3):
        article = make_article(
            slug=f"reading-{number}", category=category, author=person, tags=tags
        )
    return article
