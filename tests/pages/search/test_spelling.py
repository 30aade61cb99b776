"""Tests for correcting the spelling of search queries."""

import pytest

from pages.search.query import correct_query

KNOWN = ["anxiety", "therapist", "therapy", "boundaries", "grief", "sleep", "couples", "fees"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("anxeity", "anxiety"),
        ("terapist", "therapist"),
        ("Boundries at work", "boundaries at work"),
        ("i cant slepp", "i cant sleep"),
        # Already correct, nothing similar, too short, wrong first letter, no words, too many.
        ("grief", ""),
        ("zebra", ""),
        ("fes", ""),
        ("nxiety", ""),
        ("", ""),
        ("<>&", ""),
        ("anxeity " * 9, ""),
    ],
)
def test_misspelling_becomes_nearest_known_word(typed: str, meant: str) -> None:
    assert correct_query(typed, KNOWN) == meant
