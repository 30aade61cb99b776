"""A word typed wrongly, as the one that was likely meant. Pure."""

from collections.abc import Iterable
from difflib import get_close_matches

from pages.search.synonyms import STOP_WORDS
from pages.search.terms import LONGEST_QUERY
from pages.text.fields import fold

SHORTEST = 4  # letters; shorter words are too near to each other
NEAR = 0.78
MOST_WORDS = 8


def mended(query: str, known: Iterable[str]) -> str:
    """The query in the nearest known words; empty where none is near to any of them."""
    words = fold(query[:LONGEST_QUERY]).split()
    if len(words) > MOST_WORDS:
        return ""
    by_letter: dict[str, set[str]] = {}
    for word in known:
        if len(word) >= SHORTEST:
            # Nobody slips at the first letter, and so few words are compared.
            by_letter.setdefault(word[0], set()).add(word)
    made = [_nearest(word, by_letter.get(word[0], set())) for word in words]
    return " ".join(made) if made != words else ""


def _nearest(word: str, known: set[str]) -> str:
    if len(word) < SHORTEST or word in known or word in STOP_WORDS:
        return word
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=NEAR)), word)
