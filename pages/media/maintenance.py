"""What the worker does for pictures: the sizes that are due, and files that belong to nobody."""

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from pages.media import files, workflow
from pages.media.models import Picture

log = logging.getLogger(__name__)

# A round of the worker also delivers mail, which should not wait for a whole album.
SECONDS_A_ROUND = 10.0
# Files are written before their row; younger ones may still get theirs.
ORPHAN_AFTER = timedelta(days=1)


def make_due(*, seconds: float = SECONDS_A_ROUND) -> int:
    """The sizes of pictures that wait for them, oldest first; the rest in the next round."""
    until = time.monotonic() + seconds
    made = 0
    for picture in Picture.objects.needing_variants().order_by("uploaded_at"):
        try:
            workflow.make_variants(picture)
            made += 1
        except OSError as error:
            if error.errno is not None and not isinstance(error, FileNotFoundError):
                raise  # a full disk: the picture is fine and its turn comes again
            _mark_bad(picture, error)
        except Exception as error:
            _mark_bad(picture, error)
        if time.monotonic() > until:
            break
    return made


def remove_orphans(*, now: datetime) -> int:
    """Folders whose row never came, or is gone."""
    if not files.root().is_dir():
        return 0
    old = (now - ORPHAN_AFTER).timestamp()
    found = [
        uuid
        for path in files.root().iterdir()
        if (uuid := _uuid(path)) and path.stat().st_mtime < old
    ]
    known = set(Picture.objects.values_list("pk", flat=True)) if found else set()
    orphans = [uuid for uuid in found if uuid not in known]
    for uuid in orphans:
        files.remove(uuid)
    return len(orphans)


def _mark_bad(picture: Picture, error: Exception) -> None:
    log.warning("sizes of a picture could not be made: %s", type(error).__name__)
    workflow.mark_bad(picture)


def _uuid(path: Path) -> UUID | None:
    try:
        return UUID(hex=path.name) if path.is_dir() else None
    except ValueError:
        return None
