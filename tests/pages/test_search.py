from datetime import UTC, datetime

import pytest

from pages.practice.models import PracticeProfile
from pages.search import search, words_of
from tests.factories.pages import (
    make_article,
    make_practice,
    make_question,
    make_service,
    make_site_page,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def titles(query: str) -> list[str]:
    return [hit.title for hit in search(query, now=NOW, practice=PracticeProfile.load())]


def test_hits_in_titles_come_first() -> None:
    make_article(title="In the text", body="<p>about zebras, zebras and zebras</p>")
    make_article(title="In the summary", summary="About zebras")
    make_article(title="Zebras themselves", summary="", body="")
    assert titles("zebra") == ["Zebras themselves", "In the summary", "In the text"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("galloping", "<p>galloped</p>"),
        ("pastries", "<p>pastry</p>"),
        ("bereaved", "<p>bereavement</p>"),
        ("cafe", "<p>Café</p>"),
        ("CAFÉ", "<p>café</p>"),
        ("qual", "<p>quality</p>"),
        ("שלום", "<p>שָׁלוֹם</p>"),
    ],
)
def test_forms_accents_and_beginnings_of_words_are_found(query, text) -> None:
    make_article(title="Hit", summary="", body=text)
    assert titles(query) == ["Hit"]


def test_every_word_has_to_occur() -> None:
    make_article(title="One", body="<p>zebra alone</p>")
    make_article(title="Both", body="<p>zebra and giraffe</p>")
    assert titles("zebra giraffe") == ["Both"]


def test_markup_is_not_searched() -> None:
    make_article(title="Bold", body="<p><strong>zebra</strong> blockquote</p><hr>")
    assert titles("strong zebra") == []
    assert titles("ebra") == []


def test_services_questions_and_pages_are_found() -> None:
    make_service(title="Zebra care")
    make_question(question="Are zebras welcome?")
    make_site_page(key="terms", title="Terms", body="<p>No zebras in the hall.</p>")
    make_service(title="Hidden zebra", is_published=False)
    assert titles("zebra") == ["Zebra care", "Are zebras welcome?", "Terms"]


@pytest.mark.parametrize(
    "query",
    ["", "   ", "%", "_", "'", '"', "NEAR(", "a AND (", "\x00", "<script>", "--", "👍", "x" * 5000],
)
def test_odd_queries_find_nothing_and_break_nothing(client, query) -> None:
    make_article()
    response = client.get("/search/", {"q": query})
    assert response.status_code == 200
    assert b"<script>alert" not in response.content


def test_a_long_query_is_cut() -> None:
    assert len(words_of("word " * 50)) == 8


def test_nothing_found_says_so_kindly_and_offers_topics(client) -> None:
    article = make_article()
    page = client.get("/search/", {"q": "<b>zebra"}).content.decode()
    assert "Nothing found for “&lt;b&gt;zebra”" in page
    assert article.category.name in page
    assert "fail" not in page.lower()


def test_a_search_is_kept_nowhere(client) -> None:
    make_practice()
    response = client.get("/search/", {"q": "zebra"})
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


def test_the_number_of_questions_does_not_grow(django_assert_max_num_queries) -> None:
    for number in range(30):
        make_article(title=f"Zebra {number}")
    practice = make_practice()
    with django_assert_max_num_queries(7):
        assert len(search("zebra", now=NOW, practice=practice)) == 30
