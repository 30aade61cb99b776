"""Article pages and lists."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from pages.articles.models import validate_article_slug
from pages.articles.views import find_further_reading
from pages.publishing.models import Status
from tests.factories.pages import (
    PUBLISHED_AT,
    make_article,
    make_category,
    make_practice,
    make_practitioner,
    make_tag,
)
from tests.factories.pictures import make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden() -> list[str]:
    tag = make_tag(slug="sleep")
    make_article(title="Draft words", slug="draft", status=Status.DRAFT, tags=[tag])
    later = timezone.now() + timedelta(days=2)
    make_article(title="Later words", slug="later", published_at=later, tags=[tag])
    return ["Draft words", "Later words"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/articles/",
        "/articles/tag/sleep/",
        "/articles/category/daily-life/",
        "/articles/feed/rss/",
        "/articles/feed/atom/",
        "/articles/category/daily-life/feed/rss/",
        "/sitemap.xml",
        "/search/?q=words",
        "/articles/seen/",
    ],
)
def test_drafts_and_scheduled_articles_appear_nowhere(client, path) -> None:
    make_category(slug="daily-life")
    tag = make_tag(slug="sleep")
    shared = {"tags": [tag]}
    make_article(title="Seen words", slug="seen", **shared)
    make_article(title="Draft words", slug="draft", status=Status.DRAFT, **shared)
    later = timezone.now() + timedelta(days=2)
    make_article(title="Later words", slug="later", published_at=later, **shared)
    response = client.get(path)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Seen words" in page or "/articles/seen/" in page
    for word in ("Draft words", "Later words", "/articles/draft/", "/articles/later/"):
        assert word not in page


@pytest.mark.parametrize("slug", ["draft", "later"])
def test_hidden_article_returns_404(client, hidden, slug) -> None:
    assert client.get(f"/articles/{slug}/").status_code == 404


@pytest.mark.parametrize("page", ["0", "3", "-1", "x", "1e1", "²", "9" * 40, ""])
def test_invalid_page_number_returns_404(client, page) -> None:
    for _number in range(11):
        make_article()
    assert client.get("/articles/", {"page": "2"}).status_code == 200
    assert client.get("/articles/", {"page": page}).status_code == 404


def test_year_archive_lists_articles_of_that_year(client) -> None:
    make_article(title="Old", published_at=datetime(2024, 12, 31, 23, 59, tzinfo=UTC))
    make_article(title="New", published_at=datetime(2025, 1, 1, tzinfo=UTC))
    page = client.get("/articles/2024/").content.decode()
    assert "Old" in page
    assert "New" not in page
    assert client.get("/articles/2023/").status_code == 404


@pytest.mark.parametrize("slug", ["feed", "tag", "category", "2024"])
def test_reserved_slugs_are_rejected(slug) -> None:
    with pytest.raises(ValidationError):
        validate_article_slug(slug)


def test_related_articles_prefer_category_then_tags() -> None:
    topic, other = make_category(), make_category()
    tag = make_tag()
    article = make_article(category=topic, tags=[tag])
    same = make_article(category=topic)
    both = make_article(category=topic, tags=[tag])
    tagged = make_article(category=other, tags=[tag])
    make_article(category=other)
    assert find_further_reading(article, timezone.now()).related == [both, same, tagged]


def test_adjacent_articles_sort_by_time_then_pk() -> None:
    first, second, third = (make_article() for _number in range(3))
    newest = make_article(published_at=PUBLISHED_AT + timedelta(days=1))

    def neighbours(article):
        further = find_further_reading(article, timezone.now())
        return further.newer, further.older

    assert neighbours(first) == (second, None)
    assert neighbours(second) == (third, first)
    assert neighbours(third) == (newest, second)
    assert neighbours(newest) == (None, third)


def test_further_reading_takes_one_query(django_assert_num_queries) -> None:
    topic = make_category()
    articles = [make_article(category=topic, tags=[make_tag()]) for _number in range(6)]
    with django_assert_num_queries(1):
        further = find_further_reading(articles[3], timezone.now())
    assert further.related == [articles[5], articles[4], articles[2]]
    assert (further.newer, further.older) == (articles[4], articles[2])


@pytest.mark.parametrize("path", ["/articles/", "/articles/feed/rss/", "/sitemap.xml", "/"])
def test_list_query_count_is_constant(client, path, django_assert_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_practice()
    author = make_practitioner()
    make_article(author=author, tags=[make_tag()])
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(path)
    for _number in range(9):
        make_article(author=author, tags=[make_tag()], category=make_category())
    with django_assert_num_queries(len(few)):
        client.get(path)


def test_article_ends_with_call_to_action_author_and_related(client) -> None:
    make_practice()
    author = make_practitioner(name="Robin Example", slug="robin")
    topic = make_category()
    make_article(title="Another", category=topic)
    make_article(
        slug="rest",
        author=author,
        category=topic,
        call_to_action_heading="Tired of being tired?",
        call_to_action_text="We could talk.",
        references="<p>Rogers, C. (1957).</p>",
    )
    page = client.get("/articles/rest/").content.decode().partition("<main")[2]
    order = [
        "Rogers, C. (1957).",
        "Tired of being tired?",
        "Book a free consultation",
        'aria-labelledby="author"',
        "Read next",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_full_practice_overrides_article_call_to_action(client) -> None:
    make_practice(accepting="waitlist")
    make_article(slug="rest", call_to_action_heading="Schedule today")
    page = client.get("/articles/rest/").content.decode()
    assert "Schedule today" not in page
    assert "Join the waiting list" in page


def test_long_article_has_linked_table_of_contents(client) -> None:
    part = "<p>" + "word " * 310 + "</p>"
    make_article(slug="long", body="".join(f"<h2>Part {n}</h2>{part}" for n in range(4)))
    page = client.get("/articles/long/").content.decode()
    assert '<a href="#h-part-2">Part 2</a>' in page
    assert '<h2 id="h-part-2">Part 2</h2>' in page


def test_share_links_contain_no_tracking(client, settings) -> None:
    settings.SITE_URL = "https://quietroom.example.com"
    make_article(slug="rest", title='Rest & "play" ü?')
    page = client.get("/articles/rest/").content.decode()
    link = "https%3A%2F%2Fquietroom.example.com%2Farticles%2Frest%2F"
    subject = "Rest%20%26%20%22play%22%20%C3%BC%3F"
    assert f'href="mailto:?subject={subject}&amp;body={link}"' in page
    assert 'data-copy="https://quietroom.example.com/articles/rest/"' in page
    assert '<span class="share-address">https://quietroom.example.com/articles/rest/</span>' in page


def test_article_list_links_to_year_archives(client) -> None:
    make_article(published_at=datetime(2024, 5, 1, tzinfo=UTC))
    make_article(published_at=datetime(2026, 1, 1, tzinfo=UTC))
    page = client.get("/articles/").content.decode()
    assert 'href="/articles/2024/"' in page
    assert 'href="/articles/2026/"' in page
    assert 'href="/articles/2025/"' not in page


def test_library_cover_shows_on_article_and_cards(client, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    picture = make_picture(alt="A river")
    make_article(slug="rest", cover=picture)
    page = client.get("/articles/rest/").content.decode()
    assert f'src="{picture.first_url}"' in page
    assert 'alt="A river" fetchpriority="high"' in page
    card = client.get("/articles/").content.decode()
    assert f'src="{picture.first_url}"' in card
    assert 'alt="A river"' not in card
