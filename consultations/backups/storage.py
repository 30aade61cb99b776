"""Where backups lie, how old the newest good one is, and which are past their time."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from consultations.backups import encryption

SUFFIX = ".backup"
PREFIX = "practice-"
TOO_OLD = timedelta(hours=26)
EVERY = timedelta(hours=24)


def folder() -> Path:
    return Path(settings.DATA_DIR) / "backups"


def is_scheduled() -> bool:
    """The worker makes one a day as soon as it knows for whom."""
    return bool(settings.BACKUP_PUBLIC_KEY)


def public_key() -> str:
    """For whom to seal. Outside production a pair is made, so that it can be tried."""
    if settings.BACKUP_PUBLIC_KEY:
        return settings.BACKUP_PUBLIC_KEY
    if settings.IS_PRODUCTION:
        raise Problem("BACKUP_PUBLIC_KEY is missing (manage.py backup --new-key makes a pair)")
    file = key_file()
    if not file.exists():
        private, _public = encryption.new_pair()
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(private + "\n", encoding="ascii")
    return encryption.public_of(file.read_text(encoding="ascii"))


def private_key(given: str = "") -> str:
    """The way back: named, from the environment, or beside the other keys of this machine."""
    for path in (Path(given) if given else None, key_file()):
        if path is not None:
            try:
                return path.read_text(encoding="ascii").strip()
            except (OSError, UnicodeDecodeError):
                if given:
                    raise Problem("the file with the private key cannot be read") from None
    raise Problem("the private key is missing: name its file with --key")


def key_file() -> Path:
    return Path(settings.KEYS_DIR) / "backup_key"


def note_file() -> Path:
    return Path(settings.DATA_DIR) / "run" / "last_backup.json"


def note(facts: dict[str, Any]) -> None:
    note_file().parent.mkdir(parents=True, exist_ok=True)
    draft = note_file().with_suffix(".draft")
    draft.write_text(json.dumps(facts), encoding="ascii")
    draft.replace(note_file())


def last() -> tuple[datetime, str] | None:
    """When the newest good backup was made, and its name."""
    try:
        facts = json.loads(note_file().read_text(encoding="ascii"))
        return datetime.fromisoformat(facts["at"]), str(facts["file"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_fresh(now: datetime) -> bool:
    """For monitors: true also where no backup has been asked for."""
    found = last()
    return not is_scheduled() or (found is not None and now - found[0] < TOO_OLD)


def is_due(now: datetime) -> bool:
    found = last()
    return is_scheduled() and (found is None or now - found[0] >= EVERY)


def files() -> list[Path]:
    return sorted(folder().glob(f"{PREFIX}*{SUFFIX}"))


def remove_old(now: datetime) -> list[str]:
    """Erased data is gone from everywhere when the last backup that held it goes. The newest one
    stays, whatever its age."""
    limit = now - timedelta(days=settings.BACKUP_RETENTION_DAYS)
    removed = []
    for file in files()[:-1]:
        if file.stat().st_mtime < limit.timestamp():
            file.unlink()
            file.with_suffix(".sha256").unlink(missing_ok=True)
            removed.append(file.name)
    return removed


# What can be wrong with a backup, said in one line.


class Problem(Exception):
    """The command prints it and ends with 1; nothing has been changed."""
