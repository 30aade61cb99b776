"""Add entries to the audit log, and purge whole months after the retention period."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from consultations.audit import chain
from consultations.audit.models import AuditCheckpoint, AuditEntry, AuditHead
from consultations.privacy import durable_keys
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import truncate_network_address

log = logging.getLogger(__name__)


def record(
    *,
    action: str,
    by: User | None,
    model: str,
    uuid: UUID | None,
    fields: Sequence[str] = (),
    network: str = "",
    now: datetime,
) -> None:
    """Add one entry: who did what to which record. ``fields`` are names, never values.

    ``network`` is a full address; it is truncated here. Call this last in a transaction, because
    nobody else can add an entry from here until the commit.
    """
    with transaction.atomic():
        head = _lock_head()
        entry = AuditEntry(
            number=head.number + 1,
            at=now,
            action=action,
            staff_id=by.pk if by else None,
            staff_name=by.get_username() if by else "",
            model=model,
            row=uuid,
            fields=sorted({str(name) for name in fields}),
            network=truncate_network_address(network),
        )
        key = _load_key(make=not head.number)
        if key is not None:
            entry.mac = chain.entry_mac(key, _previous_mac(head.number), entry)
            head.seal = chain.head_seal(key, entry.number, entry.mac)
        entry.save(force_insert=True)
        head.number = entry.number
        head.save()


def purge_expired_entries(*, now: datetime, dry_run: bool = False) -> int:
    """Delete the months past the retention period, and leave a signed checkpoint.

    Returns the number of entries. With ``dry_run`` nothing is deleted.
    """
    expired = _expired_entries(now)
    if dry_run:
        return expired.count()
    with transaction.atomic():
        _lock_head()
        last = expired.order_by("number").last()
        if last is None:
            return 0  # checked before the key, which an empty log does not have yet
        key = _load_key(make=False)
        if key is None:
            return 0
        previous = AuditCheckpoint.objects.order_by("up_to").last()
        checkpoint = AuditCheckpoint(
            up_to=last.number, up_to_at=last.at, mac=last.mac, made_at=now, seal=""
        )
        checkpoint.seal = chain.checkpoint_seal(key, previous.seal if previous else "", checkpoint)
        checkpoint.save(force_insert=True)
        return AuditEntry.objects.filter(number__lte=last.number).delete()[0]


def deletion_date(entry: AuditEntry) -> datetime:
    """Return when an entry is purged: with its whole month, a retention period after its end."""
    month_end = (_month_start(entry.at) + timedelta(days=32)).replace(day=1)
    return month_end + timedelta(days=settings.AUDIT_RETENTION_DAYS)


def _month_start(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _expired_entries(now: datetime) -> QuerySet[AuditEntry]:
    month = _month_start(now - timedelta(days=settings.AUDIT_RETENTION_DAYS))
    expired = AuditEntry.objects.filter(at__lt=month)
    # Only up to the first entry that stays: a clock that was set back must not leave a gap.
    first_kept = AuditEntry.objects.filter(at__gte=month).order_by("number").first()
    return expired if first_kept is None else expired.filter(number__lt=first_kept.number)


def _lock_head() -> AuditHead:
    """Lock the single head row, so that only one transaction adds entries at a time.

    SQLite locks the whole file instead.
    """
    heads = AuditHead.objects.select_for_update()
    head = heads.filter(pk=1).first()
    if head is not None:
        return head
    last = AuditEntry.objects.order_by("number").last()
    try:
        with transaction.atomic():
            AuditHead.objects.create(pk=1, number=last.number if last else 0)
    except IntegrityError:
        pass  # another process created it at the same moment
    return heads.get(pk=1)


def _previous_mac(number: int) -> str:
    """Return the MAC of the last entry, or of the checkpoint if that entry was purged."""
    entry = AuditEntry.objects.filter(pk=number).only("mac").first()
    if entry is not None:
        return entry.mac
    checkpoint = AuditCheckpoint.objects.filter(pk=number).first()
    return checkpoint.mac if checkpoint else ""


def _load_key(*, make: bool) -> bytes | None:
    """Return the key, or None if it cannot be loaded.

    Staff must be able to go on working then; ``verify_chain`` reports the unsigned entries.
    """
    try:
        return durable_keys.load_key(durable_keys.AUDIT_PURPOSE, make=make)
    except (DecryptionError, durable_keys.KeyMissing):
        log.error("audit: the key of the log cannot be opened, so a row stands there unsigned")
        return None
