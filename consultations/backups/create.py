"""Make one backup: snapshot, media, sealed, read back, and only then called good."""

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
from typing import Any, BinaryIO, cast

import django
from django.conf import settings

from consultations.backups import encryption, snapshot, storage
from consultations.backups.encryption import OpeningReader, SealingWriter
from consultations.backups.storage import Problem
from consultations.data_rights import tombstones
from consultations.privacy import durable_keys
from consultations.privacy.encryption import CannotOpen

FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Made:
    file: str
    bytes: int
    sha256: str
    rows: int
    media_files: int
    removed: list[str]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ok": True}


def make(*, now: datetime) -> Made:
    """Raises Problem; a file that is not proven good is not left behind."""
    public = storage.public_key()
    try:
        tombstones.make_key()
    except (CannotOpen, durable_keys.Missing):
        raise Problem(
            "the key of the list of the erased cannot be opened: are these the right FIELD_KEYS?"
        ) from None
    tombstones.write_file(now=now)
    folder = storage.folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{storage.PREFIX}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{storage.SUFFIX}"
    draft = folder / f".{name}.draft"
    # Beside the database, since it is as large and as private.
    scratch = Path(tempfile.mkdtemp(prefix="backup-", dir=settings.DATA_DIR))
    try:
        facts = snapshot.take(scratch)
        media = media_files()
        manifest = {
            "format": FORMAT,
            "made_at": now.astimezone(UTC).isoformat(),
            "django": django.get_version(),
            "database": facts.database,
            "rows": facts.rows,
            "sha256": {
                facts.database: sha256_of(scratch / facts.database),
                **{f"media/{path}": sha256_of(source) for path, source in media},
            },
        }
        with draft.open("wb") as target:
            os.chmod(draft, 0o600)
            key = pack(target, public, manifest, scratch / facts.database, media)
            target.flush()
            os.fsync(target.fileno())
        read_back(draft, key, manifest)
        digest = sha256_of(draft)
        (folder / name).with_suffix(".sha256").write_text(f"{digest}  {name}\n", encoding="ascii")
        draft.replace(folder / name)
        _sync(folder)
    except encryption.NoKey:
        raise Problem("BACKUP_PUBLIC_KEY is no key") from None
    except (encryption.Damaged, tarfile.TarError) as error:
        raise Problem("what was written could not be read back") from error
    except OSError as error:
        raise Problem(f"it could not be written: {error.strerror or 'input or output'}") from error
    finally:
        draft.unlink(missing_ok=True)
        shutil.rmtree(scratch, ignore_errors=True)
    storage.note({"at": now.isoformat(), "file": name})
    return Made(
        file=str(folder / name),
        bytes=(folder / name).stat().st_size,
        sha256=digest,
        rows=sum(facts.rows.values()),
        media_files=len(media),
        removed=storage.remove_old(now),
    )


def media_files() -> list[tuple[str, Path]]:
    root = Path(settings.MEDIA_ROOT)
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink())
    return [(path.relative_to(root).as_posix(), path) for path in found]


def pack(
    target: BinaryIO,
    public: str,
    manifest: dict[str, Any],
    database: Path,
    media: list[tuple[str, Path]],
) -> bytes:
    """Gives the key of this one file, for reading it back."""
    writer = SealingWriter(target, public)
    with tarfile.open(fileobj=cast(Any, writer), mode="w|gz") as tar:
        about = json.dumps(manifest, sort_keys=True).encode("utf-8")
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(about)
        tar.addfile(entry, io.BytesIO(about))
        for name, source in [(database.name, database), *((f"media/{n}", p) for n, p in media)]:
            entry = tarfile.TarInfo(name)
            entry.size = source.stat().st_size
            with source.open("rb") as content:
                tar.addfile(entry, content)
    writer.finish()
    return writer.file_key


def read_back(file: Path, key: bytes, manifest: dict[str, Any]) -> None:
    """Open what was written, from the disk, and compare every member."""
    with file.open("rb") as source:
        reader = OpeningReader(source, file_key=key)
        seen = {}
        with tarfile.open(fileobj=cast(Any, reader), mode="r|gz") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is not None and member.name != MANIFEST:
                    seen[member.name] = digest_of(content)
        reader.drain()
    if seen != manifest["sha256"]:
        raise Problem("what was written is not what was read")


def sha256_of(path: Path) -> str:
    with path.open("rb") as content:
        return digest_of(content)


def digest_of(content: Any) -> str:
    digest = hashlib.sha256()
    while part := content.read(1 << 20):
        digest.update(part)
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
