"""Finding listed words and phrases in a text: whole words, folded, in time linear in the text."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from consultations.screening.folding import words

LONGEST_PHRASE = 8


class PhraseSet:
    """Phrases prepared once. A "*" at the end stands for any ending of the last word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._whole: dict[tuple[str, ...], str] = {}
        # Of phrases with a star: the words before the last one, to its beginnings.
        self._begun: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        # Of a star with nothing before it: by its first letter, since every word is asked.
        self._begun_alone: dict[str, list[tuple[str, str]]] = {}
        self._longest_from: dict[str, int] = {}
        for phrase in phrases:
            self._add(phrase)

    def _add(self, phrase: str) -> None:
        parts = tuple(words(phrase))[:LONGEST_PHRASE]
        if not parts:
            return
        has_star = phrase.rstrip().endswith("*")
        if has_star and len(parts) == 1:
            self._begun_alone.setdefault(parts[0][0], []).append((parts[0], phrase))
            return
        if has_star:
            self._begun.setdefault(parts[:-1], []).append((parts[-1], phrase))
        else:
            self._whole[parts] = phrase
        self._longest_from[parts[0]] = max(self._longest_from.get(parts[0], 0), len(parts))

    def found(self, text_words: Sequence[str]) -> list[str]:
        """Every listed phrase that stands in the words, each once, in the order of the text."""
        hits: dict[str, None] = {}
        for place, word in enumerate(text_words):
            for begin, phrase in self._begun_alone.get(word[:1], ()):
                if word.startswith(begin):
                    hits[phrase] = None
            for length in range(1, self._longest_from.get(word, 0) + 1):
                part = tuple(text_words[place : place + length])
                if len(part) < length:
                    break
                if (whole := self._whole.get(part)) is not None:
                    hits[whole] = None
                for begin, phrase in self._begun.get(part[:-1], ()):
                    if part[-1].startswith(begin):
                        hits[phrase] = None
        return list(hits)

    def has(self, text_words: Sequence[str]) -> bool:
        return bool(self.found(text_words))

    def __bool__(self) -> bool:
        return bool(self._whole or self._begun or self._begun_alone)


@lru_cache(maxsize=64)
def prepared(phrases: tuple[str, ...]) -> PhraseSet:
    return PhraseSet(phrases)
