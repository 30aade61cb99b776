"""Phrases of distress: the list errs on the side of showing the crisis lines."""

import pytest

from consultations.screening.classifier import has_distress_phrase
from consultations.screening.word_lists import DEFAULT_DISTRESS_WORDS


@pytest.mark.parametrize(
    "text",
    [
        "I want to die",
        "i just want to die",
        "I do not want to live anymore",
        "I don’t want to be here",
        "I DONT WANT TO WAKE UP",
        "thinking about suicide again",
        "suicidal",
        "I might really kill myself tonight",
        "k i l l  myself",
        "su1cide",
        "su\u200bicide",
        "kms",
        "I cannot go on",
        "my husband hits me when he drinks",
        "I cut myself last night",
        "He said he will kill me.",
        "No quiero vivir",
        "Ich will nicht mehr leben",
        "хочу умереть",
        "我想死",
        "죽고 싶어요",
        # negations and quotations count too
        "I am not suicidal",
        "She wrote “I want to die” on a note",
    ],
)
def test_distress_phrases_are_found(text) -> None:
    assert has_distress_phrase(text, DEFAULT_DISTRESS_WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Thank you, this helped.",
        "The title is to die for",
        "My dog died last year",
        "I am tired of my job",
        "We cut the cake myself and Jo",
        "Is this covered by insurance?",
    ],
)
def test_neutral_texts_are_not_marked(text) -> None:
    assert not has_distress_phrase(text, DEFAULT_DISTRESS_WORDS)


def test_only_given_phrases_are_matched() -> None:
    assert has_distress_phrase("I feel wobbly", ["wobbly"])
    assert not has_distress_phrase("I want to die", ["wobbly"])
    assert not has_distress_phrase("I want to die", [])


def test_every_default_phrase_matches_itself() -> None:
    missed = [
        phrase
        for phrase in DEFAULT_DISTRESS_WORDS
        if not has_distress_phrase(phrase.rstrip("*"), DEFAULT_DISTRESS_WORDS)
    ]
    assert missed == []
    assert len(DEFAULT_DISTRESS_WORDS) > 80
