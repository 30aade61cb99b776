"""The published comments of an article: their order, their pages, and what readers see of each.

Threads are sorted oldest first, and so are the replies within them. Three levels are shown; deeper
replies stay on the third. A page has up to a hundred comments and takes whole threads; only a
thread that is longer than a page continues on the next one, which then holds nothing else.

The order is computed on every read and never stored, so that imports, late approvals and
withdrawals cannot leave it wrong. Everything is linear in the number of comments.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from consultations.comments.models import Comment, CommentQuerySet, Status
from pages.articles.models import Article

MAX_DEPTH = 2  # levels 0, 1 and 2
PAGE_SIZE = 100
# The columns that readers see; the encrypted ones are not even selected.
PUBLIC_FIELDS = (
    "public_id",
    "status",
    "by_practice",
    "published_name",
    "published_html",
    "published_at",
    "created_at",
)


@dataclass
class PublicComment:
    """A comment as templates get it: only what is public."""

    public_id: str
    name: str
    html: str
    published_at: datetime
    is_by_practice: bool
    url: str = ""
    report_url: str = ""
    is_edited: bool = False
    # Why only a placeholder is shown: "withdrawn", "hidden"; "" for a comment that is shown.
    placeholder: str = ""
    depth: int = 0
    replies: list["PublicComment"] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"comment-{self.public_id}"

    @property
    def initial(self) -> str:
        """The letter of the avatar, taken from the public name alone."""
        letters = [c for c in self.name if unicodedata.category(c)[0] in "LN"]
        visible = [c for c in self.name if unicodedata.category(c)[0] not in "CMZ"]
        return next(iter(letters or visible), "").upper()[:1]


@dataclass
class ThreadPage:
    """One page of an article's comments."""

    comments: list[PublicComment]
    count: int  # published comments on all pages
    number: int
    total: int  # pages
    # On a page that begins within a long thread: the comment with which that thread begins.
    continues: PublicComment | None = None

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1


def get_thread_page(article: Article, *, number: int = 1, containing: str = "") -> ThreadPage:
    """Return the page with this number, or the one with the comment ``containing`` (a public id).

    One query when all comments fit on a page. Otherwise two more, however many comments there are:
    one for the order, one for the comments of the page.
    """
    # Few articles have more than a page of comments. Fetch one extra row to see whether there is a
    # next page.
    rows = list(
        _public_columns(_thread_rows(article)).annotate(parent_key=F("parent__public_id"))[
            : PAGE_SIZE + 1
        ]
    )
    if len(rows) <= PAGE_SIZE:
        ordered = arrange_threads(
            ThreadNode(row.public_id, row.parent_key, row.status == Status.APPROVED) for row in rows
        )
        loaded = {row.public_id: _to_public_comment(row, article.slug) for row in rows}
    else:
        ordered, loaded = ordered_positions(article), None
    pages = paginate_threads(ordered)
    if containing:
        number = next(
            (n for n, page in enumerate(pages, 1) if any(p.key == containing for p in page)),
            number,
        )
    number = min(max(number, 1), len(pages))
    page = pages[number - 1]
    offset = sum(len(earlier) for earlier in pages[: number - 1])
    root = thread_root_key(ordered, offset) if page and page[0].depth else ""
    comments = (
        _load_public_comments(article, {position.key for position in page} | {root})
        if loaded is None
        else loaded
    )
    return ThreadPage(
        comments=_nest_replies(page, comments),
        count=sum(not position.is_empty for position in ordered),
        number=number,
        total=len(pages),
        continues=comments.get(root),
    )


def find_page_number(article: Article, public_id: str) -> int | None:
    """Return the number of the page with a published comment; None when it is not published."""
    for number, page in enumerate(paginate_threads(ordered_positions(article)), 1):
        if any(position.key == public_id and not position.is_empty for position in page):
            return number
    return None


def ordered_positions(article: Article) -> list["ThreadPosition"]:
    """Return the position of every comment of the article, in the order of its pages."""
    rows = _thread_rows(article).values_list("public_id", "parent__public_id", "status")
    return arrange_threads(
        ThreadNode(key, parent, status == Status.APPROVED) for key, parent, status in rows
    )


def _thread_rows(article: Article) -> CommentQuerySet:
    """Return the published comments, and the removed ones that may have published replies."""
    rows: CommentQuerySet = (
        Comment.objects.filter(article=article)
        .filter(Q(status=Status.APPROVED) | Q(published_at__isnull=False))
        .order_by(Coalesce("published_at", "created_at"), "public_id")
    )
    return rows


def _public_columns(rows: CommentQuerySet) -> CommentQuerySet:
    return rows.annotate(is_edited=Q(redacted_text__isnull=False)).only(*PUBLIC_FIELDS)


def _load_public_comments(article: Article, keys: set[str]) -> dict[str, PublicComment]:
    rows = _public_columns(Comment.objects.filter(article=article, public_id__in=keys))
    return {row.public_id: _to_public_comment(row, article.slug) for row in rows}


def _to_public_comment(row: Comment, slug: str) -> PublicComment:
    placeholders = {Status.APPROVED: "", Status.WITHDRAWN: "withdrawn"}
    return PublicComment(
        public_id=row.public_id,
        name=row.published_name,
        html=row.published_html,
        published_at=row.published_at or row.created_at,
        is_by_practice=row.by_practice,
        url=reverse("comments:permalink", args=[slug, row.public_id]),
        report_url=reverse("comments:report", args=[slug, row.public_id]),
        is_edited=row.is_edited,  # type: ignore[attr-defined]  # an annotation of the query
        placeholder=placeholders.get(Status(row.status), "hidden"),
    )


def _nest_replies(
    page: Sequence["ThreadPosition"], comments: dict[str, PublicComment]
) -> list[PublicComment]:
    """Put replies under their parents; a reply whose parent is on the page before is top level."""
    top: list[PublicComment] = []
    nested: dict[str, PublicComment] = {}
    for position in page:
        comment = comments.get(position.key)
        if comment is None:
            continue  # deleted between the two queries
        nested[position.key] = comment
        parent = nested.get(position.parent) if position.parent else None
        comment.depth = 0 if parent is None else parent.depth + 1
        (top if parent is None else parent.replies).append(comment)
    return top


# The order and the pages. Pure functions.


class ThreadNode(NamedTuple):
    """What the order depends on: the parent of a comment, and whether it is shown."""

    key: str
    parent: str | None
    is_shown: bool = True


class ThreadPosition(NamedTuple):
    """The place of a comment in the order."""

    key: str
    depth: int
    parent: str | None  # the comment under which it is shown
    is_empty: bool  # removed; a placeholder for the replies below it


def arrange_threads(oldest_first: Iterable[ThreadNode]) -> list[ThreadPosition]:
    """Return all positions in the order of the page. A reply to a missing comment is top level."""
    nodes = {node.key: node for node in oldest_first}
    kept = _keys_to_keep(nodes)
    parents = _display_parents(nodes, kept)
    children: dict[str | None, list[str]] = {None: []}
    for key in nodes:
        if key in kept:
            children.setdefault(parents[key][0], []).append(key)
    positions: list[ThreadPosition] = []
    stack = [*reversed(children[None])]
    while stack:
        key = stack.pop()
        parent, depth = parents[key]
        positions.append(ThreadPosition(key, depth, parent, not nodes[key].is_shown))
        stack.extend(reversed(children.get(key, [])))
    return positions


def paginate_threads(
    ordered: Sequence[ThreadPosition], size: int = PAGE_SIZE
) -> list[Sequence[ThreadPosition]]:
    """Return at least one page, each of at most ``size`` positions."""
    cuts, begin, is_split = [0], 0, False
    starts = [index for index, position in enumerate(ordered) if position.depth == 0]
    for thread, end in pairwise([*starts, len(ordered)]):
        if thread > begin and (is_split or end - begin > size):
            begin, is_split = thread, False
            cuts.append(begin)
        while end - begin > size:
            begin, is_split = begin + size, True
            cuts.append(begin)
    return [ordered[a:b] for a, b in pairwise([*cuts, len(ordered)])]


def thread_root_key(ordered: Sequence[ThreadPosition], index: int) -> str:
    """Return the key of the first comment of the thread at this index."""
    while ordered[index].depth:
        index -= 1
    return ordered[index].key


def _keys_to_keep(nodes: dict[str, ThreadNode]) -> set[str]:
    """Return shown comments, and removed ones that have a shown comment below them."""
    kept = {key for key, node in nodes.items() if node.is_shown}
    for key in list(kept):
        parent = nodes[key].parent
        while parent in nodes and parent not in kept:
            kept.add(parent)
            parent = nodes[parent].parent
    return kept


def _display_parents(
    nodes: dict[str, ThreadNode], kept: set[str]
) -> dict[str, tuple[str | None, int]]:
    """Return for each comment the one it is shown under, and its depth. Each is visited once."""
    parents: dict[str, tuple[str | None, int]] = {}
    for first in kept:
        trail: list[str] = []
        on_trail: set[str] = set()
        key: str | None = first
        while key in kept and key not in parents and key not in on_trail:
            trail.append(key)
            on_trail.add(key)
            key = nodes[key].parent
        if key in on_trail:
            key = None  # a circle, which only a broken import could make
        for child in reversed(trail):
            parents[child] = _display_parent_and_depth(key if key in parents else None, parents)
            key = child
    return parents


def _display_parent_and_depth(
    replied_to: str | None, parents: dict[str, tuple[str | None, int]]
) -> tuple[str | None, int]:
    if replied_to is None:
        return None, 0
    parent, depth = parents[replied_to]
    return (replied_to, depth + 1) if depth < MAX_DEPTH else (parent, depth)
