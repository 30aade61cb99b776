"""sitemap.xml and robots.txt."""

from datetime import UTC, datetime, timedelta

import pytest
from defusedxml import ElementTree
from django.utils import timezone

from pages.articles.models import Article
from pages.sitemaps import sitemap_entries
from tests.factories.pages import (
    make_article,
    make_category,
    make_practice,
    make_tag,
    make_whole_site,
)

pytestmark = pytest.mark.django_db
SITEMAP_NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_sitemap_lists_reachable_urls(client) -> None:
    make_whole_site()
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)
    addresses = [row.text or "" for row in tree.iter(f"{SITEMAP_NAMESPACE}loc")]
    assert "http://testserver/articles/reading-0/" in addresses
    assert len(addresses) == len(set(addresses))
    for address in addresses:
        path = address.removeprefix("http://testserver")
        if path != "/consultation/":
            assert client.get(path).status_code == 200, path


def test_article_lastmod_is_save_or_publish_time() -> None:
    article = make_article(slug="rest")
    saved = datetime(2026, 4, 1, tzinfo=UTC)
    Article.objects.filter(pk=article.pk).update(updated_at=saved)
    assert dict(sitemap_entries())["http://testserver/articles/rest/"] == saved
    appeared = timezone.now() - timedelta(hours=1)
    Article.objects.filter(pk=article.pk).update(published_at=appeared)
    assert dict(sitemap_entries())["http://testserver/articles/rest/"] == appeared


def test_sitemap_omits_small_tags_and_disabled_notices() -> None:
    make_article(tags=[make_tag(slug="alone")])
    addresses = dict(sitemap_entries())
    assert "http://testserver/articles/tag/alone/" not in addresses
    assert "http://testserver/good-faith-estimate/" not in addresses
    make_practice(shows_good_faith_estimate=True)
    assert "http://testserver/good-faith-estimate/" in dict(sitemap_entries())


def test_robots_txt_names_sitemap_only(client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert text == "User-agent: *\nAllow: /\n\nSitemap: http://testserver/sitemap.xml\n"


def test_sitemap_lists_only_categories_with_articles() -> None:
    wide = make_category(slug="wide")
    narrow = make_category(slug="narrow", parent=wide)
    second, empty = make_category(slug="second"), make_category(slug="empty")
    article = make_article(category=narrow)
    article.more_categories.add(second)
    addresses = dict(sitemap_entries())
    for topic in (wide, narrow, second):
        path = f"http://testserver/articles/category/{topic.slug}/"
        assert addresses[path] == article.published_at
    assert f"http://testserver/articles/category/{empty.slug}/" not in addresses
