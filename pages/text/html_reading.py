"""Read the structure and readability of an HTML text for the checklist. Pure functions.

The structure is its text blocks with their links, its headings, pictures and tables. The reading
grade is the Flesch-Kincaid grade level. Syllables are counted by English rules, so the grade is
less accurate for other languages; the limit in the checklist is generous for that reason.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

BLOCK_TAGS = {"p", "h2", "h3", "h4", "li", "td", "th", "dt", "dd", "figcaption", "caption", "pre"}


@dataclass
class TextLink:
    href: str
    text: str = ""


@dataclass
class TextBlock:
    """One block of text, such as a paragraph, heading or table cell."""

    kind: str
    text: str = ""
    is_quoted: bool = False
    links: list[TextLink] = field(default_factory=list)


@dataclass
class TextStructure:
    blocks: list[TextBlock] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)  # uuid, alt
    tables_without_heading: int = 0

    @property
    def headings(self) -> list[TextBlock]:
        return [block for block in self.blocks if block.kind in {"h2", "h3", "h4"}]

    @property
    def links(self) -> list[TextLink]:
        return [link for block in self.blocks for link in block.links]


def read_structure(html: str) -> TextStructure:
    """Parse HTML into its text blocks, pictures and tables."""
    reader = _StructureReader()
    reader.feed(html)
    reader.close()
    reader.end()
    return reader.structure


class _StructureReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.structure = TextStructure()
        self.block = TextBlock("p")
        self.quotes = 0
        self.has_heading_cell = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in BLOCK_TAGS:
            self.end()
            self.block = TextBlock(tag, is_quoted=self.quotes > 0)
        if tag == "blockquote":
            self.end()
            self.quotes += 1
            self.block.is_quoted = True
        elif tag == "a":
            self.block.links.append(TextLink(values.get("href", "")))
        elif tag == "br":
            self.block.text += " "
        elif tag == "img":
            self.structure.pictures.append((values.get("data-file", ""), values.get("alt", "")))
        elif tag == "table":
            self.has_heading_cell = False
        elif tag == "th":
            self.has_heading_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCK_TAGS:
            self.end()
        elif tag == "blockquote":
            self.end()
            self.quotes = max(0, self.quotes - 1)
            self.block.is_quoted = self.quotes > 0
        elif tag == "table":
            self.structure.tables_without_heading += not self.has_heading_cell
            self.has_heading_cell = True
        elif tag == "a" and self.block.links:
            link = self.block.links[-1]
            link.text = " ".join(link.text.split())
            self.block.links.append(
                TextLink("")
            )  # placeholder: the text that follows is not in a link

    def handle_data(self, data: str) -> None:
        self.block.text += data
        if self.block.links and self.block.links[-1].href:
            self.block.links[-1].text += data

    def end(self) -> None:
        """Finish the current block and start a new one."""
        block = self.block
        block.text = " ".join(block.text.split())
        block.links = [link for link in block.links if link.href]
        if block.text:
            self.structure.blocks.append(block)
        self.block = TextBlock("p", is_quoted=self.quotes > 0)


# Readability

MAX_SENTENCE_WORDS = 35
SENTENCE_RE = re.compile(r"[^.!?…]+(?:[.!?…]+[”\"')\]]*|$)")
WORD_RE = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
VOWEL_GROUP_RE = re.compile(r"[aeiouyàáâäãåæèéêëìíîïòóôöõøœùúûü]+")


def split_sentences(text: str) -> list[str]:
    sentences = (match[0].strip() for match in SENTENCE_RE.finditer(text))
    return [sentence for sentence in sentences if sentence]


def find_long_sentences(blocks: Sequence[TextBlock]) -> list[tuple[TextBlock, str]]:
    """Return the sentences of more than `MAX_SENTENCE_WORDS` words, each with its block."""
    return [
        (block, sentence)
        for block in blocks
        for sentence in split_sentences(block.text)
        if len(sentence.split()) > MAX_SENTENCE_WORDS
    ]


def reading_grade(texts: Sequence[str], *, fewest_words: int) -> float:
    """Return the Flesch-Kincaid grade (years of school), or 0 for a text that is too short."""
    words = [word for text in texts for word in WORD_RE.findall(text)]
    count = sum(len(split_sentences(text)) for text in texts)
    if len(words) < fewest_words or not count:
        return 0.0
    return 0.39 * len(words) / count + 11.8 * sum(map(count_syllables, words)) / len(words) - 15.59


def count_syllables(word: str) -> int:
    """Estimate the syllables of an English word by its vowel groups, ignoring a final silent e."""
    lower = word.lower()
    count = len(VOWEL_GROUP_RE.findall(lower))
    if lower.endswith("e") and not lower.endswith(("le", "ee")) and count > 1:
        count -= 1
    return max(1, count)
