"""Record an act, and let whole months go once they are past their time."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from consultations.audit import chain
from consultations.audit.models import AuditCheckpoint, AuditEntry, AuditHead
from consultations.privacy import durable_keys
from consultations.privacy import fingerprints as networks
from consultations.privacy.encryption import DecryptionError

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
    """Add one row: who did what to which record; names of fields, never their values.

    Call it last in a transaction: from here to the commit nobody else can record.
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
            network=networks.truncate_network_address(network),
        )
        key = _load_key(make=not head.number)
        if key is not None:
            entry.mac = chain.entry_mac(key, _previous_mac(head.number), entry)
            head.seal = chain.head_seal(key, entry.number, entry.mac)
        entry.save(force_insert=True)
        head.number = entry.number
        head.save()


def purge_expired_entries(*, now: datetime, dry_run: bool = False) -> int:
    """Remove the months that ended before the promised days; a signed checkpoint stays."""
    gone = _expired_entries(now)
    if dry_run:
        return gone.count()
    with transaction.atomic():
        _lock_head()
        last = gone.order_by("number").last()
        if last is None:
            return 0  # of an empty log there is no key yet, and none is missing
        key = _load_key(make=False)
        if key is None:
            return 0
        before = AuditCheckpoint.objects.order_by("up_to").last()
        checkpoint = AuditCheckpoint(
            up_to=last.number, up_to_at=last.at, mac=last.mac, made_at=now, seal=""
        )
        checkpoint.seal = chain.checkpoint_seal(key, before.seal if before else "", checkpoint)
        checkpoint.save(force_insert=True)
        return AuditEntry.objects.filter(number__lte=last.number).delete()[0]


def deletion_date(entry: AuditEntry) -> datetime:
    """With its whole month: once the promised days after the end of it are over."""
    ends = (_month_start(entry.at) + timedelta(days=32)).replace(day=1)
    return ends + timedelta(days=settings.AUDIT_RETENTION_DAYS)


def _month_start(at: datetime) -> datetime:
    return timezone.localtime(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _expired_entries(now: datetime) -> QuerySet[AuditEntry]:
    month = _month_start(now - timedelta(days=settings.AUDIT_RETENTION_DAYS))
    gone = AuditEntry.objects.filter(at__lt=month)
    # Up to the last row before the first that stays: a clock that went back leaves no gap.
    stays = AuditEntry.objects.filter(at__gte=month).order_by("number").first()
    return gone if stays is None else gone.filter(number__lt=stays.number)


def _lock_head() -> AuditHead:
    """The row of which there is one: whoever holds it may add. (SQLite's lock is the file's.)"""
    heads = AuditHead.objects.select_for_update()
    head = heads.filter(pk=1).first()
    if head is not None:
        return head
    last = AuditEntry.objects.order_by("number").last()
    try:
        with transaction.atomic():
            AuditHead.objects.create(pk=1, number=last.number if last else 0)
    except IntegrityError:
        pass  # somebody was quicker
    return heads.get(pk=1)


def _previous_mac(number: int) -> str:
    """The link that the next row hangs on: of the last row, or of the checkpoint before it."""
    entry = AuditEntry.objects.filter(pk=number).only("mac").first()
    if entry is not None:
        return entry.mac
    checkpoint = AuditCheckpoint.objects.filter(pk=number).first()
    return checkpoint.mac if checkpoint else ""


def _load_key(*, make: bool) -> bytes | None:
    """None when it cannot be had: staff must still be able to work, and ``verify`` tells."""
    try:
        return durable_keys.load_key(durable_keys.AUDIT_PURPOSE, make=make)
    except (DecryptionError, durable_keys.KeyMissing):
        log.error("audit: the key of the log cannot be opened, so a row stands there unsigned")
        return None
