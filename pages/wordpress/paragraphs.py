"""Classic text: a blank line ends a paragraph, a line end breaks the line. Pure.

WordPress stored what was typed and made paragraphs on every page view; here it is done once.
"""

import re

from pages.wordpress.blocks import CLASSIC
from pages.wordpress.links import short, watchable
from pages.wordpress.tree import Node

BLOCKS = {
    "address", "article", "aside", "blockquote", "center", "details", "div", "dl", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav",
    "ol", "p", "pre", "section", "summary", "table", "ul",
}  # fmt: skip
# Boxes in which loose words are paragraphs again.
FLOWING = {"article", "aside", "blockquote", "center", "details", "div", "footer", "header", "main",
           "section"}  # fmt: skip
AS_WRITTEN = {"pre", "code", "textarea", "select", "object", "table", "thead", "tbody", "tr", "ul",
              "ol", "dl"}  # fmt: skip
BLANK_LINE = re.compile(r"\n[ \t\xa0]*\n\s*")
ADDRESS = re.compile(r"https?://[^\s<>\"]{4,2000}")


def with_paragraphs(root: Node) -> Node:
    """The tree with paragraphs in its classic parts; the marked boxes fall away."""
    children: list[Node] = []
    for child in root.children:
        if child.get(CLASSIC):
            children += _flow(child.children)
        else:
            children.append(with_paragraphs(child) if child.tag else child)
    root.children = children
    return root


def _flow(nodes: list[Node]) -> list[Node]:
    made: list[Node] = []
    line: list[Node] = []
    for node in nodes:
        if not node.tag:
            first, *others = BLANK_LINE.split(node.text)
            line.append(Node(text=first))
            for piece in others:
                made += _paragraph(line)
                line = [Node(text=piece)]
        elif node.tag in BLOCKS:
            made += _paragraph(line)
            line = []
            made.append(_inside(node))
        else:
            line.append(node)
    return made + _paragraph(line)


def _paragraph(line: list[Node]) -> list[Node]:
    words = "".join(node.words() for node in line).strip()
    if not words and not any(node.tag for node in line):
        return []
    if ADDRESS.fullmatch(words) and not any(node.tag == "a" for node in line):
        # An address alone on its line was a player or a preview card.
        address = watchable(words)
        link = Node("a", attributes={"href": address}, children=[Node(text=short(address))])
        return [Node("p", children=[link])]
    return [Node("p", children=_with_breaks(line))]


def _inside(node: Node) -> Node:
    if node.tag in FLOWING:
        node.children = _flow(node.children)
    elif node.tag in AS_WRITTEN:
        node.children = [_item(child) for child in node.children]
    elif node.tag != "figure":
        node.children = _with_breaks(node.children)
    return node


def _item(node: Node) -> Node:
    """List items and cells: their words are lines, the blanks between them are none."""
    if node.tag in {"li", "td", "th", "dd", "dt"}:
        has_blocks = any(child.tag in BLOCKS for child in node.children)
        if any(BLANK_LINE.search(child.text.strip()) for child in node.children):
            node.children = _flow(node.children)
        elif has_blocks:
            node.children = [
                _inside(child) if child.tag in BLOCKS else child for child in node.children
            ]
        else:
            node.children = _with_breaks(node.children)
    elif node.tag in AS_WRITTEN - {"pre", "code"}:
        node.children = [_item(child) for child in node.children]
    return node


def _with_breaks(nodes: list[Node], *, is_whole: bool = True) -> list[Node]:
    """Line ends inside a paragraph as breaks, but not at its ends nor beside another break."""
    made: list[Node] = []
    for place, node in enumerate(nodes):
        if node.tag:
            if node.children and node.tag not in AS_WRITTEN | BLOCKS:
                node.children = _with_breaks(node.children, is_whole=False)
            made.append(node)
            continue
        text = node.text
        if (is_whole and place == 0) or (made and made[-1].tag == "br"):
            text = text.lstrip("\n ")
        is_last = place == len(nodes) - 1
        if (is_whole and is_last) or (not is_last and nodes[place + 1].tag == "br"):
            text = text.rstrip("\n ")
        for number, piece in enumerate(text.split("\n")):
            if number:
                made.append(Node("br"))
            made.append(Node(text=piece))
    return made
