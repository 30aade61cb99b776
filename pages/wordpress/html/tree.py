"""HTML of a former site as a small tree: well-formed, without scripts and styles. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

import nh3

from pages.text.cleaning import VOID, flattened

DEEPEST = 150  # open elements; what lies deeper stands on that level
DROPPED = {"script", "style", "svg", "template", "title", "noscript"}
TAGS = {
    "a", "abbr", "address", "article", "aside", "audio", "b", "big", "blockquote", "br", "button",
    "caption", "center", "cite", "code", "dd", "del", "details", "dfn", "div", "dl", "dt", "em",
    "embed", "fieldset", "figcaption", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "i", "iframe", "img", "input", "ins", "kbd", "label", "legend",
    "li", "main", "mark", "math", "nav", "object", "ol", "option", "p", "picture", "pre", "q", "s",
    "samp", "section", "select", "small", "source", "span", "strike", "strong", "sub", "summary",
    "sup", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
    "video",
}  # fmt: skip
FILES = {"src", "href", "data", "data-src", "data-lazy-src", "data-orig-file", "data-full-url",
         "data-large-file", "poster", "srcset"}  # fmt: skip
EVERYWHERE = {"class", "title", "style", "data-wp-classic", "data-id", "data-attachment-id"}
ATTRIBUTES = {
    "*": EVERYWHERE,
    "a": {"href"},
    "img": FILES | {"alt", "width", "height"},
    "iframe": FILES | {"name"},
    "video": FILES,
    "audio": FILES,
    "source": FILES | {"type"},
    "embed": FILES,
    "object": FILES,
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_cleaner = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=DROPPED,
    attributes=ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "tel", "data"},
    link_rel=None,
    strip_comments=True,
)


@dataclass
class Node:
    """An element, or words when it has no tag."""

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
        yield self
        for child in self.children:
            yield from child.walk()

    def words(self) -> str:
        return "".join(node.text for node in self.walk())


def parse(html: str) -> Node:
    reader = _Reader()
    reader.feed(_cleaner.clean(flattened(html)))
    reader.close()
    return reader.stack[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack = [Node("div")]
        self._too_deep = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, attributes={name: value or "" for name, value in attrs})
        if len(self.stack) <= DEEPEST or tag in VOID:
            self.stack[-1].children.append(node)
        if tag in VOID:
            return
        if len(self.stack) > DEEPEST:
            self._too_deep += 1
        else:
            self.stack.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self._too_deep:
            self._too_deep -= 1
        elif len(self.stack) > 1:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(Node(text=data))


def written(nodes: list[Node]) -> str:
    return "".join(_written(node) for node in nodes)


def _written(node: Node) -> str:
    if not node.tag:
        return escape(node.text, quote=False)
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in node.attributes.items())
    if node.tag in VOID:
        return f"<{node.tag}{attributes}>"
    # A parser drops one line end at the beginning of these.
    start = "\n" if node.tag == "pre" and written(node.children).startswith("\n") else ""
    return f"<{node.tag}{attributes}>{start}{written(node.children)}</{node.tag}>"
