"""A text as its parts: paragraphs with their words and links, headings, pictures. Pure."""

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
