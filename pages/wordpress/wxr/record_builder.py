"""Build records from the elements of an export, in file order."""

import re
from zlib import crc32

from pages.wordpress.wxr import member_content
from pages.wordpress.wxr.records import (
    Author,
    ExportedComment,
    ExportHead,
    Item,
    ItemTerm,
    Term,
    parse_id,
)

TERM_KINDS = {"category": "category", "post_tag": "tag", "tag": "tag"}
# The only plugin meta that is imported: picture, search title and description, main category,
# footnotes. For access restrictions see `member_content`.
IMPORTED_META_KEYS = frozenset({
    "_thumbnail_id", "_wp_attachment_image_alt", "_yoast_wpseo_metadesc", "_yoast_wpseo_title",
    "rank_math_title", "_aioseo_title", "_genesis_title",
    "_yoast_wpseo_primary_category", "rank_math_description", "rank_math_primary_category",
    "_aioseo_description", "_genesis_description", "_wp_attached_file", "footnotes",
    "_wp_old_slug",
})  # fmt: skip

SHORT_LINK_RE = re.compile(r"[?&;](?:p|page_id|attachment_id)=(\d{1,18})(?!\d)")
FIRST_GENERATED_ID = 10**15  # WordPress IDs start at 1, so generated ones do not collide
OWN_META_PREFIX = "_practice_"  # keys that this site's own export adds

ITEM_TEXT_FIELDS = {
    "title": "title",
    "link": "link",
    "guid": "guid",
    "content:encoded": "content",
    "excerpt:encoded": "excerpt",
    "wp:post_date": "date",
    "wp:post_date_gmt": "date_gmt",
    "wp:post_modified_gmt": "modified_gmt",
    "wp:comment_status": "comment_status",
    "wp:post_name": "slug",
    "wp:status": "status",
    "wp:post_type": "type",
    "wp:post_password": "password",
    "wp:attachment_url": "attachment_url",
}
ITEM_NUMBER_FIELDS = {"wp:post_id": "id", "wp:post_parent": "parent", "wp:menu_order": "order"}
# Kept as written: whitespace is significant in these.
UNSTRIPPED_FIELDS = {"content", "excerpt", "password"}


class RecordBuilder:
    """Collect elements into the head and items, including items cut off midway."""

    def __init__(self, head: ExportHead) -> None:
        self.head = head
        self.item: Item | None = None
        self.has_ended = False
        # The file ended in the middle of the current element.
        self.is_broken_off = False
        self._open: list[str] = []
        self._fields: dict[str, str] = {}

    @property
    def is_open(self) -> bool:
        return self.item is not None

    def open(self, name: str) -> Item | None:
        """Open an element; return the previous item if it was never closed."""
        done = None
        if name == "item":
            done = self.cut()
            self.item = Item()
            self._open = []
        elif name == "channel":
            return None
        elif self._open and self._open[-1] == name:
            self._finish(name)
            self._open.pop()
        if name not in ("item", "wp:commentmeta", "wp:termmeta", "image"):
            self._fields = {}
        self._open.append(name)
        return done

    def close(self, name: str) -> Item | None:
        """Close an element and any left open inside it; return the item if this completes it."""
        if name == "channel":
            self.has_ended = True
        if name not in self._open:
            return None
        while self._open and (last := self._open.pop()):
            self._finish(last)
            if last == name:
                break
        if name != "item":
            return None
        item, self.item = self.item, None
        # An item without a type may come from a feed, which is not an export.
        if item is not None and item.type and not item.id:
            item.id = fallback_item_id(item)
        return item

    def cut(self) -> Item | None:
        """Return the current item, marked as cut off; None if no item is open."""
        item, self.item = self.item, None
        if item is None:
            return None
        if "wp:comment" in self._open and not self.is_broken_off:
            self._finish_item_part(item, "wp:comment")
        item.is_cut = True
        self._open = []
        return item

    def take(self, name: str, value: str, attributes: dict[str, str]) -> None:
        """Add the value of a leaf element to the open container, or to the head."""
        inside = self._open[-1] if self._open else ""
        if inside in ("wp:commentmeta", "wp:termmeta", "image"):
            return
        if inside == "item" and self.item is not None:
            self._set_item_field(self.item, name, value, attributes)
        elif inside:
            self._fields[name] = value
        elif name == "wp:wxr_version":
            self.head.version = value.strip()
        elif name == "title":
            self.head.title = value.strip()
        elif name == "link":
            self.head.link = value.strip()
        elif name == "wp:base_blog_url":
            self.head.blog_url = value.strip()

    def _set_item_field(
        self, item: Item, name: str, value: str, attributes: dict[str, str]
    ) -> None:
        if name == "dc:creator":
            item.creator = value.strip(" <>\n")
        elif key := ITEM_TEXT_FIELDS.get(name):
            setattr(item, key, value if key in UNSTRIPPED_FIELDS else value.strip())
        elif key := ITEM_NUMBER_FIELDS.get(name):
            setattr(item, key, parse_id(value))
        elif name == "wp:is_sticky":
            item.is_sticky = value.strip() == "1"
        elif name == "category" and (kind := TERM_KINDS.get(attributes.get("domain", "category"))):
            item.terms.append(ItemTerm(kind, attributes.get("nicename", ""), value.strip()))

    def _finish(self, name: str) -> None:
        if name == "wp:author":
            self._finish_author()
        elif name in ("wp:category", "wp:tag", "wp:term"):
            self._finish_term(name)
        elif self.item is not None:
            self._finish_item_part(self.item, name)

    def _finish_item_part(self, item: Item, name: str) -> None:
        fields = self._fields
        if name == "wp:postmeta":
            key = fields.get("wp:meta_key", "").strip()
            if (
                key in IMPORTED_META_KEYS
                or key in member_content.ACCESS_META_KEYS
                or key.startswith(OWN_META_PREFIX)
            ):
                item.meta[key] = fields.get("wp:meta_value", "")
        elif name == "wp:comment" and parse_id(fields.get("wp:comment_id", "")):
            item.comments.append(build_comment(fields))
        if name in ("wp:postmeta", "wp:comment"):
            self._fields = {}

    def _finish_author(self) -> None:
        get = self._fields.get
        full = f"{get('wp:author_first_name', '').strip()} {get('wp:author_last_name', '').strip()}"
        if login := get("wp:author_login", "").strip():
            name = get("wp:author_display_name", "").strip() or full.strip()
            author = Author(
                login, get("wp:author_email", "").strip(), name, get("wp:author_id", "").strip()
            )
            self.head.authors.append(author)

    def _finish_term(self, element: str) -> None:
        get = self._fields.get
        if element == "wp:category":
            kind, names = (
                "category",
                ("category_nicename", "cat_name", "category_parent", "category_description"),
            )
        elif element == "wp:tag":
            kind, names = "tag", ("tag_slug", "tag_name", "", "tag_description")
        else:
            kind = TERM_KINDS.get(get("wp:term_taxonomy", "").strip(), "")
            names = ("term_slug", "term_name", "term_parent", "term_description")
        slug, name, parent, about = (get(f"wp:{key}", "").strip() for key in names)
        if kind and (slug or name):
            number = get("wp:term_id", "").strip()
            self.head.terms.append(Term(kind, slug, name, parent, about, number))


def build_comment(fields: dict[str, str]) -> ExportedComment:
    def text(name: str) -> str:
        return fields.get(f"wp:comment_{name}", "").strip()

    return ExportedComment(
        id=parse_id(text("id")),
        name=text("author"),
        email=text("author_email"),
        text=fields.get("wp:comment_content", ""),
        date=text("date"),
        date_gmt=text("date_gmt"),
        approved=text("approved"),
        type=text("type"),
        parent=parse_id(text("parent")),
        user_id=text("user_id"),
    )


def fallback_item_id(item: Item) -> int:
    """Return an ID for an item that lost its own: from its short link, or made from its data.

    The result is the same on every import, so nothing is imported twice.
    """
    if match := SHORT_LINK_RE.search(item.guid) or SHORT_LINK_RE.search(item.link):
        return parse_id(match[1])
    facts = item.link or f"{item.slug}\n{item.title}\n{item.date}"
    return FIRST_GENERATED_ID + crc32(facts.encode()) if facts.strip() else 0
