"""How hard a text is to read: its longest sentences, and years of school. Pure.

The grade is that of Flesch and Kincaid. Its syllables are English; for another language it is off,
and the bound in the checklist is generous for that reason.
"""

import re
from collections.abc import Sequence

from pages.text.reading import Block

LONGEST_SENTENCE = 35  # words
SENTENCE = re.compile(r"[^.!?…]+(?:[.!?…]+[”\"')\]]*|$)")
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
VOWELS = re.compile(r"[aeiouyàáâäãåæèéêëìíîïòóôöõøœùúûü]+")


def sentences(text: str) -> list[str]:
    return [found for match in SENTENCE.finditer(text) if (found := match[0].strip())]


def long_sentences(blocks: Sequence[Block]) -> list[tuple[Block, str]]:
    return [
        (block, sentence)
        for block in blocks
        for sentence in sentences(block.text)
        if len(sentence.split()) > LONGEST_SENTENCE
    ]


def grade(texts: Sequence[str], *, fewest_words: int) -> float:
    """Years of school; 0 for a text too short to tell."""
    words = [word for text in texts for word in WORD.findall(text)]
    count = sum(len(sentences(text)) for text in texts)
    if len(words) < fewest_words or not count:
        return 0.0
    return 0.39 * len(words) / count + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """By groups of vowels, without the silent e at the end."""
    lower = word.lower()
    count = len(VOWELS.findall(lower))
    if lower.endswith("e") and not lower.endswith(("le", "ee")) and count > 1:
        count -= 1
    return max(1, count)
