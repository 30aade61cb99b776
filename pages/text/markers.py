"""`[[crisis-box]]` alone in a paragraph stands for a reusable block. Pure.

Plain words, so that the marker survives every editor, the cleaner, an import and an export.
"""

import re
from collections.abc import Callable

MARKER = re.compile(r"\[\[\s*([a-z0-9]+(?:-[a-z0-9]+)*)\s*\]\]", re.IGNORECASE)
STANDING_ALONE = re.compile(rf"<p>\s*{MARKER.pattern}\s*</p>", re.IGNORECASE)


def names_in(html: str) -> list[str]:
    """The blocks a text asks for, in its order, each once."""
    if "[[" not in html:
        return []
    return list(dict.fromkeys(match[1].lower() for match in STANDING_ALONE.finditer(html)))


def replaced(html: str, write: Callable[[str], str]) -> str:
    return STANDING_ALONE.sub(lambda match: write(match[1].lower()), html)


def without(text: str) -> str:
    """Words without markers, for counting, searching and excerpts."""
    return MARKER.sub(" ", text) if "[[" in text else text
