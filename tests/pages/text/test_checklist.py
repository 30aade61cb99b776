"""Tests for the editorial checklist and its readability measures."""

import pytest

from pages.text.checklist import MAX_PLACES_PER_REMARK, CheckedText, check_text
from pages.text.html_reading import (
    count_syllables,
    find_long_sentences,
    read_structure,
    reading_grade,
    split_sentences,
)

PICTURE = "12345678-1234-5678-1234-567812345678"


def remark_codes(html: str, **facts) -> list[str]:
    return [remark.code for remark in check_text(CheckedText(html, calls_at_the_end=True, **facts))]


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<p>We guarantee results.</p>", "guarantee"),
        ("<p>This will cure your anxiety once and for all.</p>", "guarantee"),
        ("<p>A 100% success rate.</p>", "guarantee"),
        ("<p>The best therapist in town.</p>", "guarantee"),
        ("<blockquote><p>My therapist changed my life.</p></blockquote>", "testimonial"),
        ("<p>I can highly recommend this.</p>", "testimonial"),
        ("<p>One of my clients lost her father.</p>", "story"),
        ("<p>Let’s call her Anna.</p>", "story"),
        ("<p>A 34-year-old teacher came to us.</p>", "story"),
        ("<p>Research shows that rest helps.</p>", "research"),
        ("<p>Studies have found this.</p>", "research"),
        (f'<figure><img data-file="{PICTURE}" alt=""></figure>', "alt"),
        (f'<figure><img data-file="{PICTURE}" alt="IMG_2031.jpg"></figure>', "alt-file-name"),
        (f'<figure><img data-file="{PICTURE}" alt="A photo of a lake"></figure>', "alt-picture-of"),
        ("<h3>Too deep</h3>", "heading-jump"),
        ("<h2>a</h2><h4>b</h4>", "heading-jump"),
        ('<p>More <a href="/fees/">here</a>.</p>', "vague-link"),
        ('<p><a href="https://a.example/x">https://a.example/x</a></p>', "bare-link"),
        ('<p><a href="https://www.youtube.com/watch?v=1">a talk</a></p>', "elsewhere"),
        ("<p>[youtube id=1]</p>", "embed"),
        ("<p>https://vimeo.com/1</p>", "embed"),
        ("<table><tbody><tr><td>1</td></tr></tbody></table>", "table"),
        (f"<p>{'word ' * 36}.</p>", "long-sentence"),
    ],
)
def test_checklist_finds_problems(html, code) -> None:
    assert code in remark_codes(html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>We cannot promise a result. A secure base helps.</p>",
        "<p>Accurate words procure little.</p>",
        "<h2>a</h2><h3>b</h3><h4>c</h4><h2>d</h2><h3>e</h3>",
        '<p>Research shows this (<a href="https://doi.org/1">Reed 2020</a>).</p>',
        '<p>Read <a href="/fees/">what a session costs</a>.</p>',
        f'<figure><img data-file="{PICTURE}" alt="A quiet lake"></figure>',
        "<table><tbody><tr><th>a</th></tr><tr><td>1</td></tr></tbody></table>",
        "",
    ],
)
def test_good_text_has_no_remarks(html) -> None:
    assert remark_codes(html) == []


def test_page_facts_suppress_remarks() -> None:
    assert remark_codes("<p>Research shows it.</p>", has_references=True) == []
    assert remark_codes("<p>One of my clients came.</p>", story_is_composite=True) == []
    assert remark_codes("<p>One of my clients came. All stories are composites.</p>") == []
    praise = "<p>“I would recommend her to anyone.”</p>"
    assert remark_codes(praise) == ["testimonial"]
    assert remark_codes(praise, praise_is_permitted=True) == []
    picture = f'<figure><img data-file="{PICTURE}" alt=""></figure>'
    assert remark_codes(picture, decorative=frozenset([PICTURE])) == []
    assert remark_codes("<p>a</p>", unknown_blocks=("gone",)) == ["block"]
    assert remark_codes("<p>a</p>", has_summary=False) == ["summary"]


@pytest.mark.parametrize(
    ("html", "is_missing"),
    [
        ("<p>a</p>", True),
        ('<p><a href="/consultation/">Talk to us</a></p>', False),
        ("<p>[[free-consultation]]</p>", False),
    ],
)
def test_missing_next_step_is_reported(html, is_missing) -> None:
    assert ("call" in [remark.code for remark in check_text(CheckedText(html))]) is is_missing


def test_remark_shows_matched_text() -> None:
    remark = check_text(CheckedText("<p>You may hope, but we guarantee it to you.</p>"))[0]
    assert (remark.before, remark.place, remark.after) == (
        "You may hope, but we ", "guarantee", " it to you.",
    )  # fmt: skip


def test_remarks_per_rule_are_limited() -> None:
    assert remark_codes("<p>We guarantee it.</p>" * 50).count("guarantee") == MAX_PLACES_PER_REMARK


def test_long_sentences_and_reading_grade_are_reported() -> None:
    hard = "Multidimensional psychotherapeutic conceptualizations necessitate collaboration. " * 20
    easy = "We sit. We talk. You say what you need. It is a calm hour. " * 12
    assert reading_grade([hard], fewest_words=10) > 11 > reading_grade([easy], fewest_words=10)
    assert reading_grade([hard], fewest_words=1000) == 0
    assert "grade" in remark_codes(f"<p>{hard * 3}</p>")
    assert split_sentences("One. Two! Three") == ["One.", "Two!", "Three"]
    sentences = find_long_sentences(read_structure(f"<p>Short. {'long ' * 40}end.</p>").blocks)
    assert len(sentences) == 1


@pytest.mark.parametrize(
    ("word", "count"), [("calm", 1), ("table", 2), ("hope", 1), ("free", 1), ("therapy", 3)]
)
def test_syllable_count(word, count) -> None:
    assert count_syllables(word) == count


@pytest.mark.parametrize(
    "html", ["<p>" + "guarantee " * 20000, "<a>" * 500, "[[" * 5000, "(" * 9000]
)
def test_hostile_text_is_checked_quickly(html) -> None:
    codes = [remark.code for remark in check_text(CheckedText(html))]
    assert codes.count("guarantee") == (MAX_PLACES_PER_REMARK if "guarantee" in html else 0)
    assert codes.count("call") == 1
