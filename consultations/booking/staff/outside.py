"""Calls that no longer lie in the hours: staff are told, and nothing is moved by itself."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from consultations.booking import availability, explain
from consultations.booking.models import Consultation
from consultations.booking.slots import Policy
from consultations.booking.states import Status
from pages.practice.models import Practitioner

BY_HOURS = frozenset(
    {explain.OUTSIDE_HOURS, explain.CLOSED_BY_OVERRIDE, explain.TOO_SHORT, explain.TIME_OFF}
)


def left_outside(people: Iterable[Practitioner], *, now: datetime) -> list[Consultation]:
    """Calls to come that visitors could not book at their time any more, soonest first.

    A fixed number of queries. Buffers are left out: they may spill over the edges of the hours.
    """
    by_key = {person.pk: person for person in people}
    live = Q(status=Status.CONFIRMED) | Q(status=Status.HELD, hold_expires_at__gt=now)
    rows = Consultation.objects.filter(live, practitioner__in=list(by_key), end_at__gt=now)
    found = [
        row
        for row in rows.select_related("practitioner").order_by("start_at")
        if row.start_at and row.end_at and row.practitioner_id in by_key
    ]
    if not found:
        return []
    first, last = _day(found[0].start_at), _day(found[-1].start_at)
    hours = availability.hours_of(list(by_key.values()), first, last)
    return [row for row in found if BY_HOURS & set(_reasons(row, hours[row.practitioner_id], now))]


def _day(instant: datetime | None) -> Any:
    assert instant is not None  # left_outside took only rows with a time
    return instant.astimezone(UTC).date()


def _reasons(row: Consultation, hours: dict[str, Any], now: datetime) -> list[str]:
    assert row.start_at is not None
    assert row.end_at is not None
    length = int((row.end_at - row.start_at).total_seconds() // 60)
    policy = Policy(
        duration_min=length,
        step_min=5,
        before_min=0,
        after_min=0,
        notice_hours=0,
        horizon_days=3650,
        daily_cap=None,
    )
    return explain.explain(start=row.start_at, now=now, policy=policy, **{**hours, "bookings": []})
