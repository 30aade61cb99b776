import pytest

from pages.text.outline import (
    join_anchors,
    outline,
    plain_text,
    reading_minutes,
    ready_text,
)
from tests.factories.pages import make_article

LONG = "<p>" + "word " * 300 + "</p>"


def ids(html: str, anchors: str = "") -> list[str]:
    return [heading.id for heading in outline(html, anchors)]


def test_plain_text_keeps_words_of_neighbouring_blocks_apart() -> None:
    assert plain_text("<h2>One</h2><p>two<br>three &amp; <em>f</em>our</p>") == (
        "One two three & four"
    )


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (220, 1), (400, 2), (2200, 10)])
def test_reading_time(words: int, minutes: int) -> None:
    assert reading_minutes(f"<p>{'word ' * words}</p>") == minutes


def test_equal_headings_get_different_ids() -> None:
    assert ids("<h2>Rest</h2><h2>Rest</h2><h3>!</h3>") == ["h-rest", "h-rest-2", "h-section"]


def test_an_id_stays_when_its_heading_is_reworded() -> None:
    before = join_anchors(outline("<h2>Safety</h2><h2>Rest</h2>"))
    assert ids("<h2>Safety first</h2><h2>Rest</h2>", before) == ["h-safety", "h-rest"]


def test_ids_move_with_their_headings() -> None:
    before = join_anchors(outline("<h2>Safety</h2><h2>Rest</h2>"))
    moved = "<h2>New</h2><h2>Rest</h2><h2>Safety</h2>"
    assert ids(moved, before) == ["h-new", "h-rest", "h-safety"]


def test_a_removed_heading_leaves_its_id_to_nobody_else() -> None:
    before = join_anchors(outline("<h2>Safety</h2><h2>Rest</h2>"))
    assert ids("<h2>Rest</h2>", before) == ["h-rest"]


@pytest.mark.django_db
def test_an_article_remembers_its_anchors() -> None:
    article = make_article(body="<h2>Safety</h2><p>a</p>")
    article.body = "<h2>Why safety comes first</h2><p>a</p>"
    article.save()
    article.refresh_from_db()
    text = ready_text(article.body, article.anchors)
    assert text.html == '<h2 id="h-safety">Why safety comes first</h2><p>a</p>'


def test_contents_are_for_long_texts_with_sections() -> None:
    sections = [f"<h2>Part {number}</h2>{LONG}" for number in range(4)]
    assert ready_text("".join(sections)).has_contents
    assert not ready_text("".join(sections[:3]) + LONG).has_contents
    assert not ready_text("<h2>a</h2>" * 4 + LONG).has_contents


def test_what_is_printed_is_clean_whatever_the_column_holds() -> None:
    assert ready_text("<h2 onclick=x>A</h2><script>x</script>").html == '<h2 id="h-a">A</h2>'
