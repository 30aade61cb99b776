from html import unescape

import pytest

from pages.search import synonyms
from pages.search.snippets import LENGTH, snippet
from pages.search.synonyms import SHIPPED
from pages.search.terms import MOST_TERMS, Term, is_meant, read

NONE: synonyms.Groups = {}
WORDS = synonyms.read("low mood, sadness\nmood, temper\nsad, sadness")


def typed(query: str, groups: synonyms.Groups = NONE) -> list[tuple[str, ...]]:
    return [term.typed for term in read(query, groups)]


def test_words_that_say_nothing_are_left_out() -> None:
    assert typed("How do I stop worrying about the future?") == [
        ("stop",), ("worrying",), ("future",),
    ]  # fmt: skip
    assert typed("who are you") == []
    assert typed("can you please find me a zebra") == [("zebra",)]
    assert typed("find me") == [("find",)]


def test_a_long_query_is_cut() -> None:
    assert len(typed(" ".join(f"word{number}" for number in range(50)))) == MOST_TERMS
    assert typed("zebra Zebra okapi") == [("zebra",), ("okapi",)]
    assert typed("a" * 5000) == [("a" * 100,)]


def test_the_last_word_may_be_a_beginning() -> None:
    first, last = read("zebra gal", NONE)
    assert (first.is_beginning, last.is_beginning) == (False, True)
    assert not read("x", NONE)[0].is_beginning


def test_the_longest_phrase_of_the_list_counts() -> None:
    (term,) = read("low mood", WORDS)
    assert term.phrases == (("low", "mood"), ("sadness",))
    assert typed("high mood", WORDS) == [("high",), ("mood",)]


def test_a_word_in_two_lines_has_the_words_of_both() -> None:
    (term,) = read("sadness", WORDS)
    assert term.phrases == (("sadness",), ("low", "mood"), ("sad",))


def test_the_shipped_list_reads() -> None:
    groups = synonyms.read(SHIPPED)
    assert ("bereavement",) in groups[("grief",)]
    assert ("grief",) in groups[("grieving",)]
    assert len(groups) > 80


@pytest.mark.parametrize("text", ["", ",,,\n,", "\0", "x" * 100_000, "a,\n" * 10_000])
def test_any_list_reads(text) -> None:
    assert isinstance(synonyms.read(text), dict)


@pytest.mark.parametrize(
    ("word", "asked", "is_so"),
    [("worried", "worries", True), ("rest", "rest", True), ("restaurants", "rest", False)],
)
def test_forms_of_a_word(word, asked, is_so) -> None:
    assert is_meant(word, asked) is is_so


def test_the_snippet_shows_the_densest_place() -> None:
    text = "Once a zebra. " + "word " * 80 + "Here a zebra and a zebra. " + "word " * 80
    shown = snippet(["", text], read("zebra", NONE))
    assert shown.count("<mark>zebra</mark>") == 2
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(unescape(shown).split()) <= LENGTH + 3


def test_without_a_hit_the_beginning_stands_there() -> None:
    terms = [Term((("zebra",),))]
    assert snippet(["A <summary>.", "Text"], terms) == "A &lt;summary&gt;."
    assert snippet(["", "Text"], terms) == "Text"
    assert snippet(["", ""], terms) == ""
    assert snippet(["?!"], terms) == "?!"


def test_phrases_are_marked_as_a_whole() -> None:
    (term,) = read("low mood", WORDS)
    assert snippet(["a low, low mood and sadness"], [term]) == (
        "a low, <mark>low</mark> <mark>mood</mark> and <mark>sadness</mark>"
    )
