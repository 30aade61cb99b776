"""What machines read of every page: the head, the headings, and JSON-LD."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from defusedxml import ElementTree

from pages.publishing.models import Status
from pages.site_pages.models import FreePage
from tests.factories.pages import (
    PUBLISHED_AT,
    make_article,
    make_category,
    make_practice,
    make_practitioner,
    make_question,
    make_service,
    make_tag,
    make_whole_site,
)

pytestmark = pytest.mark.django_db
SITE = "https://quietroom.example.com"
FORBIDDEN_TYPES = {
    "Review",
    "AggregateRating",
    "Rating",
    "aggregateRating",
    "review",
    "ratingValue",
}


@pytest.fixture
def heads(client, settings, tmp_path) -> dict[str, str]:
    """Return the HTML of every URL in the sitemap; no content has a summary."""
    settings.SITE_URL = SITE
    settings.MEDIA_ROOT = tmp_path / "media"
    make_whole_site()
    make_practice(covered_entity=True, shows_good_faith_estimate=True)
    tag = make_tag(slug="rest", name="rest")
    for number in range(12):
        make_article(title=f"Bare {number}", summary="", body=f"<p>Text {number}.</p>", tags=[tag])
    make_article(
        title="Of two years ago", summary="", body="", published_at=datetime(2024, 5, 1, tzinfo=UTC)
    )
    make_article(title="Empty", summary="", body="", category=make_category(name="Other", slug="o"))
    make_service(title="Bare service")
    make_practitioner(name="Bare Person")
    make_question(question="</script><b>?", answer="<p>&lt;/script&gt;</p>")
    FreePage.objects.create(
        title="Groups", slug="groups", status=Status.PUBLISHED, published_at=PUBLISHED_AT
    )
    elements = ElementTree.fromstring(client.get("/sitemap.xml").content).iter()
    paths = [(row.text or "").removeprefix(SITE) for row in elements if row.tag.endswith("}loc")]
    assert "/groups/" in paths
    paths += ["/articles/2026/", "/articles/2024/", "/articles/?page=2", "/articles/tag/rest/"]
    pages = {path: client.get(path) for path in dict.fromkeys(paths)}
    assert [path for path, page in pages.items() if "X-Robots-Tag" in page] == []
    return {path: page.content.decode() for path, page in pages.items()}


def find_single(pattern: str, page: str) -> str:
    matches = re.findall(pattern, page, re.S)
    assert len(matches) == 1, (pattern, matches)
    return unescape(matches[0])


def meta_content(name: str, page: str) -> str:
    return find_single(rf'<meta (?:name|property)="{name}" content="([^"]*)">', page)


def json_ld_graph(page: str) -> list[dict[str, Any]]:
    block = find_single(r'<script type="application/ld\+json">(.*?)</script>', page)
    graph = json.loads(block)
    assert graph["@context"] == "https://schema.org"
    entities: list[dict[str, Any]] = graph["@graph"]
    return entities


def test_every_page_has_unique_title_and_description(heads) -> None:
    titles: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    for path, page in heads.items():
        title, description = (
            find_single("<title>(.*?)</title>", page),
            meta_content("description", page),
        )
        assert titles.setdefault(title, path) == path, title
        if not path.startswith("/articles/reading-"):  # these share one summary on purpose
            assert descriptions.setdefault(description, path) == path, description
        assert 5 <= len(description) <= 200, path
        assert len(re.findall(r"<h1[ >]", page)) == 1, path
        assert find_single('<link rel="canonical" href="([^"]*)">', page) == SITE + path
        assert meta_content("og:url", page) == SITE + path
        assert meta_content("og:title", page) == title
        assert meta_content("og:image", page).startswith(f"{SITE}/")
        assert meta_content("og:image", page).endswith("share.png")
        assert meta_content("og:image:alt", page)
        assert ("noindex" in page.partition("</head>")[0]) is ("page=2" in path), path


def test_json_ld_is_valid_and_has_no_ratings(heads) -> None:
    for path, page in heads.items():
        entities = json_ld_graph(page)
        text = json.dumps(entities)
        assert not FORBIDDEN_TYPES & set(re.findall(r'"([A-Za-z]+)"', text)), path
        kinds = [entity["@type"] for entity in entities]
        if path != "/":
            (trail,) = [entity for entity in entities if entity["@type"] == "BreadcrumbList"]
            items = trail["itemListElement"]
            assert [item["position"] for item in items] == list(range(1, len(items) + 1))
            assert all(item["item"].startswith(SITE) for item in items[:-1])
            assert all(item["name"] for item in items)
        for value in re.findall(r'"(?:url|@id|item|image|mainEntityOfPage)": "([^"]*)"', text):
            assert value.startswith("https://"), (path, value)
        assert len(kinds) == len(set(kinds)), path


def test_page_kinds_have_expected_json_ld_types(heads) -> None:
    def kinds(path: str) -> set[str]:
        return {entity["@type"] for entity in json_ld_graph(heads[path])}

    assert "ProfessionalService" in kinds("/")
    assert "ProfessionalService" in kinds("/contact/")
    assert "FAQPage" in kinds("/faq/")
    assert "Person" in kinds("/about/robin/")
    assert "Service" in kinds("/services/counselling/")
    (article,) = [
        entity
        for entity in json_ld_graph(heads["/articles/reading-0/"])
        if entity["@type"] == "Article"
    ]
    assert article["headline"]
    assert article["author"]["@type"] == "Person"
    assert article["author"]["name"]
    assert article["publisher"]["@id"] == f"{SITE}/#practice"
    assert article["image"] == f"{SITE}/articles/reading-0/share.png"
    assert datetime.fromisoformat(article["datePublished"]).tzinfo
    assert datetime.fromisoformat(article["dateModified"]).tzinfo
    assert article["wordCount"] == 3


def test_search_title_and_description_override_defaults(client) -> None:
    make_article(slug="rest", search_title="Rest, plainly", search_description="In a line.")
    page = client.get("/articles/rest/").content.decode()
    assert find_single("<title>(.*?)</title>", page).startswith("Rest, plainly – ")
    assert meta_content("description", page) == "In a line."
    assert "Rest, plainly" not in find_single("<h1>(.*?)</h1>", page)
