"""Publish, change and restore pages. Each operation is one transaction with one revision."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import models, transaction

from pages.publishing import snapshots
from pages.publishing.models import Status
from pages.publishing.revisions import (
    OpenPage,
    Revision,
    Subject,
    latest_revision,
    pending_revision,
    subject_label,
)

EDITING_TIMEOUT = timedelta(minutes=30)
Kind = Revision.Kind
REPLACES_AUTOSAVE = {Kind.SAVED, Kind.CHANGE, Kind.PUBLISHED, Kind.WITHDRAWN}


@transaction.atomic
def record_revision(
    subject: models.Model, *, by: User | None, now: datetime, kind: str = Kind.SAVED, note: str = ""
) -> Revision:
    """Record the stored row as a revision, which ends a pending draft change."""
    return _create_revision(
        subject, snapshots.take_snapshot(subject), by=by, now=now, kind=kind, note=note
    )


@transaction.atomic
def record_baseline(subject: models.Model, *, now: datetime) -> None:
    """Record an imported or default text before its first change."""
    if subject.pk and latest_revision(subject) is None:
        stored = type(subject)._default_manager.get(pk=subject.pk)
        record_revision(stored, by=None, now=now, kind=Kind.BASELINE)


@transaction.atomic
def save_draft_change(
    subject: models.Model,
    *,
    related: Mapping[str, list[models.Model]],
    by: User | None,
    now: datetime,
    note: str = "",
) -> Revision:
    """Record a draft change held by the instance `subject`; the stored row stays as it is."""
    record_baseline(subject, now=now)
    snapshot = snapshots.take_snapshot(subject, related)
    return _create_revision(
        subject, snapshot, by=by, now=now, kind=Kind.CHANGE, note=note, is_pending=True
    )


@transaction.atomic
def autosave_draft(
    subject: Subject,
    *,
    related: Mapping[str, list[models.Model]],
    by: User,
    now: datetime,
    keeps_row: bool,
) -> Revision:
    """Record what the instance `subject` holds in the one autosave revision of this user.

    With `keeps_row` the stored row stays as it is, and the revision is a draft change. Otherwise
    the row of a draft is saved too. Raises `ValidationError` if its address is taken.
    """
    record_baseline(subject, now=now)
    if not keeps_row:
        _save_subject(subject, related)
    snapshot = snapshots.take_snapshot(subject, related)
    latest = latest_revision(subject)
    if latest is None or not _is_own_autosave(latest, by) or latest.is_pending != keeps_row:
        return _create_revision(
            subject, snapshot, by=by, now=now, kind=Kind.AUTOSAVED, is_pending=keeps_row
        )
    latest.snapshot, latest.at = snapshot, now
    latest.save(update_fields=["snapshot", "at"])
    return latest


def keep_autosave(subject: models.Model) -> None:
    """Make an autosave that somebody is about to overwrite a version of its own."""
    latest = latest_revision(subject)
    if latest is not None and latest.kind == Kind.AUTOSAVED:
        latest.kind = Kind.CHANGE if latest.is_pending else Kind.SAVED
        latest.save(update_fields=["kind"])


def _is_own_autosave(revision: Revision, by: User | None) -> bool:
    return revision.kind == Kind.AUTOSAVED and by is not None and revision.by_id == by.pk


@transaction.atomic
def publish_draft_change(
    subject: Subject, *, by: User | None, now: datetime, note: str = ""
) -> bool:
    """Apply the draft change to the row; return False if there is none (any more)."""
    subject = _get_locked(subject)
    if pending_revision(subject) is None:
        return False
    _save_subject(subject, snapshots.apply_draft_change(subject))
    record_revision(subject, by=by, now=now, kind=Kind.PUBLISHED, note=note)
    return True


@transaction.atomic
def discard_draft_change(subject: Subject, *, by: User | None, now: datetime) -> bool:
    """Drop the draft change; return False if there is none (any more)."""
    subject = _get_locked(subject)
    if pending_revision(subject) is None:
        return False
    record_revision(subject, by=by, now=now, kind=Kind.DROPPED)
    return True


@transaction.atomic
def restore_revision(
    subject: Subject, revision: Revision, *, by: User | None, now: datetime, as_change: bool
) -> Revision:
    """Make an older revision the newest: on the row itself, or as a draft change."""
    subject = _get_locked(subject)
    record_baseline(subject, now=now)
    content = snapshots.read_snapshot(revision.snapshot)
    if as_change:
        related = snapshots.apply_content(subject, content)
        snapshot = snapshots.take_snapshot(subject, related)
        return _create_revision(
            subject, snapshot, by=by, now=now, kind=Kind.RESTORED, is_pending=True
        )
    _save_subject(subject, snapshots.apply_content(subject, content))
    return record_revision(subject, by=by, now=now, kind=Kind.RESTORED)


@transaction.atomic
def publish(
    subject: Subject, *, by: User | None, now: datetime, at: datetime | None = None
) -> None:
    """Publish from `at` on, by default from `now`, including a draft change."""
    subject = _get_locked(subject)
    record_baseline(subject, now=now)
    related = snapshots.apply_draft_change(subject)
    subject.status, subject.published_at = Status.PUBLISHED, at or now
    _save_subject(subject, related)
    record_revision(subject, by=by, now=now, kind=Kind.PUBLISHED)


@transaction.atomic
def unpublish(subject: Subject, *, by: User | None, now: datetime) -> None:
    """Turn a page back into a draft, including its draft change."""
    subject = _get_locked(subject)
    record_baseline(subject, now=now)
    related = snapshots.apply_draft_change(subject)
    subject.status = Status.DRAFT
    _save_subject(subject, related)
    record_revision(subject, by=by, now=now, kind=Kind.WITHDRAWN)


def mark_editing(subject: models.Model, *, by: User, now: datetime) -> list[OpenPage]:
    """Record that `by` opened the page; return the others who have it open."""
    OpenPage.objects.filter(seen_at__lt=now - EDITING_TIMEOUT).delete()
    OpenPage.objects.update_or_create(
        subject=subject_label(subject), subject_pk=subject.pk, by=by, defaults={"seen_at": now}
    )
    others = OpenPage.objects.of(subject).exclude(by=by)
    return list(others.select_related("by").order_by("-seen_at"))


def clear_editing(subject: models.Model, *, by: User) -> None:
    OpenPage.objects.of(subject).filter(by=by).delete()


def _get_locked(subject: Subject) -> Subject:
    """Return the stored row, locked until the end of the transaction."""
    return type(subject)._default_manager.select_for_update().get(pk=subject.pk)


def _save_subject(subject: Subject, related: Mapping[str, list[models.Model]]) -> None:
    """Save; raise `ValidationError` if another page has taken a restored address."""
    subject.clean()
    subject.validate_unique()
    subject.save()
    # apply_content() put unsaved rows there, which set() would take for stored ones.
    subject._prefetched_objects_cache = {}
    for name, rows in related.items():
        getattr(subject, name).set(rows)


def _create_revision(
    subject: models.Model,
    snapshot: str,
    *,
    by: User | None,
    now: datetime,
    kind: str,
    note: str = "",
    is_pending: bool = False,
) -> Revision:
    latest = latest_revision(subject)
    if latest is not None and kind in REPLACES_AUTOSAVE and _is_own_autosave(latest, by):
        latest.delete()  # the new version holds the same text, and what was typed since
    return Revision.objects.create(
        subject=subject_label(subject),
        subject_pk=subject.pk,
        kind=kind,
        is_pending=is_pending,
        snapshot=snapshot,
        note=note[:200],
        at=now,
        by=by,
    )
