"""When a page is public, and when comments are open."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pages.articles.models import Article
from pages.publishing.models import Status
from tests.factories.pages import PUBLISHED_AT, make_article, make_practice

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("status", "shift", "is_public"),
    [
        (Status.PUBLISHED, -TICK, False),
        (Status.PUBLISHED, timedelta(0), True),
        (Status.PUBLISHED, TICK, True),
        (Status.DRAFT, TICK, False),
    ],
)
def test_article_is_public_from_exact_publish_time(status, shift, is_public) -> None:
    article = make_article(status=status)
    now = PUBLISHED_AT + shift
    assert list(Article.objects.published(now)) == ([article] if is_public else [])
    assert article.is_public(now) is is_public


def test_publishing_without_time_defaults_to_now() -> None:
    before = timezone.now()
    article = make_article(status=Status.DRAFT, published_at=None)
    article.status = Status.PUBLISHED
    article.save(update_fields=["status"])
    article.refresh_from_db()
    assert article.published_at is not None
    assert before <= article.published_at <= timezone.now()


@pytest.mark.parametrize(
    ("practice", "facts", "is_open"),
    [
        ({}, {}, True),
        ({}, {"comments_are_open": False}, False),
        ({"comments_are_on": False}, {}, False),
        # 7:30 on March 5 in London is still the evening of March 4 in Portland.
        ({}, {"comments_close_on": "2026-03-04"}, True),
        ({"time_zone": "Europe/London"}, {"comments_close_on": "2026-03-04"}, False),
        ({}, {"comments_close_on": "2026-03-03"}, False),
    ],
)
def test_article_comment_availability(practice, facts, is_open) -> None:
    make_practice(**practice)
    article = make_article(**facts)
    article.refresh_from_db()
    now = PUBLISHED_AT.replace(day=5, hour=7, minute=30)
    assert (not article.comments_closed_reason(now)) is is_open


def test_scheduled_article_lastmod_is_publish_time() -> None:
    later = timezone.now() + timedelta(days=3)
    assert make_article(published_at=later).lastmod == later
