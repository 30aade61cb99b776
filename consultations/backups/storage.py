"""Store backups and their keys, track the age of the newest one, and delete expired ones."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from consultations.backups import encryption
from consultations.backups.errors import BackupError
from pages.files import write_atomically

BACKUP_SUFFIX = ".backup"
BACKUP_PREFIX = "practice-"
MAX_BACKUP_AGE = timedelta(hours=26)
BACKUP_INTERVAL = timedelta(hours=24)


def backup_dir() -> Path:
    return Path(settings.DATA_DIR) / "backups"


def is_scheduled() -> bool:
    """Return whether the worker makes daily backups, which requires BACKUP_PUBLIC_KEY."""
    return bool(settings.BACKUP_PUBLIC_KEY)


def load_public_key() -> str:
    """Return the public key to encrypt for, creating a key pair outside production if needed.

    Raises BackupError in production if BACKUP_PUBLIC_KEY is not set.
    """
    if settings.BACKUP_PUBLIC_KEY:
        return settings.BACKUP_PUBLIC_KEY
    if settings.IS_PRODUCTION:
        raise BackupError("BACKUP_PUBLIC_KEY is missing (manage.py backup --new-key makes a pair)")
    file = private_key_path()
    if not file.exists():
        private, _public = encryption.generate_key_pair()
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(private + "\n", encoding="ascii")
    return encryption.derive_public_key(file.read_text(encoding="ascii"))


def load_private_key(given: str = "") -> str:
    """Read the private key from the given file, or from KEYS_DIR. Raises BackupError."""
    for path in (Path(given) if given else None, private_key_path()):
        if path is not None:
            try:
                return _without_comments(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError):
                if given:
                    raise BackupError("the file with the private key cannot be read") from None
    raise BackupError("the private key is missing: name its file with --key")


def _without_comments(text: str) -> str:
    """Remove the comment lines that age-keygen writes above the key."""
    lines = [line.strip() for line in text.splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("#"))


def private_key_path() -> Path:
    return Path(settings.KEYS_DIR) / "backup_key"


def last_backup_path() -> Path:
    return Path(settings.DATA_DIR) / "run" / "last_backup.json"


def record_last_backup(facts: dict[str, object]) -> None:
    """Record the time and file name of a verified backup."""
    write_atomically(last_backup_path(), json.dumps(facts).encode("ascii"))


def read_last_backup() -> tuple[datetime, str] | None:
    """Return the time and file name of the newest verified backup, or None."""
    try:
        facts = json.loads(last_backup_path().read_text(encoding="ascii"))
        return datetime.fromisoformat(facts["at"]), str(facts["file"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_backup_due(now: datetime) -> bool:
    last = read_last_backup()
    return is_scheduled() and (last is None or now - last[0] >= BACKUP_INTERVAL)


def is_backup_overdue(now: datetime) -> bool:
    """Return whether backups are scheduled and the newest one is MAX_BACKUP_AGE old or missing."""
    last = read_last_backup()
    return is_scheduled() and (last is None or now - last[0] >= MAX_BACKUP_AGE)


def list_backups() -> list[Path]:
    """Return all backup files, oldest first."""
    return sorted(backup_dir().glob(f"{BACKUP_PREFIX}*{BACKUP_SUFFIX}"))


def delete_expired_backups(now: datetime) -> list[str]:
    """Delete backups older than BACKUP_RETENTION_DAYS, except the newest; return their names.

    Erased personal data is gone for good once the last backup containing it is deleted.
    """
    limit = now - timedelta(days=settings.BACKUP_RETENTION_DAYS)
    removed = []
    for file in list_backups()[:-1]:
        if file.stat().st_mtime < limit.timestamp():
            file.unlink()
            file.with_suffix(".sha256").unlink(missing_ok=True)
            removed.append(file.name)
    return removed
