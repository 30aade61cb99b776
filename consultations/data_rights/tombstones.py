"""What was erased stays erased, also after an older backup has been put back.

Each erasure leaves keyed hashes: of the ids of the rows, and of the address. They stand in the
database and, since a restored database is an old one, in a file beside the backups. The key is
``durable_keys.ERASED``: it outlives a change of FIELD_KEYS, and a thief without them cannot try
addresses against the list.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from consultations.data_rights import records
from consultations.data_rights.models import Tombstone
from consultations.data_rights.people import Person, decrypted_or_blank
from consultations.privacy import durable_keys
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import normalize_email

log = logging.getLogger(__name__)

EMAIL_FIELDS = {"consultations": "email", "comments": "email", "mails": "to", "links": "email"}


class KeyMismatch(Exception):
    """The list was made under a key that this database does not hold."""


def tombstone_dir() -> Path:
    return Path(settings.DATA_DIR) / "backups"


def tombstone_path() -> Path:
    return tombstone_dir() / "erased.jsonl"


def record_tombstones(person: Person, rows: list[Any], *, now: datetime) -> None:
    """In the transaction that erases."""
    key = _load_key_or_none()
    if key is None:
        return
    marks = [(Tombstone.Kind.RECORD, _record_digest(key, row)) for row in rows]
    if person.email:
        marks.append((Tombstone.Kind.ADDRESS, _address_digest(key, person.email)))
    for kind, digest in marks:
        # Erased again: whatever came in between is older than the newer of the two.
        Tombstone.objects.update_or_create(digest=digest, defaults={"kind": kind, "at": now})


def replay_tombstones(*, now: datetime, others: Path | None = None) -> int:
    """Erase again what the list names, after a restore. Counts the records.

    ``others`` is such a list that lay beside the backup, on another disk perhaps.
    """
    for path in {tombstone_path(), others or tombstone_path()}:
        _import_file(path)
    if not Tombstone.objects.exists():
        return 0
    erased = 0
    for kind in records.DATA_CATEGORIES:
        # Found first, erased then: a list is not changed while it is being read.
        for pk in list(_find_erased_rows(kind)):
            with transaction.atomic():
                row = kind.model.objects.filter(pk=pk).first()
                if row is not None:
                    kind.erase(row, by=None, now=now)
                    erased += 1
    return erased


def _find_erased_rows(kind: records.DataCategory) -> Iterator[Any]:
    key = _load_key()
    at = dict(Tombstone.objects.values_list("digest", "at"))
    rows: QuerySet[Any] = kind.model.objects.order_by("pk")
    for row in rows.iterator(chunk_size=500):
        address = normalize_email(decrypted_or_blank(row, EMAIL_FIELDS[kind.name]))
        # Who was erased and wrote again later is there with the later record.
        until = at.get(_address_digest(key, address)) if address else None
        if _record_digest(key, row) in at or (until is not None and row.created_at <= until):
            yield row.pk


def write_tombstone_file(*, now: datetime) -> None:
    """Bring the file up to the database. Its own lines stay, since they may be the newer ones,
    until no backup can be left from before them."""
    if _load_key_or_none() is None:
        return
    oldest = (now - timedelta(days=settings.ERASURE_RETENTION_DAYS)).astimezone(UTC).isoformat()
    with _lock_file() as path:
        before = {line["digest"]: line for line in _read_lines(path)}
        known = {digest: line for digest, line in before.items() if line["at"] > oldest}
        for stone in Tombstone.objects.all():
            line = {"digest": stone.digest, "kind": stone.kind, "at": stone.at.isoformat()}
            if line["at"] > known.get(stone.digest, {}).get("at", ""):
                known[stone.digest] = line
        if known == before:
            return
        head = {"key": _key_check()}
        draft = path.with_suffix(".draft")
        with draft.open("w", encoding="ascii") as out:
            for line in [head, *sorted(known.values(), key=lambda line: line["at"])]:
                out.write(json.dumps(line, sort_keys=True) + "\n")
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)


def _import_file(path: Path) -> None:
    """What the file knows and the restored database does not."""
    if not path.exists():
        return
    head = _read_key_check(path)
    if head is not None and not durable_keys.is_same_digest(head, _key_check()):
        raise KeyMismatch
    for line in _read_lines(path):
        at = datetime.fromisoformat(line["at"])
        stone, _made = Tombstone.objects.get_or_create(
            digest=line["digest"], defaults={"kind": line["kind"], "at": at}
        )
        if stone.at < at:
            Tombstone.objects.filter(pk=stone.pk).update(at=at)


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
    """Before the first backup: a list that no restored database could read would be in vain."""
    _load_key()


def _load_key() -> bytes:
    return durable_keys.load_key(durable_keys.ERASURE_PURPOSE, make=not Tombstone.objects.exists())


def _load_key_or_none() -> bytes | None:
    """The right to be forgotten does not wait until a damaged key is mended."""
    try:
        return _load_key()
    except (DecryptionError, durable_keys.KeyMissing):
        log.error("erased: the key of the list cannot be opened, so older backups are not told")
        return None


def _key_check() -> str:
    return durable_keys.compute_mac(_load_key(), "check")


def _record_digest(key: bytes, row: Any) -> str:
    return durable_keys.compute_mac(key, "record", str(row.pk))


def _address_digest(key: bytes, address: str) -> str:
    return durable_keys.compute_mac(key, "address", address)
