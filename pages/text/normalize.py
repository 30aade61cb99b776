"""Normalize well-formed markup into the structures our pages use. Pure functions.

    paragraphs and headings     <p> <h2> <h3> <h4>, containing text and inline marks only
    lists, tables, quotes       <ul> <ol> <dl> <table> <blockquote>
    pictures                    <figure><img data-file="<uuid>" alt="..."><figcaption>...</figure>
    callouts                    <div class="callout callout-note">

Each element is written when it closes, from the parts that closed inside it. Nothing here
recurses, so deeply nested markup can't exhaust the stack.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from itertools import groupby
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

CALLOUT_KINDS = ("note", "tip", "care")

# Tags of other editors, and the tag we use instead.
TAG_ALIASES = {
    "b": "strong",
    "i": "em",
    "strike": "s",
    "h1": "h2",
    "h5": "h4",
    "h6": "h4",
    "tfoot": "tbody",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
    "font": "span",
    "address": "div",
    "article": "div",
    "aside": "div",
    "center": "div",
    "details": "div",
    "footer": "div",
    "header": "div",
    "main": "div",
    "nav": "div",
    "section": "div",
    "summary": "p",
}
TEXT_TAGS = {"p", "h2", "h3", "h4", "dt", "pre", "caption"}  # contain text and inline marks only
INLINE_TAGS = {"a", "abbr", "cite", "code", "del", "em", "s", "strong", "sub", "sup"}
CONTAINER_TAGS = {"li", "dd", "td", "th"}  # contain text or blocks
LIST_CHILDREN = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd"}}
TABLE_CHILDREN = {
    "table": {"caption", "thead", "tbody"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"td", "th"},
}
VOID_TAGS = {"br", "hr", "img"}
ALLOWED_TAGS = frozenset(
    {"blockquote", "br", "div", "figcaption", "figure", "hr", "img", "span"}
    | TEXT_TAGS
    | INLINE_TAGS
    | CONTAINER_TAGS
    | LIST_CHILDREN.keys()
    | TABLE_CHILDREN.keys()
    | TAG_ALIASES.keys()
)
MAX_OPEN_ELEMENTS = 200  # deeper elements are dropped
IMPLIED_LIST_TAGS = {"li": "ul", "dt": "dl", "dd": "dl"}
NUMERIC_ATTRIBUTES = {"start", "colspan", "rowspan"}
MAX_ALT_CHARS = 500


@dataclass(frozen=True)
class MarkupPart:
    """Finished markup: inline content (no tag), or a block with its inner HTML."""

    html: str
    tag: str = ""
    inner: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.tag and not self.html.strip()


@dataclass
class _OpenElement:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list[MarkupPart] = field(default_factory=list)


def normalize_markup(html: str) -> str:
    """Return the normalized markup of well-formed HTML, such as the output of nh3.

    Text without any block element is returned as it is, without a paragraph around it.
    """
    shaper = _MarkupNormalizer()
    shaper.feed(html)
    shaper.close()
    parts = shaper.stack[0].parts
    if not any(part.tag for part in parts):
        return "".join(part.html for part in parts).strip()
    return _join_parts(_block_parts(parts)).strip()


class _MarkupNormalizer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack = [_OpenElement("")]
        self.too_deep = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = TAG_ALIASES.get(tag, tag)
        attributes = {name: value or "" for name, value in attrs}
        if tag in VOID_TAGS:
            self.stack[-1].parts += _void_parts(tag, attributes)
        elif self.too_deep or len(self.stack) > MAX_OPEN_ELEMENTS:
            self.too_deep += 1
        else:
            self.stack.append(_OpenElement(tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        if TAG_ALIASES.get(tag, tag) in VOID_TAGS:
            return
        if self.too_deep:
            self.too_deep -= 1
        elif len(self.stack) > 1:
            ended = self.stack.pop()
            is_among_words = any(frame.tag in TEXT_TAGS | INLINE_TAGS for frame in self.stack)
            self.stack[-1].parts += _close_element(ended, is_among_words)

    def handle_data(self, data: str) -> None:
        if not self.too_deep:
            # Pasted non-breaking spaces keep lines from wrapping and are almost never intended.
            text = escape(data.replace("\xa0", " "), quote=False)
            self.stack[-1].parts.append(MarkupPart(text))


def _void_parts(tag: str, attributes: dict[str, str]) -> list[MarkupPart]:
    if tag == "img":
        return _image_parts(attributes)
    return [MarkupPart("<br>")] if tag == "br" else [MarkupPart("<hr>", "hr")]


def _close_element(ended: _OpenElement, is_among_words: bool) -> list[MarkupPart]:
    tag, parts = ended.tag, ended.parts
    word_list = _word_list_style(ended)
    if word_list == "ignore":
        return []  # the bullet that Word inserts as text
    if tag == "p" and word_list:
        inner = _inline_html(parts)
        return [MarkupPart(f"<li>{inner}</li>", "li", inner)] if inner else []
    if tag in TEXT_TAGS:
        return [*_text_block_parts(tag, parts)]
    if tag in INLINE_TAGS or tag == "span":
        return [*_inline_parts(ended)]
    if tag in CONTAINER_TAGS:
        return _container_parts(ended)
    if tag in LIST_CHILDREN:
        return _list_parts(ended)
    if tag in TABLE_CHILDREN:
        return _table_parts(ended)
    if tag == "figure":
        return _figure_parts(parts)
    if tag == "figcaption":
        inner = _inline_html(parts)
        return [MarkupPart(f"<p>{inner}</p>", "figcaption", inner)] if inner else []
    if tag == "blockquote":
        return _wrap_parts("<blockquote>", _block_parts(parts), "</blockquote>", tag)
    return _box_parts(ended, is_among_words)


def _word_list_style(ended: _OpenElement) -> str:
    """Return the `mso-list` style by which Word marks a paragraph as a list item."""
    style = ended.attributes.get("style", "").lower()
    _before, marker, after = style.partition("mso-list:")
    return after.partition(";")[0].strip() if marker else ""


def _merge_text(parts: Iterable[MarkupPart], *, frames: bool = True) -> Iterator[MarkupPart]:
    """Join adjacent inline parts and leave blocks unchanged.

    Pictures are wrapped in a figure unless `frames` is false.
    """
    for is_block, group in groupby(parts, key=lambda part: bool(part.tag)):
        if is_block:
            for part in group:
                yield _wrap_in_figure(part) if frames and part.tag == "img" else part
        else:
            yield MarkupPart("".join(part.html for part in group))


def _text_block_parts(tag: str, parts: list[MarkupPart]) -> Iterator[MarkupPart]:
    """Wrap runs of inline content in `tag`; blocks between them become siblings."""
    for part in _merge_text(parts):
        if part.tag:
            yield part
            continue
        inner = part.html.lstrip("\n") if tag == "pre" else part.html
        if not _is_blank_html(inner):
            yield MarkupPart(f"<{tag}>{inner}</{tag}>", tag, inner)


def _inline_parts(ended: _OpenElement) -> Iterator[MarkupPart]:
    opening, closing = _inline_tags(ended)
    # Don't wrap a picture here: its figure may still be open, with a caption after the link.
    for part in _merge_text(ended.parts, frames=False):
        if part.tag or not opening or part.is_blank:
            yield part
        else:
            yield MarkupPart(f"{opening}{part.html}{closing}")


def _inline_tags(ended: _OpenElement) -> tuple[str, str]:
    """Return the opening and closing tag of an inline element; empty strings drop the tags."""
    tag, attributes = ended.tag, ended.attributes
    if tag == "a":
        opening = link_opening_tag(attributes.get("href", ""))
        return (opening, "</a>") if opening else ("", "")
    if tag == "abbr":
        title = " ".join(attributes.get("title", "").split())
        return (f'<abbr title="{escape(title)}">', "</abbr>") if title else ("", "")
    if tag in {"span", "strong"}:
        names = _marks_from_style(tag, attributes.get("style", ""))
        opening = "".join(f"<{name}>" for name in names)
        return opening, "".join(f"</{name}>" for name in reversed(names))
    return f"<{tag}>", f"</{tag}>"


def _marks_from_style(tag: str, style: str) -> list[str]:
    """Return the marks that Google Docs and Word express as styles.

    Both write bold and other marks as styled spans. Google Docs also wraps a whole document in a
    `<b>` that is not bold.
    """
    rules = {
        name.strip().lower(): value.strip().lower()
        for name, _colon, value in (rule.partition(":") for rule in style.split(";"))
    }
    weight = rules.get("font-weight", "bold" if tag == "strong" else "")
    wanted = {
        "strong": weight in {"bold", "bolder", "600", "700", "800", "900"},
        "em": rules.get("font-style") == "italic",
        "s": "line-through" in rules.get("text-decoration", ""),
        "sup": rules.get("vertical-align") == "super",
        "sub": rules.get("vertical-align") == "sub",
    }
    return [name for name, is_wanted in wanted.items() if is_wanted]


def _container_parts(ended: _OpenElement) -> list[MarkupPart]:
    tag = ended.tag
    parts = [*_merge_text(ended.parts)]
    is_odd = any(part.tag in IMPLIED_LIST_TAGS or part.tag == "figcaption" for part in parts)
    inner = _join_parts(_block_parts(parts) if is_odd else parts).strip()
    if not inner and tag in {"li", "dd"}:
        return []
    return [MarkupPart(f"<{tag}{_render_attributes(ended)}>{inner}</{tag}>", tag, inner)]


def _render_attributes(ended: _OpenElement) -> str:
    return "".join(
        f' {name}="{escape(value)}"'
        for name, value in ended.attributes.items()
        if _is_valid_attribute(name, value)
    )


def _is_valid_attribute(name: str, value: str) -> bool:
    if name in NUMERIC_ATTRIBUTES:
        return value.isascii() and value.isdigit() and 0 < int(value[:9]) < 1000
    return name == "scope" and value in {"col", "row"}


def _list_parts(ended: _OpenElement) -> list[MarkupPart]:
    tag, items = ended.tag, []
    spare = "dd" if tag == "dl" else "li"
    for part in _merge_text(ended.parts):
        if part.tag in LIST_CHILDREN[tag]:
            items.append(part)
        elif part.tag in {"ul", "ol"} and items and items[-1].tag == "li":
            # Google Docs puts a nested list after its item instead of inside it, which is invalid.
            last = items.pop()
            inner = last.inner + part.html
            items.append(MarkupPart(f"<li>{inner}</li>", "li", inner))
        elif not part.is_blank:
            items.append(
                MarkupPart(f"<{spare}>{part.html.strip()}</{spare}>", spare, part.html.strip())
            )
    return _wrap_parts(f"<{tag}{_render_attributes(ended)}>", items, f"</{tag}>", tag)


def _table_parts(ended: _OpenElement) -> list[MarkupPart]:
    """Keep the valid children of a table element and move everything else in front of it."""
    own = TABLE_CHILDREN[ended.tag]
    inside = [part for part in ended.parts if part.tag in own]
    before = [part for part in ended.parts if part.tag not in own and not part.is_blank]
    return before + _wrap_parts(f"<{ended.tag}>", inside, f"</{ended.tag}>", ended.tag)


def _figure_parts(parts: list[MarkupPart]) -> list[MarkupPart]:
    """Split a figure into one figure per picture; without a picture, keep only its text."""
    pictures = [part for part in parts if part.tag == "img"]
    captions = [part for part in parts if part.tag == "figcaption"]
    rest = [part for part in parts if part.tag not in {"img", "figcaption"}]
    caption = " ".join(part.inner for part in captions)
    if not pictures:
        return [
            *_block_parts(rest),
            *([MarkupPart(f"<p>{caption}</p>", "p", caption)] if caption else []),
        ]
    figures = [_wrap_in_figure(part) for part in pictures[:-1]]
    return [*figures, _wrap_in_figure(pictures[-1], caption), *_block_parts(rest)]


def _image_parts(attributes: dict[str, str]) -> list[MarkupPart]:
    """Keep an image of our media library; any other would be loaded from another site."""
    try:
        number = UUID(attributes.get("data-file", ""))
    except ValueError:
        return []
    alt = " ".join(attributes.get("alt", "").split())[:MAX_ALT_CHARS]
    return [MarkupPart(f'<img data-file="{number}" alt="{escape(alt)}">', "img")]


def _wrap_in_figure(picture: MarkupPart, caption: str = "") -> MarkupPart:
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return MarkupPart(f"<figure>{picture.html}{below}</figure>", "figure")


def _box_parts(ended: _OpenElement, is_among_words: bool) -> list[MarkupPart]:
    kind = _callout_kind(ended.attributes.get("class", ""))
    if kind and not is_among_words:
        opening = f'<div class="callout callout-{kind}">'
        return _wrap_parts(opening, _block_parts(ended.parts), "</div>", "div")
    if is_among_words and not any(part.tag for part in ended.parts):
        # Boxes inside a link or a heading: separate their text with spaces.
        return [MarkupPart(" "), *ended.parts, MarkupPart(" ")]
    return [*_block_parts(ended.parts)]


def _callout_kind(classes: str) -> str:
    names = classes.split()
    kinds = [kind for kind in CALLOUT_KINDS if f"callout-{kind}" in names]
    return kinds[0] if kinds and "callout" in names else ""


def _block_parts(parts: Iterable[MarkupPart]) -> Iterator[MarkupPart]:
    """Return blocks only: wrap loose text in paragraphs and stray list items in a list."""
    runs = (part for part in _merge_text(parts) if part.tag or part.html)
    for home, group in groupby(runs, key=lambda part: IMPLIED_LIST_TAGS.get(part.tag, "")):
        if home:
            yield from _wrap_parts(f"<{home}>", group, f"</{home}>", home)
            continue
        for part in group:
            if part.tag:
                yield MarkupPart(
                    part.html, "p" if part.tag == "figcaption" else part.tag, part.inner
                )
            elif not _is_blank_html(part.html):
                inner = part.html.strip()
                yield MarkupPart(f"<p>{inner}</p>", "p", inner)
            elif "\n" in part.html:
                yield MarkupPart("\n")


def _is_blank_html(inner: str) -> bool:
    """Return whether there is no text; editors write empty paragraphs and line breaks for Enter."""
    return not inner.replace("<br>", "").strip()


def _wrap_parts(
    opening: str, parts: Iterable[MarkupPart], closing: str, tag: str
) -> list[MarkupPart]:
    inner = _join_parts(parts)
    return [MarkupPart(f"{opening}{inner}{closing}", tag)] if inner.strip() else []


def _join_parts(parts: Iterable[MarkupPart]) -> str:
    return "".join(part.html for part in parts)


def _inline_html(parts: Iterable[MarkupPart]) -> str:
    """Return the inline content of all parts on one line."""
    pieces = (part.inner if part.tag else part.html for part in parts)
    return re.sub(r"\s*\n\s*", " ", "".join(pieces)).strip()


# Links: which URLs are allowed, and their `rel`

WEB_SCHEMES = {"http", "https"}
OTHER_SCHEMES = {"mailto", "tel"}


def link_opening_tag(href: str) -> str:
    """Return `<a ...>` with `rel` for external links, or an empty string for an unusable URL."""
    href = _normalize_href(href)
    try:
        parts = urlsplit(href)
        host = parts.hostname
    except ValueError:
        return ""
    # Browsers treat /\ like //, as the start of another host.
    if not href or re.match(r"[/\\]{2}", href):
        return ""
    if parts.scheme in WEB_SCHEMES:
        if not host:
            return ""
        rel = "" if _is_own_host(parts.netloc) else ' rel="noopener"'
        return f'<a href="{escape(href)}"{rel}>'
    # urlsplit() finds no scheme in look-alikes such as ones with non-ASCII letters. Reject them.
    is_odd = not parts.scheme and ":" in re.split(r"[/?#]", href, maxsplit=1)[0]
    return (
        f'<a href="{escape(href)}">' if parts.scheme in OTHER_SCHEMES | {""} and not is_odd else ""
    )


def _normalize_href(href: str) -> str:
    """Strip what browsers ignore and escape other whitespace and control characters.

    Browsers drop tabs and line breaks inside a URL, and spaces and control characters around it.
    """
    href = re.sub(r"[\t\r\n]", "", href).strip("".join(map(chr, range(0x21))))
    return re.sub(r"[\x00-\x20\x7f-\xa0\u2028\u2029]", "%20", href)


def _is_own_host(host: str) -> bool:
    return host == urlsplit(settings.SITE_URL).netloc
