"""Titles, descriptions and robots of pages."""

import re

import pytest

from pages.seo.metadata import build_metadata
from tests.factories.pages import make_article, make_practice, make_tag

pytestmark = pytest.mark.django_db


def head(client, path: str, **kwargs) -> str:
    return client.get(path, **kwargs).content.decode().partition("</head>")[0]


def test_links_use_site_url_not_request_host(client, settings) -> None:
    settings.SITE_URL = "https://quietroom.example.com"
    settings.ALLOWED_HOSTS = ["*"]
    make_article(slug="rest")
    page = head(client, "/articles/rest/?a=1", headers={"host": "evil.example.com"})
    assert '<link rel="canonical" href="https://quietroom.example.com/articles/rest/">' in page
    assert "evil.example.com" not in page


def test_title_and_description_are_set(client) -> None:
    make_practice(name="Quiet Room")
    make_article(slug="rest", title="On rest", summary="Why <rest> & sleep “matter”.")
    page = head(client, "/articles/rest/")
    assert "<title>On rest – Quiet Room</title>" in page
    assert 'content="Why &lt;rest&gt; &amp; sleep “matter”."' in page
    assert 'property="og:type" content="article"' in page


def test_long_description_is_truncated() -> None:
    metadata = build_metadata(make_practice(), title="a", path="/", description="word " * 100)
    assert len(metadata.description) <= 200


@pytest.mark.parametrize(("count", "is_indexed"), [(1, False), (2, True)])
def test_tag_with_one_article_is_noindex(client, count, is_indexed) -> None:
    tag = make_tag(slug="sleep")
    for _number in range(count):
        make_article(tags=[tag])
    assert bool(re.search("noindex", head(client, "/articles/tag/sleep/"))) is not is_indexed


def test_later_list_pages_are_noindex(client) -> None:
    for _number in range(11):
        make_article()
    assert "noindex" not in head(client, "/articles/")
    older = head(client, "/articles/?page=2")
    assert "noindex" in older
    assert 'canonical" href="http://testserver/articles/?page=2"' in older


def test_search_page_is_noindex(client) -> None:
    assert "noindex" in head(client, "/search/")
