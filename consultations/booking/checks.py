"""Compare claims with consultations: report mismatches, repair nothing.

Run nightly and by the system checks. Every path goes through ``claims``, so a mismatch means that
someone wrote to the database by hand, or that a restored copy is incomplete.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from consultations.booking.claims import TimeClaim, expected_cells
from consultations.booking.models import Consultation
from consultations.booking.states import LIVE_STATUSES, Status


@dataclass(frozen=True)
class ClaimMismatch:
    """A consultation with missing or extra claims, both as numbers of cells."""

    reference: str
    status: str
    missing: int  # cells of its time without a claim
    extra: int  # claimed cells that are not part of its time

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def find_claim_mismatches(*, now: datetime) -> list[ClaimMismatch]:
    """Return consultations whose claims are not exactly the cells of their time."""
    with transaction.atomic():
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            # All queries must use one snapshot; otherwise bookings made in between would look like
            # mismatches. (SQLite's transactions always do.)
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        wanted, held = _expected_claims(), _stored_claims()
        ended = _expired_hold_ids(now)
    mismatches = []
    for key in sorted({*wanted, *held}, key=str):
        # An expired hold may still have all of its cells or none: the next booking that wants one
        # of them deletes them.
        should = set() if key in ended else wanted.get(key, set())
        has = held.get(key, set())
        if key in ended and has == wanted.get(key):
            continue
        if should != has:
            mismatches.append((key, len(should - has), len(has - should)))
    return _with_references(mismatches)


def _expected_claims() -> dict[UUID, set[tuple[int, int]]]:
    cells: dict[UUID, set[tuple[int, int]]] = defaultdict(set)
    rows = Consultation.objects.filter(status__in=LIVE_STATUSES, end_at__isnull=False).only(
        "pk", "practitioner_id", "start_at", "end_at", "before_min", "after_min"
    )
    for key, practitioner, cell in expected_cells(rows):
        cells[key].add((practitioner, cell))
    return cells


def _stored_claims() -> dict[UUID, set[tuple[int, int]]]:
    cells: dict[UUID, set[tuple[int, int]]] = defaultdict(set)
    names = ("consultation_id", "practitioner_id", "cell")
    for key, practitioner, cell in TimeClaim.objects.values_list(*names):
        cells[key].add((practitioner, cell))
    return cells


def _expired_hold_ids(now: datetime) -> set[UUID]:
    held = Q(status=Status.HELD, hold_expires_at__lte=now)
    return set(Consultation.objects.filter(held).values_list("pk", flat=True))


def _with_references(mismatches: list[tuple[UUID, int, int]]) -> list[ClaimMismatch]:
    names = {
        key: (reference, status)
        for key, reference, status in Consultation.objects.filter(
            pk__in=[key for key, _missing, _extra in mismatches]
        ).values_list("pk", "reference", "status")
    }
    return [
        ClaimMismatch(*names.get(key, ("", "")), missing=missing, extra=extra)
        for key, missing, extra in mismatches
    ]


@register(Tags.database)
def check_booking_claims(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: object,
) -> list[CheckMessage]:
    """Warn of mismatches; run by migrate and by ``check --database default``."""
    if not databases:
        return []
    try:
        mismatches = find_claim_mismatches(now=timezone.now())
    except DatabaseError:
        return []  # no table before the first migration
    if not mismatches:
        return []
    return [
        # Not an error: the site must still start and migrate, so that staff can repair it.
        Warning(
            f"{len(mismatches)} consultations do not hold exactly the time they should.",
            hint="manage.py check_claims names them.",
            id="booking.W001",
        )
    ]
