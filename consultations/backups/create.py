"""Create an encrypted backup of the database and media, and verify it by reading it back."""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import django
from django.conf import settings

from consultations.backups import encryption, snapshot, storage
from consultations.backups.errors import BackupError, DamagedFile, InvalidKey
from consultations.data_rights import tombstones
from consultations.privacy import durable_keys
from consultations.privacy.encryption import DecryptionError
from pages.files import fsync_dir

FORMAT_VERSION = 1
MANIFEST_NAME, ARCHIVE_NAME = "manifest.json", "archive.tar.gz"


@dataclass(frozen=True)
class BackupResult:
    file: str
    bytes: int
    sha256: str
    rows: int
    media_files: int
    removed: list[str]

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "ok": True}


def create_backup(*, now: datetime) -> BackupResult:
    """Create one backup and delete expired ones.

    Raises BackupError; a backup that could not be verified is never left behind.
    """
    public = storage.load_public_key()
    try:
        tombstones.ensure_key()
    except (DecryptionError, durable_keys.KeyMissing):
        raise BackupError(
            "the key of the list of the erased cannot be opened: are these the right FIELD_KEYS?"
        ) from None
    tombstones.write_tombstone_file(now=now)
    folder = storage.backup_dir()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{storage.BACKUP_PREFIX}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{storage.BACKUP_SUFFIX}"
    draft = folder / f".{name}.draft"
    # In DATA_DIR, because the copy is as large and as sensitive as the database itself.
    scratch = Path(tempfile.mkdtemp(prefix="backup-", dir=settings.DATA_DIR))
    try:
        facts = snapshot.take_snapshot(scratch)
        media = list_media_files()
        manifest: dict[str, object] = {
            "format": FORMAT_VERSION,
            "made_at": now.astimezone(UTC).isoformat(),
            "django": django.get_version(),
            "database": facts.database,
            "rows": facts.rows,
            "sha256": {
                facts.database: file_sha256(scratch / facts.database),
                **{f"media/{path}": file_sha256(source) for path, source in media},
            },
        }
        with draft.open("wb") as target:
            os.chmod(draft, 0o600)
            archive = write_archive(scratch, manifest, scratch / facts.database, media)
            # This machine does not have the private key. To read the file back, also encrypt it
            # for a temporary second key, which is discarded when this function returns.
            private, once_public = encryption.generate_key_pair()
            encryption.encrypt_file(archive, target, [public, once_public])
            archive.unlink()
            target.flush()
            os.fsync(target.fileno())
        verify_archive(draft, scratch, private, manifest)
        digest = file_sha256(draft)
        (folder / name).with_suffix(".sha256").write_text(f"{digest}  {name}\n", encoding="ascii")
        draft.replace(folder / name)
        fsync_dir(folder)
    except InvalidKey:
        raise BackupError(
            "BACKUP_PUBLIC_KEY is no public key (manage.py backup --new-key makes a pair)"
        ) from None
    except (DamagedFile, tarfile.TarError) as error:
        raise BackupError("what was written could not be read back") from error
    except OSError as error:
        raise BackupError(
            f"it could not be written: {error.strerror or 'input or output'}"
        ) from error
    finally:
        draft.unlink(missing_ok=True)
        shutil.rmtree(scratch, ignore_errors=True)
    storage.record_last_backup({"at": now.isoformat(), "file": name})
    return BackupResult(
        file=str(folder / name),
        bytes=(folder / name).stat().st_size,
        sha256=digest,
        rows=sum(facts.rows.values()),
        media_files=len(media),
        removed=storage.delete_expired_backups(now),
    )


def list_media_files() -> list[tuple[str, Path]]:
    """Return each media file with its path relative to MEDIA_ROOT; symbolic links are skipped."""
    root = Path(settings.MEDIA_ROOT)
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink())
    return [(path.relative_to(root).as_posix(), path) for path in files]


def write_archive(
    folder: Path, manifest: dict[str, object], database: Path, media: list[tuple[str, Path]]
) -> Path:
    """Write the manifest, database and media to an unencrypted tar file in ``folder``."""
    archive = folder / ARCHIVE_NAME
    with tarfile.open(archive, mode="w:gz") as tar:
        about = json.dumps(manifest, sort_keys=True).encode("utf-8")
        entry = tarfile.TarInfo(MANIFEST_NAME)
        entry.size = len(about)
        tar.addfile(entry, io.BytesIO(about))
        for name, source in [(database.name, database), *((f"media/{n}", p) for n, p in media)]:
            entry = tarfile.TarInfo(name)
            entry.size = source.stat().st_size
            with source.open("rb") as content:
                tar.addfile(entry, content)
    return archive


def verify_archive(file: Path, folder: Path, private: str, manifest: dict[str, object]) -> None:
    """Decrypt the written file and compare the checksum of every member with the manifest.

    Raises BackupError, or DamagedFile if the file cannot be decrypted.
    """
    archive = folder / ARCHIVE_NAME
    encryption.decrypt_file(file, archive, private)
    checksums = {}
    with tarfile.open(archive, mode="r:gz") as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is not None and member.name != MANIFEST_NAME:
                checksums[member.name] = stream_sha256(content)
    if checksums != manifest["sha256"]:
        raise BackupError("what was written is not what was read")


def file_sha256(path: Path) -> str:
    with path.open("rb") as content:
        return stream_sha256(content)


def stream_sha256(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while part := content.read(1 << 20):
        digest.update(part)
    return digest.hexdigest()
