"""A word typed wrongly, as the one that was likely meant. Pure."""

from collections.abc import Iterable
from difflib import get_close_matches

from pages.search.synonyms import STOP_WORDS
from pages.search.terms import MAX_QUERY_CHARS
from pages.text.fields import fold_text

MIN_WORD_CHARS = 4  # letters; shorter words are too near to each other
MIN_SIMILARITY = 0.78
MAX_QUERY_WORDS = 8


def correct_query(query: str, known: Iterable[str]) -> str:
    """The query in the nearest known words; empty where none is near to any of them."""
    words = fold_text(query[:MAX_QUERY_CHARS]).split()
    if len(words) > MAX_QUERY_WORDS:
        return ""
    by_letter: dict[str, set[str]] = {}
    for word in known:
        if len(word) >= MIN_WORD_CHARS:
            # Nobody slips at the first letter, and so few words are compared.
            by_letter.setdefault(word[0], set()).add(word)
    made = [_nearest_word(word, by_letter.get(word[0], set())) for word in words]
    return " ".join(made) if made != words else ""


def _nearest_word(word: str, known: set[str]) -> str:
    if len(word) < MIN_WORD_CHARS or word in known or word in STOP_WORDS:
        return word
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=MIN_SIMILARITY)), word)
