"""Reusable blocks in texts, feeds and search."""

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from pages.articles.models import Article
from pages.publishing.models import (
    BlockKind,
    ReusableBlock,
    block_choices,
    expand_blocks,
    find_unknown_blocks,
)
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


def render_page_with_body(client, body: str) -> str:
    article = Article.objects.filter(slug="on-rest").first() or make_article(slug="on-rest")
    article.body = body
    article.save()
    return client.get("/articles/on-rest/").content.decode()


def test_editing_block_updates_all_pages(client) -> None:
    block = make_block()
    assert "Monday to Friday." in render_page_with_body(client, "<p>a</p><p>[[hours]]</p><p>b</p>")
    block.body = "<p>Never on Mondays.</p>"
    block.save()
    assert "Never on Mondays." in client.get("/articles/on-rest/").content.decode()


def test_marker_survives_cleaning_and_saving() -> None:
    html = "<p>[[hours]]</p>"
    assert clean_html(html) == html
    assert make_article(body=html).body == html


@pytest.mark.parametrize("marker", ["[[HOURS]]", "[[ hours ]]", " [[hours]] "])
def test_marker_spelling_variants_are_accepted(client, marker) -> None:
    make_block()
    assert "Monday to Friday." in render_page_with_body(client, f"<p>{marker}</p>")


def test_inline_marker_stays_plain_text(client) -> None:
    make_block()
    page = render_page_with_body(client, "<p>write [[hours]] so</p>")
    assert "write [[hours]] so" in page
    assert "Monday to Friday." not in page


def test_unknown_block_renders_nothing_and_is_reported(client) -> None:
    page = render_page_with_body(client, "<p>a</p><p>[[gone]]</p><p>b</p>")
    assert "[[" not in page
    assert "<p>a</p><p>b</p>" in page
    assert find_unknown_blocks("<p>[[gone]]</p><p>[[crisis-box]]</p>") == ["gone"]


def test_default_blocks_need_no_row(client) -> None:
    make_crisis_line(name="County line")
    make_question(question="How long?", answer="<p>An hour.</p>")
    make_fee(label="Long session")
    page = render_page_with_body(
        client,
        "<p>[[free-consultation]]</p><p>[[crisis-box]]</p><p>[[questions]]</p><p>[[fee-table]]</p>",
    )
    text = page[page.index("<article") : page.index("This article is general information")]
    for words in ("See if we’re a good fit", "County line", "How long?", "Long session"):
        assert words in text


def test_custom_block_replaces_default_and_selects_questions(client) -> None:
    make_question(question="How long?")
    chosen = make_question(question="How much?")
    block = make_block(slug="questions", kind=BlockKind.QUESTIONS, heading="Often asked", body="")
    block.questions.set([chosen])
    page = render_page_with_body(client, "<p>[[questions]]</p>")
    assert "Often asked" in page
    assert "How much?" in page
    assert "How long?" not in page


def test_blocks_do_not_nest(client) -> None:
    make_block(body="<p>one</p><p>[[hours]]</p>")
    assert render_page_with_body(client, "<p>[[hours]]</p>").count("<p>one</p>") == 1


def test_stored_block_html_is_cleaned_on_render(client) -> None:
    block = make_block(body="<p>a<script>x()</script></p><img src=x onerror=y>")
    assert block.body == "<p>a</p>"
    page = render_page_with_body(client, "<p>[[hours]]</p>")
    assert "x()" not in page


def test_feeds_expand_text_blocks_only(client) -> None:
    make_block()
    render_page_with_body(client, "<p>a</p><p>[[hours]]</p><p>[[crisis-box]]</p>")
    feed = client.get("/articles/feed/atom/").content.decode()
    assert "Monday to Friday." in feed
    assert "[[" not in feed
    assert "crisis-box" not in feed


def test_markers_are_excluded_from_search_and_word_count(client) -> None:
    article = make_article(title="x", summary="", body="<p>a</p><p>[[crisis-box]]</p>")
    assert article.search_text.split() == ["x", "a"]


def test_block_query_count_is_constant(django_assert_num_queries) -> None:
    for number in range(5):
        make_block(name=f"B{number}", slug=f"b-{number}")
        make_question()
    text = "".join(f"<p>[[b-{number}]]</p>" for number in range(5)) + "<p>[[questions]]</p>" * 3
    with django_assert_num_queries(4):
        expand_blocks(text)
    with django_assert_num_queries(0):
        expand_blocks("<p>no marker</p>")


def test_empty_text_block_is_rejected() -> None:
    with pytest.raises(ValidationError, match="Write the words"):
        ReusableBlock(name="a", slug="a").full_clean()


def test_editor_offers_custom_and_default_blocks() -> None:
    make_block()
    make_block(name="Ours", slug="crisis-box", kind=BlockKind.CRISIS)
    assert [choice.slug for choice in block_choices()] == [
        "hours", "crisis-box", "free-consultation", "questions", "fee-table",
    ]  # fmt: skip
    assert render_to_string("pages/blocks/fees.html", {"fees": []}).strip() == ""
