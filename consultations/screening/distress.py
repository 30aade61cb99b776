"""Whether words suggest that somebody is in danger or despair. A local list, no score.

Two things follow, no more: staff see the message first, its writer sees the crisis lines first.
A quotation or a negation counts like the thing itself: lines shown in vain do no harm.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from consultations.screening.models import ScreeningSettings
from consultations.screening.parsed_text import shorten
from consultations.screening.text_matching import (
    PhraseSet,
    folded_words,
    undisguised_words,
    visible_text,
)

# Said between the words of a phrase without changing what it says.
_FILLER_TEXT = """
    just really so only literally simply actually honestly fucking fuckin freaking damn
    totally maybe probably sometimes always even still to
"""
_FILLER_WORDS = frozenset(_FILLER_TEXT.split())
# Written in two words or in one, it is the same.
_CONTRACTIONS = {
    ("do", "not"): "dont", ("can", "not"): "cant", ("did", "not"): "didnt", ("will", "not"): "wont",
    ("does", "not"): "doesnt", ("would", "not"): "wouldnt", ("i", "am"): "im", ("i", "have"): "ive",
    ("my", "self"): "myself", ("no", "one"): "nobody", ("any", "more"): "anymore",
    ("he", "is"): "hes", ("self", "harm"): "selfharm",
}  # fmt: skip
_SPELLING_VARIANTS = {
    "cannot": "cant", "noone": "nobody", "wanna": "want", "gonna": "going", "u": "you",
    "ur": "your",
}  # fmt: skip


def has_distress_phrase(text: str, phrases: Iterable[str]) -> bool:
    """True when a listed phrase stands in the text, in whatever spelling we can undo."""
    listed = _normalized_phrase_set(tuple(phrases))
    if not listed:
        return False
    text = shorten(visible_text(shorten(text)))
    # A listed "want to die" is found in "i want to just die" too, and in "want to d i e".
    return listed.has(_normalize_words(folded_words(text))) or listed.has(
        _normalize_words(undisguised_words(text))
    )


@lru_cache(maxsize=8)
def _normalized_phrase_set(phrases: tuple[str, ...]) -> PhraseSet:
    evened = []
    for phrase in phrases:
        star = "*" if phrase.rstrip().endswith("*") else ""
        if parts := _normalize_words(folded_words(phrase)):
            evened.append(" ".join(parts) + star)
    return PhraseSet(evened)


def _normalize_words(plain: Sequence[str]) -> list[str]:
    evened: list[str] = []
    for word in plain:
        word = _SPELLING_VARIANTS.get(word, word)
        if evened and (joined := _CONTRACTIONS.get((evened[-1], word))) is not None:
            evened[-1] = joined
        elif word not in _FILLER_WORDS:
            evened.append(word)
    return evened


# Whether this practice wants a message read first: its own list, unless it is switched off.


def is_read_first_of_flag(*texts: str) -> bool:
    """For several answers of one form; no phrase reaches from one into the next."""
    chosen = ScreeningSettings.load()
    if not chosen.distress_is_on:
        return False
    phrases = chosen.words("distress_words")
    return any(has_distress_phrase(text, phrases) for text in texts)
