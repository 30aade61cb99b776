"""Tests for parsing queries and synonyms, and for snippets."""

from html import unescape

import pytest

from pages.search import synonyms
from pages.search.snippets import SNIPPET_WORDS, make_snippet
from pages.search.synonyms import DEFAULT_SYNONYMS
from pages.search.terms import MAX_TERMS, Term, is_word_form, parse_query

NO_SYNONYMS: synonyms.Groups = {}
SYNONYMS = synonyms.parse_synonyms("low mood, sadness\nmood, temper\nsad, sadness")


def query_phrases(query: str, groups: synonyms.Groups = NO_SYNONYMS) -> list[tuple[str, ...]]:
    return [term.phrases[0] for term in parse_query(query, groups)]


def test_stop_words_are_dropped() -> None:
    assert query_phrases("How do I stop worrying about the future?") == [
        ("stop",), ("worrying",), ("future",),
    ]  # fmt: skip
    assert query_phrases("who are you") == []
    assert query_phrases("can you please find me a zebra") == [("zebra",)]
    assert query_phrases("find me") == [("find",)]


def test_long_query_is_truncated() -> None:
    assert len(query_phrases(" ".join(f"word{number}" for number in range(50)))) == MAX_TERMS
    assert query_phrases("zebra Zebra okapi") == [("zebra",), ("okapi",)]
    assert query_phrases("a" * 5000) == [("a" * 100,)]


def test_last_word_matches_as_prefix() -> None:
    first, last = parse_query("zebra gal", NO_SYNONYMS)
    assert (first.is_beginning, last.is_beginning) == (False, True)
    assert not parse_query("x", NO_SYNONYMS)[0].is_beginning


def test_longest_synonym_phrase_wins() -> None:
    (term,) = parse_query("low mood", SYNONYMS)
    assert term.phrases == (("low", "mood"), ("sadness",))
    assert query_phrases("high mood", SYNONYMS) == [("high",), ("mood",)]


def test_word_in_two_groups_gets_both_synonyms() -> None:
    (term,) = parse_query("sadness", SYNONYMS)
    assert term.phrases == (("sadness",), ("low", "mood"), ("sad",))


def test_default_synonyms_parse() -> None:
    groups = synonyms.parse_synonyms(DEFAULT_SYNONYMS)
    assert ("bereavement",) in groups[("grief",)]
    assert ("grief",) in groups[("grieving",)]
    assert len(groups) > 80


@pytest.mark.parametrize("text", ["", ",,,\n,", "\0", "x" * 100_000, "a,\n" * 10_000])
def test_malformed_synonym_lists_parse(text) -> None:
    assert isinstance(synonyms.parse_synonyms(text), dict)


@pytest.mark.parametrize(
    ("word", "searched", "is_so"),
    [("worried", "worries", True), ("rest", "rest", True), ("restaurants", "rest", False)],
)
def test_word_form_matching(word, searched, is_so) -> None:
    assert is_word_form(word, searched) is is_so


def test_snippet_shows_window_with_most_hits() -> None:
    text = "Once a zebra. " + "word " * 80 + "Here a zebra and a zebra. " + "word " * 80
    shown = make_snippet(["", text], parse_query("zebra", NO_SYNONYMS))
    assert shown.count("<mark>zebra</mark>") == 2
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(unescape(shown).split()) <= SNIPPET_WORDS + 3


def test_snippet_without_hits_shows_beginning() -> None:
    terms = [Term((("zebra",),))]
    assert make_snippet(["A <summary>.", "Text"], terms) == "A &lt;summary&gt;."
    assert make_snippet(["", "Text"], terms) == "Text"
    assert make_snippet(["", ""], terms) == ""
    assert make_snippet(["?!"], terms) == "?!"


def test_phrases_are_highlighted_as_whole() -> None:
    (term,) = parse_query("low mood", SYNONYMS)
    assert make_snippet(["a low, low mood and sadness"], [term]) == (
        "a low, <mark>low</mark> <mark>mood</mark> and <mark>sadness</mark>"
    )
