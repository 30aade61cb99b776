"""Consultations, calls and connected calendars on the admin's index page."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.translation import ngettext

from consultations.booking.calendars.sync import stale_sources
from consultations.booking.models import Consultation
from consultations.booking.staff.display import annotate_practice_zone, format_consultation_time
from consultations.booking.staff.list_filters import filter_today
from consultations.booking.staff.permissions import accessible_practitioner_ids, filter_own
from consultations.booking.staff.waitlist import (
    find_freed_slots,
    list_waitlist_entries,
    split_by_match,
)
from consultations.rate_limits import limits
from pages.staff_pages import TodayItem

VIEW_CONSULTATION_PERMISSION = "consultations.view_consultation"


@dataclass(frozen=True)
class TodaysCall:
    """A call today, in the practitioner's time zone."""

    url: str
    when: str
    who: str
    state: str


@dataclass(frozen=True)
class FreedSlotItem:
    """A freed time, and how many clients on the waiting list wanted one like it."""

    url: str
    when: str
    count: int


def today_items(user: User | AnonymousUser, *, now: datetime) -> list[TodayItem]:
    """Return the pending work that this user may see."""
    return [*_consultation_items(user, now), *_calendar_items(user, now), *_limit_items(user, now)]


def _limit_items(user: User | AnonymousUser, now: datetime) -> list[TodayItem]:
    """Return how many requests the limits stopped, which may have been a campaign or a campus."""
    if not user.has_perm(VIEW_CONSULTATION_PERMISSION):
        return []
    count = limits.count_refusals(limits.CONSULTATION_REFUSALS, now=now)
    return [
        TodayItem(
            reverse("admin:consultations_consultation_changelist"),
            count,
            ngettext(
                "request stopped by our limits since yesterday",
                "requests stopped by our limits since yesterday",
                count,
            ),
            is_urgent=False,
        )
    ]


def _consultation_items(user: User | AnonymousUser, now: datetime) -> list[TodayItem]:
    if not user.has_perm(VIEW_CONSULTATION_PERMISSION):
        return []
    visible = Consultation.objects.visible_to(user)
    changelist = reverse("admin:consultations_consultation_changelist")
    overdue = visible.overdue(now).count()
    awaiting_reply = visible.awaiting_reply().count()
    on_waitlist = visible.on_waitlist().count()
    return [
        TodayItem(
            f"{changelist}?group=overdue",
            overdue,
            ngettext("answer overdue", "answers overdue", overdue),
            is_urgent=True,
        ),
        TodayItem(
            changelist,
            awaiting_reply,
            ngettext(
                "request that needs an answer", "requests that need an answer", awaiting_reply
            ),
            shows_zero=True,
        ),
        TodayItem(
            f"{changelist}?group=waiting",
            on_waitlist,
            ngettext("person on the waiting list", "people on the waiting list", on_waitlist),
        ),
    ]


def _calendar_items(user: User | AnonymousUser, now: datetime) -> list[TodayItem]:
    if not user.has_perm("consultations.view_busysource"):
        return []
    count = filter_own(stale_sources(now), user).count()
    return [
        TodayItem(
            reverse("admin:consultations_busysource_changelist"),
            count,
            ngettext("other calendar not read", "other calendars not read", count),
            is_urgent=True,
        )
    ]


def todays_calls(user: User | AnonymousUser, *, now: datetime) -> list[TodaysCall]:
    """Return the calls on the practice's current date, in order of time."""
    if not user.has_perm(VIEW_CONSULTATION_PERMISSION):
        return []
    rows = filter_today(Consultation.objects.visible_to(user), now)
    return [
        TodaysCall(
            url=reverse("admin:consultations_consultation_change", args=[row.pk]),
            when=format_consultation_time(row),
            who=row.practitioner.name if row.practitioner else "",
            state=row.get_status_display(),
        )
        for row in annotate_practice_zone(rows).order_by("start_at")
    ]


def freed_slot_items(user: User | AnonymousUser, *, now: datetime) -> list[FreedSlotItem]:
    """Return the freed times that someone on the waiting list wanted."""
    if not user.has_perm(VIEW_CONSULTATION_PERMISSION):
        return []
    entries = list_waitlist_entries(Consultation.objects.visible_to(user))
    if not entries:
        return []
    page = reverse("admin:consultations_consultation_waitlist")
    items = [
        FreedSlotItem(f"{page}?{freed.query}", freed.words, len(split_by_match(entries, freed)[0]))
        for freed in find_freed_slots(now, accessible_practitioner_ids(user))
    ]
    return [item for item in items if item.count]
