"""Process uploaded exports in the worker: upload, check, import, then delete the file."""

import json
import logging
import os
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection
from django.utils import timezone

from consultations.transfer import import_wordpress
from consultations.transfer.models import (
    WAITING_STATES,
    WORKING_STATES,
    ImportState,
    WordPressImport,
)
from pages.wordpress.wxr.records import UnreadableExport

log = logging.getLogger(__name__)

WORKER_TIMEOUT = timedelta(minutes=10)
UNCONFIRMED_RETENTION = timedelta(days=7)  # for uploads that were never confirmed
PROGRESS_INTERVAL_ITEMS = 20  # items


def store_upload(
    pieces: Iterable[bytes], *, fetches_pictures: bool, by: User | None, now: datetime
) -> WordPressImport:
    """Store the file and create its row; the file is on disk before the row refers to it."""
    row = WordPressImport(fetches_pictures=fetches_pictures, by=by, uploaded_at=now)
    row.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(row.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    row.save(force_insert=True)
    return row


def confirm_import(row: WordPressImport, *, authors: Mapping[str, str]) -> bool:
    """Confirm the import; return False if it was already confirmed or deleted."""
    changed = WordPressImport.objects.filter(pk=row.pk, state=ImportState.LOOKED).update(
        state=ImportState.CONFIRMED, authors=json.dumps(dict(authors)), done=0, total=0
    )
    return bool(changed)


def delete_file(row: WordPressImport) -> None:
    row.path.unlink(missing_ok=True)


def delete_stale_files(now: datetime) -> int:
    """Delete files of finished, unconfirmed or deleted imports; return the count.

    An upload that is not confirmed within a week is deleted together with its row.
    """
    removed = 0
    old = WordPressImport.objects.filter(uploaded_at__lte=now - UNCONFIRMED_RETENTION)
    for row in old.filter(state=ImportState.LOOKED):
        row.delete()
    keeping = {row.path.name for row in WordPressImport.objects.all() if not row.finished_at}
    folder = WordPressImport().path.parent
    for file in folder.glob("*.xml") if folder.is_dir() else ():
        is_fresh = now.timestamp() - file.stat().st_mtime < WORKER_TIMEOUT.total_seconds()
        if file.name not in keeping and not is_fresh:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


# --- in the worker ---
_thread: threading.Thread | None = None


def start_next_import(now: datetime) -> None:
    """Start the next import in a thread, one at a time, so that emails do not wait for it."""
    global _thread
    if _thread is not None and _thread.is_alive():
        return
    if _claim_next(now, dry_run=True) is None:
        return
    _thread = threading.Thread(target=_run_in_thread, name="wordpress-import", daemon=True)
    _thread.start()


def wait_for_import() -> None:
    if _thread is not None:
        _thread.join()


def _run_in_thread() -> None:
    close_old_connections()
    try:
        run_next_import(timezone.now())
    finally:
        connection.close()


def run_next_import(now: datetime) -> WordPressImport | None:
    """Check or import the upload that has waited longest; return it, or None if there is none."""
    row = _claim_next(now)
    if row is None:
        return None
    is_look = row.state == ImportState.LOOKING
    try:
        report = import_wordpress.run_import(
            row.path, _build_options(row, is_look), now=now, on_progress=_ProgressReporter(row)
        )
    except (UnreadableExport, ValidationError) as refusal:
        _finish_import(row, ImportState.REFUSED, problem=getattr(refusal, "code", None) or "other")
        return row
    except Exception as fault:
        # The exception message may contain text from the file.
        log.error("a WordPress import stopped: %s", type(fault).__name__)
        _finish_import(row, ImportState.FAILED, problem=type(fault).__name__[:20])
        return row
    text = json.dumps(report.as_dict(), ensure_ascii=False)
    _finish_import(row, ImportState.LOOKED if is_look else ImportState.DONE, report=text)
    return row


def _build_options(row: WordPressImport, is_look: bool) -> import_wordpress.ImportOptions:
    fetch = import_wordpress.skip_fetch if is_look else import_wordpress.fetch_picture
    return import_wordpress.ImportOptions(
        file_source=fetch if row.fetches_pictures else None,
        authors=row.chosen_authors,
        dry_run=is_look,
        by=row.by,
    )


def _claim_next(now: datetime, *, dry_run: bool = False) -> WordPressImport | None:
    """Claim the next upload by compare-and-swap, so two workers never process the same file.

    Uploads whose worker has stopped responding are claimed again. With `dry`, only return the row.
    """
    silent = WordPressImport.objects.working().filter(alive_at__lte=now - WORKER_TIMEOUT)
    rows = [*silent, *WordPressImport.objects.waiting()]
    for row in sorted(rows, key=lambda upload: upload.uploaded_at):
        if dry_run:
            return row
        before, after = (
            row.state,
            WAITING_STATES.get(ImportState(row.state), ImportState(row.state)),
        )
        changed = WordPressImport.objects.filter(
            pk=row.pk, state=before, alive_at=row.alive_at
        ).update(state=after, alive_at=now)
        if changed:
            row.refresh_from_db()
            return row
    return None


def _finish_import(row: WordPressImport, state: ImportState, **values: object) -> None:
    """Store the result; delete the file once it is no longer needed."""
    is_over = state != ImportState.LOOKED
    WordPressImport.objects.filter(pk=row.pk, state__in=WORKING_STATES).update(
        state=state, finished_at=timezone.now() if is_over else None, **values
    )
    if is_over:
        delete_file(row)


class _ProgressReporter:
    """Store progress for the admin page; it also serves as the worker's heartbeat."""

    def __init__(self, row: WordPressImport) -> None:
        self.row = row

    def __call__(self, done: int, everything: int) -> None:
        if done % PROGRESS_INTERVAL_ITEMS == 0 or done == everything:
            WordPressImport.objects.filter(pk=self.row.pk).update(
                done=done, total=everything, alive_at=timezone.now()
            )
