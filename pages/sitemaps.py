"""What crawlers may list: public pages, each with the time it really changed."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone

from pages.articles.models import FEWEST_FOR_A_TAG, Article, Category, Tag
from pages.practice.models import PracticeProfile, Practitioner, Service
from pages.seo.metadata import absolute
from pages.site_pages.models import FreePage, PageKey, SitePage, is_offered, page_url

Entry = tuple[str, datetime | None]
MOST = 50_000  # addresses in one file, by the protocol


def entries(now: datetime | None = None) -> list[Entry]:
    now = now or timezone.now()
    practice = PracticeProfile.load()
    found = chain(_fixed(practice, now), _facts(), _articles(now), _topics(now), _free_pages(now))
    return [(absolute(path), changed) for path, changed in found][:MOST]


def _fixed(practice: PracticeProfile, now: datetime) -> Iterator[Entry]:
    newest = Article.objects.published(now).aggregate(at=Max("published_at"))["at"]
    times = [time for time in (newest, practice.updated_at) if time]
    yield reverse("pages:home"), max(times) if times else None
    yield reverse("pages:article_list"), newest
    yield reverse("pages:what_we_collect"), None
    stored = dict(SitePage.objects.values_list("key", "updated_at"))
    for key in PageKey.values:
        if is_offered(key, practice):
            yield page_url(key), stored.get(key)


def _facts() -> Iterator[Entry]:
    for person in Practitioner.objects.published():
        yield person.get_absolute_url(), person.updated_at
    for service in Service.objects.published():
        yield service.get_absolute_url(), service.updated_at


def _articles(now: datetime) -> Iterator[Entry]:
    rows = Article.objects.published(now).only("slug", "published_at", "updated_at")
    for article in rows:
        yield article.get_absolute_url(), article.lastmod


def _free_pages(now: datetime) -> Iterator[Entry]:
    for page in FreePage.objects.published(now).only("path", "published_at", "updated_at"):
        yield page.get_absolute_url(), page.lastmod


def _topics(now: datetime) -> Iterator[Entry]:
    """Topics that hold something: each changed when its newest article appeared."""
    shown = Q(articles__in=Article.objects.published(now))
    count = Count("articles", filter=shown)
    newest = Max("articles__published_at", filter=shown)
    for fewest, rows in ((1, Category.objects.all()), (FEWEST_FOR_A_TAG, Tag.objects.all())):
        found = rows.annotate(count=count, newest=newest).filter(count__gte=fewest)
        for topic in found:
            yield topic.get_absolute_url(), topic.newest
