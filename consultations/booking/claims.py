"""Nobody gets a time that somebody has: one row for every five minutes that are taken.

The unique index on (practitioner, cell) is the guarantee. It needs no isolation level, handles any
mix of lengths and buffers, holds for every code path, and survives migrations. The lock on the
practitioner's row, taken first, is for what an index cannot say: the daily cap, and two visitors
who swap their times (each would wait for the other's cells).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.booking.times.local_time import MINUTE, seconds_of, seconds_up_of
from pages.practice.models import Practitioner

CELL_SECONDS = 5 * MINUTE


class TimeClaim(models.Model):
    """Five minutes of one practitioner, taken by one live consultation."""

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


def cells(start_at: datetime, end_at: datetime, before_min: int, after_min: int) -> range:
    """The cells that [start - before, end + after) touches, in ascending order."""
    begin = seconds_of(start_at - timedelta(minutes=before_min))
    # Rounded up: a part of a cell takes the whole cell.
    end = seconds_up_of(end_at + timedelta(minutes=after_min))
    return range(begin // CELL_SECONDS, -(-end // CELL_SECONDS))


def expected_cells(rows: "models.QuerySet") -> Iterator[tuple[object, object, int]]:
    for row in rows:
        for cell in cells(row.start_at, row.end_at, row.before_min, row.after_min):
            yield row.pk, row.practitioner_id, cell
