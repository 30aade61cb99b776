"""Do the claims say what the consultations say? Looked at nightly, and by the system checks.

Every path goes through ``timing``, so a difference means that somebody wrote to the database by
hand, or that a restored copy is not whole. Both are told, nothing is mended here.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from consultations.booking.claims import TimeClaim, expected_cells
from consultations.booking.models import Consultation
from consultations.booking.states import LIVE_STATUSES, Status


@dataclass(frozen=True)
class ClaimMismatch:
    """One consultation whose claims are not what its time asks for. Cells are counts."""

    reference: str
    status: str
    missing: int  # of its cells that nobody, or somebody else, holds
    extra: int  # that it holds and should not

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def find_claim_mismatches(*, now: datetime) -> list[ClaimMismatch]:
    """Empty when every live consultation holds exactly its cells, and nobody else holds any."""
    with transaction.atomic():
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            # Looks at a moving thing would differ: all of them see one moment. (SQLite's
            # transactions do so anyway.)
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        wanted, held = _expected_claims(), _stored_claims()
        ended = _expired_hold_ids(now)
    found = []
    for key in sorted({*wanted, *held}, key=str):
        # A hold that ran out may still have its cells, whole or not at all: whoever wants one of
        # them first takes them away.
        should = set() if key in ended else wanted.get(key, set())
        has = held.get(key, set())
        if key in ended and has == wanted.get(key):
            continue
        if should != has:
            found.append((key, len(should - has), len(has - should)))
    return _with_references(found)


def _expected_claims() -> dict[Any, set[tuple[Any, int]]]:
    cells: dict[Any, set[tuple[Any, int]]] = defaultdict(set)
    rows = Consultation.objects.filter(status__in=LIVE_STATUSES, end_at__isnull=False).only(
        "pk", "practitioner_id", "start_at", "end_at", "before_min", "after_min"
    )
    for key, practitioner, cell in expected_cells(rows):
        cells[key].add((practitioner, cell))
    return cells


def _stored_claims() -> dict[Any, set[tuple[Any, int]]]:
    cells: dict[Any, set[tuple[Any, int]]] = defaultdict(set)
    names = ("consultation_id", "practitioner_id", "cell")
    for key, practitioner, cell in TimeClaim.objects.values_list(*names):
        cells[key].add((practitioner, cell))
    return cells


def _expired_hold_ids(now: datetime) -> set[Any]:
    held = Q(status=Status.HELD, hold_expires_at__lte=now)
    return set(Consultation.objects.filter(held).values_list("pk", flat=True))


def _with_references(found: list[tuple[Any, int, int]]) -> list[ClaimMismatch]:
    names = {
        key: (reference, status)
        for key, reference, status in Consultation.objects.filter(
            pk__in=[key for key, _missing, _extra in found]
        ).values_list("pk", "reference", "status")
    }
    return [
        ClaimMismatch(*names.get(key, ("", "")), missing=missing, extra=extra)
        for key, missing, extra in found
    ]


@register(Tags.database)
def check_booking_claims(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Run by migrate and by ``check --database default``."""
    if not databases:
        return []
    try:
        found = find_claim_mismatches(now=timezone.now())
    except DatabaseError:
        return []  # no table yet: the first migration is about to make it
    if not found:
        return []
    return [
        # No error: the site must still start and migrate, so that staff can mend it.
        Warning(
            f"{len(found)} consultations do not hold exactly the time they should.",
            hint="manage.py check_claims names them.",
            id="booking.W001",
        )
    ]
