"""Extract the plain text, headings and reading time of a text. Pure functions.

Also finds the markers of reusable blocks, and prepares a text for its page: heading ids, and tables
that can stack on a small screen.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape, unescape
from html.parser import HTMLParser

from django.utils.text import slugify

from pages.text.cleaning import clean_html

READING_WORDS_PER_MINUTE = 220
CONTENTS_MIN_WORDS = 400
CONTENTS_MIN_SECTIONS = 4
BLOCK_TAGS = {
    "blockquote", "br", "caption", "dd", "div", "dl", "dt", "figcaption", "figure", "h2", "h3",
    "h4", "hr", "li", "ol", "p", "pre", "table", "td", "th", "tr", "ul",
}  # fmt: skip
HEADING_LEVELS = {"h2": 2, "h3": 3, "h4": 4}


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    id: str


@dataclass(frozen=True)
class PreparedText:
    """A cleaned text ready to print on its page, with ids on its headings."""

    html: str
    headings: list[Heading]
    has_contents: bool


@dataclass
class _OutlineReader(HTMLParser):
    words: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    _open: int = 0
    _heading: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCK_TAGS:
            self.words.append(" ")
        if tag in HEADING_LEVELS:
            self._open, self._heading = HEADING_LEVELS[tag], []

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCK_TAGS:
            self.words.append(" ")
        if tag in HEADING_LEVELS:
            self.headings.append((self._open, collapse_whitespace("".join(self._heading))))
            self._open = 0

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._open:
            self._heading.append(data)


def plain_text(html: str) -> str:
    """Return the text without markup and block markers, with whitespace collapsed."""
    return collapse_whitespace(remove_markers("".join(_read_outline(html).words)))


def collapse_whitespace(text: str) -> str:
    return " ".join(text.split())


def single_line(text: str) -> str:
    """Replace control characters, which XML cannot contain, by spaces, and collapse whitespace."""
    return collapse_whitespace("".join(char if char.isprintable() else " " for char in text))


def non_empty_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def reading_minutes(html: str) -> int:
    """Return the estimated reading time in minutes, at least 1."""
    return max(1, round(len(plain_text(html).split()) / READING_WORDS_PER_MINUTE))


def extract_headings(html: str, anchors: str = "") -> list[Heading]:
    """Return the headings with their ids.

    `anchors` holds the ids published before (see `join_anchors`), which readers may have linked to.
    """
    outline = _read_outline(html).headings
    ids = assign_heading_ids([text for _level, text in outline], split_anchors(anchors))
    return [Heading(level, text, name) for (level, text), name in zip(outline, ids, strict=True)]


def join_anchors(headings: Sequence[Heading]) -> str:
    """Serialize heading ids for storage, one `id<tab>text` per line."""
    return "\n".join(f"{heading.id}\t{heading.text}" for heading in headings)


def split_anchors(anchors: str) -> list[tuple[str, str]]:
    """Parse the output of `join_anchors` into `(id, heading)` pairs."""
    parts = (line.partition("\t") for line in anchors.splitlines())
    return [(name, text) for name, _tab, text in parts]


def assign_heading_ids(texts: Sequence[str], known: Sequence[tuple[str, str]]) -> list[str]:
    """Return an id for each heading, keeping known ids where possible.

    A heading with unchanged text keeps its id. A reworded one takes the known id at the same place
    if that is free and the number of headings is the same, because headings are reworded more often
    than they are moved.
    """
    free = dict(known)
    ids: list[str] = [""] * len(texts)
    for index, text in enumerate(texts):
        same = next((anchor for anchor, old in free.items() if old == text), "")
        ids[index] = same
        free.pop(same, None)
    places = {index: anchor for index, (anchor, _text) in enumerate(known)}
    for index, text in enumerate(texts):
        if ids[index]:
            continue
        old = places.get(index, "")
        ids[index] = (
            old if len(texts) == len(known) and old in free else _new_heading_id(text, ids, free)
        )
        free.pop(old, None)
    return ids


@lru_cache(maxsize=256)
def prepare_text(html: str, anchors: str = "") -> PreparedText:
    """Clean a stored text again (the database is not trusted) and prepare it for printing."""
    cleaned = clean_html(html)
    headings = extract_headings(cleaned, anchors)
    ids = iter(headings)
    printed = re.sub(
        r"<(h[234])>", lambda match: f'<{match[1]} id="{escape(next(ids).id)}">', cleaned
    )
    sections = sum(heading.level == 2 for heading in headings)
    is_long = len(plain_text(cleaned).split()) >= CONTENTS_MIN_WORDS
    return PreparedText(
        label_table_cells(printed), headings, is_long and sections >= CONTENTS_MIN_SECTIONS
    )


def _new_heading_id(text: str, taken: Sequence[str], known: dict[str, str]) -> str:
    stem = slugify(text, allow_unicode=True)[:60].strip("-") or "section"
    # The prefix avoids clashes with ids of the page, for headings such as "Main" or "Comments".
    stem = f"h-{stem}"
    number = 1
    name = stem
    while name in taken or name in known:
        number += 1
        name = f"{stem}-{number}"
    return name


def _read_outline(html: str) -> _OutlineReader:
    reader = _OutlineReader()
    reader.feed(html)
    reader.close()
    return reader


# Markers of reusable blocks: `[[crisis-box]]` alone in a paragraph. Plain text survives any editor,
# the cleaner, imports and exports.

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


# Tables that stack on a small screen

TABLE_RE = re.compile(r"<table>(.*?)</table>", re.DOTALL)
TABLE_ROW_RE = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
TABLE_CELL_RE = re.compile(r"<(th|td)[^>]*>(.*?)</\1>", re.DOTALL)
CAPTION_RE = re.compile(r"\s*<caption>.*?</caption>", re.DOTALL)
TAG_RE = re.compile(r"<[^>]*>")


def label_table_cells(html: str) -> str:
    """Add a column label to each cell of tables with a heading row. Expects clean markup.

    The editor writes the heading row as the first row of the body. Tables with merged cells and
    nested tables are left unchanged.
    """
    return TABLE_RE.sub(lambda match: _label_table(match[1]) or match[0], html)


def _label_table(inner: str) -> str:
    """Return the labeled table, or an empty string to leave it unchanged."""
    if "<table" in inner or "span=" in inner:
        return ""
    rows = [TABLE_CELL_RE.findall(row) for row in TABLE_ROW_RE.findall(inner)]
    if len(rows) < 2 or not rows[0] or any(tag == "td" for tag, _text in rows[0]):
        return ""
    labels = [_cell_text(text) for _tag, text in rows[0]]
    if any(len(row) != len(labels) for row in rows):
        return ""
    head = "".join(f'<th scope="col">{text}</th>' for _tag, text in rows[0])
    body = "".join(f"<tr>{_render_cells(row, labels)}</tr>" for row in rows[1:])
    caption = CAPTION_RE.match(inner)
    return (
        f'<table class="stacking-table">{caption[0].strip() if caption else ""}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _render_cells(row: list[tuple[str, str]], labels: list[str]) -> str:
    return "".join(
        f'<th scope="row">{text}</th>'
        if tag == "th"
        else f'<td data-label="{escape(label)}">{text}</td>'
        for (tag, text), label in zip(row, labels, strict=True)
    )


def _cell_text(html: str) -> str:
    return collapse_whitespace(unescape(TAG_RE.sub(" ", html)))
