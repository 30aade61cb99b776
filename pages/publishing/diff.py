"""Compare two texts block by block and word by word. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html.parser import HTMLParser
from typing import Literal

Change = Literal["same", "added", "removed"]
BLOCK_TAGS = {
    "caption", "dd", "dt", "figcaption", "h2", "h3", "h4", "hr", "li", "p", "pre", "td", "th",
}  # fmt: skip
# Less similar blocks are shown as one removed and one added.
MIN_SIMILARITY = 0.3
# Longer texts are compared block by block only; word by word would take seconds.
MAX_WORDS = 4000


@dataclass(frozen=True)
class DiffPiece:
    change: Change
    text: str


@dataclass(frozen=True)
class DiffRow:
    """One block: its tag, and its words, marked as same, added or removed."""

    kind: str
    pieces: tuple[DiffPiece, ...]
    skipped: int = 0  # for a gap: the number of blocks left out

    @property
    def is_changed(self) -> bool:
        return any(piece.change != "same" for piece in self.pieces)


@dataclass(frozen=True)
class _Block:
    kind: str
    words: tuple[str, ...]


@dataclass
class _BlockReader(HTMLParser):
    blocks: list[_Block] = field(default_factory=list)
    _kind: str = ""
    _text: list[str] = field(default_factory=list)
    _href: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in BLOCK_TAGS:
            self.end()
            self._kind = tag
        elif tag == "br":
            self._text.append(" ")
        elif tag == "a":
            self._href = values.get("href") or ""
        elif tag == "img":
            self.end()
            # A picture is compared by its alt text.
            self.blocks.append(_Block("img", _split_words(values.get("alt") or "–")))
        if tag == "hr":
            self.blocks.append(_Block("hr", ("———",)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            # The target of a link may be all that changed.
            self._text.append(f" ({self._href})")
            self._href = ""
        if tag in BLOCK_TAGS:
            self.end()

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def end(self) -> None:
        words = _split_words("".join(self._text))
        if words:
            self.blocks.append(_Block(self._kind or "p", words))
        self._text, self._kind = [], ""


def compare_html(old: str, new: str) -> list[DiffRow]:
    return _diff_blocks(_read_blocks(old), _read_blocks(new))


def compare_text(old: str, new: str) -> list[DiffRow]:
    """Compare plain texts; each line is a block."""

    def blocks(text: str) -> list[_Block]:
        return [_Block("p", _split_words(line)) for line in text.splitlines() if line.strip()]

    return _diff_blocks(blocks(old), blocks(new))


def has_changes(rows: Sequence[DiffRow]) -> bool:
    return any(row.is_changed for row in rows)


def condense_rows(rows: Sequence[DiffRow], around: int = 1) -> list[DiffRow]:
    """Keep changed rows with `around` neighbours; replace the rest by gaps with a count."""
    near = {
        index
        for place, row in enumerate(rows)
        if row.is_changed
        for index in range(place - around, place + around + 1)
    }
    shown: list[DiffRow] = []
    for index, row in enumerate(rows):
        if index in near:
            shown.append(row)
        elif shown and shown[-1].kind == "gap":
            shown[-1] = DiffRow("gap", (), shown[-1].skipped + 1)
        else:
            shown.append(DiffRow("gap", (), 1))
    return shown


def _diff_blocks(old: list[_Block], new: list[_Block]) -> list[DiffRow]:
    rows: list[DiffRow] = []
    for tag, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [_single_piece_row(block, "same") for block in new[c:d]]
        else:
            rows += _diff_replaced_blocks(old[a:b], new[c:d])
    return rows


def _diff_replaced_blocks(old: list[_Block], new: list[_Block]) -> Iterator[DiffRow]:
    """Pair replaced blocks, and compare similar ones word by word."""
    is_long = sum(len(block.words) for block in (*old, *new)) > MAX_WORDS
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        if before and after and not is_long:
            matcher = SequenceMatcher(a=before.words, b=after.words, autojunk=False)
            if matcher.ratio() >= MIN_SIMILARITY:
                yield DiffRow(after.kind, tuple(_diff_words(before.words, after.words, matcher)))
                continue
        if before:
            yield _single_piece_row(before, "removed")
        if after:
            yield _single_piece_row(after, "added")


def _diff_words(
    old: Sequence[str], new: Sequence[str], matcher: "SequenceMatcher[str]"
) -> Iterator[DiffPiece]:
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield DiffPiece("same", " ".join(new[c:d]))
            continue
        if b > a:
            yield DiffPiece("removed", " ".join(old[a:b]))
        if d > c:
            yield DiffPiece("added", " ".join(new[c:d]))


def _single_piece_row(block: _Block, change: Change) -> DiffRow:
    return DiffRow(block.kind, (DiffPiece(change, " ".join(block.words)),))


def _read_blocks(html: str) -> list[_Block]:
    reader = _BlockReader()
    reader.feed(html)
    reader.close()
    reader.end()
    return reader.blocks


def _split_words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\S+", text))
