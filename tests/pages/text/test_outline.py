"""Tests for plain text, reading time, heading ids and the table of contents."""

import pytest

from pages.text.outline import (
    extract_headings,
    join_anchors,
    plain_text,
    prepare_text,
    reading_minutes,
)
from tests.factories.pages import make_article

LONG = "<p>" + "word " * 300 + "</p>"


def heading_ids(html: str, anchors: str = "") -> list[str]:
    return [heading.id for heading in extract_headings(html, anchors)]


def test_plain_text_separates_adjacent_blocks() -> None:
    assert plain_text("<h2>One</h2><p>two<br>three &amp; <em>f</em>our</p>") == (
        "One two three & four"
    )


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (220, 1), (400, 2), (2200, 10)])
def test_reading_minutes(words: int, minutes: int) -> None:
    assert reading_minutes(f"<p>{'word ' * words}</p>") == minutes


def test_duplicate_headings_get_distinct_ids() -> None:
    assert heading_ids("<h2>Rest</h2><h2>Rest</h2><h3>!</h3>") == [
        "h-rest",
        "h-rest-2",
        "h-section",
    ]


def test_reworded_heading_keeps_id() -> None:
    before = join_anchors(extract_headings("<h2>Safety</h2><h2>Rest</h2>"))
    assert heading_ids("<h2>Safety first</h2><h2>Rest</h2>", before) == ["h-safety", "h-rest"]


def test_moved_heading_keeps_id() -> None:
    before = join_anchors(extract_headings("<h2>Safety</h2><h2>Rest</h2>"))
    moved = "<h2>New</h2><h2>Rest</h2><h2>Safety</h2>"
    assert heading_ids(moved, before) == ["h-new", "h-rest", "h-safety"]


def test_removed_heading_id_is_not_reused() -> None:
    before = join_anchors(extract_headings("<h2>Safety</h2><h2>Rest</h2>"))
    assert heading_ids("<h2>Rest</h2>", before) == ["h-rest"]


@pytest.mark.django_db
def test_article_stores_heading_anchors() -> None:
    article = make_article(body="<h2>Safety</h2><p>a</p>")
    article.body = "<h2>Why safety comes first</h2><p>a</p>"
    article.save()
    article.refresh_from_db()
    text = prepare_text(article.body, article.anchors)
    assert text.html == '<h2 id="h-safety">Why safety comes first</h2><p>a</p>'


def test_only_long_sectioned_text_has_contents() -> None:
    sections = [f"<h2>Part {number}</h2>{LONG}" for number in range(4)]
    assert prepare_text("".join(sections)).has_contents
    assert not prepare_text("".join(sections[:3]) + LONG).has_contents
    assert not prepare_text("<h2>a</h2>" * 4 + LONG).has_contents


def test_prepared_text_is_cleaned_again() -> None:
    assert prepare_text("<h2 onclick=x>A</h2><script>x</script>").html == '<h2 id="h-a">A</h2>'
