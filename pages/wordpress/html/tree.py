"""Parse HTML into a small, well-formed tree without scripts and styles. No I/O."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

import nh3

from pages.text.cleaning import VOID_TAGS, flatten_deep_markup

MAX_DEPTH = 150  # open elements; anything deeper is added at this level
DROPPED_TAGS = {"script", "style", "svg", "template", "title", "noscript"}
ALLOWED_TAGS = {
    "a", "abbr", "address", "article", "aside", "audio", "b", "big", "blockquote", "br", "button",
    "caption", "center", "cite", "code", "dd", "del", "details", "dfn", "div", "dl", "dt", "em",
    "embed", "fieldset", "figcaption", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "i", "iframe", "img", "input", "ins", "kbd", "label", "legend",
    "li", "main", "mark", "math", "nav", "object", "ol", "option", "p", "picture", "pre", "q", "s",
    "samp", "section", "select", "small", "source", "span", "strike", "strong", "sub", "summary",
    "sup", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
    "video",
}  # fmt: skip
FILE_ATTRIBUTES = {
    "src", "href", "data", "data-src", "data-lazy-src", "data-orig-file", "data-full-url",
    "data-large-file", "poster", "srcset",
}  # fmt: skip
GLOBAL_ATTRIBUTES = {"class", "title", "style", "data-wp-classic", "data-id", "data-attachment-id"}
ALLOWED_ATTRIBUTES = {
    "*": GLOBAL_ATTRIBUTES,
    "a": {"href"},
    "img": FILE_ATTRIBUTES | {"alt", "width", "height"},
    "iframe": FILE_ATTRIBUTES | {"name"},
    "video": FILE_ATTRIBUTES,
    "audio": FILE_ATTRIBUTES,
    "source": FILE_ATTRIBUTES | {"type"},
    "embed": FILE_ATTRIBUTES,
    "object": FILE_ATTRIBUTES,
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_sanitizer = nh3.Cleaner(
    tags=ALLOWED_TAGS,
    clean_content_tags=DROPPED_TAGS,
    attributes=ALLOWED_ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "tel", "data"},
    link_rel=None,
    strip_comments=True,
)


@dataclass
class Node:
    """An element, or text if it has no tag."""

    tag: str = ""
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def classes(self) -> set[str]:
        return set(self.get("class").split())

    @property
    def is_blank(self) -> bool:
        return not self.tag and not self.text.strip()

    def walk(self) -> Iterator["Node"]:
        """Yield this node and all its descendants in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def words(self) -> str:
        return "".join(node.text for node in self.walk())


def parse_html(html: str) -> Node:
    """Sanitize and parse HTML; return a root `<div>` that holds the content."""
    reader = _TreeReader()
    reader.feed(_sanitizer.clean(flatten_deep_markup(html)))
    reader.close()
    return reader.stack[0]


class _TreeReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack = [Node("div")]
        self._too_deep = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, attributes={name: value or "" for name, value in attrs})
        if len(self.stack) <= MAX_DEPTH or tag in VOID_TAGS:
            self.stack[-1].children.append(node)
        if tag in VOID_TAGS:
            return
        if len(self.stack) > MAX_DEPTH:
            self._too_deep += 1
        else:
            self.stack.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID_TAGS:
            return
        if self._too_deep:
            self._too_deep -= 1
        elif len(self.stack) > 1:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(Node(text=data))


def render_nodes(nodes: list[Node]) -> str:
    return "".join(_render_node(node) for node in nodes)


def _render_node(node: Node) -> str:
    if not node.tag:
        return escape(node.text, quote=False)
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in node.attributes.items())
    if node.tag in VOID_TAGS:
        return f"<{node.tag}{attributes}>"
    # HTML parsers drop the first line end after this tag.
    start = "\n" if node.tag == "pre" and render_nodes(node.children).startswith("\n") else ""
    return f"<{node.tag}{attributes}>{start}{render_nodes(node.children)}</{node.tag}>"
