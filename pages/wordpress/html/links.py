"""Turn player and file URLs into plain links. No I/O."""

import re
from html import escape
from urllib.parse import parse_qs, urlsplit

PLAYER_PAGES = (
    (
        re.compile(r"^(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]{6,20})"),
        "www.youtube.com/watch?v={}",
    ),
    (re.compile(r"^player\.vimeo\.com/video/(\d+)"), "vimeo.com/{}"),
    (re.compile(r"^(?:www\.)?dailymotion\.com/embed/video/(\w+)"), "www.dailymotion.com/video/{}"),
    (re.compile(r"^open\.spotify\.com/embed/(\w+/\w+)"), "open.spotify.com/{}"),
    (re.compile(r"^embed\.ted\.com/talks/([\w/-]+)"), "www.ted.com/talks/{}"),
)
MAX_LABEL_CHARS = 80


def plain_link(address: str, label: str = "") -> str:
    """Return a link to the player's page; the label defaults to the shortened URL."""
    address = watch_page_url(address.strip())
    return f'<a href="{escape(address)}">{escape(label or shorten_url(address))}</a>'


def watch_page_url(address: str) -> str:
    """Return the video's page for a player's embed URL; other URLs are returned unchanged."""
    if address.startswith("//"):
        address = f"https:{address}"
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if parts.netloc == "w.soundcloud.com":
        return parse_qs(parts.query).get("url", [address])[0]
    for pattern, page in PLAYER_PAGES:
        if match := pattern.match(f"{parts.netloc}{parts.path}"):
            return f"https://{page.format(match[1])}"
    return address


def shorten_url(address: str) -> str:
    bare = re.sub(r"^https?://(?:www\.)?", "", address).rstrip("/")
    return bare if len(bare) <= MAX_LABEL_CHARS else f"{bare[: MAX_LABEL_CHARS - 1]}…"
