from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from pages.articles.models import validate_article_slug
from pages.articles.views import adjacent_articles, related_articles
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
def test_drafts_and_scheduled_articles_are_nowhere(client, path) -> None:
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
def test_hidden_articles_are_not_found(client, hidden, slug) -> None:
    assert client.get(f"/articles/{slug}/").status_code == 404


@pytest.mark.parametrize("page", ["0", "3", "-1", "x", "1e1", "²", "9" * 40, ""])
def test_pages_that_do_not_exist_are_not_found(client, page) -> None:
    for _number in range(11):
        make_article()
    assert client.get("/articles/", {"page": "2"}).status_code == 200
    assert client.get("/articles/", {"page": page}).status_code == 404


def test_year_pages(client) -> None:
    make_article(title="Old", published_at=datetime(2024, 12, 31, 23, 59, tzinfo=UTC))
    make_article(title="New", published_at=datetime(2025, 1, 1, tzinfo=UTC))
    page = client.get("/articles/2024/").content.decode()
    assert "Old" in page
    assert "New" not in page
    assert client.get("/articles/2023/").status_code == 404


@pytest.mark.parametrize("slug", ["feed", "tag", "category", "2024"])
def test_slugs_that_mean_another_page_are_refused(slug) -> None:
    with pytest.raises(ValidationError):
        validate_article_slug(slug)


def test_related_are_of_the_category_first_then_by_tags() -> None:
    topic, other = make_category(), make_category()
    tag = make_tag()
    article = make_article(category=topic, tags=[tag])
    same = make_article(category=topic)
    both = make_article(category=topic, tags=[tag])
    tagged = make_article(category=other, tags=[tag])
    make_article(category=other)
    assert related_articles(article, timezone.now()) == [both, same, tagged]


def test_neighbours_go_by_time_and_then_by_number() -> None:
    first, second, third = (make_article() for _number in range(3))
    newest = make_article(published_at=PUBLISHED_AT + timedelta(days=1))
    now = timezone.now()
    assert adjacent_articles(first, now) == (second, None)
    assert adjacent_articles(second, now) == (third, first)
    assert adjacent_articles(third, now) == (newest, second)


@pytest.mark.parametrize("path", ["/articles/", "/articles/feed/rss/", "/sitemap.xml", "/"])
def test_lists_ask_the_same_number_of_questions_however_long(
    client, path, django_assert_num_queries
) -> None:
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


def test_the_article_ends_with_the_call_the_author_and_more(client) -> None:
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
    page = client.get("/articles/rest/").content.decode()
    order = [
        "Rogers, C. (1957).",
        "Tired of being tired?",
        "Book a free consultation",
        "Written by",
        "You may also want to read",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_a_full_practice_replaces_the_article_s_own_call(client) -> None:
    make_practice(accepting="waitlist")
    make_article(slug="rest", call_to_action_heading="Schedule today")
    page = client.get("/articles/rest/").content.decode()
    assert "Schedule today" not in page
    assert "Join the waiting list" in page


def test_a_long_article_has_contents_that_lead_to_its_sections(client) -> None:
    part = "<p>" + "word " * 310 + "</p>"
    make_article(slug="long", body="".join(f"<h2>Part {n}</h2>{part}" for n in range(4)))
    page = client.get("/articles/long/").content.decode()
    assert '<a href="#h-part-2">Part 2</a>' in page
    assert '<h2 id="h-part-2">Part 2</h2>' in page


def test_an_article_is_passed_on_without_a_trace(client, settings) -> None:
    settings.SITE_URL = "https://quietroom.example.com"
    make_article(slug="rest", title='Rest & "play" ü?')
    page = client.get("/articles/rest/").content.decode()
    link = "https%3A%2F%2Fquietroom.example.com%2Farticles%2Frest%2F"
    subject = "Rest%20%26%20%22play%22%20%C3%BC%3F"
    assert f'href="mailto:?subject={subject}&amp;body={link}"' in page
    assert 'data-copy="https://quietroom.example.com/articles/rest/"' in page
    assert '<span class="share-address">https://quietroom.example.com/articles/rest/</span>' in page


def test_years_lead_to_their_archives(client) -> None:
    make_article(published_at=datetime(2024, 5, 1, tzinfo=UTC))
    make_article(published_at=datetime(2026, 1, 1, tzinfo=UTC))
    page = client.get("/articles/").content.decode()
    assert 'href="/articles/2024/"' in page
    assert 'href="/articles/2026/"' in page
    assert 'href="/articles/2025/"' not in page


def test_a_cover_from_the_library_stands_above_and_on_cards(client, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    picture = make_picture(alt="A river")
    make_article(slug="rest", cover=picture)
    page = client.get("/articles/rest/").content.decode()
    assert f'src="{picture.first_url}"' in page
    assert 'alt="A river" fetchpriority="high"' in page
    card = client.get("/articles/").content.decode()
    assert f'src="{picture.first_url}"' in card
    assert 'alt="A river"' not in card
