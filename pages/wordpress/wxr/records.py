"""What an export holds, as plain values. Commenters' sites, network addresses and browsers are
not among them: they are never read."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Author:
    login: str
    email: str = field(default="", repr=False)
    name: str = ""
    id: str = ""


@dataclass(frozen=True)
class Term:
    """A category or a tag as the head of the file declares it."""

    kind: str  # category, tag
    slug: str
    name: str
    parent: str = ""  # slug
    description: str = ""
    id: str = ""


@dataclass(frozen=True)
class ItemTerm:
    """A category or a tag as an item names it; the head of the file may not know it."""

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
    """A post, a page, a picture, or whatever else plugins keep in the same table."""

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
    # None while unknown: a file cut before it must not make a protected post public.
    password: str | None = field(default=None, repr=False)
    attachment_url: str = ""
    terms: list[ItemTerm] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    comments: list[ExportedComment] = field(default_factory=list)
    is_cut: bool = False


@dataclass
class ExportHead:
    """What stands before the items."""

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
    """What was wrong with the file and was got over, with how often."""

    found: dict[str, int] = field(default_factory=dict)

    def note(self, code: str) -> None:
        self.found[code] = self.found.get(code, 0) + 1


# Why a file is not read at all, as codes; the doors put them into words.


class UnreadableExport(Exception):
    """`code` says what is the matter with the file."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotAnExport(UnreadableExport):
    """Some other file: zip, gzip, pdf, feed, other."""


class ExportLimitExceeded(UnreadableExport):
    """Made to exhaust us, or as good as: entities, depth, node, file, items, damage."""


# What a conversion left out or changed, for the report. Pure.


@dataclass
class ConversionNotes:
    """Codes with what they are about, each once, in the order of their finding."""

    found: dict[tuple[str, str], None] = field(default_factory=dict)

    def add(self, code: str, about: str = "") -> None:
        self.found[code, about[:200]] = None

    def about(self, code: str) -> list[str]:
        return [about for one, about in self.found if one == code]
