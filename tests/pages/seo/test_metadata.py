import re

import pytest

from pages.seo.metadata import describe
from tests.factories.pages import make_article, make_practice, make_tag

pytestmark = pytest.mark.django_db


def head(client, path: str, **kwargs) -> str:
    return client.get(path, **kwargs).content.decode().partition("</head>")[0]


def test_links_come_from_our_own_address_not_from_the_request(client, settings) -> None:
    settings.SITE_URL = "https://quietroom.example.com"
    settings.ALLOWED_HOSTS = ["*"]
    make_article(slug="rest")
    page = head(client, "/articles/rest/?a=1", headers={"host": "evil.example.com"})
    assert '<link rel="canonical" href="https://quietroom.example.com/articles/rest/">' in page
    assert "evil.example.com" not in page


def test_title_and_description(client) -> None:
    make_practice(name="Quiet Room")
    make_article(slug="rest", title="On rest", summary="Why <rest> & sleep “matter”.")
    page = head(client, "/articles/rest/")
    assert "<title>On rest – Quiet Room</title>" in page
    assert 'content="Why &lt;rest&gt; &amp; sleep “matter”."' in page
    assert 'property="og:type" content="article"' in page


def test_a_long_description_is_cut_at_a_bearable_length() -> None:
    metadata = describe(make_practice(), title="a", path="/", description="word " * 100)
    assert len(metadata.description) <= 200


@pytest.mark.parametrize(("count", "is_indexed"), [(1, False), (2, True)])
def test_a_tag_with_one_article_is_not_for_search_engines(client, count, is_indexed) -> None:
    tag = make_tag(slug="sleep")
    for _number in range(count):
        make_article(tags=[tag])
    assert bool(re.search("noindex", head(client, "/articles/tag/sleep/"))) is not is_indexed


def test_older_pages_of_a_list_are_not_for_search_engines(client) -> None:
    for _number in range(11):
        make_article()
    assert "noindex" not in head(client, "/articles/")
    older = head(client, "/articles/?page=2")
    assert "noindex" in older
    assert 'canonical" href="http://testserver/articles/?page=2"' in older


def test_search_is_not_for_search_engines(client) -> None:
    assert "noindex" in head(client, "/search/")
