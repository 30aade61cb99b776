"""Check a backup, or restore it into an empty data directory and database."""

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
from typing import TypedDict
from zlib import error as ZlibError

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from consultations.backups import create, encryption, snapshot, storage
from consultations.backups.errors import BackupError, DamagedFile, InvalidKey, WrongKey
from consultations.data_rights import tombstones
from pages.files import fsync_dir


class Manifest(TypedDict):
    """What a restore reads of the manifest in the archive."""

    format: int
    made_at: str
    database: str
    rows: dict[str, int]
    sha256: dict[str, str]


@dataclass(frozen=True)
class RestoreResult:
    file: str
    made_at: str
    rows: int
    media_files: int
    erased_again: int = 0

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "ok": True}


def check_backup(file: Path, *, key: str = "") -> RestoreResult:
    """Unpack a backup in a temporary directory and check that it can be restored.

    Raises BackupError.
    """
    with unpacked_backup(file, key=key) as (folder, manifest):
        _check_database(folder, manifest)
        return _build_result(file, manifest)


def restore_backup(file: Path, *, key: str = "", now: datetime) -> RestoreResult:
    """Restore a backup into an empty data directory and database.

    Records erased since the backup are erased again. Raises BackupError.
    """
    ensure_target_is_empty()
    with unpacked_backup(file, key=key) as (folder, manifest):
        _check_database(folder, manifest)
        connection.close()
        if manifest["database"] == snapshot.POSTGRES_FILENAME:
            _restore_postgres(folder / snapshot.POSTGRES_FILENAME, manifest)
        _install_files(folder)
    call_command("migrate", interactive=False, verbosity=0)
    try:
        erased = tombstones.replay_tombstones(
            now=now, others=file.parent / tombstones.tombstone_path().name
        )
    except tombstones.KeyMismatch:
        raise BackupError(
            "the data are back, but the list of the erased was made under another key: look "
            "into docs/operations.md before you start the site"
        ) from None
    return _build_result(file, manifest, erased_again=erased)


def ensure_target_is_empty() -> None:
    """Raise BackupError if a restore would overwrite anything."""
    if connection.vendor == "sqlite":
        database = Path(str(connection.settings_dict["NAME"]))
        if snapshot.has_tables(database):
            raise BackupError(f"{database} is there already; restore needs an empty DATA_DIR")
    elif snapshot.count_rows():
        raise BackupError("the database has tables already; restore needs an empty one")
    if create.list_media_files():
        raise BackupError(f"{settings.MEDIA_ROOT} holds files; restore needs an empty DATA_DIR")


@contextmanager
def unpacked_backup(file: Path, *, key: str = "") -> Iterator[tuple[Path, Manifest]]:
    """Unpack a backup, verify every checksum, and yield the temporary directory and manifest.

    Raises BackupError.
    """
    private = storage.load_private_key(key)
    # In DATA_DIR, so that the files can be renamed into place on the same file system.
    scratch = Path(tempfile.mkdtemp(prefix="restore-", dir=settings.DATA_DIR))
    try:
        archive = scratch / create.ARCHIVE_NAME
        encryption.decrypt_file(file, archive, private)
        with tarfile.open(archive, mode="r:gz") as tar:
            tar.extractall(scratch, filter="data")
        archive.unlink()
        manifest = json.loads((scratch / create.MANIFEST_NAME).read_text(encoding="utf-8"))
        _verify_checksums(scratch, manifest)
        yield scratch, manifest
    except OSError as error:
        raise BackupError(
            f"the file cannot be read: {error.strerror or 'input or output'}"
        ) from error
    except (WrongKey, InvalidKey) as error:
        raise BackupError(f"wrong key: {error}") from error
    except (DamagedFile, tarfile.TarError, ZlibError, EOFError, ValueError, KeyError) as error:
        words = str(error) if isinstance(error, DamagedFile) else "it is cut or changed"
        raise BackupError(f"the file is damaged: {words}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _verify_checksums(folder: Path, manifest: Manifest) -> None:
    if manifest["format"] != create.FORMAT_VERSION:
        raise BackupError("it was made by a newer version of this site")
    here = {
        path.relative_to(folder).as_posix(): create.file_sha256(path)
        for path in folder.rglob("*")
        if path.is_file() and path.name != create.MANIFEST_NAME
    }
    if here != manifest["sha256"]:
        raise DamagedFile("its files are not those of its list")


def _check_database(folder: Path, manifest: Manifest) -> None:
    kind = snapshot.SQLITE_FILENAME if connection.vendor == "sqlite" else snapshot.POSTGRES_FILENAME
    if manifest["database"] != kind:
        raise BackupError("it is of the other kind of database: set DATABASE_URL to the same kind")
    if kind == snapshot.SQLITE_FILENAME:
        if snapshot.check_sqlite(folder / kind) != manifest["rows"]:
            raise DamagedFile("the numbers of its rows differ")
        return
    listed = snapshot.run_postgres_tool("pg_restore", "--list", str(folder / kind))
    missing = [name for name in manifest["rows"] if f" {name} " not in listed]
    if missing:
        raise DamagedFile("tables are missing in it")
    snapshot.check_canary(snapshot.read_canary_from_dump(folder / kind))


def _restore_postgres(dump: Path, manifest: Manifest) -> None:
    name = str(connection.settings_dict["NAME"])
    snapshot.run_postgres_tool(
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={name}",
        str(dump),
    )
    if snapshot.count_rows() != manifest["rows"]:
        raise BackupError("the numbers of rows differ after the restore")


def _install_files(folder: Path) -> None:
    """Move the media files and the database into place.

    The SQLite database is moved last, so an interrupted restore never leaves a database without
    its media files.
    """
    media = Path(settings.MEDIA_ROOT)
    if (folder / "media").is_dir():
        if media.is_dir():
            shutil.rmtree(media)
        media.parent.mkdir(parents=True, exist_ok=True)
        os.replace(folder / "media", media)
    if (folder / snapshot.SQLITE_FILENAME).exists():
        database = Path(str(connection.settings_dict["NAME"]))
        for end in ("-wal", "-shm"):
            Path(f"{database}{end}").unlink(missing_ok=True)
        os.replace(folder / snapshot.SQLITE_FILENAME, database)
        fsync_dir(database.parent)


def _build_result(file: Path, manifest: Manifest, *, erased_again: int = 0) -> RestoreResult:
    return RestoreResult(
        file=str(file),
        made_at=manifest["made_at"],
        rows=sum(manifest["rows"].values()),
        media_files=len(manifest["sha256"]) - 1,
        erased_again=erased_again,
    )
