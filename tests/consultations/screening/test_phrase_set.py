"""Phrase matching: whole words in a row, any ending after a star."""

import pytest

from consultations.screening.parsed_text import MAX_PHRASE_WORDS, PhraseSet, folded_words
from consultations.screening.topic_words import PHRASE_GROUPS


@pytest.mark.parametrize(
    ("phrases", "text", "expected"),
    [
        (["casino"], "The casino, again", ["casino"]),
        (["casino"], "Casinos", []),
        (["casino*"], "Casinos", ["casino*"]),
        (["ass"], "I pass the class", []),
        (["bad credit"], "Bad  CREDIT?", ["bad credit"]),
        (["bad credit"], "bad old credit", []),
        (["payday loan*"], "payday loans", ["payday loan*"]),
        (["caf\u00e9"], "cafe", ["caf\u00e9"]),
        (["cafe"], "caf\u00e9", ["cafe"]),
        (["a b", "b c"], "a b c", ["a b", "b c"]),
        (["*", "", "  "], "anything", []),
        ([], "anything", []),
    ],
)
def test_phrases_are_found(phrases, text, expected) -> None:
    assert PhraseSet(phrases).find(folded_words(text)) == expected


def test_repeated_phrase_is_reported_once() -> None:
    assert PhraseSet(["no"]).find(folded_words("no no no")) == ["no"]


def test_empty_set_is_falsy() -> None:
    assert not PhraseSet([])
    assert PhraseSet(["word"])


def test_vocabulary_phrases_are_unique_and_short_enough() -> None:
    for name, phrases in PHRASE_GROUPS.items():
        assert len(phrases) == len(set(phrases)) > 20, name
        assert all(folded_words(phrase) for phrase in phrases), name
        # A phrase longer than MAX_PHRASE_WORDS would never be found.
        assert max(len(folded_words(phrase)) for phrase in phrases) <= MAX_PHRASE_WORDS, name
    assert "take a look at my" in PHRASE_GROUPS["offer"]
    assert "a" not in PHRASE_GROUPS["offer"]
