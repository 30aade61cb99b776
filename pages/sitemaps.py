"""Entries of sitemap.xml: public pages, each with the time of its last real change."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone

from pages.articles.models import MIN_ARTICLES_PER_TAG, Article, Category, Tag
from pages.practice.models import PracticeProfile, Practitioner, Service
from pages.seo.metadata import absolute_url
from pages.site_pages.models import FreePage, PageKey, SitePage, is_offered, page_url

Entry = tuple[str, datetime | None]
MAX_URLS = 50_000  # limit of the sitemap protocol for one file


def sitemap_entries(now: datetime | None = None) -> list[Entry]:
    """Return absolute URLs with their time of change."""
    now = now or timezone.now()
    practice = PracticeProfile.load()
    entries = chain(
        _fixed_page_entries(practice, now),
        _practice_entries(),
        _article_entries(now),
        _topic_entries(now),
        _free_page_entries(now),
    )
    return [(absolute_url(path), changed) for path, changed in entries][:MAX_URLS]


def _fixed_page_entries(practice: PracticeProfile, now: datetime) -> Iterator[Entry]:
    newest = Article.objects.published(now).aggregate(at=Max("published_at"))["at"]
    times = [time for time in (newest, practice.updated_at) if time]
    yield reverse("pages:home"), max(times) if times else None
    yield reverse("pages:article_list"), newest
    yield reverse("data_rights:what_we_collect"), None
    stored = dict(SitePage.objects.values_list("key", "updated_at"))
    for key in PageKey.values:
        if is_offered(key, practice):
            yield page_url(key), stored.get(key)


def _practice_entries() -> Iterator[Entry]:
    for person in Practitioner.objects.published():
        yield person.get_absolute_url(), person.updated_at
    for service in Service.objects.published():
        yield service.get_absolute_url(), service.updated_at


def _article_entries(now: datetime) -> Iterator[Entry]:
    rows = Article.objects.published(now).only("slug", "published_at", "updated_at")
    for article in rows:
        yield article.get_absolute_url(), article.lastmod


def _free_page_entries(now: datetime) -> Iterator[Entry]:
    for page in FreePage.objects.published(now).only("path", "published_at", "updated_at"):
        yield page.get_absolute_url(), page.lastmod


def _topic_entries(now: datetime) -> Iterator[Entry]:
    """Yield topics with public articles, dated by their newest article."""
    newest = _latest_article_by_category(now)
    for category in Category.objects.all():
        if category.pk in newest:
            yield category.get_absolute_url(), newest[category.pk]
    shown = Q(articles__in=Article.objects.published(now))
    tags = Tag.objects.annotate(
        count=Count("articles", filter=shown), newest=Max("articles__published_at", filter=shown)
    )
    for tag in tags.filter(count__gte=MIN_ARTICLES_PER_TAG):
        yield tag.get_absolute_url(), tag.newest


def _latest_article_by_category(now: datetime) -> dict[int, datetime]:
    """Map categories to the date of the newest article that their page lists."""
    articles = Article.objects.published(now).order_by()
    newest_by_category: dict[int, datetime] = {}
    wider = dict(Category.objects.values_list("pk", "parent"))
    for field in ("category", "more_categories"):
        rows = articles.exclude(**{field: None}).values_list(field)
        for pk, at in rows.annotate(newest=Max("published_at")):
            seen: set[int] = set()
            while pk is not None and pk not in seen:
                seen.add(pk)
                newest_by_category[pk] = max(at, newest_by_category.get(pk, at))
                pk = wider.get(pk)
    return newest_by_category
