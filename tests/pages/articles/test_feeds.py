"""RSS and Atom feeds."""

from html import escape

import pytest
from defusedxml import ElementTree
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.pages import make_article, make_category, make_practice, make_practitioner
from tests.factories.pictures import make_picture
from tests.pages.articles.feed_rules import find_atom_errors, find_rss_errors, parse_titles_with_sax

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


def fetch_feed(client, path: str):
    response = client.get(path)
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def test_rss_has_full_text_with_absolute_links(client, settings) -> None:
    settings.SITE_URL = "https://quietroom.example.com"
    make_practice(name="Quiet Room")
    make_article(slug="rest", body='<h2>Rest</h2><p><a href="/fees/">Fees</a></p>')
    channel = fetch_feed(client, "/articles/feed/rss/").find("channel")
    assert channel.findtext("title") == "Quiet Room"
    item = channel.find("item")
    assert item.findtext("link") == "https://quietroom.example.com/articles/rest/"
    text = item.findtext(CONTENT)
    assert text == (
        '<h2 id="h-rest">Rest</h2><p><a href="https://quietroom.example.com/fees/">Fees</a></p>'
    )


def test_atom_has_full_text(client) -> None:
    make_article(body="<p>All of it</p>", summary="A part")
    entry = fetch_feed(client, "/articles/feed/atom/").find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}content") == "<p>All of it</p>"
    assert entry.findtext(f"{ATOM}summary") == "A part"


def test_category_feed_lists_only_its_articles(client) -> None:
    make_article(title="Here", category=make_category(slug="daily-life"))
    make_article(title="There", category=make_category())
    items = fetch_feed(client, "/articles/category/daily-life/feed/rss/").findall("channel/item")
    assert [item.findtext("title") for item in items] == ["Here"]
    assert client.get("/articles/category/none/feed/rss/").status_code == 404


def test_feed_strips_control_characters(client) -> None:
    make_practice(tagline="a\x0bb")
    make_article(title="a\x08b", summary="c\x1fd", body="<p>e\x0cf</p>")
    item = fetch_feed(client, "/articles/feed/rss/").find("channel/item")
    assert item.findtext("title") == "a b"


def test_unchanged_feed_returns_304(client) -> None:
    make_article()
    first = client.get("/articles/feed/rss/")
    again = client.get("/articles/feed/rss/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


# --- the rules of both formats ---

FEEDS = ["/articles/feed/rss/", "/articles/feed/atom/"]
CATEGORY_FEEDS = [f"/articles/category/daily-life/feed/{kind}/" for kind in ("rss", "atom")]


@pytest.fixture
def varied(settings, tmp_path):
    settings.SITE_URL = "https://quietroom.example.com"
    settings.MEDIA_ROOT = tmp_path / "media"
    make_practice(name="Quiet & Room <1>", tagline="")
    picture = make_picture(alt='A "river"')
    topic = make_category(slug="daily-life", name="Daily & life", summary="")
    figure = f'<figure><img data-file="{picture.pk}" alt="A river"></figure>'
    long = '<h2>One</h2><p><a href="#h-one">up</a> <a href="/fees/">fees</a></p>' + figure
    make_article(title="A ]]> & <b>", body=long, category=topic, author=make_practitioner())
    make_article(title="No words", body="", summary="", category=topic)
    make_article(title="Other scripts: שלום 你好 👋", category=topic)
    hidden = make_practitioner(is_published=False)
    make_article(title="Of somebody not shown", category=topic, author=hidden)
    return picture


@pytest.mark.parametrize("path", [*FEEDS, *CATEGORY_FEEDS])
@pytest.mark.parametrize("is_full", [True, False])
def test_feeds_follow_format_rules(client, varied, path, is_full) -> None:
    make_practice(name="Quiet & Room <1>", tagline="", feeds_are_full=is_full)
    response = client.get(path)
    xml = response.content
    faults = find_atom_errors(xml) if "atom" in path else find_rss_errors(xml)
    assert faults == []
    assert response["Content-Type"].startswith(f"application/{'atom' if 'atom' in path else 'rss'}")
    assert parse_titles_with_sax(xml) == [
        "Of somebody not shown", "Other scripts: שלום 你好 👋", "No words", "A ]]> & <b>",
    ]  # fmt: skip
    picture = f'src="https://quietroom.example.com/media/{varied.pk.hex}/800.jpg"'
    assert (escape(picture).encode() in xml or picture.encode() in xml) is is_full


def test_feed_rules_detect_errors(client, varied) -> None:
    atom = client.get(FEEDS[1]).content
    assert find_atom_errors(
        atom.replace(b"<updated>", b"<wrong>").replace(b"</updated>", b"</wrong>")
    )
    assert find_atom_errors(atom.replace(b"https://quietroom.example.com/fees/", b"/fees/"))
    assert find_atom_errors(atom.replace(b"urn:uuid:", b""))
    rss = client.get(FEEDS[0]).content
    assert find_rss_errors(rss.replace(b'isPermaLink="false"', b""))
    assert find_rss_errors(rss.replace(b"<link>", b"<wrong>").replace(b"</link>", b"</wrong>"))


@pytest.mark.parametrize("path", FEEDS)
def test_entry_id_survives_url_change(client, settings, path) -> None:
    article = make_article()
    tree = fetch_feed(client, path)
    settings.SITE_URL = "https://elsewhere.example.com"
    article.slug = "moved"
    article.save()
    again = fetch_feed(client, path)
    name = f"{ATOM}entry/{ATOM}id" if "atom" in path else "channel/item/guid"
    assert tree.findtext(name) == again.findtext(name)
    assert str(tree.findtext(name)).startswith("urn:uuid:")


def test_feed_query_count_is_constant(client, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    picture = make_picture()
    figure = f'<figure><img data-file="{picture.pk}" alt="A river"></figure>'
    make_practice()
    make_article(body=figure)
    with CaptureQueriesContext(connection) as few:
        client.get(FEEDS[0])
    for _number in range(12):
        make_article(body=figure)
    with CaptureQueriesContext(connection) as many:
        client.get(FEEDS[0])
    assert len(few) == len(many)
