"""Extract the part of a text that matches a search, with the matches marked. Pure functions."""

import re
from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pages.search.terms import Term, is_word_form
from pages.text.fields import fold_text

WORD_RE = re.compile(r"\w+")
SNIPPET_WORDS = 30
LEAD_WORDS = 6  # shown before the first hit


def make_snippet(texts: Sequence[str], terms: Sequence[Term]) -> SafeString:
    """Return a snippet of the first text with a hit, or the beginning of the first text."""
    for text in texts:
        words = list(WORD_RE.finditer(text))
        hits = find_hit_positions([match[0] for match in words], terms)
        if hits:
            start = _best_window_start(sorted(hits), len(words))
            return _render_window(text, words, start, hits)
    text = next((text for text in texts if text), "")
    return _render_window(text, list(WORD_RE.finditer(text)), 0, set())


def find_hit_positions(words: Sequence[str], terms: Iterable[Term]) -> set[int]:
    """Return the positions of words that match a term, alone or as part of a whole phrase."""
    # Folding is slow, and ASCII words (nearly all of them) don't need it.
    folded = [word.lower() if word.isascii() else fold_text(word) for word in words]
    places: dict[str, list[int]] = {}
    for place, word in enumerate(folded):
        places.setdefault(word[:2], []).append(place)
    positions: set[int] = set()
    for term in terms:
        for phrase in term.phrases:
            for place in places.get(phrase[0][:2], []):
                window = folded[place : place + len(phrase)]
                if len(window) == len(phrase) and all(
                    is_word_form(word, searched)
                    for word, searched in zip(window, phrase, strict=True)
                ):
                    positions |= set(range(place, place + len(phrase)))
    return positions


def _best_window_start(hits: list[int], count: int) -> int:
    """Return the start of the window with the most hits; the first one if there are several."""
    best, most, last = hits[0], 0, 0
    for first, place in enumerate(hits):
        last = max(last, first)
        while last < len(hits) and hits[last] < place + SNIPPET_WORDS - LEAD_WORDS:
            last += 1
        if last - first > most:
            best, most = place, last - first
    return max(0, min(best - LEAD_WORDS, count - SNIPPET_WORDS))


def _render_window(
    text: str, words: Sequence[re.Match[str]], start: int, hits: set[int]
) -> SafeString:
    end = min(len(words), start + SNIPPET_WORDS)
    if not words:
        return format_html("{}", text[:200])
    pieces: list[str] = ["… "] if start else []
    at = words[start].start() if start else 0
    for place in range(start, end):
        match = words[place]
        if place in hits:
            pieces += [text[at : match.start()], format_html("<mark>{}</mark>", match[0])]
            at = match.end()
    rest = text[at : words[end - 1].end()] if end < len(words) else text[at:]
    pieces += [rest, " …"] if end < len(words) else [rest]
    return format_html_join("", "{}", ((piece,) for piece in pieces))
