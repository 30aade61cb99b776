"""Prevent double booking: one row for every five minutes that a practitioner is booked.

The unique index on (practitioner, cell) is the guarantee. It needs no isolation level, handles any
mix of lengths and buffers, applies to every code path, and survives migrations. The lock on the
practitioner's row, taken first, is for what an index cannot express: the daily cap, and two calls
that swap their times (each would wait for the other's cells).

Page, admin, approval, offer and move all follow one protocol inside the caller's transaction: lock
the practitioners' rows, drop expired holds, check again, write, and insert the claims.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consultations.booking import availability, hours
from consultations.booking.hours import ConsultationType
from consultations.booking.local_time import (
    MINUTE_SECONDS,
    epoch_seconds,
    epoch_seconds_ceil,
    from_epoch_seconds,
    get_zone,
    local_date_at,
    start_of_day,
)
from consultations.booking.models import Calendar, Consultation
from consultations.booking.slots import Policy
from consultations.booking.states import LIVE_STATUSES, HoldFor, Status
from pages.practice.models import Practitioner

CELL_SECONDS = 5 * MINUTE_SECONDS
REVIEW_HOLDS = 2  # for one practitioner and day


class TimeClaim(models.Model):
    """Five minutes of one practitioner, claimed by one live consultation."""

    consultation = models.ForeignKey(
        "consultations.Consultation", on_delete=models.CASCADE, related_name="claims"
    )
    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="+")
    cell = models.BigIntegerField(_("five minutes since 1970"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practitioner", "cell"], name="one_claim_a_cell")
        ]

    def __str__(self) -> str:
        return str(self.cell)


def cells_between(start_at: datetime, end_at: datetime, before_min: int, after_min: int) -> range:
    """Return the cells that [start - before, end + after) touches, in ascending order."""
    begin = epoch_seconds(start_at - timedelta(minutes=before_min))
    # Rounded up: a partly used cell is claimed as a whole.
    end = epoch_seconds_ceil(end_at + timedelta(minutes=after_min))
    return range(begin // CELL_SECONDS, -(-end // CELL_SECONDS))


def expected_cells(rows: "models.QuerySet") -> Iterator[tuple[UUID, int, int]]:
    """Yield (consultation, practitioner, cell) for every claim that consultations should have."""
    for row in rows:
        for cell in cells_between(row.start_at, row.end_at, row.before_min, row.after_min):
            yield row.pk, row.practitioner_id, cell


class SlotTaken(Exception):
    """The time is taken, or not offered any more."""


def lock_practitioners(practitioners: Collection[Practitioner]) -> None:
    """Lock the rows of practitioners, in ascending order so that two requests cannot deadlock.

    On SQLite the whole transaction is IMMEDIATE, which is the lock there.
    """
    if not connection.features.has_select_for_update:
        return
    keys = sorted(practitioner.pk for practitioner in practitioners)
    list(Practitioner.objects.select_for_update().filter(pk__in=keys).order_by("pk").values("pk"))


def lock_practitioner_of(consultation: Consultation) -> None:
    """Lock the row of the consultation's practitioner, if there is one."""
    if consultation.practitioner is not None:
        lock_practitioners([consultation.practitioner])


def rank_available_practitioners(
    consultation_type: ConsultationType,
    practitioners: Sequence[Practitioner],
    start_at: datetime,
    *,
    now: datetime,
    moving: Consultation | None = None,
    policy: Policy | None = None,
) -> list[Practitioner]:
    """Return who is free, fewest calls that week first; call it while holding the lock."""
    free = availability.find_available_practitioners(
        consultation_type, practitioners, start_at, now=now, moving=moving, policy=policy
    )
    return _sort_by_workload(free, start_at, now) if len(free) > 1 else list(free)


def keep_reviewable(
    practitioners: Sequence[Practitioner], start_at: datetime, *, now: datetime
) -> list[Practitioner]:
    """Return those for whom one more time of that day may be held for review.

    Times are held for forms that the screen doubts; without a limit a program could hold them all.
    Call it while holding the lock.
    """
    return [row for row in practitioners if _count_review_holds(row, start_at, now) < REVIEW_HOLDS]


def _count_review_holds(practitioner: Practitioner, start_at: datetime, now: datetime) -> int:
    zone = get_zone(hours.practitioner_time_zone(practitioner))
    day = start_at.astimezone(zone).date()
    held = Consultation.objects.filter(
        practitioner=practitioner,
        status=Status.HELD,
        hold_for=HoldFor.APPROVAL,
        hold_expires_at__gt=now,
        start_at__range=(start_at - timedelta(days=1), start_at + timedelta(days=1)),
    ).only("start_at", "suspicions")
    return sum(
        bool(row.suspicions) and row.start_at.astimezone(zone).date() == day
        for row in held
        if row.start_at is not None
    )


def claim_slot(
    consultation: Consultation,
    practitioners: Sequence[Practitioner],
    start_at: datetime,
    end_at: datetime,
    *,
    now: datetime,
    is_new: bool = False,
) -> Practitioner:
    """Claim a time for the first of ``practitioners`` whose cells are free. Raises SlotTaken.

    The buffers are those of the consultation, stored or not.
    A consultation that already has a time releases it in the same transaction; one that ``is_new``
    has none. Let SlotTaken propagate out of the caller's transaction, which cannot be used any
    more.
    """
    release_expired_holds(practitioners, now)
    wanted = cells_between(start_at, end_at, consultation.before_min, consultation.after_min)
    if not is_new:
        release_claims(consultation)
    for number, practitioner in enumerate(practitioners, start=1):
        # If the index refuses this one, the savepoint lets the transaction go on with the next.
        # After the last one it cannot go on anyway.
        savepoint = transaction.atomic() if number < len(practitioners) else nullcontext()
        try:
            with savepoint:
                TimeClaim.objects.bulk_create(
                    TimeClaim(consultation=consultation, practitioner=practitioner, cell=cell)
                    for cell in wanted
                )
        except IntegrityError:
            continue
        Calendar.objects.bulk_create(
            [Calendar(practitioner=practitioner, last_assigned_at=now)],
            update_conflicts=True,
            unique_fields=["practitioner"],
            update_fields=["last_assigned_at"],
        )
        return practitioner
    raise SlotTaken


def release_claims(consultation: Consultation) -> None:
    """Free the time that a consultation holds."""
    consultation.claims.all().delete()


def release_expired_holds(practitioners: Collection[Practitioner], now: datetime) -> None:
    """Delete the claims of holds that have expired, whether or not the worker has run since."""
    TimeClaim.objects.filter(
        practitioner__in=practitioners,
        consultation__status=Status.HELD,
        consultation__hold_expires_at__lte=now,
    ).delete()


def _sort_by_workload(
    practitioners: Sequence[Practitioner], start_at: datetime, now: datetime
) -> list[Practitioner]:
    """Sort by live calls in the practitioner's week, time since the last booking, and order."""
    last = dict(
        Calendar.objects.filter(practitioner__in=practitioners).values_list(
            "practitioner_id", "last_assigned_at"
        )
    )
    load = {
        practitioner.pk: _count_calls_in_week(practitioner, start_at, now)
        for practitioner in practitioners
    }

    def rank(practitioner: Practitioner) -> tuple[int, bool, datetime, int, int]:
        assigned = last.get(practitioner.pk)
        return (
            load[practitioner.pk],
            assigned is not None,
            assigned or start_at,
            practitioner.order,
            practitioner.pk,
        )

    return sorted(practitioners, key=rank)


def _count_calls_in_week(practitioner: Practitioner, start_at: datetime, now: datetime) -> int:
    zone = get_zone(hours.practitioner_time_zone(practitioner))
    day = local_date_at(epoch_seconds(start_at), zone)
    monday = day - timedelta(days=day.weekday())
    begin = from_epoch_seconds(start_of_day(monday, zone))
    end = from_epoch_seconds(start_of_day(monday + timedelta(days=7), zone))
    live = Q(status__in=LIVE_STATUSES, start_at__gte=begin, start_at__lt=end)
    rows = Consultation.objects.filter(live, practitioner=practitioner)
    return rows.exclude(status=Status.HELD, hold_expires_at__lte=now).count()
