"""What was deleted is not left lying in the database's files (SQLite; PostgreSQL reuses its own).

``secure_delete`` overwrites freed pages with zeros; but until the write-ahead log has been taken
over and cut, older pages still stand there.
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
    """Take the write-ahead log over and cut it to nothing; False while a reader holds it."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        # A reader that stays is not waited for: the worker tries again within the hour.
        cursor.execute("PRAGMA busy_timeout")
        usual = cursor.fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 1000")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return cursor.fetchone()[0] == 0
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual)}")


def vacuum_if_due(now: datetime) -> bool:
    """Write the database anew once a month, so that free pages and their order are gone too."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return False
    note = Path(settings.DATA_DIR) / "run" / "vacuumed_at"
    if note.exists() and now.timestamp() - note.stat().st_mtime < VACUUM_INTERVAL.total_seconds():
        return False
    begun = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    truncate_wal()
    note.parent.mkdir(parents=True, exist_ok=True)
    note.touch()
    log.info("database written anew in %.1f s", time.monotonic() - begun)
    return True
