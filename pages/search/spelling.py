"""Correct the spelling of a search query. Pure functions."""

from collections.abc import Iterable
from difflib import get_close_matches

from pages.search.synonyms import STOP_WORDS
from pages.search.terms import MAX_QUERY_CHARS
from pages.text.fields import fold_text

MIN_WORD_CHARS = 4  # shorter words are too similar to each other
MIN_SIMILARITY = 0.78
MAX_QUERY_WORDS = 8


def correct_query(query: str, known: Iterable[str]) -> str:
    """Replace unknown words by the closest known ones; return an empty string if none changed."""
    words = fold_text(query[:MAX_QUERY_CHARS]).split()
    if len(words) > MAX_QUERY_WORDS:
        return ""
    by_letter: dict[str, set[str]] = {}
    for word in known:
        if len(word) >= MIN_WORD_CHARS:
            # The first letter is rarely mistyped, and grouping by it leaves few words to compare.
            by_letter.setdefault(word[0], set()).add(word)
    made = [_nearest_word(word, by_letter.get(word[0], set())) for word in words]
    return " ".join(made) if made != words else ""


def _nearest_word(word: str, known: set[str]) -> str:
    if len(word) < MIN_WORD_CHARS or word in known or word in STOP_WORDS:
        return word
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=MIN_SIMILARITY)), word)
