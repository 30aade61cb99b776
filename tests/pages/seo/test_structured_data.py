"""JSON-LD of pages."""

import json
import re

import pytest

from pages.seo.metadata import render_json_ld
from tests.factories.pages import (
    make_article,
    make_licence,
    make_opening_hours,
    make_practice,
    make_practitioner,
    make_question,
    make_whole_site,
)

pytestmark = pytest.mark.django_db
JSON_LD_RE = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def graph(client, path: str) -> dict:
    (block,) = JSON_LD_RE.findall(client.get(path).content.decode())
    data = json.loads(block)
    assert data["@context"] == "https://schema.org"
    return {entity["@type"]: entity for entity in data["@graph"]}


def test_article_names_author_dates_and_url(client) -> None:
    author = make_practitioner(name="Robin Example", slug="robin")
    make_article(slug="rest", title="On rest", author=author)
    entities = graph(client, "/articles/rest/")
    article = entities["Article"]
    assert article["headline"] == "On rest"
    assert article["datePublished"] == "2026-03-02T09:00:00+00:00"
    assert article["author"]["name"] == "Robin Example"
    assert [item["name"] for item in entities["BreadcrumbList"]["itemListElement"]][-1] == "On rest"


def test_unpublished_author_is_not_named(client) -> None:
    author = make_practitioner(name="Hidden Person", is_published=False)
    make_article(slug="rest", author=author)
    assert b"Hidden Person" not in client.get("/articles/rest/").content


def test_person_has_licence_credentials(client) -> None:
    make_licence(make_practitioner(slug="robin"), number="C1")
    make_licence(number="C2")
    (credential,) = graph(client, "/about/robin/")["Person"]["hasCredential"]
    assert credential["identifier"] == "C1"


def test_hidden_street_address_is_omitted(client) -> None:
    make_opening_hours()
    make_practice(address="12 Hidden Street", address_is_hidden=True)
    practice = graph(client, "/")["ProfessionalService"]
    assert practice["address"] == {"@type": "PostalAddress", "addressCountry": "US"}
    assert practice["openingHoursSpecification"][0]["opens"] == "09:00"


def test_faq_answers_are_plain_text(client) -> None:
    make_question(question="Why?", answer="<p>It <em>helps</em>.</p>")
    (question,) = graph(client, "/faq/")["FAQPage"]["mainEntity"]
    assert question["acceptedAnswer"]["text"] == "It helps."


def test_no_page_contains_ratings(client) -> None:
    make_whole_site()
    for path in ("/", "/about/", "/services/counselling/", "/articles/reading-0/"):
        assert b"ating" not in JSON_LD_RE.findall(client.get(path).content.decode())[0].encode()


@pytest.mark.parametrize("title", ["</script><script>alert(1)</script>", "a\u2028b & <!-- c"])
def test_title_cannot_break_out_of_script(client, title) -> None:
    make_article(slug="rest", title=title)
    assert graph(client, "/articles/rest/")["Article"]["headline"] == title
    text = render_json_ld([{"name": title}])
    assert not set(text) & {"<", ">", "&", "\u2028"}


def test_empty_values_are_omitted() -> None:
    data = json.loads(render_json_ld([{"name": "", "list": [], "inner": {"a": ""}, "kept": 0}]))
    assert data["@graph"] == [{"kept": 0}]
