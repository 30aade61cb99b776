"""Background work on pictures: make missing variants and remove orphaned files."""

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from pages.media import files, workflow
from pages.media.models import Picture

log = logging.getLogger(__name__)

# The worker also sends email in each run, which should not wait for a large batch of pictures.
MAX_SECONDS_PER_RUN = 10.0
# Files are written before their row, so newer ones may still be about to get one.
ORPHAN_MIN_AGE = timedelta(days=1)


def make_pending_variants(*, seconds: float = MAX_SECONDS_PER_RUN) -> int:
    """Make the variants of pictures that need them, oldest first, and return how many were done.

    Stops after `seconds`; the next run continues. Raises OSError if the disk is full or fails.
    """
    until = time.monotonic() + seconds
    made = 0
    for picture in Picture.objects.needing_variants().order_by("uploaded_at"):
        try:
            workflow.make_variants(picture)
            made += 1
        except OSError as error:
            if error.errno is not None and not isinstance(error, FileNotFoundError):
                raise  # such as a full disk: not the picture's fault, so try again later
            _log_failure(picture, error)
        except Exception as error:
            _log_failure(picture, error)
        if time.monotonic() > until:
            break
    return made


def remove_orphans(*, now: datetime) -> int:
    """Remove directories of pictures that have no row, and return how many were removed."""
    if not files.pictures_dir().is_dir():
        return 0
    old = (now - ORPHAN_MIN_AGE).timestamp()
    on_disk = [
        uuid
        for path in files.pictures_dir().iterdir()
        if (uuid := _folder_uuid(path)) and path.stat().st_mtime < old
    ]
    known = set(Picture.objects.values_list("pk", flat=True)) if on_disk else set()
    orphans = [uuid for uuid in on_disk if uuid not in known]
    for uuid in orphans:
        files.remove_picture_files(uuid)
    return len(orphans)


def _log_failure(picture: Picture, error: Exception) -> None:
    log.warning("sizes of a picture could not be made: %s", type(error).__name__)
    workflow.mark_variants_failed(picture)


def _folder_uuid(path: Path) -> UUID | None:
    try:
        return UUID(hex=path.name) if path.is_dir() else None
    except ValueError:
        return None
