"""What crawlers may list: public pages, each with the time it really changed."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone

from pages.articles.models import Article, Category, Tag
from pages.articles.views import FEWEST_FOR_A_TAG
from pages.practice.models import PracticeProfile, Practitioner, Service
from pages.seo.metadata import absolute
from pages.site_pages.models import PageKey, SitePage, page_url

Entry = tuple[str, datetime | None]
MOST = 50_000  # addresses in one file, by the protocol


def entries(now: datetime | None = None) -> list[Entry]:
    now = now or timezone.now()
    practice = PracticeProfile.load()
    found = chain(_fixed(practice, now), _facts(), _articles(now), _topics(now))
    return [(absolute(path), changed) for path, changed in found][:MOST]


def _fixed(practice: PracticeProfile, now: datetime) -> Iterator[Entry]:
    newest = Article.objects.published(now).aggregate(at=Max("published_at"))["at"]
    times = [time for time in (newest, practice.updated_at) if time]
    yield reverse("pages:home"), max(times) if times else None
    yield reverse("pages:article_list"), newest
    yield reverse("pages:what_we_collect"), None
    stored = dict(SitePage.objects.values_list("key", "updated_at"))
    for key in PageKey.values:
        if not _is_hidden(key, practice):
            yield page_url(key), stored.get(key)


def _is_hidden(key: str, practice: PracticeProfile) -> bool:
    """Legal notices that do not apply to this practice are linked nowhere."""
    if key == PageKey.NOTICE_OF_PRIVACY_PRACTICES:
        return not practice.covered_entity
    return key == PageKey.GOOD_FAITH_ESTIMATE and not practice.shows_good_faith_estimate


def _facts() -> Iterator[Entry]:
    for row in chain(Practitioner.objects.published(), Service.objects.published()):
        yield row.get_absolute_url(), row.updated_at


def _articles(now: datetime) -> Iterator[Entry]:
    rows = Article.objects.published(now).only("slug", "published_at", "updated_at")
    for article in rows:
        yield article.get_absolute_url(), article.lastmod


def _topics(now: datetime) -> Iterator[Entry]:
    shown = Q(articles__in=Article.objects.published(now))
    counts = {"count": Count("articles", filter=shown)}
    newest = {"newest": Max("articles__published_at", filter=shown)}
    for category in Category.objects.annotate(**counts, **newest).filter(count__gt=0):
        yield category.get_absolute_url(), category.newest
    for tag in Tag.objects.annotate(**counts, **newest).filter(count__gte=FEWEST_FOR_A_TAG):
        yield tag.get_absolute_url(), tag.newest
