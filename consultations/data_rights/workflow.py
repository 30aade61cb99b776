"""What a person, or staff for a person, may do with all that is held under one address."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from consultations.audit import workflow as audit
from consultations.audit.models import Action
from consultations.booking.models import Consultation
from consultations.comments.models import Comment
from consultations.data_rights import records, sqlite_maintenance, tombstones
from consultations.data_rights.models import DataLink
from consultations.data_rights.people import Person
from consultations.outbox import queue
from consultations.privacy.fields import unreadable_fields

LINK_LIFETIME = timedelta(hours=1)
PERSON_AUDIT_LABEL = "person"  # what the audit log calls all records of one person
CORRECTABLE_FIELDS = ("name", "phone", "note", "access_needs")


class NotAllowed(Exception):
    """This is not, or no longer, to be changed."""


def send_link(address: str, *, now: datetime) -> None:
    """Mail a link to this address. Whether we hold anything under it is not even looked at, so
    answer and time are the same for every address."""
    with transaction.atomic():
        row = DataLink.objects.create(email=address, created_at=now, expires_at=now + LINK_LIFETIME)
        enqueue_link_email(row, now=now)


def erase_person(person: Person, *, by: User | None, now: datetime, network: str = "") -> int:
    """Erase all that we hold of a person, for good; live calls are called off first.

    Counts the records. What stays: keyed hashes, by which an older backup is cleaned of them too.
    """
    with transaction.atomic():
        gone = records.erase_records(person, by=by, now=now)
        tombstones.record_tombstones(person, gone, now=now)
        audit.record(
            action=Action.ERASED,
            by=by,
            model=PERSON_AUDIT_LABEL,
            uuid=None,
            fields=[records.get_category(row).name for row in gone],
            network=network,
            now=now,
        )
        transaction.on_commit(partial(tombstones.write_tombstone_file, now=now))
        transaction.on_commit(sqlite_maintenance.truncate_wal)
    return len(gone)


def record_erased_comments(
    sender: object, *, comments: Sequence[Comment], now: datetime, **_signal: object
) -> None:
    """Record tombstones for comments that moderators erased, so that restoring an older backup
    erases them again. Receives `comments_erased` in the transaction that erases."""
    tombstones.record_tombstones(Person(), list(comments), now=now)
    transaction.on_commit(partial(tombstones.write_tombstone_file, now=now))
    transaction.on_commit(sqlite_maintenance.truncate_wal)


def correct_consultation(
    row: Consultation,
    answers: Mapping[str, str],
    *,
    by: User | None = None,
    now: datetime,
    network: str = "",
) -> list[str]:
    """Put right what a person wrote, by themselves or by staff for them; gives the names of what
    changed. Raises NotAllowed."""
    if row.is_final:
        raise NotAllowed("closed")
    with transaction.atomic():
        row = Consultation.objects.select_for_update().get(pk=row.pk)
        closed = unreadable_fields(row, CORRECTABLE_FIELDS)
        changed = [
            name
            for name, value in answers.items()
            if name in CORRECTABLE_FIELDS and (name in closed or getattr(row, name) != value)
        ]
        for name in changed:
            setattr(row, name, answers[name])
        if changed:
            row.save(update_fields=changed)
            audit.record(
                action=Action.CHANGED,
                by=by,
                model=row._meta.label_lower,
                uuid=row.pk,
                fields=changed,
                network=network,
                now=now,
            )
    return changed


# Delete what is past its time: every promise of the one list, see ``records`` and ``dues``.


def purge_expired(*, now: datetime, dry_run: bool = False) -> Counter[str]:
    """Counts by kind. With ``dry_run`` it only counts."""
    counts: Counter[str] = Counter()
    for due in records.all_retention_rules():
        rows = due.rows(now)
        counts[due.name] += rows.distinct().count() if dry_run else due.forget(rows)
    counts["audit entries"] = audit.purge_expired_entries(now=now, dry_run=dry_run)
    return +counts  # without zeros


# The mail that proves an address: it says nothing about what we hold.

LINK_MESSAGE = "your_data"


def enqueue_link_email(row: DataLink, *, now: datetime) -> None:
    queue.enqueue(
        LINK_MESSAGE,
        key=f"{row.uuid}:{LINK_MESSAGE}",
        to=row.email,
        about=row.uuid,
        context={"link_url": settings.SITE_URL + row.get_absolute_url()},
        now=now,
    )
