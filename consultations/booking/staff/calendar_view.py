"""Weekly calendar for staff: one row per day, one column per practitioner."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.booking import availability
from consultations.booking.hours import format_time_ranges
from consultations.booking.local_time import epoch_seconds, get_zone, local_date_at
from consultations.booking.models import Consultation
from consultations.booking.slots import Override, Window, is_window_valid_on
from consultations.booking.staff import display, permissions
from consultations.booking.states import LIVE_STATUSES, Status
from pages.practice.models import PracticeProfile, Practitioner

DAYS_PER_WEEK = 7


@dataclass(frozen=True, order=True)
class CalendarEntry:
    """One entry on one day: a call, or blocked time."""

    start: datetime
    kind: str  # call | away | busy
    clock: str
    words: str = ""
    state: str = ""
    url: str = ""


def calendar_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show one week, for one practitioner or for all that this user may see."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    practice, now = PracticeProfile.load(), timezone.now()
    accessible_ids = permissions.accessible_practitioner_ids(request.user)
    everybody = [
        p
        for p in Practitioner.objects.bookable()
        if accessible_ids is None or p.pk in accessible_ids
    ]
    own = [practitioner for practitioner in everybody if practitioner.user_id == request.user.pk]
    asked = request.GET.get("practitioner", "")
    chosen = [practitioner for practitioner in everybody if practitioner.slug == asked]
    if not chosen and asked != "all":
        chosen = own
    practitioners = chosen or everybody
    today = local_date_at(epoch_seconds(now), get_zone(practice.time_zone))
    monday = monday_of(parse_week_date(request.GET.get("week", "")) or today)
    name = chosen[0].slug if chosen else "all"
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Week"),
        "opts": model_admin.opts,
        "practitioners": [
            (practitioner, (practitioner.time_zone or practice.time_zone).replace("_", " "))
            for practitioner in practitioners
        ],
        "choices": [("all", _("Everybody")), *((p.slug, p.name) for p in everybody)],
        "chosen": name,
        "monday": monday,
        "sunday": monday + timedelta(days=DAYS_PER_WEEK - 1),
        "before": monday - timedelta(days=DAYS_PER_WEEK),
        "after": monday + timedelta(days=DAYS_PER_WEEK),
        "today": today,
        "rows": build_week(practitioners, monday, now=now),
    }
    return render(request, "admin/consultations/consultation/calendar_week.html", context)


def parse_week_date(text: str) -> date | None:
    """Parse an ISO date; None unless it is valid and its year is from 2000 to 2200."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    is_one = day is not None and day.isoformat() == text and 2000 <= day.year <= 2200
    return day if is_one else None


def monday_of(day: date) -> date:
    """Return the Monday of a date's week."""
    return day - timedelta(days=day.weekday())


def build_week(
    practitioners: list[Practitioner], monday: date, *, now: datetime
) -> list[tuple[date, list[tuple[str, list[CalendarEntry]]]]]:
    """Return, for each day and practitioner, the opening hours as text and the entries.

    Runs a fixed number of queries. Days are those of each practitioner's own time zone.
    """
    sunday = monday + timedelta(days=DAYS_PER_WEEK - 1)
    hours = availability.load_slot_arguments(practitioners, monday, sunday)
    entries: dict[tuple[int | None, date], list[CalendarEntry]] = defaultdict(list)
    for practitioner in practitioners:
        zone = str(hours[practitioner.pk]["practitioner_zone"])
        for kind, intervals in (
            ("away", hours[practitioner.pk]["time_off"]),
            ("busy", hours[practitioner.pk]["busy"]),
        ):
            for interval in intervals:
                _add_blocked_entries(
                    entries, practitioner, zone, kind, interval.start, interval.end, monday, sunday
                )
    zones = {
        practitioner.pk: str(hours[practitioner.pk]["practitioner_zone"])
        for practitioner in practitioners
    }
    for row in _calls_in_week(practitioners, monday, sunday, now):
        zone = zones[row.practitioner_id or 0]
        day = local_date_at(epoch_seconds(row.start_at), get_zone(zone))  # type: ignore[arg-type]
        entries[row.practitioner_id, day].append(_call_entry(row, zone))
    return [
        (
            day,
            [
                (
                    format_hours_on(
                        day, hours[practitioner.pk]["windows"], hours[practitioner.pk]["overrides"]
                    ),
                    sorted(entries[practitioner.pk, day]),
                )
                for practitioner in practitioners
            ],
        )
        for day in (monday + timedelta(days=number) for number in range(DAYS_PER_WEEK))
    ]


def format_hours_on(day: date, windows: list[Window], overrides: list[Override]) -> str:
    """Return ``09:00-12:00, 13:00-17:00``, or "Closed"."""
    own = next((override for override in overrides if override.date == day), None)
    if own is not None:
        spans = list(own.windows)
    else:
        spans = [
            (window.start_min, window.length_min)
            for window in windows
            if is_window_valid_on(window, day)
        ]
    return format_time_ranges(spans) or _("Closed")


def _calls_in_week(
    practitioners: list[Practitioner], monday: date, sunday: date, now: datetime
) -> list[Consultation]:
    # One more day on each side, because a practitioner's local date may differ from UTC.
    begin, end = display.day_bounds(monday - timedelta(days=1), sunday + timedelta(days=1), "UTC")
    is_live = ~Q(status=Status.HELD) | Q(hold_expires_at__gt=now)
    rows = Consultation.objects.filter(
        is_live,
        practitioner__in=practitioners,
        status__in=LIVE_STATUSES,
        start_at__gte=begin,
        start_at__lt=end,
    )
    return list(rows.order_by("start_at"))


def _call_entry(row: Consultation, zone: str) -> CalendarEntry:
    assert row.start_at is not None  # live consultations have a time
    assert row.end_at is not None
    clock = f"{display.format_clock(row.start_at, zone)}–{display.format_clock(row.end_at, zone)}"
    page = reverse("admin:consultations_consultation_change", args=[row.pk])
    words = f"{display.readable_initials(row)}, {row.reference}"
    state = "" if row.status == Status.CONFIRMED else str(row.get_status_display())
    return CalendarEntry(row.start_at, "call", clock, words, state, page)


def _add_blocked_entries(
    entries: dict[tuple[int | None, date], list[CalendarEntry]],
    practitioner: Practitioner,
    zone: str,
    kind: str,
    start: datetime,
    end: datetime,
    monday: date,
    sunday: date,
) -> None:
    """Add a blocked interval to each date it touches, clipped to the week and to the day."""
    here = get_zone(zone)
    day = max(local_date_at(epoch_seconds(start), here), monday)
    while day <= sunday:
        begin, after = display.day_bounds(day, day, zone)
        if begin >= end:
            return
        first, last = max(start, begin), min(end, after)
        whole = first == begin and last == after
        clock = _("All day") if whole else ""
        clock = clock or f"{display.format_clock(first, zone)}–{display.format_clock(last, zone)}"
        entries[practitioner.pk, day].append(CalendarEntry(first, kind, clock))
        day += timedelta(days=1)
