"""A text as its parts: paragraphs with their words and links, headings, pictures. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

BLOCKS = {"p", "h2", "h3", "h4", "li", "td", "th", "dt", "dd", "figcaption", "caption", "pre"}


@dataclass
class Link:
    href: str
    text: str = ""


@dataclass
class Block:
    kind: str
    text: str = ""
    is_quoted: bool = False
    links: list[Link] = field(default_factory=list)


@dataclass
class Shape:
    blocks: list[Block] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)  # uuid, alt
    tables_without_heading: int = 0

    @property
    def headings(self) -> list[Block]:
        return [block for block in self.blocks if block.kind in {"h2", "h3", "h4"}]

    @property
    def links(self) -> list[Link]:
        return [link for block in self.blocks for link in block.links]


def shape_of(html: str) -> Shape:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end()
    return reader.shape


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shape = Shape()
        self.block = Block("p")
        self.quotes = 0
        self.has_heading_cell = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in BLOCKS:
            self.end()
            self.block = Block(tag, is_quoted=self.quotes > 0)
        if tag == "blockquote":
            self.end()
            self.quotes += 1
            self.block.is_quoted = True
        elif tag == "a":
            self.block.links.append(Link(values.get("href", "")))
        elif tag == "br":
            self.block.text += " "
        elif tag == "img":
            self.shape.pictures.append((values.get("data-file", ""), values.get("alt", "")))
        elif tag == "table":
            self.has_heading_cell = False
        elif tag == "th":
            self.has_heading_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.end()
        elif tag == "blockquote":
            self.end()
            self.quotes = max(0, self.quotes - 1)
            self.block.is_quoted = self.quotes > 0
        elif tag == "table":
            self.shape.tables_without_heading += not self.has_heading_cell
            self.has_heading_cell = True
        elif tag == "a" and self.block.links:
            link = self.block.links[-1]
            link.text = " ".join(link.text.split())
            self.block.links.append(Link(""))  # what follows belongs to no link

    def handle_data(self, data: str) -> None:
        self.block.text += data
        if self.block.links and self.block.links[-1].href:
            self.block.links[-1].text += data

    def end(self) -> None:
        block = self.block
        block.text = " ".join(block.text.split())
        block.links = [link for link in block.links if link.href]
        if block.text:
            self.shape.blocks.append(block)
        self.block = Block("p", is_quoted=self.quotes > 0)


# How hard a text is to read: its longest sentences, and years of school. Pure.
#
# The grade is that of Flesch and Kincaid. Its syllables are English; for another language it is
# off,
# and the bound in the checklist is generous for that reason.

LONGEST_SENTENCE = 35  # words
SENTENCE = re.compile(r"[^.!?…]+(?:[.!?…]+[”\"')\]]*|$)")
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
VOWELS = re.compile(r"[aeiouyàáâäãåæèéêëìíîïòóôöõøœùúûü]+")


def sentences(text: str) -> list[str]:
    return [found for match in SENTENCE.finditer(text) if (found := match[0].strip())]


def long_sentences(blocks: Sequence[Block]) -> list[tuple[Block, str]]:
    return [
        (block, sentence)
        for block in blocks
        for sentence in sentences(block.text)
        if len(sentence.split()) > LONGEST_SENTENCE
    ]


def grade(texts: Sequence[str], *, fewest_words: int) -> float:
    """Years of school; 0 for a text too short to tell."""
    words = [word for text in texts for word in WORD.findall(text)]
    count = sum(len(sentences(text)) for text in texts)
    if len(words) < fewest_words or not count:
        return 0.0
    return 0.39 * len(words) / count + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """By groups of vowels, without the silent e at the end."""
    lower = word.lower()
    count = len(VOWELS.findall(lower))
    if lower.endswith("e") and not lower.endswith(("le", "ee")) and count > 1:
        count -= 1
    return max(1, count)
