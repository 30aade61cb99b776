"""Any HTML to the little markup our pages use: from the editor, an import or a paste."""

import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3
from django.conf import settings

# Raise this when the rules below change: stored texts are then cleaned again.
CLEANER_VERSION = 1

TAGS = {
    "a", "blockquote", "br", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
# Dropped with all they hold; of other unknown tags the words stay.
DROPPED = {"script", "style", "iframe", "object", "svg", "math", "template", "noscript", "title"}
VOID = {"br", "hr"}
# Words of other editors for what we call by one name.
RENAMED = {"b": "strong", "i": "em", "h1": "h2", "h5": "h4", "h6": "h4"}
NUMBERED = {"start", "colspan", "rowspan"}
EMPTY = re.compile(r"<(p|h2|h3|h4|blockquote|li|ul|ol)>\s*</\1>")

_first_pass = nh3.Cleaner(
    tags=TAGS | RENAMED.keys(),
    clean_content_tags=DROPPED,
    attributes=ATTRIBUTES,
    url_schemes=SCHEMES,
    link_rel=None,
    strip_comments=True,
)


def clean_html(html: str) -> str:
    """Safe markup; cleaning what is clean changes nothing."""
    second = _SecondPass()
    second.feed(_first_pass.clean(_without_controls(html)))
    second.close()
    return _without_empty_blocks("".join(second.parts)).strip()


class _SecondPass(HTMLParser):
    """Over well-formed output of the first pass: our own names, links and values."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._link_is_kept = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = RENAMED.get(tag, tag)
        kept = [(name, value or "") for name, value in attrs if _is_sound(name, value or "")]
        if tag == "a":
            kept = _link(dict(kept).get("href", ""))
            self._link_is_kept = bool(kept)
            if not kept:
                return
        written = "".join(f' {name}="{escape(value)}"' for name, value in kept)
        self.parts.append(f"<{tag}{written}>")

    def handle_endtag(self, tag: str) -> None:
        tag = RENAMED.get(tag, tag)
        if tag not in VOID and (tag != "a" or self._link_is_kept):
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        # A hard space pasted between words keeps a line from wrapping; nobody means it.
        self.parts.append(data.replace("\xa0", " "))

    def handle_entityref(self, name: str) -> None:
        self.parts.append(" " if name == "nbsp" else f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")


def _is_sound(name: str, value: str) -> bool:
    if name in NUMBERED:
        return value.isascii() and value.isdigit() and 0 < int(value[:9]) < 1000
    if name == "scope":
        return value in {"col", "row"}
    return name == "href"


def _link(href: str) -> list[tuple[str, str]]:
    """A link and its `rel`; one without a usable address keeps its words only."""
    href = href.strip()
    try:
        parts = urlsplit(href)
    except ValueError:
        return []
    # Browsers read /\\ like //, as another host.
    if not href or re.match(r"[/\\]{2}", href):
        return []
    if parts.scheme not in {"http", "https"} or _is_ours(parts.netloc):
        return [("href", href)]
    return [("href", href), ("rel", "noopener")]


def _is_ours(host: str) -> bool:
    return host == urlsplit(settings.SITE_URL).netloc


def _without_controls(text: str) -> str:
    return "".join(char for char in text if char >= " " or char in "\n\t")


def _without_empty_blocks(html: str) -> str:
    """An editor writes an empty paragraph for every spare press of Enter."""
    while True:
        shorter = EMPTY.sub("", html)
        if shorter == html:
            return html
        html = shorter
