import pytest

from pages.text.checklist import MOST_PLACES, Text, check
from pages.text.readability import grade, long_sentences, sentences, syllables
from pages.text.reading import shape_of

PICTURE = "12345678-1234-5678-1234-567812345678"


def codes(html: str, **facts) -> list[str]:
    return [remark.code for remark in check(Text(html, calls_at_the_end=True, **facts))]


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
def test_what_an_editor_would_say(html, code) -> None:
    assert code in codes(html)


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
def test_nothing_is_said_about_sound_texts(html) -> None:
    assert codes(html) == []


def test_what_the_page_knows_settles_a_remark() -> None:
    assert codes("<p>Research shows it.</p>", has_references=True) == []
    assert codes("<p>One of my clients came.</p>", story_is_composite=True) == []
    assert codes("<p>One of my clients came. All stories are composites.</p>") == []
    praise = "<p>“I would recommend her to anyone.”</p>"
    assert codes(praise) == ["testimonial"]
    assert codes(praise, praise_is_permitted=True) == []
    picture = f'<figure><img data-file="{PICTURE}" alt=""></figure>'
    assert codes(picture, decorative=frozenset([PICTURE])) == []
    assert codes("<p>a</p>", unknown_blocks=("gone",)) == ["block"]
    assert codes("<p>a</p>", has_summary=False) == ["summary"]


@pytest.mark.parametrize(
    ("html", "is_missing"),
    [
        ("<p>a</p>", True),
        ('<p><a href="/consultation/">Talk to us</a></p>', False),
        ("<p>[[free-consultation]]</p>", False),
    ],
)
def test_a_page_without_a_next_step(html, is_missing) -> None:
    assert ("call" in [remark.code for remark in check(Text(html))]) is is_missing


def test_the_place_is_marked() -> None:
    remark = check(Text("<p>You may hope, but we guarantee it to you.</p>"))[0]
    assert (remark.before, remark.place, remark.after) == (
        "You may hope, but we ", "guarantee", " it to you.",
    )  # fmt: skip


def test_a_long_text_is_not_drowned_in_remarks() -> None:
    assert codes("<p>We guarantee it.</p>" * 50).count("guarantee") == MOST_PLACES


def test_long_sentences_and_hard_words() -> None:
    hard = "Multidimensional psychotherapeutic conceptualizations necessitate collaboration. " * 20
    easy = "We sit. We talk. You say what you need. It is a calm hour. " * 12
    assert grade([hard], fewest_words=10) > 11 > grade([easy], fewest_words=10)
    assert grade([hard], fewest_words=1000) == 0
    assert "grade" in codes(f"<p>{hard * 3}</p>")
    assert sentences("One. Two! Three") == ["One.", "Two!", "Three"]
    found = long_sentences(shape_of(f"<p>Short. {'long ' * 40}end.</p>").blocks)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("word", "count"), [("calm", 1), ("table", 2), ("hope", 1), ("free", 1), ("therapy", 3)]
)
def test_syllables(word, count) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize(
    "html", ["<p>" + "guarantee " * 20000, "<a>" * 500, "[[" * 5000, "(" * 9000]
)
def test_odd_texts_are_read_fast_and_without_harm(html) -> None:
    found = [remark.code for remark in check(Text(html))]
    assert found.count("guarantee") == (MOST_PLACES if "guarantee" in html else 0)
    assert found.count("call") == 1
