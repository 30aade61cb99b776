import pytest
from defusedxml import ElementTree

from tests.factories.pages import make_article, make_category, make_practice

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


def read(client, path: str):
    response = client.get(path)
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def test_rss_carries_the_full_text_with_links_that_work_elsewhere(client, settings) -> None:
    settings.SITE_URL = "https://quietroom.example.com"
    make_practice(name="Quiet Room")
    make_article(slug="rest", body='<h2>Rest</h2><p><a href="/fees/">Fees</a></p>')
    channel = read(client, "/articles/feed/rss/").find("channel")
    assert channel.findtext("title") == "Quiet Room"
    item = channel.find("item")
    assert item.findtext("link") == "https://quietroom.example.com/articles/rest/"
    text = item.findtext(CONTENT)
    assert text == (
        '<h2 id="h-rest">Rest</h2><p><a href="https://quietroom.example.com/fees/">Fees</a></p>'
    )


def test_atom_carries_the_full_text(client) -> None:
    make_article(body="<p>All of it</p>", summary="A part")
    entry = read(client, "/articles/feed/atom/").find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}content") == "<p>All of it</p>"
    assert entry.findtext(f"{ATOM}summary") == "A part"


def test_a_feed_of_one_category(client) -> None:
    make_article(title="Here", category=make_category(slug="daily-life"))
    make_article(title="There", category=make_category())
    items = read(client, "/articles/category/daily-life/feed/rss/").findall("channel/item")
    assert [item.findtext("title") for item in items] == ["Here"]
    assert client.get("/articles/category/none/feed/rss/").status_code == 404


def test_control_characters_do_not_break_the_feed(client) -> None:
    make_practice(tagline="a\x0bb")
    make_article(title="a\x08b", summary="c\x1fd", body="<p>e\x0cf</p>")
    item = read(client, "/articles/feed/rss/").find("channel/item")
    assert item.findtext("title") == "a b"


def test_feeds_answer_304_while_nothing_changed(client) -> None:
    make_article()
    first = client.get("/articles/feed/rss/")
    again = client.get("/articles/feed/rss/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
