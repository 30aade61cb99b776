"""Well-formed markup of anybody into the shapes our pages know. Pure.

    paragraphs and headings     <p> <h2> <h3> <h4>, holding words and marks only
    lists, tables, quotes       <ul> <ol> <dl> <table> <blockquote>
    pictures                    <figure><img data-file="<uuid>" alt="..."><figcaption>...</figure>
    callouts                    <div class="callout callout-note">

Each element is written when it closes, out of the parts that closed inside it; nothing here
recurses, so no depth of nesting can exhaust the stack.
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

CALLOUTS = ("note", "tip", "care")

# Words of other editors for what we call by one name.
RENAMED = {
    "b": "strong", "i": "em", "strike": "s", "h1": "h2", "h5": "h4", "h6": "h4", "tfoot": "tbody",
    "kbd": "code", "samp": "code", "tt": "code", "font": "span",
    "address": "div", "article": "div", "aside": "div", "center": "div", "details": "div",
    "footer": "div", "header": "div", "main": "div", "nav": "div", "section": "div",
    "summary": "p",
}  # fmt: skip
WORDED = {"p", "h2", "h3", "h4", "dt", "pre", "caption"}  # hold words and marks only
MARKS = {"a", "abbr", "cite", "code", "del", "em", "s", "strong", "sub", "sup"}
HOLDERS = {"li", "dd", "td", "th"}  # hold words or blocks
LISTS = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd"}}
GRIDS = {
    "table": {"caption", "thead", "tbody"}, "thead": {"tr"}, "tbody": {"tr"}, "tr": {"td", "th"},
}  # fmt: skip
VOID = {"br", "hr", "img"}
TAGS = frozenset(
    {"blockquote", "br", "div", "figcaption", "figure", "hr", "img", "span"}
    | WORDED | MARKS | HOLDERS | LISTS.keys() | GRIDS.keys() | RENAMED.keys()
)  # fmt: skip
DEEPEST = 200  # open elements; what lies deeper is dropped
STRAY = {"li": "ul", "dt": "dl", "dd": "dl"}
NUMBERED = {"start", "colspan", "rowspan"}
LONGEST_ALT = 500


@dataclass(frozen=True)
class Part:
    """Finished markup: loose words (no tag), or a block with the words inside it."""

    html: str
    tag: str = ""
    inner: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.tag and not self.html.strip()


@dataclass
class _Open:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)


def shape(html: str) -> str:
    shaper = _Shaper()
    shaper.feed(html)
    shaper.close()
    parts = shaper.stack[0].parts
    if not any(part.tag for part in parts):
        return "".join(part.html for part in parts).strip()
    return _written(_flow(parts)).strip()


class _Shaper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack = [_Open("")]
        self.too_deep = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = RENAMED.get(tag, tag)
        attributes = {name: value or "" for name, value in attrs}
        if tag in VOID:
            self.stack[-1].parts += _void(tag, attributes)
        elif self.too_deep or len(self.stack) > DEEPEST:
            self.too_deep += 1
        else:
            self.stack.append(_Open(tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        if RENAMED.get(tag, tag) in VOID:
            return
        if self.too_deep:
            self.too_deep -= 1
        elif len(self.stack) > 1:
            ended = self.stack.pop()
            is_among_words = any(frame.tag in WORDED | MARKS for frame in self.stack)
            self.stack[-1].parts += _closed(ended, is_among_words)

    def handle_data(self, data: str) -> None:
        if not self.too_deep:
            # A hard space pasted between words keeps a line from wrapping; nobody means it.
            text = escape(data.replace("\xa0", " "), quote=False)
            self.stack[-1].parts.append(Part(text))


def _void(tag: str, attributes: dict[str, str]) -> list[Part]:
    if tag == "img":
        return _image(attributes)
    return [Part("<br>")] if tag == "br" else [Part("<hr>", "hr")]


def _closed(ended: _Open, is_among_words: bool) -> list[Part]:
    tag, parts = ended.tag, ended.parts
    word_list = _says_list(ended)
    if word_list == "ignore":
        return []  # the bullet that Word drew
    if tag == "p" and word_list:
        inner = _inline(parts)
        return [Part(f"<li>{inner}</li>", "li", inner)] if inner else []
    if tag in WORDED:
        return [*_worded(tag, parts)]
    if tag in MARKS or tag == "span":
        return [*_marked(ended)]
    if tag in HOLDERS:
        return _holder(ended)
    if tag in LISTS:
        return _list(ended)
    if tag in GRIDS:
        return _grid(ended)
    if tag == "figure":
        return _figure(parts)
    if tag == "figcaption":
        inner = _inline(parts)
        return [Part(f"<p>{inner}</p>", "figcaption", inner)] if inner else []
    if tag == "blockquote":
        return _wrapped("<blockquote>", _flow(parts), "</blockquote>", tag)
    return _box(ended, is_among_words)


def _says_list(ended: _Open) -> str:
    """Word writes an item of a list as a paragraph, and says so in its style."""
    style = ended.attributes.get("style", "").lower()
    _before, found, after = style.partition("mso-list:")
    return after.partition(";")[0].strip() if found else ""


def _runs(parts: Iterable[Part], *, frames: bool = True) -> Iterator[Part]:
    """Neighbouring words joined, blocks as they are, pictures in their figure."""
    for is_block, group in groupby(parts, key=lambda part: bool(part.tag)):
        if is_block:
            for part in group:
                yield _in_figure(part) if frames and part.tag == "img" else part
        else:
            yield Part("".join(part.html for part in group))


def _worded(tag: str, parts: list[Part]) -> Iterator[Part]:
    """Words in their element; a block that stood among them stands on its own."""
    for part in _runs(parts):
        if part.tag:
            yield part
            continue
        inner = part.html.lstrip("\n") if tag == "pre" else part.html
        if not _is_empty(inner):
            yield Part(f"<{tag}>{inner}</{tag}>", tag, inner)


def _marked(ended: _Open) -> Iterator[Part]:
    opening, closing = _mark(ended)
    # A picture stays bare here: in a figure, the caption that follows the link is its own.
    for part in _runs(ended.parts, frames=False):
        if part.tag or not opening or part.is_blank:
            yield part
        else:
            yield Part(f"{opening}{part.html}{closing}")


def _mark(ended: _Open) -> tuple[str, str]:
    """The tags around marked words, none when the mark says nothing."""
    tag, attributes = ended.tag, ended.attributes
    if tag == "a":
        opening = link_opening_tag(attributes.get("href", ""))
        return (opening, "</a>") if opening else ("", "")
    if tag == "abbr":
        title = " ".join(attributes.get("title", "").split())
        return (f'<abbr title="{escape(title)}">', "</abbr>") if title else ("", "")
    if tag in {"span", "strong"}:
        names = _styled(tag, attributes.get("style", ""))
        opening = "".join(f"<{name}>" for name in names)
        return opening, "".join(f"</{name}>" for name in reversed(names))
    return f"<{tag}>", f"</{tag}>"


def _styled(tag: str, style: str) -> list[str]:
    """Marks that Google Docs and Word say by style: bold spans, and a `<b>` that is not bold."""
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


def _holder(ended: _Open) -> list[Part]:
    tag = ended.tag
    parts = [*_runs(ended.parts)]
    is_odd = any(part.tag in STRAY or part.tag == "figcaption" for part in parts)
    inner = _written(_flow(parts) if is_odd else parts).strip()
    if not inner and tag in {"li", "dd"}:
        return []
    return [Part(f"<{tag}{_written_attributes(ended)}>{inner}</{tag}>", tag, inner)]


def _written_attributes(ended: _Open) -> str:
    return "".join(
        f' {name}="{escape(value)}"'
        for name, value in ended.attributes.items()
        if _is_sound(name, value)
    )


def _is_sound(name: str, value: str) -> bool:
    if name in NUMBERED:
        return value.isascii() and value.isdigit() and 0 < int(value[:9]) < 1000
    return name == "scope" and value in {"col", "row"}


def _list(ended: _Open) -> list[Part]:
    tag, items = ended.tag, []
    spare = "dd" if tag == "dl" else "li"
    for part in _runs(ended.parts):
        if part.tag in LISTS[tag]:
            items.append(part)
        elif part.tag in {"ul", "ol"} and items and items[-1].tag == "li":
            # Google Docs writes a list inside a list beside its item, where it may not stand.
            last = items.pop()
            inner = last.inner + part.html
            items.append(Part(f"<li>{inner}</li>", "li", inner))
        elif not part.is_blank:
            items.append(Part(f"<{spare}>{part.html.strip()}</{spare}>", spare, part.html.strip()))
    return _wrapped(f"<{tag}{_written_attributes(ended)}>", items, f"</{tag}>", tag)


def _grid(ended: _Open) -> list[Part]:
    """A table keeps what belongs into it; what does not, stands before it."""
    own = GRIDS[ended.tag]
    inside = [part for part in ended.parts if part.tag in own]
    before = [part for part in ended.parts if part.tag not in own and not part.is_blank]
    return before + _wrapped(f"<{ended.tag}>", inside, f"</{ended.tag}>", ended.tag)


def _figure(parts: list[Part]) -> list[Part]:
    """One picture a figure; without a picture the words stay as they are."""
    pictures = [part for part in parts if part.tag == "img"]
    captions = [part for part in parts if part.tag == "figcaption"]
    rest = [part for part in parts if part.tag not in {"img", "figcaption"}]
    caption = " ".join(part.inner for part in captions)
    if not pictures:
        return [*_flow(rest), *([Part(f"<p>{caption}</p>", "p", caption)] if caption else [])]
    figures = [_in_figure(part) for part in pictures[:-1]]
    return [*figures, _in_figure(pictures[-1], caption), *_flow(rest)]


def _image(attributes: dict[str, str]) -> list[Part]:
    """A picture of our media library; any other would be fetched from a stranger."""
    try:
        number = UUID(attributes.get("data-file", ""))
    except ValueError:
        return []
    alt = " ".join(attributes.get("alt", "").split())[:LONGEST_ALT]
    return [Part(f'<img data-file="{number}" alt="{escape(alt)}">', "img")]


def _in_figure(picture: Part, caption: str = "") -> Part:
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return Part(f"<figure>{picture.html}{below}</figure>", "figure")


def _box(ended: _Open, is_among_words: bool) -> list[Part]:
    kind = _callout(ended.attributes.get("class", ""))
    if kind and not is_among_words:
        opening = f'<div class="callout callout-{kind}">'
        return _wrapped(opening, _flow(ended.parts), "</div>", "div")
    if is_among_words and not any(part.tag for part in ended.parts):
        # Boxes inside a link or a heading: their words must not run together.
        return [Part(" "), *ended.parts, Part(" ")]
    return [*_flow(ended.parts)]


def _callout(classes: str) -> str:
    names = classes.split()
    kinds = [kind for kind in CALLOUTS if f"callout-{kind}" in names]
    return kinds[0] if kinds and "callout" in names else ""


def _flow(parts: Iterable[Part]) -> Iterator[Part]:
    """Blocks only: loose words become paragraphs, items without a list get one."""
    runs = (part for part in _runs(parts) if part.tag or part.html)
    for home, group in groupby(runs, key=lambda part: STRAY.get(part.tag, "")):
        if home:
            yield from _wrapped(f"<{home}>", group, f"</{home}>", home)
            continue
        for part in group:
            if part.tag:
                yield Part(part.html, "p" if part.tag == "figcaption" else part.tag, part.inner)
            elif not _is_empty(part.html):
                inner = part.html.strip()
                yield Part(f"<p>{inner}</p>", "p", inner)
            elif "\n" in part.html:
                yield Part("\n")


def _is_empty(inner: str) -> bool:
    """An editor writes an empty paragraph, or one line end, for every spare press of Enter."""
    return not inner.replace("<br>", "").strip()


def _wrapped(opening: str, parts: Iterable[Part], closing: str, tag: str) -> list[Part]:
    inner = _written(parts)
    return [Part(f"{opening}{inner}{closing}", tag)] if inner.strip() else []


def _written(parts: Iterable[Part]) -> str:
    return "".join(part.html for part in parts)


def _inline(parts: Iterable[Part]) -> str:
    """Words and marks of whatever stands there, on one line."""
    pieces = (part.inner if part.tag else part.html for part in parts)
    return re.sub(r"\s*\n\s*", " ", "".join(pieces)).strip()


# Links in rich text: where they may lead, and the `rel` we set. Pure.

WEB_SCHEMES = {"http", "https"}
OTHER_SCHEMES = {"mailto", "tel"}


def link_opening_tag(href: str) -> str:
    """`<a ...>` with its `rel`; nothing for an address that cannot be used."""
    href = _normalize_href(href)
    try:
        parts = urlsplit(href)
        host = parts.hostname
    except ValueError:
        return ""
    # Browsers read /\ like //, as another host.
    if not href or re.match(r"[/\\]{2}", href):
        return ""
    if parts.scheme in WEB_SCHEMES:
        if not host:
            return ""
        rel = "" if _is_own_host(parts.netloc) else ' rel="noopener"'
        return f'<a href="{escape(href)}"{rel}>'
    # A scheme that only looks like one, in letters of elsewhere, is nobody's address.
    is_odd = not parts.scheme and ":" in re.split(r"[/?#]", href, maxsplit=1)[0]
    return (
        f'<a href="{escape(href)}">' if parts.scheme in OTHER_SCHEMES | {""} and not is_odd else ""
    )


def _normalize_href(href: str) -> str:
    """Browsers drop tabs and line ends inside an address, and blanks around it."""
    href = re.sub(r"[\t\r\n]", "", href).strip("".join(map(chr, range(0x21))))
    return re.sub(r"[\x00-\x20\x7f-\xa0\u2028\u2029]", "%20", href)


def _is_own_host(host: str) -> bool:
    return host == urlsplit(settings.SITE_URL).netloc
