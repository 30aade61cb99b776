"""Disguised letters are undone; other alphabets stay as they are."""

import pytest

from consultations.screening.parsed_text import (
    count_scripts,
    folded_words,
    has_mixed_script_word,
    undisguised_words,
)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Casino", ["casino"]),
        ("CÁSINÒ", ["casino"]),
        ("ca\u200bsi\u00adno", ["casino"]),
        ("ｃａｓｉｎｏ", ["casino"]),
        ("𝓬𝓪𝓼𝓲𝓷𝓸", ["casino"]),
        ("c\u0430sin\u043e", ["casino"]),  # Cyrillic a and o
        ("\u0441\u0430\u0445\u043e", ["caxo"]),  # only look-alikes
        ("ca&#115;ino", ["casino"]),
        ("don’t DON'T", ["dont", "dont"]),
        ("Привет мир", ["привет", "мир"]),
        ("Καλημέρα", ["καλημερα"]),
        ("想死", ["想", "死"]),
        ("", []),
        ("!!! ...", []),
    ],
)
def test_words_are_folded_as_seen(written, seen) -> None:
    assert folded_words(written) == seen


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("v1agra", "viagra"),
        ("c@sin0", "casino"),
        ("v i a g r a", "viagra"),
        ("c.a.s.i.n.o", "casino"),
        ("su!cide", "suicide"),
        ("k i l l  myself", "kill myself"),
        ("b@d cr3dit", "bad credit"),
    ],
)
def test_disguised_words_are_undisguised(written, meant) -> None:
    assert undisguised_words(written) == meant.split()


def test_plain_words_are_unchanged() -> None:
    plain = "I was in room 12 of the A and E, at 3 pm, on the 2nd"
    assert undisguised_words(plain)[:-1] == folded_words(plain)[:-1]


def test_mixed_script_word_is_detected() -> None:
    assert has_mixed_script_word("vi\u0430gra")
    assert not has_mixed_script_word("Привет Sam, café, Ελλάδα")


def test_letters_are_counted_by_script() -> None:
    assert count_scripts("Привет Sam 12") == {"cyrillic": 6, "latin": 3}
