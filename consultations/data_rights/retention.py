"""Delete what is past its time: every promise of the one list, see ``records`` and ``dues``."""

from collections import Counter
from datetime import datetime

from consultations.audit import workflow as audit
from consultations.data_rights import records


def purge(*, now: datetime, dry_run: bool = False) -> Counter[str]:
    """Counts by kind. With ``dry_run`` it only counts."""
    counts: Counter[str] = Counter()
    for due in records.all_due():
        rows = due.rows(now)
        counts[due.name] += rows.distinct().count() if dry_run else due.forget(rows)
    counts["audit entries"] = audit.purge(now=now, dry_run=dry_run)
    return +counts  # without zeros
