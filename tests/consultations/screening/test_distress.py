"""Read first: a plain list, that errs towards showing the crisis lines."""

import pytest

from consultations.screening.distress import is_read_first
from consultations.screening.word_lists import DISTRESS


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
        # a negation and a quotation count as well
        "I am not suicidal",
        "She wrote “I want to die” on a note",
    ],
)
def test_these_are_read_first(text) -> None:
    assert is_read_first(text, DISTRESS)


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
def test_these_are_not(text) -> None:
    assert not is_read_first(text, DISTRESS)


def test_the_list_is_the_practices_own() -> None:
    assert is_read_first("I feel wobbly", ["wobbly"])
    assert not is_read_first("I want to die", ["wobbly"])
    assert not is_read_first("I want to die", [])


def test_every_shipped_phrase_is_found_by_itself() -> None:
    missed = [phrase for phrase in DISTRESS if not is_read_first(phrase.rstrip("*"), DISTRESS)]
    assert missed == []
    assert len(DISTRESS) > 80
