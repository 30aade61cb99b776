"""Data requests: send a link, erase or correct a person's data, purge what has expired.

A person acts through a link sent to their email; staff can act for them.
"""

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
from consultations.email_texts import catalog, rendering
from consultations.outbox import queue
from consultations.privacy.fields import unreadable_fields

LINK_LIFETIME = timedelta(hours=1)
LINK_MESSAGE = "your_data"
PERSON_AUDIT_LABEL = "person"  # in the audit log: all records of one person
CORRECTABLE_FIELDS = ("name", "phone", "note", "access_needs")


class NotAllowed(Exception):
    """The record cannot be changed, or no longer."""


def send_link(address: str, *, now: datetime) -> None:
    """Email a link to this address.

    It does not look up whether we hold data under the address, so response and timing are the same
    for every address.
    """
    with transaction.atomic():
        row = DataLink.objects.create(email=address, created_at=now, expires_at=now + LINK_LIFETIME)
        _enqueue_link_email(row, now=now)


def _enqueue_link_email(row: DataLink, *, now: datetime) -> None:
    """Queue the email that proves an address; it does not say whether we hold any data."""
    queue.enqueue(
        LINK_MESSAGE,
        key=f"{row.uuid}:{LINK_MESSAGE}",
        to=row.email,
        about=row.uuid,
        context={
            rendering.VALUES: {catalog.PRIVATE_LINK: settings.SITE_URL + row.get_absolute_url()}
        },
        now=now,
        renderer=rendering.render_email,
    )


def erase_person(person: Person, *, by: User | None, now: datetime, network: str = "") -> int:
    """Erase all data of a person for good and return the number of records.

    Open consultations are canceled first. Tombstones stay, to clean restored backups.
    """
    with transaction.atomic():
        erased = records.erase_records(person, by=by, now=now)
        tombstones.record_tombstones(person, erased, now=now)
        audit.record(
            action=Action.ERASED,
            by=by,
            model=PERSON_AUDIT_LABEL,
            uuid=None,
            fields=[records.get_category(row).name for row in erased],
            network=network,
            now=now,
        )
        transaction.on_commit(partial(tombstones.write_tombstone_file, now=now))
        transaction.on_commit(sqlite_maintenance.truncate_wal)
    return len(erased)


def record_erased_comments(
    sender: object, *, comments: Sequence[Comment], now: datetime, **_signal: object
) -> None:
    """Record tombstones for comments that moderators erased.

    Restoring an older backup then erases them again. Receives `comments_erased` in the transaction
    that erases.
    """
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
    """Correct what a person wrote and return the names of the changed fields.

    ``by`` is None when the person does it. Raises NotAllowed for a closed consultation.
    """
    if row.is_final:
        raise NotAllowed("closed")
    with transaction.atomic():
        row = Consultation.objects.select_for_update().get(pk=row.pk)
        unreadable = unreadable_fields(row, CORRECTABLE_FIELDS)
        changed = [
            name
            for name, value in answers.items()
            if name in CORRECTABLE_FIELDS and (name in unreadable or getattr(row, name) != value)
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


def purge_expired(*, now: datetime, dry_run: bool = False) -> Counter[str]:
    """Apply every retention rule; return counts by rule. ``dry_run`` only counts."""
    counts: Counter[str] = Counter()
    for rule in records.all_retention_rules():
        rows = rule.rows(now)
        counts[rule.name] += rows.distinct().count() if dry_run else rule.forget(rows)
    counts["audit entries"] = audit.purge_expired_entries(now=now, dry_run=dry_run)
    return +counts  # without zeros
