"""Convert WordPress block comments (`<!-- wp:name {"key": 1} -->...<!-- /wp:name -->`). No I/O.

Most blocks contain finished HTML, which is kept. Blocks that render lists, forms or parts of the
theme contain none: they are removed and reported.

Text between blocks is classic content, in which a blank line ends a paragraph and a line end
breaks the line. WordPress stores it as typed and adds paragraphs on every page view; here it is
marked while blocks are rendered, and `add_paragraphs` converts it once.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from pages.wordpress.html import links
from pages.wordpress.html.context import ConversionContext
from pages.wordpress.html.links import shorten_url, watch_page_url
from pages.wordpress.html.tree import Node
from pages.wordpress.wxr import member_content
from pages.wordpress.wxr.records import ConversionNotes

BLOCK_DELIMITER_RE = re.compile(
    r"<!--\s{1,20}(/?)wp:([a-z][a-z0-9_-]{0,60}(?:/[a-z][a-z0-9_-]{0,60})?)"
    # WordPress escapes < as \u003c here, so the pattern cannot run on into the next comment.
    r"\s{1,20}(?:(\{[^<]*?\})\s{1,20})?(/?)-->"
)
EDITOR_COMMENT_RE = re.compile(r"<!--\s*(?:more\b.*?|nextpage|noteaser)\s*-->", re.S)
MAX_BLOCK_DEPTH = 60
CLASSIC_ATTRIBUTE = "data-wp-classic"

# Rendered by the former theme from its own data; this site has its own version of each.
DYNAMIC_BLOCK_RE = re.compile(
    r"archives|avatar|calendar|categories|comments?(?:-.+)?|home-link|latest-(?:comments|posts)|"
    r"legacy-widget|loginout|navigation(?:-.+)?|page-list(?:-item)?|pattern|post-.+|posts-list-.+|"
    r"query(?:-.+)?|read-more|rss|search|site-.+|tag-cloud|template-part|term-.+|widget-group|"
    r"freeform-widget|accordion-search"
)
FORM_BLOCK_RE = re.compile(
    r".*(?:form|forms|newsletter|subscri|captcha|checkout|cart|product|booking|calendar|poll).*"
)
EMPTY_BLOCKS = {"more", "nextpage", "spacer"}


@dataclass
class Block:
    """A parsed block; `parts` are its HTML and inner blocks, in order."""

    name: str
    attributes: dict[str, object] = field(default_factory=dict)
    parts: list["str | Block"] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not any(part.strip() if isinstance(part, str) else True for part in self.parts)

    def text(self, name: str) -> str:
        value = self.attributes.get(name, "")
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        value = self.attributes.get(name, 0)
        return value if isinstance(value, int) and 0 < value < 10**18 else 0


def render_blocks(content: str, context: ConversionContext, notes: ConversionNotes) -> str:
    """Remove the block comments; the HTML returned may still contain shortcodes."""
    html = _BlockRenderer(context, notes).document(content)
    return html + render_footnotes(context.footnotes)


def parse_blocks(content: str) -> Block:
    """Parse content into a tree under one root; an unclosed block ends with its parent."""
    root = Block("")
    stack = [root]
    at = 0
    for match in BLOCK_DELIMITER_RE.finditer(content):
        if match.start() > at:
            stack[-1].parts.append(content[at : match.start()])
        at = match.end()
        closes, name, attributes, is_void = match.groups()
        if closes:
            names = [block.name for block in stack[1:]]
            if name in names:
                del stack[len(names) - names[::-1].index(name) :]
            continue
        block = Block(name, _parse_attributes(attributes))
        stack[-1].parts.append(block)
        if not is_void and len(stack) <= MAX_BLOCK_DEPTH:
            stack.append(block)
    stack[-1].parts.append(content[at:])
    return root


def _parse_attributes(written: str | None) -> dict[str, object]:
    try:
        attributes = json.loads(written) if written else {}
    except (ValueError, RecursionError):
        return {}
    return attributes if isinstance(attributes, dict) else {}


class _BlockRenderer:
    def __init__(self, context: ConversionContext, notes: ConversionNotes) -> None:
        self.context = context
        self.notes = notes
        self._shared: list[int] = []
        # Set once a paywall block is met: everything after it is left out.
        self._is_walled = False

    def document(self, content: str) -> str:
        content = EDITOR_COMMENT_RE.sub("\n\n", content)
        return "".join(self._parts(parse_blocks(content), is_classic=True))

    def _parts(self, block: Block, *, is_classic: bool = False) -> Iterator[str]:
        for part in block.parts:
            if self._is_walled:
                return
            if isinstance(part, Block):
                yield self._block(part)
            elif not is_classic:
                yield part
            elif part.strip():
                yield _mark_classic_text(part)

    def _block(self, block: Block) -> str:
        name = block.name.removeprefix("core/")
        if name in member_content.MEMBER_BLOCKS:
            self._is_walled = name == member_content.PAYWALL_BLOCK
            self.notes.add("guarded", name)
            return ""
        if _is_hidden(block):
            self.notes.add("hidden", name)
            return ""
        if name.startswith("core-embed/") or name == "embed":
            return self._embed(block)
        if special := getattr(self, f"_{name.replace('-', '_')}_block", None):
            return str(special(block))
        if name in EMPTY_BLOCKS:
            return ""
        if (
            DYNAMIC_BLOCK_RE.fullmatch(name)
            or (block.is_empty and "/" in name)
            or self._is_form(name)
        ):
            self.notes.add("block_removed", name)
            return ""
        return self._inner(block)

    def _inner(self, block: Block) -> str:
        return "".join(self._parts(block))

    def _is_form(self, name: str) -> bool:
        return "/" in name and bool(FORM_BLOCK_RE.fullmatch(name.split("/")[1]))

    def _freeform_block(self, block: Block) -> str:
        return _mark_classic_text(self._inner(block))

    _shortcode_block = _freeform_block

    def _block_block(self, block: Block) -> str:
        """Render a reusable block, which is stored in an item of its own."""
        number = block.number("ref")
        shared = self.context.shared_blocks.get(number)
        if shared is None or number in self._shared:
            self.notes.add("block_removed", f"block {number}")
            return ""
        self._shared.append(number)
        html = self.document(shared)
        self._shared.pop()
        return html

    def _embed(self, block: Block) -> str:
        inner = self._inner(block)
        address = block.text("url")
        if not address:
            match = re.search(r"https?://[^\s<\"']+", inner)
            address = match[0] if match else ""
        if not address:
            return inner
        caption = re.search(r"<figcaption[^>]*>(.*?)</figcaption>", inner, re.S)
        words = f"<p>{caption[1]}</p>" if caption else ""
        return f"\n<p>{links.plain_link(address)}</p>{words}\n"

    def _cover_block(self, block: Block) -> str:
        inner = self._inner(block)
        address = block.text("url")
        if address and block.text("backgroundType") != "video" and "<img" not in inner:
            mark = f' class="wp-image-{block.number("id")}"'
            return f'<figure><img src="{escape(address)}"{mark} alt=""></figure>{inner}'
        return inner

    def _social_link_block(self, block: Block) -> str:
        address = block.text("url")
        label = block.text("label") or block.text("service").replace("-", " ").capitalize()
        if not address.startswith(("http", "mailto:")):
            return ""
        return f"<li>{links.plain_link(address, label)}</li>"

    def _footnotes_block(self, _block: Block) -> str:
        return ""  # stored in the post's meta and added at its end


def _mark_classic_text(text: str) -> str:
    """Wrap classic text in a marked `<div>`; drop stray `</div>` tags that would close it early."""
    depth = 0
    parts = re.split(r"(</?div\b[^>]*>)", text)
    for place, part in enumerate(parts):
        if part.startswith("</div"):
            parts[place] = part if depth else ""
            depth = max(0, depth - 1)
        elif part.startswith("<div"):
            depth += 1
    return f'<div {CLASSIC_ATTRIBUTE}="1">{"".join(parts)}{"</div>" * depth}</div>'


def _is_hidden(block: Block) -> bool:
    """Return whether the block was hidden in the editor, so readers never saw it."""
    rules = block.attributes.get("blockVisibility")
    if isinstance(rules, dict) and rules.get("hideBlock") is True:
        return True
    metadata = block.attributes.get("metadata")
    return isinstance(metadata, dict) and metadata.get("blockVisibility") is False


def render_footnotes(kept: str) -> str:
    """Render the footnotes as an ordered list at the end of the text."""
    try:
        footnotes = json.loads(kept) if kept.strip() else []
    except (ValueError, RecursionError):
        return ""
    rows = footnotes if isinstance(footnotes, list) else []
    texts = [row.get("content") for row in rows if isinstance(row, dict)]
    items = "".join(f"<li>{text}</li>" for text in texts if isinstance(text, str) and text.strip())
    return f"\n<hr>\n<ol>{items}</ol>" if items else ""


# Paragraphs in classic text.

BLOCK_TAGS = {
    "address", "article", "aside", "blockquote", "center", "details", "div", "dl", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav",
    "ol", "p", "pre", "section", "summary", "table", "ul",
}  # fmt: skip
# Elements whose direct text is split into paragraphs.
FLOW_TAGS = {
    "article", "aside", "blockquote", "center", "details", "div", "footer", "header", "main",
    "section",
}  # fmt: skip
PRESERVED_TAGS = {
    "pre", "code", "textarea", "select", "object", "table", "thead", "tbody", "tr", "ul",
    "ol", "dl",
}  # fmt: skip
BLANK_LINE_RE = re.compile(r"\n[ \t\xa0]*\n\s*")
URL_RE = re.compile(r"https?://[^\s<>\"]{4,2000}")


def add_paragraphs(root: Node) -> Node:
    """Add paragraphs to the classic parts of the tree and unwrap the elements that marked them."""
    children: list[Node] = []
    for child in root.children:
        if child.get(CLASSIC_ATTRIBUTE):
            children += _split_paragraphs(child.children)
        else:
            children.append(add_paragraphs(child) if child.tag else child)
    root.children = children
    return root


def _split_paragraphs(nodes: list[Node]) -> list[Node]:
    made: list[Node] = []
    line: list[Node] = []
    for node in nodes:
        if not node.tag:
            first, *others = BLANK_LINE_RE.split(node.text)
            line.append(Node(text=first))
            for piece in others:
                made += _build_paragraph(line)
                line = [Node(text=piece)]
        elif node.tag in BLOCK_TAGS:
            made += _build_paragraph(line)
            line = []
            made.append(_format_block(node))
        else:
            line.append(node)
    return made + _build_paragraph(line)


def _build_paragraph(line: list[Node]) -> list[Node]:
    words = "".join(node.words() for node in line).strip()
    if not words and not any(node.tag for node in line):
        return []
    if URL_RE.fullmatch(words) and not any(node.tag == "a" for node in line):
        # WordPress showed a URL on its own line as a player or preview card.
        address = watch_page_url(words)
        link = Node("a", attributes={"href": address}, children=[Node(text=shorten_url(address))])
        return [Node("p", children=[link])]
    return [Node("p", children=_add_line_breaks(line))]


def _format_block(node: Node) -> Node:
    if node.tag in FLOW_TAGS:
        node.children = _split_paragraphs(node.children)
    elif node.tag in PRESERVED_TAGS:
        node.children = [_format_item(child) for child in node.children]
    elif node.tag != "figure":
        node.children = _add_line_breaks(node.children)
    return node


def _format_item(node: Node) -> Node:
    """Format list items and table cells; the whitespace between them is not content."""
    if node.tag in {"li", "td", "th", "dd", "dt"}:
        has_blocks = any(child.tag in BLOCK_TAGS for child in node.children)
        if any(BLANK_LINE_RE.search(child.text.strip()) for child in node.children):
            node.children = _split_paragraphs(node.children)
        elif has_blocks:
            node.children = [
                _format_block(child) if child.tag in BLOCK_TAGS else child
                for child in node.children
            ]
        else:
            node.children = _add_line_breaks(node.children)
    elif node.tag in PRESERVED_TAGS - {"pre", "code"}:
        node.children = [_format_item(child) for child in node.children]
    return node


def _add_line_breaks(nodes: list[Node], *, is_whole: bool = True) -> list[Node]:
    """Turn line ends into `<br>`, except at the ends of a paragraph or next to another `<br>`."""
    made: list[Node] = []
    for place, node in enumerate(nodes):
        if node.tag:
            if node.children and node.tag not in PRESERVED_TAGS | BLOCK_TAGS:
                node.children = _add_line_breaks(node.children, is_whole=False)
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
