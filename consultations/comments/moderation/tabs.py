"""The folders of the moderation queue: what each holds, how many, and one page of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consultations.comments.models import Comment, CommentQuerySet, Status, reported_comments

PAGE_SIZE = 50
MAX_COUNT = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The thread above a comment, as far as it is shown; joined, so that it costs no further query.
THREAD_RELATIONS = ("article", "practitioner", "parent__parent__parent")


@dataclass(frozen=True)
class Tab:
    key: str
    label: Any
    empty: Any  # what is said when it holds nothing


WAITING_TAB = Tab(Status.WAITING, _("Waiting"), _("Nothing waits. New comments appear here."))
TABS = (
    WAITING_TAB,
    Tab(Status.APPROVED, _("Published"), _("No comment is published yet.")),
    Tab(Status.SPAM, _("Spam"), _("No spam. What lands here is deleted after some days.")),
    Tab(Status.TRASH, _("Trash"), _("The trash is empty.")),
    Tab("reported", _("Reported"), _("No reader has reported a comment.")),
)
_TABS_BY_KEY = {tab.key: tab for tab in TABS}


@dataclass(frozen=True)
class TabPage:
    comments: Sequence[Comment]
    after: str  # where the next page begins; "" on the last one


def get_tab(key: str) -> Tab:
    return _TABS_BY_KEY.get(key, WAITING_TAB)


def tab_for_comment(comment: Comment) -> Tab:
    return get_tab(comment.status)


def tabs_with_counts() -> list[tuple[Tab, str]]:
    """A query each, which stops counting where nobody cares any more: 100 000 take no longer."""
    return [(tab, _capped_count(_comments_in_tab(tab).order_by())) for tab in TABS]


def _capped_count(rows: CommentQuerySet) -> str:
    found = rows[: MAX_COUNT + 1].count()
    return f"{MAX_COUNT}+" if found > MAX_COUNT else str(found)


def _comments_in_tab(tab: Tab) -> CommentQuerySet:
    if tab.key == "reported":
        return reported_comments()
    found: CommentQuerySet = Comment.objects.filter(status=tab.key)
    return found


def get_tab_page(tab: Tab, after: str = "") -> TabPage:
    """The comments that follow the one named by ``after``: no page is ever counted to.

    Those that wait: read first before the others, then the longest waiting. Elsewhere the last
    change comes first.
    """
    rows = _comments_in_tab(tab)
    place = _decode_cursor(after)
    if tab is WAITING_TAB:
        rows = rows.order_by("-read_first", "created_at", "pk")
        if place:
            first, at, key = place
            later = Q(read_first=first) & (Q(created_at__gt=at) | Q(created_at=at, pk__gt=key))
            rows = rows.filter(later | Q(read_first=False) if first else later)
    else:
        rows = rows.order_by("-status_changed_at", "-pk")
        if place:
            _first, at, key = place
            rows = rows.filter(Q(status_changed_at__lt=at) | Q(status_changed_at=at, pk__lt=key))
    # First the places, then the rows: what has to be sorted is then narrow, and never text.
    places = rows.values("pk")[: PAGE_SIZE + 1]
    order = rows.query.order_by
    whole = Comment.objects.filter(pk__in=places).select_related(*THREAD_RELATIONS)
    found = list(whole.order_by(*order))
    return TabPage(
        found[:PAGE_SIZE],
        _encode_cursor(found[PAGE_SIZE - 1], tab) if len(found) > PAGE_SIZE else "",
    )


def _encode_cursor(comment: Comment, tab: Tab) -> str:
    at = comment.created_at if tab is WAITING_TAB else comment.status_changed_at
    micros = (at - EPOCH) // timedelta(microseconds=1)
    return f"{int(comment.read_first)}-{micros}-{comment.pk.hex}"


def _decode_cursor(cursor: str) -> tuple[bool, datetime, UUID] | None:
    """None for whatever is no place of ours: the list then begins at its beginning."""
    first, _dash, rest = cursor[:80].partition("-")
    micros, _dash, key = rest.partition("-")
    try:
        return first == "1", EPOCH + timedelta(microseconds=int(micros)), UUID(key)
    except (ValueError, OverflowError):
        return None
