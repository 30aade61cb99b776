from datetime import UTC, datetime, timedelta

import pytest
from defusedxml import ElementTree
from django.utils import timezone

from pages.articles.models import Article
from pages.sitemaps import entries
from tests.factories.pages import (
    make_article,
    make_category,
    make_practice,
    make_tag,
    make_whole_site,
)

pytestmark = pytest.mark.django_db
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_the_file_lists_addresses_that_answer(client) -> None:
    make_whole_site()
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)
    addresses = [row.text or "" for row in tree.iter(f"{SPACE}loc")]
    assert "http://testserver/articles/reading-0/" in addresses
    assert len(addresses) == len(set(addresses))
    for address in addresses:
        path = address.removeprefix("http://testserver")
        if path != "/consultation/":
            assert client.get(path).status_code == 200, path


def test_an_article_changed_when_it_was_saved_or_when_it_appeared() -> None:
    article = make_article(slug="rest")
    saved = datetime(2026, 4, 1, tzinfo=UTC)
    Article.objects.filter(pk=article.pk).update(updated_at=saved)
    assert dict(entries())["http://testserver/articles/rest/"] == saved
    appeared = timezone.now() - timedelta(hours=1)
    Article.objects.filter(pk=article.pk).update(published_at=appeared)
    assert dict(entries())["http://testserver/articles/rest/"] == appeared


def test_tags_with_one_article_and_notices_that_do_not_apply_are_left_out() -> None:
    make_article(tags=[make_tag(slug="alone")])
    addresses = dict(entries())
    assert "http://testserver/articles/tag/alone/" not in addresses
    assert "http://testserver/good-faith-estimate/" not in addresses
    make_practice(shows_good_faith_estimate=True)
    assert "http://testserver/good-faith-estimate/" in dict(entries())


def test_robots_names_the_sitemap_and_no_secret_place(client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert text == "User-agent: *\nAllow: /\n\nSitemap: http://testserver/sitemap.xml\n"


def test_a_topic_is_listed_when_its_page_lists_something() -> None:
    wide = make_category(slug="wide")
    narrow = make_category(slug="narrow", parent=wide)
    second, empty = make_category(slug="second"), make_category(slug="empty")
    article = make_article(category=narrow)
    article.more_categories.add(second)
    addresses = dict(entries())
    for topic in (wide, narrow, second):
        path = f"http://testserver/articles/category/{topic.slug}/"
        assert addresses[path] == article.published_at
    assert f"http://testserver/articles/category/{empty.slug}/" not in addresses
