"""Find wording that tells who is a client, or advises one person. Pure; knows English.

Used for public replies to comments and for what staff add to an email.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from consultations.screening.revealing_patterns import ADVICE_PATTERNS, CLIENT_PATTERNS

CONFIRMS_CLIENT, MEDICAL_ADVICE = "confirms_client", "medical_advice"

_APOSTROPHES = dict.fromkeys(map(ord, "’‘‛ʼ`´′"), "'")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_CHARACTER_MAP = {**_APOSTROPHES, **_DASHES}


def _compile_patterns(patterns: Sequence[str]) -> list[re.Pattern[str]]:
    return [re.compile(rf"(?<![\w'-])(?:{pattern})(?![\w])") for pattern in patterns]


_CODED_PATTERNS = [(CONFIRMS_CLIENT, pattern) for pattern in _compile_patterns(CLIENT_PATTERNS)]
_CODED_PATTERNS += [(MEDICAL_ADVICE, pattern) for pattern in _compile_patterns(ADVICE_PATTERNS)]


def find_revealing_words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield a reason code and the range of characters of each finding, in no order."""
    flat, positions = flatten_text(text)
    for code, pattern in _CODED_PATTERNS:
        for match in pattern.finditer(flat):
            if match.end() > match.start():
                yield code, positions[match.start()], positions[match.end() - 1] + 1


def flatten_text(text: str) -> tuple[str, list[int]]:
    """Normalize case, accents, invisible characters and spaces.

    Return the text and the original position of each character.
    """
    letters: list[str] = []
    positions: list[int] = []
    for position, character in enumerate(text):
        if unicodedata.category(character) == "Cf":
            continue  # zero-width characters must not hide a word
        for letter in unicodedata.normalize("NFKD", character.translate(_CHARACTER_MAP)).casefold():
            if unicodedata.combining(letter):
                continue
            letter = " " if letter.isspace() else letter
            if letter == " " and letters and letters[-1] == " ":
                continue
            letters.append(letter)
            positions.append(position)
    return "".join(letters), positions
