"""The contents of an export as plain values.

Commenters' websites, IP addresses and user agents are left out on purpose: they are never read.
"""

from collections import Counter
from dataclasses import dataclass, field


def parse_id(text: str) -> int:
    """Return a positive ID that fits the database column, or 0 if the text is not one."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


@dataclass(frozen=True)
class Author:
    """An author as the head of the file declares them."""

    login: str
    email: str = field(default="", repr=False)
    name: str = ""
    id: str = ""


@dataclass(frozen=True)
class Term:
    """A category or tag as the head of the file declares it."""

    kind: str  # category, tag
    slug: str
    name: str
    parent: str = ""  # slug
    description: str = ""
    id: str = ""


@dataclass(frozen=True)
class ItemTerm:
    """A category or tag as an item names it; the head may not declare it."""

    kind: str
    slug: str
    name: str


@dataclass(frozen=True)
class ExportedComment:
    id: int
    name: str = field(repr=False)
    email: str = field(repr=False)
    text: str = field(repr=False)
    date: str = ""
    date_gmt: str = ""
    approved: str = ""
    type: str = ""
    parent: int = 0
    user_id: str = ""


@dataclass
class Item:
    """A post, page, picture or anything else that plugins store in the same table."""

    id: int = 0
    type: str = ""
    status: str = ""
    title: str = ""
    link: str = ""
    guid: str = ""
    creator: str = ""
    slug: str = ""
    content: str = ""
    excerpt: str = ""
    date: str = ""
    date_gmt: str = ""
    modified_gmt: str = ""
    comment_status: str = ""
    parent: int = 0
    order: int = 0
    is_sticky: bool = False
    # None means unknown: a file cut off here must not make a protected post public.
    password: str | None = field(default=None, repr=False)
    attachment_url: str = ""
    terms: list[ItemTerm] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    comments: list[ExportedComment] = field(default_factory=list)
    is_cut: bool = False


@dataclass
class ExportHead:
    """The part of the file before the items."""

    version: str = ""
    title: str = ""
    link: str = ""
    blog_url: str = ""
    authors: list[Author] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.blog_url or self.link


@dataclass
class ExportDamage:
    """Kinds of damage the reader recovered from, and how often."""

    counts: Counter[str] = field(default_factory=Counter)

    def note(self, code: str) -> None:
        self.counts[code] += 1


# Reasons for refusing a file, as codes; `report_text` has their texts.


class UnreadableExport(Exception):
    """The file cannot be imported; `code` gives the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotAnExport(UnreadableExport):
    """Another kind of file: zip, gzip, pdf, feed, other."""


class ExportLimitExceeded(UnreadableExport):
    """The file exceeds a resource limit: entities, depth, node, file, items, damage."""


# Changes made during conversion, for the report.


@dataclass
class ConversionNotes:
    """Note codes with their subjects, without duplicates, in the order found."""

    entries: dict[tuple[str, str], None] = field(default_factory=dict)

    def add(self, code: str, about: str = "") -> None:
        self.entries[code, about[:200]] = None

    def about(self, code: str) -> list[str]:
        return [about for noted, about in self.entries if noted == code]
