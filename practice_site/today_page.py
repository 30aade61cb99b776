"""The first page of the admin: what is on today, what needs an answer, what is wrong."""

from datetime import datetime

from django.contrib.admin import AdminSite
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.utils import formats, timezone

from consultations.audit import requests as audit
from consultations.audit.models import Action
from consultations.booking.models import Consultation
from consultations.booking.staff import today as booking_today
from consultations.booking.staff.today_requests import request_cards
from consultations.comments.moderation import base as moderation
from consultations.comments.moderation import today as comments_today
from consultations.outbox import today as outbox_today
from pages.due_for_review import draft_articles, review_items
from pages.staff_pages import TodayItem
from practice_site.first_days import first_days
from practice_site.recent_actions import recent_actions
from practice_site.site_health import health_notes


def context(site: AdminSite, request: HttpRequest, *, now: datetime) -> dict[str, object]:
    """Return what the template shows, and audit whose words that includes."""
    user = request.user
    calls = booking_today.todays_calls(user, now=now)
    requests = request_cards(user, now=now)
    comments = comments_today.waiting_rows(user, now=now)
    _audit(request, bool(calls or requests), [row.comment for row in comments])
    return {
        "title": formats.date_format(timezone.localdate(now), "l, F j"),
        "today": pending_work(user),
        "calls": calls,
        "requests": requests,
        "comments": comments,
        "done": moderation.get_last_outcome(request, now=now) if comments else None,
        "freed": booking_today.freed_slot_items(user, now=now),
        "drafts": draft_articles(user),
        "health": health_notes(user, now=now),
        "first_days": first_days(user),
        "recent": recent_actions(site, request),
        "may_add_booking": user.has_perm("consultations.add_consultation"),
        "now": now,
    }


def _audit(request: HttpRequest, shows_consultations: bool, comments: list) -> None:
    if shows_consultations:
        fields = ["name", "preferred_times"]
        audit.record_request_action(request, Action.LISTED, model=Consultation, fields=fields)
    if comments:
        moderation.log_comments_viewed(request, Action.LISTED, comments)


def pending_work(user: User | AnonymousUser) -> list[TodayItem]:
    """Return the pending work of every room that this user may see."""
    now = timezone.now()
    items = [
        *booking_today.today_items(user, now=now),
        *comments_today.today_items(user),
        *outbox_today.today_items(user),
        *review_items(user, timezone.localdate(now)),
    ]
    return [item for item in items if item.is_shown]
