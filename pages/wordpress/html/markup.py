"""Convert a former site's HTML to ours: pictures, players and links. No I/O.

The result still goes through `pages.text.cleaning`, which alone decides what is allowed.
"""

import re
from urllib.parse import unquote, urlsplit

from pages.text.cleaning import clean_html
from pages.wordpress.html import blocks, links, shortcodes
from pages.wordpress.html.blocks import add_paragraphs
from pages.wordpress.html.context import ConversionContext
from pages.wordpress.html.tree import Node, parse_html, render_nodes
from pages.wordpress.wxr.records import ConversionNotes, parse_id

PLAYER_TAGS = {"iframe", "video", "audio", "embed", "object"}
FORM_TAGS = {"form", "input", "select", "textarea", "button", "option"}
UNWRAPPED_TAGS = {
    "big",
    "dfn",
    "fieldset",
    "ins",
    "label",
    "legend",
    "mark",
    "picture",
    "small",
    "u",
    "var",
}
CDATA_RE = re.compile(r"<!\[CDATA\[((?:(?!<!\[CDATA\[)[^\]]|\](?!\]>))*)\]\]>")
ATTACHMENT_ID_RE = re.compile(r"\bwp-image-(\d{1,18})\b")
EMOJI_HOSTS = ("s.w.org", "twemoji.maxcdn.com")
MIN_PICTURE_PX = 3  # pixels; smaller pictures are tracking pixels
GALLERY_CLASSES = {"blocks-gallery-grid", "blocks-gallery-item"}


def convert_content(content: str, context: ConversionContext, notes: ConversionNotes) -> str:
    """Convert WordPress content to clean HTML."""
    if not content.strip():
        return ""
    # Remove CDATA markers around text, but keep them inside code samples.
    content = CDATA_RE.sub(r"\1", content).replace("<![CDATA[", "").replace("\r\n", "\n")
    html = blocks.render_blocks(content, context, notes)
    html = shortcodes.render_shortcodes(html, context, notes)
    tree = add_paragraphs(parse_html(html))
    return clean_html(render_nodes(_HtmlConverter(context, notes).convert_nodes(tree.children)))


class _HtmlConverter:
    def __init__(self, context: ConversionContext, notes: ConversionNotes) -> None:
        self.context = context
        self.notes = notes

    def convert_nodes(self, nodes: list[Node]) -> list[Node]:
        return [new for node in nodes for new in self._convert_node(node)]

    def _convert_node(self, node: Node) -> list[Node]:
        """Convert one node; return the nodes that replace it."""
        if not node.tag:
            return [node]
        if node.tag == "img":
            return self._picture(node)
        if node.tag in PLAYER_TAGS:
            return self._player(node)
        if node.tag in FORM_TAGS:
            return self._form(node)
        if node.tag == "a":
            return self._link(node)
        node.children = self.convert_nodes(node.children)
        if node.tag == "source":
            return []
        if node.tag == "ul" and GALLERY_CLASSES & node.classes:
            return [child for item in node.children for child in item.children]
        if node.tag == "q":
            return [Node(text="“"), *node.children, Node(text="”")]
        if node.tag == "math":
            return [Node("code", children=[Node(text=node.words().strip())])]
        if node.tag in UNWRAPPED_TAGS:
            return node.children
        return [node]

    # --- pictures ---
    def _picture(self, node: Node) -> list[Node]:
        address = self._address(node)
        alt = " ".join(node.get("alt").split())
        if _is_emoji(node, address):
            return [Node(text=alt)]
        if _is_tracking_pixel(node):
            return []
        number = ATTACHMENT_ID_RE.search(node.get("class"))
        digits = number[1] if number else node.get("data-id") or node.get("data-attachment-id")
        attachment_id = parse_id(digits)
        picture_key = self.context.picture(address, attachment_id)
        if picture_key:
            attachment = self.context.attachments.get(attachment_id)
            alt = alt or (attachment.alt if attachment else "")
            return [Node("img", attributes={"data-file": picture_key, "alt": alt})]
        if not address.startswith(("http://", "https://", "/")):
            self.notes.add("picture_dropped", address[:60] or alt)
            return []
        self.notes.add("picture_missing", address)
        label = alt or _file_name_from_url(address)
        return [Node("a", attributes={"href": address}, children=[Node(text=label)])]

    def _address(self, node: Node) -> str:
        """Return the picture's real URL; lazy loaders and galleries keep it in data attributes."""
        names = ("data-orig-file", "data-full-url", "data-lazy-src", "data-src", "src")
        urls = [node.get(name).strip() for name in names]
        address = next((url for url in urls if url and not url.startswith("data:")), urls[-1])
        return f"https:{address}" if address.startswith("//") else address

    # --- players, forms, links ---
    def _player(self, node: Node) -> list[Node]:
        sources = [node, *(part for part in node.walk() if part.tag in {"source", "embed"})]
        names = ("src", "data-src", "data-lazy-src", "data")
        urls = [source.get(name).strip() for source in sources for name in names]
        address = next((url for url in urls if url.startswith(("http", "//", "/"))), "")
        if "wp-block-file__embed" in node.classes or not address:
            return []
        address = self.context.link(links.watch_page_url(address))
        self.notes.add("player", address)
        label = node.get("title").strip() or links.shorten_url(address)
        link = Node("a", attributes={"href": address}, children=[Node(text=label)])
        return [Node("p", children=[link])]

    def _form(self, node: Node) -> list[Node]:
        if node.tag == "button":
            return [new for part in node.walk() if part.tag == "a" for new in self._link(part)]
        self.notes.add("form_removed")
        return []

    def _link(self, node: Node) -> list[Node]:
        node.children = self.convert_nodes(node.children)
        if "wp-block-file__button" in node.classes or "more-link" in node.classes:
            return []
        inside = [child for child in node.walk() if child is not node]
        if any(child.tag == "img" for child in inside):
            # A picture linking to its own full-size file: ours is already full size.
            own = urlsplit(node.get("href")).path.lower()
            if re.search(r"\.(?:jpe?g|png|gif|webp|avif)$", own) or not node.get("href"):
                return node.children
        if any(child.tag == "a" for child in inside):
            return node.children
        if node.get("href"):
            node.attributes["href"] = self.context.link(node.get("href").strip())
        return [node]


def _is_emoji(node: Node, address: str) -> bool:
    if node.classes & {"emoji", "wp-smiley"}:
        return True
    return any(f"//{host}/" in address for host in EMOJI_HOSTS)


def _is_tracking_pixel(node: Node) -> bool:
    sizes = [node.get("width"), node.get("height")]
    return any(size.isdigit() and len(size) < 5 and int(size) < MIN_PICTURE_PX for size in sizes)


def _file_name_from_url(address: str) -> str:
    return unquote(urlsplit(address).path.rsplit("/", 1)[-1]) or links.shorten_url(address)


def html_to_text(html: str) -> str:
    """Return a title or summary, which WordPress stores as HTML, as plain text."""
    return " ".join(parse_html(html).words().split())
