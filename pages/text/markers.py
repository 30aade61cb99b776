"""`[[crisis-box]]` alone in a paragraph stands for a reusable block. Pure.

Plain words, so that the marker survives every editor, the cleaner, an import and an export.
"""

import re
from collections.abc import Callable

MARKER_RE = re.compile(r"\[\[\s*([a-z0-9]+(?:-[a-z0-9]+)*)\s*\]\]", re.IGNORECASE)
MARKER_PARAGRAPH_RE = re.compile(rf"<p>\s*{MARKER_RE.pattern}\s*</p>", re.IGNORECASE)


def find_marker_names(html: str) -> list[str]:
    """The blocks a text asks for, in its order, each once."""
    if "[[" not in html:
        return []
    return list(dict.fromkeys(match[1].lower() for match in MARKER_PARAGRAPH_RE.finditer(html)))


def replace_markers(html: str, write: Callable[[str], str]) -> str:
    return MARKER_PARAGRAPH_RE.sub(lambda match: write(match[1].lower()), html)


def remove_markers(text: str) -> str:
    """Words without markers, for counting, searching and excerpts."""
    return MARKER_RE.sub(" ", text) if "[[" in text else text
