"""A comment's text as HTML: escaped, with paragraphs and line breaks, and once it is published with
links. Pure."""

import re
from urllib.parse import urlsplit

from django.utils.html import escape

RENDERER_VERSION = 2

# One class of characters and no alternatives: linear in the text. Only what RFC 3986 lets stand in
# an address, so that no letter from elsewhere makes a link look like another one.
_URL = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]{1,5})?", re.IGNORECASE)
_MAX_URL_CHARS = 2000
# Written after an address far more often than as its end.
_TRAILING_PUNCTUATION = ".,;:!?'*"
_BRACKET_PAIRS = {")": "(", "]": "["}


def comment_html(text: str, *, links: bool = False) -> str:
    """``dir="auto"`` lets each paragraph run in its own script's direction."""
    draw = linkify if links else escape
    paragraphs = [part.strip("\n") for part in text.split("\n\n") if part.strip()]
    return "".join(
        f'<p dir="auto">{draw(part).replace(chr(10), "<br>")}</p>' for part in paragraphs
    )


def linkify(text: str) -> str:
    """Escaped text in which web addresses are links that lend no weight to where they lead."""
    drawn: list[str] = []
    at = 0
    for found in _URL.finditer(text):
        address = _strip_trailing_punctuation(found.group())
        if not _is_linkable(address):
            continue
        shown = escape(address)
        drawn.append(escape(text[at : found.start()]))
        drawn.append(f'<a href="{shown}" rel="nofollow ugc noopener">{shown}</a>')
        at = found.start() + len(address)
    drawn.append(escape(text[at:]))
    return "".join(drawn)


def _strip_trailing_punctuation(address: str) -> str:
    """The address without the full stop or bracket of the sentence around it."""
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
    """A host that people can read; nothing before an "@", which only ever misleads."""
    try:
        host = urlsplit(address).netloc
    except ValueError:
        return False
    return len(address) <= _MAX_URL_CHARS and _HOST.fullmatch(host) is not None
