"""The folders of the moderation queue: their comments, counts and pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consultations.comments.models import Comment, CommentQuerySet, Status, reported_comments

PAGE_SIZE = 50
MAX_COUNT = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The parents that a row shows, joined to save queries.
THREAD_RELATIONS = ("article", "practitioner", "parent__parent__parent")


@dataclass(frozen=True)
class Tab:
    """A folder of the queue."""

    key: str
    label: str | Promise
    empty: str | Promise  # the text for an empty folder


WAITING_TAB = Tab(Status.WAITING, _("Waiting"), _("Nothing waits. New comments appear here."))
TABS = (
    WAITING_TAB,
    Tab(Status.APPROVED, _("Published"), _("No comment is published yet.")),
    Tab("reported", _("Reported"), _("No reader has reported a comment.")),
    Tab(Status.SPAM, _("Spam"), _("No spam. What lands here is deleted after some days.")),
    Tab(Status.TRASH, _("Trash"), _("The trash is empty.")),
)
_TABS_BY_KEY = {tab.key: tab for tab in TABS}


@dataclass(frozen=True)
class TabPage:
    """One page of a folder."""

    comments: Sequence[Comment]
    after: str  # the cursor of the next page; "" on the last one


def get_tab(key: str) -> Tab:
    """Return a folder by its key; the waiting comments for an unknown one."""
    return _TABS_BY_KEY.get(key, WAITING_TAB)


def tab_for_comment(comment: Comment) -> Tab:
    return get_tab(comment.status)


def tabs_with_counts() -> list[tuple[Tab, str]]:
    """Return all folders with their counts. Counting stops at MAX_COUNT, so it stays fast."""
    return [(tab, _capped_count(_comments_in_tab(tab).order_by())) for tab in TABS]


def _capped_count(rows: CommentQuerySet) -> str:
    count = rows[: MAX_COUNT + 1].count()
    return f"{MAX_COUNT}+" if count > MAX_COUNT else str(count)


def _comments_in_tab(tab: Tab) -> CommentQuerySet:
    if tab.key == "reported":
        return reported_comments()
    comments: CommentQuerySet = Comment.objects.filter(status=tab.key)
    return comments


def get_tab_page(tab: Tab, after: str = "") -> TabPage:
    """Return the comments that follow the cursor ``after``, without counting the pages before.

    Waiting comments: those to read first, then the oldest. Other folders: the last change first.
    """
    rows = _comments_in_tab(tab)
    cursor = _decode_cursor(after)
    if tab is WAITING_TAB:
        rows = rows.order_by("-read_first", "created_at", "pk")
        if cursor:
            first, at, key = cursor
            later = Q(read_first=first) & (Q(created_at__gt=at) | Q(created_at=at, pk__gt=key))
            rows = rows.filter(later | Q(read_first=False) if first else later)
    else:
        rows = rows.order_by("-status_changed_at", "-pk")
        if cursor:
            _first, at, key = cursor
            rows = rows.filter(Q(status_changed_at__lt=at) | Q(status_changed_at=at, pk__lt=key))
    # Keys first, then the rows: the database sorts narrow rows without any text.
    keys = rows.values("pk")[: PAGE_SIZE + 1]
    order = rows.query.order_by
    comments = list(
        Comment.objects.filter(pk__in=keys).select_related(*THREAD_RELATIONS).order_by(*order)
    )
    return TabPage(
        comments[:PAGE_SIZE],
        _encode_cursor(comments[PAGE_SIZE - 1], tab) if len(comments) > PAGE_SIZE else "",
    )


def _encode_cursor(comment: Comment, tab: Tab) -> str:
    at = comment.created_at if tab is WAITING_TAB else comment.status_changed_at
    micros = (at - EPOCH) // timedelta(microseconds=1)
    return f"{int(comment.read_first)}-{micros}-{comment.pk.hex}"


def _decode_cursor(cursor: str) -> tuple[bool, datetime, UUID] | None:
    """Return (read_first, time, key); None for an invalid cursor, which means page one."""
    first, _dash, rest = cursor[:80].partition("-")
    micros, _dash, key = rest.partition("-")
    try:
        return first == "1", EPOCH + timedelta(microseconds=int(micros)), UUID(key)
    except (ValueError, OverflowError):
        return None
