"""What the admin's index page says about comments."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.translation import ngettext

from consultations.comments.models import Comment, reported_comments
from consultations.comments.moderation.rows import CommentRow, build_rows
from consultations.comments.moderation.tabs import WAITING_TAB, get_tab_page
from pages.staff_pages import TodayItem

MAX_ROWS = 4


def waiting_rows(user: User | AnonymousUser, *, now: datetime) -> list[CommentRow]:
    """Return the comments to decide on next, as the desk orders them."""
    if not user.has_perm("consultations.view_comment"):
        return []
    comments = get_tab_page(WAITING_TAB).comments[:MAX_ROWS]
    may_act = user.has_perm("consultations.change_comment")
    return build_rows(comments, now=now, may_act=may_act)


def today_items(user: User | AnonymousUser) -> list[TodayItem]:
    """Return the pending work that this user may see."""
    if not user.has_perm("consultations.view_comment"):
        return []
    changelist = reverse("admin:consultations_comment_changelist")
    waiting_comments = Comment.objects.waiting()
    read_first = waiting_comments.filter(read_first=True).count()
    waiting = waiting_comments.count()
    reported = reported_comments().count()
    return [
        TodayItem(
            f"{changelist}?status=waiting",
            read_first,
            ngettext("comment to read first", "comments to read first", read_first),
            is_urgent=True,
        ),
        TodayItem(
            changelist,
            waiting,
            ngettext("comment waiting", "comments waiting", waiting),
            shows_zero=True,
        ),
        TodayItem(
            f"{changelist}?status=reported",
            reported,
            ngettext("comment reported by readers", "comments reported by readers", reported),
        ),
    ]
