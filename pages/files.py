"""Write files so that a crash or a power loss leaves the old content or the new, never a part."""

import os
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4


def write_atomically(
    target: Path, content: bytes | Iterable[bytes], *, mode: int | None = None
) -> None:
    """Write a file, given whole or in pieces, and create its directory if needed.

    The data is synced to disk before the file is renamed into place. Without ``mode`` the umask
    decides who may read it.
    """
    is_new = not target.parent.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{uuid4().hex}")
    try:
        with draft.open("wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            draft.chmod(mode)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    fsync_dir(target.parent)
    if is_new:
        fsync_dir(target.parent.parent)


def fsync_dir(directory: Path) -> None:
    """Flush a directory, so that a file renamed in it survives a power loss."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
