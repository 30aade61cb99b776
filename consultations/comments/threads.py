"""Published comments as readers see them: no address, no hash of one, a hundred on a page."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from consultations.comments.models import Comment, Status
from consultations.comments.thread_order import (
    ThreadNode,
    ThreadPosition,
    arrange_threads,
    paginate_threads,
    thread_root_key,
)
from pages.articles.models import Article

# What a thread needs; the encrypted columns are not even read.
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
    """All that a template ever gets of a comment."""

    public_id: str
    name: str
    html: str
    published_at: datetime
    is_by_practice: bool
    url: str = ""
    report_url: str = ""
    is_edited: bool = False
    # Why nothing is shown in its place: "withdrawn", "hidden"; "" where something is.
    gone: str = ""
    depth: int = 0
    replies: list["PublicComment"] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"comment-{self.public_id}"

    @property
    def initial(self) -> str:
        """For the small mark beside the name: made of the public name and of nothing else."""
        shown = [c for c in self.name if unicodedata.category(c)[0] in "LN"]
        seen = [c for c in self.name if unicodedata.category(c)[0] not in "CMZ"]
        return next(iter(shown or seen), "").upper()[:1]


@dataclass
class ThreadPage:
    """One page of an article's comments."""

    comments: list[PublicComment]
    count: int
    number: int
    total: int
    # On a page that begins within a long thread: whose answers go on here.
    continues: PublicComment | None = None

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1


def get_thread_page(article: Article, *, number: int = 1, holding: str = "") -> ThreadPage:
    """The page of that number, or the one on which the comment ``holding`` stands.

    Two queries, whatever the number of comments: one for the order, one for those of the page.
    """
    ordered = ordered_positions(article)
    cut = paginate_threads(ordered)
    if holding:
        number = next(
            (n for n, page in enumerate(cut, 1) if any(p.key == holding for p in page)), number
        )
    number = min(max(number, 1), len(cut))
    shown = cut[number - 1]
    begins = sum(len(page) for page in cut[: number - 1])
    first = thread_root_key(ordered, begins) if shown and shown[0].depth else ""
    rows = _load_public_comments(article, {place.key for place in shown} | {first})
    count = sum(not place.is_empty for place in ordered)
    return ThreadPage(
        comments=_nest_replies(shown, rows),
        count=count,
        number=number,
        total=len(cut),
        continues=rows.get(first),
    )


def find_page_number(article: Article, public_id: str) -> int | None:
    """The number of the page on which a published comment stands."""
    for number, page in enumerate(paginate_threads(ordered_positions(article)), 1):
        if any(place.key == public_id and not place.is_empty for place in page):
            return number
    return None


def ordered_positions(article: Article) -> list[ThreadPosition]:
    rows = (
        Comment.objects.filter(article=article)
        .filter(Q(status=Status.APPROVED) | Q(published_at__isnull=False))
        .order_by(Coalesce("published_at", "created_at"), "public_id")
        .values_list("public_id", "parent__public_id", "status")
    )
    return arrange_threads(
        ThreadNode(key, parent, status == Status.APPROVED) for key, parent, status in rows
    )


def _load_public_comments(article: Article, keys: set[str]) -> dict[str, PublicComment]:
    found = (
        Comment.objects.filter(article=article, public_id__in=keys)
        .annotate(is_edited=Q(redacted_text__isnull=False))
        .only(*PUBLIC_FIELDS)
    )
    return {row.public_id: _to_public_comment(row, article.slug) for row in found}


def _to_public_comment(row: Any, slug: str) -> PublicComment:
    gone = {Status.APPROVED: "", Status.WITHDRAWN: "withdrawn"}
    return PublicComment(
        public_id=row.public_id,
        name=row.published_name,
        html=row.published_html,
        published_at=row.published_at or row.created_at,
        is_by_practice=row.by_practice,
        url=reverse("comments:permalink", args=[slug, row.public_id]),
        report_url=reverse("comments:report", args=[slug, row.public_id]),
        is_edited=row.is_edited,
        gone=gone.get(Status(row.status), "hidden"),
    )


def _nest_replies(
    shown: Sequence[ThreadPosition], rows: dict[str, PublicComment]
) -> list[PublicComment]:
    """Answers under what they answer; where that stands on the page before, on their own."""
    top: list[PublicComment] = []
    on_page: dict[str, PublicComment] = {}
    for place in shown:
        comment = rows.get(place.key)
        if comment is None:
            continue  # gone since the order was read
        on_page[place.key] = comment
        holder = on_page.get(place.holder) if place.holder else None
        comment.depth = 0 if holder is None else holder.depth + 1
        (top if holder is None else holder.replies).append(comment)
    return top
