"""Remove deleted data from SQLite's files. PostgreSQL reuses its space by itself.

``secure_delete`` overwrites freed pages with zeros, but older copies of the pages stay in the
write-ahead log until it is checkpointed and truncated.
"""

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

log = logging.getLogger(__name__)

VACUUM_INTERVAL = timedelta(days=30)


def truncate_wal() -> bool:
    """Checkpoint and truncate the write-ahead log; return False while a reader blocks it."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        # Do not wait for a long reader: the worker tries again within the hour.
        cursor.execute("PRAGMA busy_timeout")
        usual_timeout = cursor.fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 1000")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return cursor.fetchone()[0] == 0
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual_timeout)}")


def vacuum_if_due(now: datetime) -> bool:
    """Rebuild the database file every 30 days, so that free pages are gone too."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return False
    marker = Path(settings.DATA_DIR) / "run" / "vacuumed_at"
    interval = VACUUM_INTERVAL.total_seconds()
    if marker.exists() and now.timestamp() - marker.stat().st_mtime < interval:
        return False
    started = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    truncate_wal()
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.touch()
    log.info("database rebuilt in %.1f s", time.monotonic() - started)
    return True
