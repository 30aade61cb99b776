"""References of an article as plain lines for editing, and as a numbered list for readers. Pure."""

import re
from html import escape
from html.parser import HTMLParser

BLOCK_TAGS = {"li", "p", "dd", "dt", "h2", "h3", "h4", "blockquote", "pre", "div"}
EMPHASIS_TAGS = {"em", "cite", "i"}
URL_RE = re.compile(r"https?://[^\s<>()]+[^\s<>().,;:!?]")
EMPHASIS_RE = re.compile(r"\*([^*\n]+)\*")


def reference_lines(html: str) -> str:
    """Return one line a reference: `*` around emphasis, the address of a link in parentheses."""
    reader = _LineReader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def references_html(lines: str) -> str:
    """Return the numbered list of references that were typed one a line."""
    items = [_item_html(" ".join(line.split())) for line in lines.splitlines() if line.strip()]
    return f"<ol>{''.join(f'<li>{item}</li>' for item in items)}</ol>" if items else ""


def number_references(html: str) -> str:
    """Add the anchors that the reference marks in the text link to."""
    number = 0

    def with_id(match: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f'<li id="reference-{number}">'

    return re.sub("<li>", with_id, html)


def _item_html(line: str) -> str:
    parts, at = [], 0
    for match in URL_RE.finditer(line):
        url = escape(match[0])
        parts += [_emphasize(line[at : match.start()]), f'<a href="{url}">{url}</a>']
        at = match.end()
    return "".join([*parts, _emphasize(line[at:])])


def _emphasize(text: str) -> str:
    return EMPHASIS_RE.sub(r"<em>\1</em>", escape(text, quote=False))


class _LineReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.href = ""
        self.link_text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCK_TAGS or tag == "br":
            self.parts.append("\n")
        elif tag in EMPHASIS_TAGS:
            self.parts.append("*")
        elif tag == "a":
            self.href, self.link_text = dict(attrs).get("href") or "", ""

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCK_TAGS:
            self.parts.append("\n")
        elif tag in EMPHASIS_TAGS:
            self.parts.append("*")
        elif tag == "a" and self.href:
            if self.href.startswith("http") and self.href != self.link_text.strip():
                self.parts.append(f" ({self.href})")
            self.href = ""

    def handle_data(self, data: str) -> None:
        # A line break inside an item does not end it.
        self.parts.append(data.replace("\n", " "))
        self.link_text += data
