"""Share images are drawn when first asked for, and kept beside the pictures."""

import threading
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

from pages.media.files import write_file
from pages.media.models import Picture
from pages.seo import share_image

FOLDER = "share"
# Of many readers of links that come at once, one draws and the others wait for it.
_one_at_a_time = threading.Lock()


def image_for(subject: str, *, title: str, name: str, cover: Picture | None = None) -> bytes:
    """`subject` names the thing, like `article-7`; its older drawings go."""
    facts = (str(cover.pk), cover.focus) if cover else ()
    path = _folder() / f"{subject}-{share_image.key(title, name, *facts)}.png"
    if (data := _read(path)) is not None:
        return data
    with _one_at_a_time:
        if (data := _read(path)) is not None:
            return data
        data = share_image.draw(
            title,
            name,
            photo=cover.master_path if cover else None,
            focus=cover.focus if cover else "centre",
        )
        for old in _folder().glob(f"{subject}-*.png"):
            old.unlink(missing_ok=True)
        write_file(path, data)
    return data


def remove_all_but(subjects: Collection[str]) -> int:
    """What was drawn for things that are gone, or public no more."""
    removed = 0
    for path in _folder().glob("*.png") if _folder().is_dir() else ():
        if path.stem.rpartition("-")[0] not in subjects:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
