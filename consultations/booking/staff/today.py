"""Consultations, calls and connected calendars on the admin's index page."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from consultations.booking.calendars.sync import stale_sources
from consultations.booking.choices import Meeting
from consultations.booking.local_time import get_zone
from consultations.booking.meeting_place import call_video_url
from consultations.booking.models import Consultation
from consultations.booking.staff.display import (
    annotate_practice_zone,
    practice_zone_for_row,
    readable_initials,
)
from consultations.booking.staff.list_filters import filter_today
from consultations.booking.staff.permissions import accessible_practitioner_ids, filter_own
from consultations.booking.staff.waitlist import (
    find_freed_slots,
    list_waitlist_entries,
    split_by_match,
)
from consultations.booking.states import Status
from consultations.rate_limits import limits
from pages.practice.staff_dates import format_clock
from pages.staff_pages import TodayItem

VIEW_CONSULTATION_PERMISSION = "consultations.view_consultation"


MEETING_ICONS = {Meeting.PHONE: "phone", Meeting.VIDEO: "video", Meeting.IN_PERSON: "person"}


@dataclass(frozen=True)
class TodaysCall:
    """A call today, in the practice's time zone, with the client's initials."""

    url: str
    starts_at: datetime
    clock: str
    who: str
    what: str
    icon: str
    state: str
    is_past: bool
    is_next: bool
    video_url: str  # "" if it is over, is no video call, or has no link yet
    lacks_link: bool  # a video call to come, without a link
    outcome_urls: tuple[tuple[str, str], ...]  # slug and URL of each outcome that can be noted

    @property
    def when(self) -> str:
        return self.clock


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
    may_change = user.has_perm("consultations.change_consultation")
    found = filter_today(Consultation.objects.visible_to(user), now)
    rows = list(annotate_practice_zone(found).order_by("start_at"))
    coming = [row for row in rows if row.status == Status.CONFIRMED and _end(row) > now]
    return [
        TodaysCall(
            url=reverse("admin:consultations_consultation_change", args=[row.pk]),
            starts_at=_start(row),
            clock=format_clock(_start(row).astimezone(get_zone(practice_zone_for_row(row)))),
            who=readable_initials(row) or row.reference,
            what=_describe_call(row),
            icon=MEETING_ICONS.get(Meeting(row.meeting), "cal") if row.meeting else "cal",
            state=row.get_status_display(),
            is_past=_end(row) <= now,
            is_next=bool(coming) and row is coming[0],
            **_video_facts(row, now),
            outcome_urls=_outcome_urls(row, now) if may_change else (),
        )
        for row in rows
    ]


def _start(row: Consultation) -> datetime:
    assert row.start_at is not None  # a call of today has a time
    return row.start_at


def _end(row: Consultation) -> datetime:
    assert row.end_at is not None
    return row.end_at


class VideoFacts(TypedDict):
    video_url: str
    lacks_link: bool


def _video_facts(row: Consultation, now: datetime) -> VideoFacts:
    is_to_come = row.status == Status.CONFIRMED and _end(row) > now
    if row.meeting != Meeting.VIDEO or not is_to_come:
        return {"video_url": "", "lacks_link": False}
    url = call_video_url(row)
    return {"video_url": url, "lacks_link": not url}


def _describe_call(row: Consultation) -> str:
    """Return ``Free first call, video, 20 min, with Theo``."""
    kind = row.type.name if row.type else gettext("Call")
    minutes = round((_end(row) - _start(row)).total_seconds() / 60)
    parts = [kind, row.get_meeting_display(), gettext("%(n)d min") % {"n": minutes}]
    if row.practitioner:
        parts.append(gettext("with %(name)s") % {"name": row.practitioner.name})
    return ", ".join(part for part in parts if part)


def _outcome_urls(row: Consultation, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return the pages that note an outcome, for a call that has begun and has none."""
    if row.status != Status.CONFIRMED or now < _start(row):
        return ()
    return tuple(
        (slug, reverse("admin:consultations_consultation_action", args=[row.pk, slug]))
        for slug in ("complete", "no-show")
    )


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
