"""Links in rich text: where they may lead, and the `rel` we set. Pure."""

import re
from html import escape
from urllib.parse import urlsplit

from django.conf import settings

WEB = {"http", "https"}
OTHER = {"mailto", "tel"}


def opening_tag(href: str) -> str:
    """`<a ...>` with its `rel`; nothing for an address that cannot be used."""
    href = _as_browsers_read(href)
    try:
        parts = urlsplit(href)
        host = parts.hostname
    except ValueError:
        return ""
    # Browsers read /\ like //, as another host.
    if not href or re.match(r"[/\\]{2}", href):
        return ""
    if parts.scheme in WEB:
        if not host:
            return ""
        rel = "" if _is_ours(parts.netloc) else ' rel="noopener"'
        return f'<a href="{escape(href)}"{rel}>'
    # A scheme that only looks like one, in letters of elsewhere, is nobody's address.
    is_odd = not parts.scheme and ":" in re.split(r"[/?#]", href, maxsplit=1)[0]
    return f'<a href="{escape(href)}">' if parts.scheme in OTHER | {""} and not is_odd else ""


def _as_browsers_read(href: str) -> str:
    """Browsers drop tabs and line ends inside an address, and blanks around it."""
    href = re.sub(r"[\t\r\n]", "", href).strip("".join(map(chr, range(0x21))))
    return re.sub(r"[\x00-\x20\x7f-\xa0\u2028\u2029]", "%20", href)


def _is_ours(host: str) -> bool:
    return host == urlsplit(settings.SITE_URL).netloc
