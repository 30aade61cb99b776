"""Where the files of a picture lie, and how they get there whole or not at all."""

import os
import shutil
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

FOLDER = "pictures"
MASTER = "master.jpg"


def root() -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER


def folder(picture: UUID) -> Path:
    return root() / picture.hex


def path(picture: UUID, name: str) -> Path:
    return folder(picture) / name


def write(picture: UUID, name: str, data: bytes) -> None:
    write_file(path(picture, name), data)


def write_file(target: Path, data: bytes) -> None:
    """On the disk before anything says so: a lost current leaves the old file or the new one."""
    is_new = not target.parent.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{uuid4().hex}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync(target.parent)
    if is_new:
        _sync(target.parent.parent)


def remove(picture: UUID) -> None:
    shutil.rmtree(folder(picture), ignore_errors=True)


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
