"""The audit log's hash chain: each row's MAC also covers the MAC of the row before it.

The MACs use a durable key, so the chain survives a rotation of FIELD_KEYS. Someone who can write to
the database but has no keys cannot change, move, add or remove a row without ``verify_chain``
finding the place.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.db import transaction

from consultations.audit import triggers
from consultations.audit.models import AuditCheckpoint, AuditEntry, AuditHead
from consultations.privacy import durable_keys
from consultations.privacy.durable_keys import compute_mac, is_same_digest
from consultations.privacy.encryption import DecryptionError

BATCH_SIZE = 1000


@dataclass(frozen=True)
class VerificationResult:
    """What ``verify_chain`` found. ``broken_at`` is the first entry number that is wrong."""

    entries: int
    last: int
    checkpoints: int
    broken_at: int | None = None
    reason: str = ""

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "ok": self.is_whole}


def entry_mac(key: bytes, previous: str, entry: AuditEntry) -> str:
    """Return an entry's MAC; ``previous`` is the MAC of the entry or checkpoint before it."""
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
    """Return the MAC of the chain's end."""
    return compute_mac(key, "head", str(number), last_mac)


def checkpoint_seal(key: bytes, previous: str, checkpoint: AuditCheckpoint) -> str:
    """Return a checkpoint's MAC; ``previous`` is the seal of the checkpoint before it."""
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
    """Return the same text for the same instant, whichever zone the database returns it in."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def verify_chain() -> VerificationResult:
    """Check the whole chain, and stop at the first entry or seal that is wrong."""
    with transaction.atomic():
        # Nobody can add a row while the last one is compared with the head.
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
        for previous_seal, checkpoint in pair_with_previous_seal(checkpoints):
            if not is_same_digest(checkpoint.seal, checkpoint_seal(key, previous_seal, checkpoint)):
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
    """Yield each checkpoint with the seal of the one before it, "" for the first."""
    previous_seal = ""
    for checkpoint in checkpoints:
        yield previous_seal, checkpoint
        previous_seal = checkpoint.seal
