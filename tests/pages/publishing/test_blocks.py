import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from pages.articles.models import Article
from pages.publishing import blocks
from pages.publishing.blocks import Kind, ReusableBlock
from pages.text.cleaning import clean_html
from tests.factories.pages import (
    make_article,
    make_crisis_line,
    make_fee,
    make_practice,
    make_question,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice() -> None:
    make_practice()


def make_block(**facts) -> ReusableBlock:
    defaults = {"name": "Hours", "slug": "hours", "body": "<p>Monday to Friday.</p>"}
    return ReusableBlock.objects.create(**{**defaults, **facts})


def page_of(client, body: str) -> str:
    article = Article.objects.filter(slug="on-rest").first() or make_article(slug="on-rest")
    article.body = body
    article.save()
    return client.get("/articles/on-rest/").content.decode()


def test_a_block_changes_everywhere_when_it_is_edited_once(client) -> None:
    block = make_block()
    assert "Monday to Friday." in page_of(client, "<p>a</p><p>[[hours]]</p><p>b</p>")
    block.body = "<p>Never on Mondays.</p>"
    block.save()
    assert "Never on Mondays." in client.get("/articles/on-rest/").content.decode()


def test_the_marker_survives_cleaning_and_saving() -> None:
    html = "<p>[[hours]]</p>"
    assert clean_html(html) == html
    assert make_article(body=html).body == html


@pytest.mark.parametrize("marker", ["[[HOURS]]", "[[ hours ]]", " [[hours]] "])
def test_the_marker_is_taken_kindly(client, marker) -> None:
    make_block()
    assert "Monday to Friday." in page_of(client, f"<p>{marker}</p>")


def test_words_around_it_keep_a_marker_a_word(client) -> None:
    make_block()
    page = page_of(client, "<p>write [[hours]] so</p>")
    assert "write [[hours]] so" in page
    assert "Monday to Friday." not in page


def test_what_nobody_knows_shows_nothing_and_is_told_to_staff(client) -> None:
    page = page_of(client, "<p>a</p><p>[[gone]]</p><p>b</p>")
    assert "[[" not in page
    assert "<p>a</p><p>b</p>" in page
    assert blocks.unknown("<p>[[gone]]</p><p>[[crisis-box]]</p>") == ["gone"]


def test_shipped_blocks_need_no_row(client) -> None:
    make_crisis_line(name="County line")
    make_question(question="How long?", answer="<p>An hour.</p>")
    make_fee(label="Long session")
    page = page_of(
        client,
        "<p>[[free-consultation]]</p><p>[[crisis-box]]</p><p>[[questions]]</p><p>[[fee-table]]</p>",
    )
    text = page[page.index("<article") : page.index("This article is for information")]
    for words in ("Talk it over with us first", "County line", "How long?", "Long session"):
        assert words in text


def test_own_blocks_replace_shipped_ones_and_choose_questions(client) -> None:
    make_question(question="How long?")
    chosen = make_question(question="How much?")
    block = make_block(slug="questions", kind=Kind.QUESTIONS, heading="Often asked", body="")
    block.questions.set([chosen])
    page = page_of(client, "<p>[[questions]]</p>")
    assert "Often asked" in page
    assert "How much?" in page
    assert "How long?" not in page


def test_blocks_do_not_nest(client) -> None:
    make_block(body="<p>one</p><p>[[hours]]</p>")
    assert page_of(client, "<p>[[hours]]</p>").count("<p>one</p>") == 1


def test_blocks_are_clean_however_they_were_stored(client) -> None:
    block = make_block(body="<p>a<script>x()</script></p><img src=x onerror=y>")
    assert block.body == "<p>a</p>"
    page = page_of(client, "<p>[[hours]]</p>")
    assert "x()" not in page


def test_feeds_carry_own_words_and_no_page_furniture(client) -> None:
    make_block()
    page_of(client, "<p>a</p><p>[[hours]]</p><p>[[crisis-box]]</p>")
    feed = client.get("/articles/feed/atom/").content.decode()
    assert "Monday to Friday." in feed
    assert "[[" not in feed
    assert "crisis-box" not in feed


def test_markers_are_no_words_to_search_or_count(client) -> None:
    article = make_article(title="x", summary="", body="<p>a</p><p>[[crisis-box]]</p>")
    assert article.search_text.split() == ["x", "a"]


def test_questions_to_the_database_do_not_grow(django_assert_num_queries) -> None:
    for number in range(5):
        make_block(name=f"B{number}", slug=f"b-{number}")
        make_question()
    text = "".join(f"<p>[[b-{number}]]</p>" for number in range(5)) + "<p>[[questions]]</p>" * 3
    with django_assert_num_queries(4):
        blocks.expand(text)
    with django_assert_num_queries(0):
        blocks.expand("<p>no marker</p>")


def test_an_empty_block_of_own_words_is_refused() -> None:
    with pytest.raises(ValidationError, match="Write the words"):
        ReusableBlock(name="a", slug="a").full_clean()


def test_the_editor_offers_own_and_shipped_blocks() -> None:
    make_block()
    make_block(name="Ours", slug="crisis-box", kind=Kind.CRISIS)
    assert [choice.slug for choice in blocks.choices()] == [
        "hours", "crisis-box", "free-consultation", "questions", "fee-table",
    ]  # fmt: skip
    assert render_to_string("pages/blocks/fees.html", {"fees": []}).strip() == ""
