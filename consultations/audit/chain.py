"""The links of the audit log: each row signed together with the row before it.

The key is ``durable_keys.AUDIT``, so the chain outlives a change of FIELD_KEYS. Whoever can write
to the database but has no keys can neither change a row, nor move, add or remove one, without
``verify`` naming the place.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from consultations.audit import triggers
from consultations.audit.models import AuditCheckpoint, AuditEntry, AuditHead
from consultations.privacy import durable_keys
from consultations.privacy.durable_keys import compute_mac, is_same_digest
from consultations.privacy.encryption import DecryptionError

BATCH_SIZE = 1000


@dataclass(frozen=True)
class VerificationResult:
    """What a look along the chain found. ``broken_at`` is the first number that is not right."""

    entries: int
    last: int
    checkpoints: int
    broken_at: int | None = None
    reason: str = ""

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ok": self.is_whole}


def entry_mac(key: bytes, previous: str, entry: AuditEntry) -> str:
    return compute_mac(
        key,
        "entry",
        previous,
        str(entry.number),
        canonical_timestamp(entry.at),
        entry.action,
        "" if entry.staff_id is None else str(entry.staff_id),
        entry.staff_name,
        entry.model,
        str(entry.row or ""),
        entry.network,
        *entry.fields,
    )


def head_seal(key: bytes, number: int, last_mac: str) -> str:
    return compute_mac(key, "head", str(number), last_mac)


def checkpoint_seal(key: bytes, previous: str, checkpoint: AuditCheckpoint) -> str:
    return compute_mac(
        key,
        "checkpoint",
        previous,
        str(checkpoint.up_to),
        canonical_timestamp(checkpoint.up_to_at),
        checkpoint.mac,
        canonical_timestamp(checkpoint.made_at),
    )


def canonical_timestamp(at: datetime) -> str:
    """The same text for the same instant, whatever zone a database gives it back in."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def verify_chain() -> VerificationResult:
    """Walk the whole chain; stop at the first link that does not hold."""
    with transaction.atomic():
        # Nobody adds while the end is compared with what the head says.
        head = AuditHead.objects.select_for_update().filter(pk=1).first()
        last = head.number if head else 0
        checkpoints = list(AuditCheckpoint.objects.order_by("up_to"))
        entries = AuditEntry.objects.count()

        def broken(at: int, reason: str) -> VerificationResult:
            return VerificationResult(entries, last, len(checkpoints), at, reason)

        if missing := triggers.missing_triggers():
            return broken(0, f"the database does not guard the log: {', '.join(missing)}")
        if not (entries or checkpoints or last):
            return VerificationResult(0, 0, 0)
        try:
            key = durable_keys.load_key(durable_keys.AUDIT_PURPOSE, make=False)
        except durable_keys.KeyMissing:
            return broken(0, "the key of the log is gone")
        except DecryptionError:
            return broken(0, "the key of the log cannot be opened")
        previous, number = "", 0
        for seal_before, checkpoint in pair_with_previous_seal(checkpoints):
            if not is_same_digest(checkpoint.seal, checkpoint_seal(key, seal_before, checkpoint)):
                return broken(checkpoint.up_to, "a checkpoint was changed")
            previous, number = checkpoint.mac, checkpoint.up_to
        for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=BATCH_SIZE):
            number += 1
            if entry.number != number:
                return broken(min(number, entry.number), "a row is missing or too many")
            if not entry.mac:
                return broken(number, "written while the key of the log could not be opened")
            if not is_same_digest(entry.mac, entry_mac(key, previous, entry)):
                return broken(number, "this row, or its place, was changed")
            previous = entry.mac
        if head is None:
            return broken(number, "the mark of the end is gone")
        if head.number != number or not is_same_digest(head.seal, head_seal(key, number, previous)):
            return broken(min(number, head.number) + 1, "rows at the end are missing")
        return VerificationResult(entries, last, len(checkpoints))


def pair_with_previous_seal(
    checkpoints: list[AuditCheckpoint],
) -> Iterator[tuple[str, AuditCheckpoint]]:
    before = ""
    for checkpoint in checkpoints:
        yield before, checkpoint
        before = checkpoint.seal
