"""Tests for what staff add to an email: health words, and words of the visitor."""

import pytest

from consultations.email_texts.sentences import (
    find_doubtful_words,
    find_health_words,
    find_repeated_words,
)

ANSWERS = ["I lost my job in March and would like to talk about what comes next."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Your therapy starts soon", ["therapy"]),
        ("Your THERAPIST is here", ["THERAPIST"]),
        ("About your anxi\u200bety", ["anxi\u200bety"]),
        ("Bring your diagnosis and medication", ["diagnosis", "medication"]),
        ("Your call with the counselor", []),
        ("We’ll talk on Tuesday", []),
    ],
)
def test_health_words_are_found(text: str, words: list[str]) -> None:
    assert find_health_words(text) == words


@pytest.mark.parametrize(
    "text", ["It was good to talk in our last session.", "You should stop taking your pills."]
)
def test_wording_of_reply_guard_is_doubtful(text: str) -> None:
    assert find_doubtful_words(text) != []


@pytest.mark.parametrize(
    "text",
    [
        "Glad you wrote. I’ve kept the evening free.",
        "Looking forward to seeing you on Tuesday.",
        "Please ring the bell twice.",
    ],
)
def test_kind_sentences_are_not_doubtful(text: str) -> None:
    assert find_doubtful_words(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See you soon, Ada.", "Ada"),
        ("ADA’s call", "Ada"),
        ("We’ll try (503) 555-0142.", "+15035550142"),
        ("Sent to Ada@Mail.example", "ada@mail.example"),
        ("I’m sorry you lost my job in march", "lost my job in"),
    ],
)
def test_visitors_words_are_found(text: str, found: str) -> None:
    contacts = ["ada@mail.example", "+15035550142"]
    repeated = find_repeated_words(text, name="Ada May", contacts=contacts, answers=ANSWERS)
    assert found in repeated


@pytest.mark.parametrize("text", ["You may call us at 10:30.", "See you in March.", "Hello there"])
def test_other_words_are_not_taken_for_the_visitors(text: str) -> None:
    found = find_repeated_words(
        text, name="May Long", contacts=["", "a@b.example"], answers=["", *ANSWERS]
    )
    assert found == []
