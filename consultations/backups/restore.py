"""Look into a backup, and put it back into an empty place: whole, or not at all."""

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from zlib import error as ZlibError

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from consultations.backups import create, snapshot, storage
from consultations.backups.encryption import Damaged, NoKey, OpeningReader, WrongKey
from consultations.backups.storage import Problem
from consultations.data_rights import tombstones


@dataclass(frozen=True)
class Seen:
    file: str
    made_at: str
    rows: int
    media_files: int
    erased_again: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ok": True}


def check(file: Path, *, key: str = "") -> Seen:
    """Open it in a scratch directory and prove that it could be put back. Raises Problem."""
    with unpacked(file, key=key) as (folder, manifest):
        _check_database(folder, manifest)
        return _seen(file, manifest)


def restore(file: Path, *, key: str = "", now: datetime) -> Seen:
    """Into an empty data directory and database only. What was erased since is erased again."""
    refuse_unless_empty()
    with unpacked(file, key=key) as (folder, manifest):
        _check_database(folder, manifest)
        connection.close()
        if manifest["database"] == snapshot.POSTGRES:
            _restore_postgres(folder / snapshot.POSTGRES, manifest)
        _move_in(folder)
    call_command("migrate", interactive=False, verbosity=0)
    try:
        erased = tombstones.replay(now=now, others=file.parent / tombstones.file().name)
    except tombstones.OtherKey:
        raise Problem(
            "the data are back, but the list of the erased was made under another key: look "
            "into docs/operations.md before you start the site"
        ) from None
    return _seen(file, manifest, erased_again=erased)


def refuse_unless_empty() -> None:
    """Nothing that is in use is ever overwritten."""
    if connection.vendor == "sqlite":
        database = Path(str(connection.settings_dict["NAME"]))
        if snapshot.is_in_use(database):
            raise Problem(f"{database} is there already; restore needs an empty DATA_DIR")
    elif snapshot.rows_here():
        raise Problem("the database has tables already; restore needs an empty one")
    if create.media_files():
        raise Problem(f"{settings.MEDIA_ROOT} holds files; restore needs an empty DATA_DIR")


@contextmanager
def unpacked(file: Path, *, key: str = "") -> Iterator[tuple[Path, dict[str, Any]]]:
    """Its content in a scratch directory, every file compared with its checksum."""
    private = storage.private_key(key)
    # In the data directory, so that moving in is a rename on one disk.
    scratch = Path(tempfile.mkdtemp(prefix="restore-", dir=settings.DATA_DIR))
    try:
        with file.open("rb") as source:
            reader = OpeningReader(source, private=private)
            with tarfile.open(fileobj=cast(Any, reader), mode="r|gz") as tar:
                tar.extractall(scratch, filter="data")
            reader.drain()
        manifest = json.loads((scratch / create.MANIFEST).read_text(encoding="utf-8"))
        _compare(scratch, manifest)
        yield scratch, manifest
    except OSError as error:
        raise Problem(f"the file cannot be read: {error.strerror or 'input or output'}") from error
    except (WrongKey, NoKey) as error:
        raise Problem(f"wrong key: {error}") from error
    except (Damaged, tarfile.TarError, ZlibError, EOFError, ValueError, KeyError) as error:
        words = str(error) if isinstance(error, Damaged) else "it is cut or changed"
        raise Problem(f"the file is damaged: {words}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _compare(folder: Path, manifest: dict[str, Any]) -> None:
    if manifest["format"] != create.FORMAT:
        raise Problem("it was made by a newer version of this site")
    here = {
        path.relative_to(folder).as_posix(): create.sha256_of(path)
        for path in folder.rglob("*")
        if path.is_file() and path.name != create.MANIFEST
    }
    if here != manifest["sha256"]:
        raise Damaged("its files are not those of its list")


def _check_database(folder: Path, manifest: dict[str, Any]) -> None:
    kind = snapshot.SQLITE if connection.vendor == "sqlite" else snapshot.POSTGRES
    if manifest["database"] != kind:
        raise Problem("it is of the other kind of database: set DATABASE_URL to the same kind")
    if kind == snapshot.SQLITE:
        if snapshot.check_sqlite(folder / kind) != manifest["rows"]:
            raise Damaged("the numbers of its rows differ")
        return
    listed = snapshot.run_postgres("pg_restore", "--list", str(folder / kind))
    missing = [name for name in manifest["rows"] if f" {name} " not in listed]
    if missing:
        raise Damaged("tables are missing in it")
    snapshot.check_canary(snapshot.canary_in_dump(folder / kind))


def _restore_postgres(dump: Path, manifest: dict[str, Any]) -> None:
    name = str(connection.settings_dict["NAME"])
    snapshot.run_postgres(
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={name}",
        str(dump),
    )
    if snapshot.rows_here() != manifest["rows"]:
        raise Problem("the numbers of rows differ after the restore")


def _move_in(folder: Path) -> None:
    """The database last: until it is there, the place counts as empty and can be filled again."""
    media = Path(settings.MEDIA_ROOT)
    if (folder / "media").is_dir():
        if media.is_dir():
            shutil.rmtree(media)
        media.parent.mkdir(parents=True, exist_ok=True)
        os.replace(folder / "media", media)
    if (folder / snapshot.SQLITE).exists():
        database = Path(str(connection.settings_dict["NAME"]))
        for end in ("-wal", "-shm"):
            Path(f"{database}{end}").unlink(missing_ok=True)
        os.replace(folder / snapshot.SQLITE, database)
        descriptor = os.open(database.parent, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def _seen(file: Path, manifest: dict[str, Any], *, erased_again: int = 0) -> Seen:
    return Seen(
        file=str(file),
        made_at=manifest["made_at"],
        rows=sum(manifest["rows"].values()),
        media_files=len(manifest["sha256"]) - 1,
        erased_again=erased_again,
    )
