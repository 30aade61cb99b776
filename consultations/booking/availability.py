"""Find free times: load hours and bookings from the database, and call ``slots``.

Runs a fixed number of queries, for any time span and any number of practitioners.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TypedDict, TypeVar

from django.db.models import Model, Q, QuerySet

from consultations.booking import explain, slots
from consultations.booking.calendars.models import BusyInterval
from consultations.booking.hours import ConsultationType, DateOverride, TimeOff, WeeklyWindow
from consultations.booking.models import Consultation
from consultations.booking.states import LIVE_STATUSES
from pages.practice.models import Holiday, PracticeProfile, Practitioner

MAX_SEARCH_DAYS = 31  # days that one search may cover
MAX_BUFFER = timedelta(hours=4)
# Bookings counted by the practitioner's date may begin up to a day outside the visitor's span.
SEARCH_MARGIN = timedelta(days=2)


@dataclass(frozen=True, order=True)
class AvailableSlot:
    """A free time with all practitioners who could take it, in the practice's order."""

    start: datetime
    end: datetime
    label: str
    practitioners: tuple[Practitioner, ...] = field(compare=False, default=())


class SlotArguments(TypedDict):
    """Arguments of the slot functions for one practitioner."""

    practitioner_zone: str
    windows: list[slots.Window]
    overrides: list[slots.Override]
    time_off: list[slots.Interval]
    busy: list[slots.Interval]
    bookings: list[slots.Booking]


TimedRow = TypeVar("TimedRow", bound=Model)


def find_available_slots(
    consultation_type: ConsultationType,
    practitioners: Collection[Practitioner],
    *,
    visitor_zone: str,
    first_date: date,
    last_date: date,
    now: datetime,
    moving: Consultation | None = None,
    policy: slots.Policy | None = None,
) -> list[AvailableSlot]:
    """Return the free times of all practitioners on the visitor's dates, earliest first.

    At most MAX_SEARCH_DAYS dates are searched. ``policy`` defaults to the type's own. A call that
    is being moved keeps its length and buffers, even if its type has changed since.
    """
    policy = policy or _effective_policy(consultation_type, moving)
    last_date = min(last_date, first_date + timedelta(days=MAX_SEARCH_DAYS - 1))
    arguments = load_slot_arguments(practitioners, first_date, last_date, moving=moving)
    free_practitioners: dict[datetime, list[Practitioner]] = defaultdict(list)
    ends: dict[datetime, slots.Slot] = {}
    for practitioner in practitioners:
        for slot in slots.find_open_slots(
            **arguments[practitioner.pk],
            policy=policy,
            visitor_zone=visitor_zone,
            first_date=first_date,
            last_date=last_date,
            now=now,
        ):
            free_practitioners[slot.start].append(practitioner)
            ends[slot.start] = slot
    return [
        AvailableSlot(start, ends[start].end, ends[start].label, tuple(free))
        for start, free in sorted(free_practitioners.items())
    ]


def find_available_practitioners(
    consultation_type: ConsultationType,
    practitioners: Collection[Practitioner],
    start_at: datetime,
    *,
    now: datetime,
    moving: Consultation | None = None,
    policy: slots.Policy | None = None,
) -> tuple[Practitioner, ...]:
    """Return who is free at a start; also used as the check when a form is sent."""
    day = start_at.astimezone(UTC).date()
    times = find_available_slots(
        consultation_type,
        practitioners,
        visitor_zone="UTC",
        first_date=day,
        last_date=day,
        now=now,
        moving=moving,
        policy=policy,
    )
    return next((time.practitioners for time in times if time.start == start_at), ())


def find_unavailability_reasons(
    consultation_type: ConsultationType,
    practitioner: Practitioner,
    start_at: datetime,
    *,
    now: datetime,
    moving: Consultation | None = None,
) -> list[str]:
    """Return the codes of the reasons why a time is not offered; empty if it is offered."""
    day = start_at.astimezone(UTC).date()
    arguments = load_slot_arguments([practitioner], day, day, moving=moving)[practitioner.pk]
    policy = _effective_policy(consultation_type, moving)
    return explain.explain_unavailability(start=start_at, now=now, policy=policy, **arguments)


def _effective_policy(
    consultation_type: ConsultationType, moving: Consultation | None
) -> slots.Policy:
    if moving is None or moving.start_at is None or moving.end_at is None:
        return consultation_type.policy
    return replace(
        consultation_type.policy,
        duration_min=int((moving.end_at - moving.start_at).total_seconds() // 60),
        before_min=moving.before_min,
        after_min=moving.after_min,
    )


def load_slot_arguments(
    practitioners: Collection[Practitioner],
    first_date: date,
    last_date: date,
    *,
    moving: Consultation | None = None,
) -> dict[int, SlotArguments]:
    """Return the arguments of the slot functions, except the policy, by practitioner.

    Seven queries, for any number of practitioners and any time span.
    """
    low = datetime.combine(first_date, datetime.min.time(), UTC) - SEARCH_MARGIN
    high = datetime.combine(last_date, datetime.min.time(), UTC) + SEARCH_MARGIN + timedelta(days=1)
    default_zone = PracticeProfile.load().time_zone
    rows: dict[int, SlotArguments] = {
        practitioner.pk: {
            "practitioner_zone": practitioner.time_zone or default_zone,
            "windows": [],
            "overrides": [],
            "time_off": [],
            "busy": [],
            "bookings": [],
        }
        for practitioner in practitioners
    }
    ours = Q(practitioner__in=list(rows))
    for window in WeeklyWindow.objects.filter(ours):
        rows[window.practitioner_id]["windows"].append(window.as_slot_window())
    # Zones are up to 26 hours apart, and hours of the evening before may extend into a date.
    dates = (low.date() - timedelta(days=1), high.date())
    overrides = DateOverride.objects.filter(ours, on__range=dates).prefetch_related("windows")
    own_dates = set()
    for override in overrides:
        rows[override.practitioner_id]["overrides"].append(override.as_slot_override())
        own_dates.add((override.practitioner_id, override.on))
    # Holidays of the practice are closed dates unless a practitioner has an override.
    for day in Holiday.objects.filter(on__range=dates).values_list("on", flat=True):
        for practitioner in rows:
            if (practitioner, day) not in own_dates:
                rows[practitioner]["overrides"].append(slots.Override(day))
    for row in _overlapping(TimeOff.objects.filter(ours), low, high):
        rows[row.practitioner_id]["time_off"].append(slots.Interval(row.start_at, row.end_at))
    busy = BusyInterval.objects.filter(source__practitioner__in=list(rows), source__is_on=True)
    for practitioner, start, end in _overlapping(busy, low, high).values_list(
        "source__practitioner_id", "start_at", "end_at"
    ):
        rows[practitioner]["busy"].append(slots.Interval(start, end))
    taken = Consultation.objects.filter(ours, status__in=LIVE_STATUSES)
    if moving is not None:
        taken = taken.exclude(pk=moving.pk)  # R12
    names = ("practitioner_id", "start_at", "end_at", "status", "before_min", "after_min")
    for practitioner, *values in _overlapping(
        taken, low - MAX_BUFFER, high + MAX_BUFFER
    ).values_list(*names, "hold_expires_at"):
        rows[practitioner]["bookings"].append(slots.Booking(*values))
    return rows


def _overlapping(rows: QuerySet[TimedRow], low: datetime, high: datetime) -> QuerySet[TimedRow]:
    return rows.filter(start_at__lt=high, end_at__gt=low)
