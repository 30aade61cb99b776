"""Parse shortcodes (`[name key="value"]text[/name]`) in linear time. No I/O."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape

# WordPress editors put no shortcodes in these: code and comments are kept as written.
VERBATIM_PATTERN = (
    r"<(pre|code|style|script|textarea)\b[^>]{0,2000}>.{0,200000}?</\1\s*>|<!--.{0,20000}?-->"
)
NAME_PATTERN = r"[A-Za-z][A-Za-z0-9_-]{0,60}"
SHORTCODE_RE = re.compile(
    rf"{VERBATIM_PATTERN}|\[\[({NAME_PATTERN}[^\[\]]{{0,500}})\]\]|\[(/?)({NAME_PATTERN})(?=[\s\]/=])",
    re.S | re.I,
)
ATTRIBUTE_RE = re.compile(
    r"""([\w:-]{1,80})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))|"([^"]*)"|(\S+)"""
)
CURLY_QUOTES = {ord(char): '"' for char in "“”″„"} | {ord(char): "'" for char in "‘’′"}
MAX_TAG_CHARS = 30_000
# The content of these is text for their plugin, not markup.
RAW_SHORTCODES = frozenset({
    "code", "sourcecode", "source", "crayon", "php", "python", "html", "css", "javascript", "js",
    "bash", "sql", "xml", "latex", "tex", "math", "embed", "raw",
})  # fmt: skip


@dataclass(frozen=True)
class Shortcode:
    """One shortcode with its attributes and content."""

    name: str
    raw: str
    attributes: dict[str, str] = field(default_factory=dict)
    # Values without a name, in order.
    values: tuple[str, ...] = ()
    # None if there is no closing tag.
    inner: str | None = None

    def get(self, *names: str) -> str:
        """Return the first of these attributes that is not empty."""
        values = (self.attributes.get(name, "").strip() for name in names)
        return next((value for value in values if value), "")


@dataclass
class _Token:
    kind: str  # text, open, close
    raw: str
    name: str = ""
    written: str = ""
    inner: str | None = None
    closed_by: int = -1


def expand_shortcodes(text: str, render: Callable[[Shortcode], str]) -> str:
    """Replace each shortcode with the result of `render`, innermost first."""
    tokens = list(_tokenize(text))
    _match_closing_tags(tokens)
    frames: list[tuple[_Token, list[str]]] = []
    parts: list[str] = []
    for number, token in enumerate(tokens):
        if token.kind == "open" and token.closed_by > number:
            frames.append((token, parts))
            parts = []
        elif token.kind == "open":
            parts.append(render(_build_shortcode(token, token.inner)))
        elif token.kind == "close" and frames and frames[-1][0].closed_by == number:
            opened, outer = frames.pop()
            outer.append(render(_build_shortcode(opened, "".join(parts))))
            parts = outer
        else:
            parts.append(token.raw)
    return "".join(parts)


def _tokenize(text: str) -> Iterator[_Token]:
    at = 0
    while match := SHORTCODE_RE.search(text, at):
        if match.start() > at:
            yield _Token("text", text[at : match.start()])
        if match[4] is None:
            kept = f"[{match[2]}]" if match[2] else match[0]
            yield _Token("text", kept)
            at = match.end()
            continue
        end = _find_tag_end(text, match.end())
        if end < 0:
            yield _Token("text", match[0])
            at = match.end()
            continue
        raw = text[match.start() : end]
        name = match[4].lower()
        at = end
        if match[3]:
            yield _Token("close", raw, name)
            continue
        token = _Token("open", raw, name, text[match.end() : end - 1])
        closing = f"[/{match[4]}]"
        if name in RAW_SHORTCODES and (stop := text.find(closing, end)) >= 0:
            token.inner = text[end:stop]
            token.raw = text[match.start() : stop + len(closing)]
            at = stop + len(closing)
        yield token
    if at < len(text):
        yield _Token("text", text[at:])


def _find_tag_end(text: str, start: int) -> int:
    """Return the position after the bracket that closes the tag, or -1; ignore quoted brackets."""
    quote, simple = "", -1
    for at in range(start, min(len(text), start + MAX_TAG_CHARS)):
        char = text[at]
        if char == "]":
            if not quote:
                return at + 1
            simple = simple if simple >= 0 else at + 1
        elif char == quote:
            quote = ""
        elif char in "\"'" and not quote and text[at - 1] == "=":
            quote = char
        elif char == "[" and not quote:
            return -1
    return simple


def _match_closing_tags(tokens: list[_Token]) -> None:
    """Match each closing tag to the last open tag of its name; unmatched tags stand alone."""
    waiting: dict[str, list[int]] = {}
    matched: list[int] = []
    for number, token in enumerate(tokens):
        if token.kind == "open" and token.inner is None and not token.written.endswith("/"):
            waiting.setdefault(token.name, []).append(number)
        elif token.kind == "close" and waiting.get(token.name):
            matched.append(waiting[token.name].pop())
            tokens[matched[-1]].closed_by = number
    _unmatch_crossing_tags(tokens)


def _unmatch_crossing_tags(tokens: list[_Token]) -> None:
    """Leave the inner tag unmatched if tags overlap, as in `[a][b][/a][/b]`."""
    ends: list[int] = []
    for number, token in enumerate(tokens):
        while ends and ends[-1] < number:
            ends.pop()
        if token.closed_by > number:
            if ends and token.closed_by > ends[-1]:
                token.closed_by = -1
            else:
                ends.append(token.closed_by)


def _build_shortcode(token: _Token, inner: str | None) -> Shortcode:
    # Editors turn quotes into curly ones or into entities.
    written = token.written.removesuffix("/").lstrip("=").translate(CURLY_QUOTES)
    written = written.replace("&quot;", '"').replace("&#8221;", '"').replace("&#8243;", '"')
    named: dict[str, str] = {}
    values: list[str] = []
    for name, double, single, bare, quoted, loose in ATTRIBUTE_RE.findall(written):
        if name:
            named.setdefault(name.lower(), unescape(double or single or bare))
        elif quoted or loose:
            values.append(unescape(quoted or loose))
    return Shortcode(token.name, token.raw, named, tuple(values), inner)
