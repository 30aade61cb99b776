"""An export on its way through the worker: handed in, looked at, taken over, and its file gone."""

import json
import logging
import os
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection
from django.utils import timezone

from consultations.transfer import import_wordpress
from consultations.transfer.models import WAITING, WORKING, State, WordPressImport
from pages.wordpress.wxr.records import Unreadable

log = logging.getLogger(__name__)

DEAD_AFTER = timedelta(minutes=10)
KEPT_FOR = timedelta(days=7)  # a file that nobody said yes to
SIGN_EVERY = 20  # items


def hand_in(
    pieces: Iterable[bytes], *, fetches_pictures: bool, by: User | None, now: datetime
) -> WordPressImport:
    """The file is on the disk before the row that speaks of it."""
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


def confirm(row: WordPressImport, *, authors: Mapping[str, str]) -> bool:
    """False when it has been confirmed or withdrawn meanwhile."""
    changed = WordPressImport.objects.filter(pk=row.pk, state=State.LOOKED).update(
        state=State.CONFIRMED, authors=json.dumps(dict(authors)), done=0, total=0
    )
    return bool(changed)


def remove_file(row: WordPressImport) -> None:
    row.path.unlink(missing_ok=True)


def tidy(now: datetime) -> int:
    """Files of what is done, of what nobody confirmed in a week, and of rows that are gone."""
    removed = 0
    old = WordPressImport.objects.filter(uploaded_at__lte=now - KEPT_FOR)
    for row in old.filter(state=State.LOOKED):
        row.delete()
    keeping = {row.path.name for row in WordPressImport.objects.all() if not row.finished_at}
    folder = WordPressImport().path.parent
    for file in folder.glob("*.xml") if folder.is_dir() else ():
        is_fresh = now.timestamp() - file.stat().st_mtime < DEAD_AFTER.total_seconds()
        if file.name not in keeping and not is_fresh:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


# --- in the worker ---
_thread: threading.Thread | None = None


def start_next(now: datetime) -> None:
    """Beside the mails, which must not wait for it; one at a time."""
    global _thread
    if _thread is not None and _thread.is_alive():
        return
    if _claim(now, dry=True) is None:
        return
    _thread = threading.Thread(target=_in_thread, name="wordpress-import", daemon=True)
    _thread.start()


def wait() -> None:
    if _thread is not None:
        _thread.join()


def _in_thread() -> None:
    close_old_connections()
    try:
        run_next(timezone.now())
    finally:
        connection.close()


def run_next(now: datetime) -> WordPressImport | None:
    """Look at, or take over, the one that has waited longest."""
    row = _claim(now)
    if row is None:
        return None
    is_look = row.state == State.LOOKING
    try:
        report = import_wordpress.move_in(
            row.path, _options(row, is_look), now=now, tell=_Signs(row)
        )
    except (Unreadable, ValidationError) as refusal:
        _end(row, State.REFUSED, problem=getattr(refusal, "code", None) or "other")
        return row
    except Exception as fault:
        # Its words may hold words of the file.
        log.error("a WordPress import stopped: %s", type(fault).__name__)
        _end(row, State.FAILED, problem=type(fault).__name__[:20])
        return row
    text = json.dumps(report.as_dict(), ensure_ascii=False)
    _end(row, State.LOOKED if is_look else State.DONE, report=text)
    return row


def _options(row: WordPressImport, is_look: bool) -> import_wordpress.Options:
    fetch = import_wordpress.would_fetch if is_look else import_wordpress.from_the_web
    return import_wordpress.Options(
        supply=fetch if row.fetches_pictures else None,
        authors=row.chosen_authors,
        dry_run=is_look,
        by=row.by,
    )


def _claim(now: datetime, *, dry: bool = False) -> WordPressImport | None:
    """By compare-and-swap, so that two workers never read one file; the dead are taken up again."""
    silent = WordPressImport.objects.working().filter(alive_at__lte=now - DEAD_AFTER)
    rows = [*silent, *WordPressImport.objects.waiting()]
    for row in sorted(rows, key=lambda one: one.uploaded_at):
        if dry:
            return row
        before, after = row.state, WAITING.get(State(row.state), State(row.state))
        changed = WordPressImport.objects.filter(
            pk=row.pk, state=before, alive_at=row.alive_at
        ).update(state=after, alive_at=now)
        if changed:
            row.refresh_from_db()
            return row
    return None


def _end(row: WordPressImport, state: State, **values: Any) -> None:
    """Once nothing more is read from it, the file goes."""
    is_over = state != State.LOOKED
    WordPressImport.objects.filter(pk=row.pk, state__in=WORKING).update(
        state=state, finished_at=timezone.now() if is_over else None, **values
    )
    if is_over:
        remove_file(row)


class _Signs:
    """Progress for the page, and a sign of life for other workers."""

    def __init__(self, row: WordPressImport) -> None:
        self.row = row

    def __call__(self, done: int, everything: int) -> None:
        if done % SIGN_EVERY == 0 or done == everything:
            WordPressImport.objects.filter(pk=self.row.pk).update(
                done=done, total=everything, alive_at=timezone.now()
            )
