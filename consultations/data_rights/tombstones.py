"""Keep erased data erased after an older backup has been restored.

Each erasure leaves keyed hashes of the row ids and of the email address. They are stored in the
database and, because a restored database is an old one, in a file beside the backups. The key
``durable_keys.ERASURE_PURPOSE`` survives a change of FIELD_KEYS; without it nobody can test
addresses against the list.
"""

import fcntl
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from consultations.data_rights import records
from consultations.data_rights.models import Tombstone
from consultations.data_rights.people import Person, decrypted_or_blank
from consultations.privacy import durable_keys
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import normalize_email
from pages.files import write_atomically

log = logging.getLogger(__name__)

EMAIL_FIELDS = {"consultations": "email", "comments": "email", "mails": "to", "links": "email"}


class KeyMismatch(Exception):
    """The tombstone file was written with a key that this database does not have."""


def tombstone_dir() -> Path:
    return Path(settings.DATA_DIR) / "backups"


def tombstone_path() -> Path:
    return tombstone_dir() / "erased.jsonl"


def record_tombstones(
    person: Person, rows: Sequence[records.PersonalRecord], *, now: datetime
) -> None:
    """Store the hashes of erased rows. Call it in the transaction that erases them."""
    key = _load_key_or_none()
    if key is None:
        return
    digests = [(Tombstone.Kind.RECORD, _record_digest(key, row)) for row in rows]
    if person.email:
        digests.append((Tombstone.Kind.ADDRESS, _address_digest(key, person.email)))
    for kind, digest in digests:
        # Erased a second time: the later date covers everything written in between.
        Tombstone.objects.update_or_create(digest=digest, defaults={"kind": kind, "at": now})


def replay_tombstones(*, now: datetime, others: Path | None = None) -> int:
    """Erase everything on the list again after a restore; return the number of records.

    ``others`` is a second tombstone file, such as one found beside the backup on another disk.
    """
    for path in {tombstone_path(), others or tombstone_path()}:
        _import_file(path)
    if not Tombstone.objects.exists():
        return 0
    erased = 0
    for category in records.DATA_CATEGORIES:
        # Collect all keys first: erasing must not change the query that is being read.
        for pk in list(_find_erased_rows(category)):
            with transaction.atomic():
                row = category.model.objects.filter(pk=pk).first()
                if row is not None:
                    category.erase(row, by=None, now=now)
                    erased += 1
    return erased


def _find_erased_rows(category: records.AnyCategory) -> Iterator[UUID]:
    key = _load_key()
    erased_at = dict(Tombstone.objects.values_list("digest", "at"))
    for row in category.model.objects.order_by("pk").iterator(chunk_size=500):
        address = normalize_email(decrypted_or_blank(row, EMAIL_FIELDS[category.name]))
        # Keep what the same person wrote after the erasure.
        until = erased_at.get(_address_digest(key, address)) if address else None
        if _record_digest(key, row) in erased_at or (until is not None and row.created_at <= until):
            yield row.pk


def write_tombstone_file(*, now: datetime) -> None:
    """Add the database's tombstones to the file.

    Lines of the file may be newer than the database, so they stay until every backup from before
    them has expired.
    """
    if _load_key_or_none() is None:
        return
    oldest = (now - timedelta(days=settings.ERASURE_RETENTION_DAYS)).astimezone(UTC).isoformat()
    with _lock_file() as path:
        before = {line["digest"]: line for line in _read_lines(path)}
        known = {digest: line for digest, line in before.items() if line["at"] > oldest}
        for row in Tombstone.objects.all():
            line = {"digest": row.digest, "kind": row.kind, "at": row.at.isoformat()}
            if line["at"] > known.get(row.digest, {}).get("at", ""):
                known[row.digest] = line
        if known == before:
            return
        head = {"key": _key_check()}
        lines = [head, *sorted(known.values(), key=lambda line: line["at"])]
        text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
        write_atomically(path, text.encode("ascii"))


def _import_file(path: Path) -> None:
    """Add tombstones that the restored database does not have. Raises KeyMismatch."""
    if not path.exists():
        return
    head = _read_key_check(path)
    if head is not None and not durable_keys.is_same_digest(head, _key_check()):
        raise KeyMismatch
    for line in _read_lines(path):
        at = datetime.fromisoformat(line["at"])
        tombstone, _created = Tombstone.objects.get_or_create(
            digest=line["digest"], defaults={"kind": line["kind"], "at": at}
        )
        if tombstone.at < at:
            Tombstone.objects.filter(pk=tombstone.pk).update(at=at)


def _read_lines(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="ascii").splitlines() if line]
    return [line for line in lines if "digest" in line]


def _read_key_check(path: Path) -> str | None:
    for line in path.read_text(encoding="ascii").splitlines():
        return json.loads(line).get("key")
    return None


@contextmanager
def _lock_file() -> Iterator[Path]:
    tombstone_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (tombstone_dir() / ".erased.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield tombstone_path()


def ensure_key() -> None:
    """Create the key before the first backup, so that every backup contains it."""
    _load_key()


def _load_key() -> bytes:
    return durable_keys.load_key(durable_keys.ERASURE_PURPOSE, make=not Tombstone.objects.exists())


def _load_key_or_none() -> bytes | None:
    """Return None for a damaged or missing key: an erasure must not wait for its repair."""
    try:
        return _load_key()
    except (DecryptionError, durable_keys.KeyMissing):
        log.error("erased: the key of the list cannot be opened: not recorded for older backups")
        return None


def _key_check() -> str:
    return durable_keys.compute_mac(_load_key(), "check")


def _record_digest(key: bytes, row: records.PersonalRecord) -> str:
    return durable_keys.compute_mac(key, "record", str(row.pk))


def _address_digest(key: bytes, address: str) -> str:
    return durable_keys.compute_mac(key, "address", address)
