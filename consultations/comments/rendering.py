"""Render a comment's plain text as HTML: escaped, with paragraphs, line breaks and links. Pure."""

import re
from urllib.parse import urlsplit

from django.utils.html import escape

RENDERER_VERSION = 2

# One character class without alternatives: linear in the text. Only characters that RFC 3986
# allows, so that look-alike letters of other alphabets cannot make a link look like another.
_URL = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]{1,5})?", re.IGNORECASE)
_MAX_URL_CHARS = 2000
# Far more often punctuation after an address than the end of it.
_TRAILING_PUNCTUATION = ".,;:!?'*"
_BRACKET_PAIRS = {")": "(", "]": "["}


def comment_html(text: str, *, links: bool = False) -> str:
    """Return the text as HTML. ``links``: make web addresses clickable.

    ``dir="auto"`` gives each paragraph the direction of its own script.
    """
    render_text = linkify if links else escape
    paragraphs = [part.strip("\n") for part in text.split("\n\n") if part.strip()]
    return "".join(
        f'<p dir="auto">{render_text(part).replace(chr(10), "<br>")}</p>' for part in paragraphs
    )


def linkify(text: str) -> str:
    """Escape a text and make its web addresses links that pass no search ranking on."""
    parts: list[str] = []
    position = 0
    for match in _URL.finditer(text):
        address = _strip_trailing_punctuation(match.group())
        if not _is_linkable(address):
            continue
        escaped = escape(address)
        parts.append(escape(text[position : match.start()]))
        parts.append(f'<a href="{escaped}" rel="nofollow ugc noopener">{escaped}</a>')
        position = match.start() + len(address)
    parts.append(escape(text[position:]))
    return "".join(parts)


def _strip_trailing_punctuation(address: str) -> str:
    """Remove the full stop or bracket of the sentence around an address."""
    unpaired = {
        end: address.count(end) - address.count(begin) for end, begin in _BRACKET_PAIRS.items()
    }
    end = len(address)
    while end:
        last = address[end - 1]
        if unpaired.get(last, 0) > 0:
            unpaired[last] -= 1
        elif last not in _TRAILING_PUNCTUATION:
            break
        end -= 1
    return address[:end]


def _is_linkable(address: str) -> bool:
    """Return whether the host is readable. Nothing before an "@": it only misleads readers."""
    try:
        host = urlsplit(address).netloc
    except ValueError:
        return False
    return len(address) <= _MAX_URL_CHARS and _HOST.fullmatch(host) is not None
