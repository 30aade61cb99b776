"""Find and replace markers for reusable blocks. Pure functions.

A marker is `[[crisis-box]]` alone in a paragraph. It is plain text so that it survives any editor,
the cleaner, imports and exports.
"""

import re
from collections.abc import Callable

MARKER_RE = re.compile(r"\[\[\s*([a-z0-9]+(?:-[a-z0-9]+)*)\s*\]\]", re.IGNORECASE)
MARKER_PARAGRAPH_RE = re.compile(rf"<p>\s*{MARKER_RE.pattern}\s*</p>", re.IGNORECASE)


def find_marker_names(html: str) -> list[str]:
    """Return the names of the blocks a text uses, in order and without duplicates."""
    if "[[" not in html:
        return []
    return list(dict.fromkeys(match[1].lower() for match in MARKER_PARAGRAPH_RE.finditer(html)))


def replace_markers(html: str, write: Callable[[str], str]) -> str:
    """Replace each marker paragraph with `write(name)`."""
    return MARKER_PARAGRAPH_RE.sub(lambda match: write(match[1].lower()), html)


def remove_markers(text: str) -> str:
    """Remove the markers from plain text before counting, searching or excerpting it."""
    return MARKER_RE.sub(" ", text) if "[[" in text else text
