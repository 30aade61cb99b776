"""Parse a search query into terms: groups of synonyms. Pure functions."""

import re
from dataclasses import dataclass
from functools import lru_cache

from pages.search.synonyms import QUESTION_WORDS, STOP_WORDS, Groups, Phrase
from pages.text.fields import fold_text

MAX_QUERY_CHARS = 100
MAX_TERMS = 8
MIN_PREFIX_CHARS = 2
SUFFIX_RE = re.compile(r"(ings?|ies|ied|ed|es|s|y)$")
# Words with these endings are complete and are not matched as prefixes. The stem of "died" has only
# two letters, and half the words in the language begin with them.
COMPLETE_WORD_RE = re.compile(r"(ied|ies|ed|ings?)$")
MIN_STEM_CHARS = 4
MAX_SUFFIX_CHARS = 5


@dataclass(frozen=True)
class Term:
    """One searched word or phrase with its synonyms; the typed one comes first."""

    phrases: tuple[Phrase, ...]
    is_beginning: bool = False  # the last word may still be incomplete


def parse_query(query: str, synonyms: Groups) -> list[Term]:
    """Parse a query into terms, without stop words.

    Question words are also dropped if any other words remain.
    """
    words = [word for word in fold_text(query[:MAX_QUERY_CHARS]).split() if word not in STOP_WORDS]
    matter = [word for word in words if word not in QUESTION_WORDS]
    return _group_words(matter or words, synonyms)


def _group_words(words: list[str], synonyms: Groups) -> list[Term]:
    longest = max((len(phrase) for phrase in synonyms), default=1)
    terms: list[Term] = []
    at = 0
    while at < len(words) and len(terms) < MAX_TERMS:
        phrase = _longest_phrase(words[at:], synonyms, longest) or (words[at],)
        at += len(phrase)
        term = Term(
            synonyms.get(phrase, (phrase,)), at >= len(words) and _can_be_prefix(phrase[-1])
        )
        if term not in terms:
            terms.append(term)
    return terms


def _can_be_prefix(word: str) -> bool:
    return len(word) >= MIN_PREFIX_CHARS and not COMPLETE_WORD_RE.search(word)


def _longest_phrase(words: list[str], synonyms: Groups, longest: int) -> Phrase:
    """Return the longest known phrase at the start of `words`: "low mood" rather than "low"."""
    for length in range(min(longest, len(words)), 0, -1):
        if tuple(words[:length]) in synonyms:
            return tuple(words[:length])
    return ()


@lru_cache(maxsize=1024)
def stem_word(word: str) -> str:
    """Strip a common English suffix, unless that leaves too short a stem."""
    shorter = SUFFIX_RE.sub("", word)
    return shorter if len(shorter) >= MIN_STEM_CHARS else word


def is_word_form(word: str, searched: str) -> bool:
    """Return whether a folded word is a form of the searched one.

    This approximates the stemming of the databases. It is only used for marking hits and ranking
    titles.
    """
    root = stem_word(searched)
    return word.startswith(root) and len(word) - len(root) <= MAX_SUFFIX_CHARS
