import pytest

from pages.search.spelling import correct_query

KNOWN = ["anxiety", "therapist", "therapy", "boundaries", "grief", "sleep", "couples", "fees"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("anxeity", "anxiety"),
        ("terapist", "therapist"),
        ("Boundries at work", "boundaries at work"),
        ("i cant slepp", "i cant sleep"),
        # Nothing to mend, nothing near, too short, or no words at all.
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
