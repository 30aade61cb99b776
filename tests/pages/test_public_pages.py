"""Every public page, with an empty and with a full database."""

import re
from itertools import pairwise

import pytest

from pages.practice.models import PracticeProfile
from tests.factories.pages import (
    LEGAL_PAGE_SWITCHES,
    make_article,
    make_practice,
    make_practitioner,
    make_service,
    make_whole_site,
)

pytestmark = pytest.mark.django_db
FIXED_PATHS = [
    "/",
    "/about/",
    "/services/",
    "/fees/",
    "/what-to-expect/",
    "/faq/",
    "/contact/",
    "/crisis/",
    "/privacy/",
    "/privacy/what-we-collect/",
    "/accessibility/",
    "/terms/",
    "/comment-policy/",
    "/articles/",
]
OPTIONAL_PATHS = ["/notice-of-privacy-practices/", "/good-faith-estimate/", "/imprint/"]
OTHER_PATHS = [
    "/about/robin/",
    "/services/counselling/",
    "/articles/reading-0/",
    "/articles/category/daily-life/",
    "/articles/tag/sleep/",
    "/articles/2026/",
]
FEED_PATHS = [
    "/articles/feed/rss/",
    "/articles/feed/atom/",
    "/sitemap.xml",
    "/robots.txt",
    "/.well-known/security.txt",
]
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff " * 3


def assert_valid_page(page: str) -> None:
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert "{{" not in page
    assert "{%" not in page
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)
    assert "<style" not in page
    assert not re.search(r'(?:src|action)="https?://', page)
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]
    jumps = [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1]
    assert not jumps, jumps
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids)), ids


@pytest.mark.parametrize("path", [*FIXED_PATHS, *FEED_PATHS, "/search/"])
def test_pages_work_with_empty_database(client, path) -> None:
    response = client.get(path)
    assert response.status_code == 200
    if path not in FEED_PATHS:
        assert_valid_page(response.content.decode())


@pytest.mark.parametrize(
    "path", [*FIXED_PATHS, *OPTIONAL_PATHS, *OTHER_PATHS, *FEED_PATHS, "/search/?q=article"]
)
def test_public_pages_return_200_without_cookies(client, path) -> None:
    make_whole_site()
    response = client.get(path)
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    if path not in FEED_PATHS:
        assert_valid_page(response.content.decode())


@pytest.mark.parametrize("path", [*FIXED_PATHS, *OPTIONAL_PATHS, *OTHER_PATHS[:-3]])
def test_public_pages_revalidate_with_304(client, path) -> None:
    make_whole_site()
    first = client.get(path)
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    if "/articles/reading" in path:
        return  # its form carries the time, so its tag changes
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert again["Cache-Control"] == first["Cache-Control"]
    PracticeProfile.objects.update(name="Another name")
    assert client.get(path, headers={"if-none-match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", [*FIXED_PATHS, *OPTIONAL_PATHS])
def test_long_and_foreign_names_are_shown_in_full(client, path) -> None:
    make_practice(name=f"{LONG_NAME[:90]} مساحة هادئة <&>", tagline="مساحة", **LEGAL_PAGE_SWITCHES)
    page = client.get(path).content.decode()
    assert "مساحة هادئة &lt;&amp;&gt;" in page
    assert_valid_page(page)


@pytest.mark.parametrize("path", ["/about/hidden/", "/services/hidden/", "/articles/hidden/"])
def test_unpublished_content_returns_404(client, path) -> None:
    make_practitioner(slug="hidden", is_published=False)
    make_service(slug="hidden", is_published=False)
    make_article(slug="hidden", status="draft")
    assert client.get(path).status_code == 404


def test_home_page_section_order(client) -> None:
    make_whole_site()
    page = client.get("/").content.decode().partition("<main")[2]
    blocks = [
        "Counselling by the river",
        "Book a free consultation",
        "What brings people here",
        "Meet your counselor",
        "How it works",
        "Services and fees",
        "Questions people ask",
        "To read at your own pace",
        "See if we’re a good fit",
    ]
    places = [page.index(words) for words in blocks]
    assert places == sorted(places)


@pytest.mark.parametrize(("mode", "status"), [("demo", 200), ("production", 404)])
def test_pattern_page_is_hidden_in_production(client, settings, mode, status) -> None:
    settings.SITE_MODE = mode
    response = client.get("/patterns/")
    assert response.status_code == status
    if status == 200:
        assert b"noindex" in response.content


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("path", ["/about/", "/articles/", "/search/"])
def test_public_pages_reject_unsafe_methods(client, method, path) -> None:
    assert getattr(client, method)(path).status_code == 405
