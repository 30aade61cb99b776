"""What changed between two texts, block by block and word by word. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html.parser import HTMLParser
from typing import Literal

Change = Literal["same", "added", "removed"]
BLOCKS = {
    "caption", "dd", "dt", "figcaption", "h2", "h3", "h4", "hr", "li", "p", "pre", "td", "th",
}  # fmt: skip
# Below this likeness two blocks are told as one removed and one added.
ALIKE = 0.3
# Longer texts are compared block by block only; word by word would take seconds.
MOST_WORDS = 4000


@dataclass(frozen=True)
class Piece:
    change: Change
    text: str


@dataclass(frozen=True)
class Row:
    """One block: what it is, and its words with what was taken and put."""

    kind: str
    pieces: tuple[Piece, ...]
    skipped: int = 0  # of a gap: how many blocks it stands for

    @property
    def is_changed(self) -> bool:
        return any(piece.change != "same" for piece in self.pieces)


@dataclass(frozen=True)
class _Block:
    kind: str
    words: tuple[str, ...]


@dataclass
class _Reader(HTMLParser):
    blocks: list[_Block] = field(default_factory=list)
    _kind: str = ""
    _text: list[str] = field(default_factory=list)
    _href: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in BLOCKS:
            self.end()
            self._kind = tag
        elif tag == "br":
            self._text.append(" ")
        elif tag == "a":
            self._href = values.get("href") or ""
        elif tag == "img":
            self.end()
            # A picture is told by what is said about it.
            self.blocks.append(_Block("img", _words(values.get("alt") or "–")))
        if tag == "hr":
            self.blocks.append(_Block("hr", ("———",)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            # Where a link leads is invisible in its words, and may be all that changed.
            self._text.append(f" ({self._href})")
            self._href = ""
        if tag in BLOCKS:
            self.end()

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def end(self) -> None:
        words = _words("".join(self._text))
        if words:
            self.blocks.append(_Block(self._kind or "p", words))
        self._text, self._kind = [], ""


def compare_html(old: str, new: str) -> list[Row]:
    return _rows(_blocks(old), _blocks(new))


def compare_text(old: str, new: str) -> list[Row]:
    """Plain text, a block for each line."""
    return _rows(*([_Block("p", _words(line)) for line in t.splitlines() if line.strip()]
                   for t in (old, new)))  # fmt: skip


def is_changed(rows: Sequence[Row]) -> bool:
    return any(row.is_changed for row in rows)


def condensed(rows: Sequence[Row], around: int = 1) -> list[Row]:
    """Only what changed, with its neighbours; what lies between is counted."""
    near = {
        index
        for place, row in enumerate(rows)
        if row.is_changed
        for index in range(place - around, place + around + 1)
    }
    shown: list[Row] = []
    for index, row in enumerate(rows):
        if index in near:
            shown.append(row)
        elif shown and shown[-1].kind == "gap":
            shown[-1] = Row("gap", (), shown[-1].skipped + 1)
        else:
            shown.append(Row("gap", (), 1))
    return shown


def _rows(old: list[_Block], new: list[_Block]) -> list[Row]:
    rows: list[Row] = []
    for verb, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if verb == "equal":
            rows += [_whole(block, "same") for block in new[c:d]]
        else:
            rows += _replaced(old[a:b], new[c:d])
    return rows


def _replaced(old: list[_Block], new: list[_Block]) -> Iterator[Row]:
    """Blocks in each other's place: compared word by word where they are alike at all."""
    is_long = sum(len(block.words) for block in (*old, *new)) > MOST_WORDS
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        if before and after and not is_long:
            words = SequenceMatcher(a=before.words, b=after.words, autojunk=False)
            if words.ratio() >= ALIKE:
                yield Row(after.kind, tuple(_pieces(before.words, after.words, words)))
                continue
        if before:
            yield _whole(before, "removed")
        if after:
            yield _whole(after, "added")


def _pieces(
    old: Sequence[str], new: Sequence[str], words: "SequenceMatcher[str]"
) -> Iterator[Piece]:
    for verb, a, b, c, d in words.get_opcodes():
        if verb == "equal":
            yield Piece("same", " ".join(new[c:d]))
            continue
        if b > a:
            yield Piece("removed", " ".join(old[a:b]))
        if d > c:
            yield Piece("added", " ".join(new[c:d]))


def _whole(block: _Block, change: Change) -> Row:
    return Row(block.kind, (Piece(change, " ".join(block.words)),))


def _blocks(html: str) -> list[_Block]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end()
    return reader.blocks


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\S+", text))
