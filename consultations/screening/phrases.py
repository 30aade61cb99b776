"""Finding listed words and phrases in a text: whole words, folded, in time linear in the text."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from consultations.screening.folding import words

LONGEST_PHRASE = 8


class PhraseSet:
    """Phrases prepared once. A "*" at the end stands for any ending of the last word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._whole: dict[tuple[str, ...], str] = {}
        self._begun: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._first: dict[str, int] = {}
        self._any_first = 0
        for phrase in phrases:
            self._add(phrase)

    def _add(self, phrase: str) -> None:
        parts = tuple(words(phrase))[:LONGEST_PHRASE]
        if not parts:
            return
        if phrase.rstrip().endswith("*"):
            self._begun.setdefault(parts[:-1], []).append((parts[-1], phrase))
        else:
            self._whole[parts] = phrase
        if len(parts) == 1 and phrase.rstrip().endswith("*"):
            self._any_first = max(self._any_first, 1)
        else:
            self._first[parts[0]] = max(self._first.get(parts[0], 0), len(parts))

    def found(self, text_words: Sequence[str]) -> list[str]:
        """Every listed phrase that stands in the words, each once, in the order of the text."""
        hits: dict[str, None] = {}
        for place, word in enumerate(text_words):
            longest = max(self._first.get(word, 0), self._any_first)
            for length in range(1, longest + 1):
                part = tuple(text_words[place : place + length])
                if len(part) < length:
                    break
                if (phrase := self._whole.get(part)) is not None:
                    hits[phrase] = None
                for begin, star in self._begun.get(part[:-1], ()):
                    if part[-1].startswith(begin):
                        hits[star] = None
        return list(hits)

    def has(self, text_words: Sequence[str]) -> bool:
        return bool(self.found(text_words))

    def __bool__(self) -> bool:
        return bool(self._whole or self._begun)


@lru_cache(maxsize=64)
def prepared(phrases: tuple[str, ...]) -> PhraseSet:
    return PhraseSet(phrases)
