"""What is deleted when. The days are the settings that forms and the privacy page print."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from consultations.audit import workflow as audit
from consultations.booking.models import Consultation
from consultations.booking.states import Status as BookingStatus
from consultations.comments.history import CommentReport
from consultations.comments.models import Comment, Status
from consultations.outbox.models import OutgoingEmail
from consultations.screening.models import RateCount

BATCH = 500


def purge(*, now: datetime, dry_run: bool = False) -> Counter[str]:
    """Delete what is past its time; counts by kind. With ``dry_run`` it only counts."""
    counts: Counter[str] = Counter()
    for what, rows in _past_their_time(now).items():
        counts[what] = rows.count() if dry_run else _delete(rows)
    counts["comment emails"] = _drop_comment_emails(now, dry_run=dry_run)
    counts["network hashes"] = _drop_network_hashes(now, dry_run=dry_run)
    counts["audit entries"] = audit.purge(now=now, dry_run=dry_run)
    counts["report hashes"] = _drop_report_hashes(now, dry_run=dry_run)
    for folder, emptied in _empty_places(now, dry_run=dry_run).items():
        counts[folder] += emptied
    return +counts  # without zeros


def _past_their_time(now: datetime) -> dict[str, QuerySet[Any]]:
    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    # A comment with answers keeps an empty place above them, see _empty_places.
    comments = Comment.objects.filter(replies=None)
    ended = [OutgoingEmail.State.SENT, OutgoingEmail.State.VOID, OutgoingEmail.State.DEAD]
    return {
        # A call after which nobody noted how it went is over all the same.
        "consultations": Consultation.objects.filter(
            Q(closed_at__lte=before(settings.CONSULTATION_RETENTION_DAYS))
            | Q(
                status=BookingStatus.CONFIRMED,
                end_at__lte=before(settings.CONSULTATION_RETENTION_DAYS),
            )
        ),
        "spam": comments.filter(
            status=Status.SPAM, status_changed_at__lte=before(settings.COMMENT_SPAM_RETENTION_DAYS)
        ),
        "trash": comments.filter(
            status__in=[Status.TRASH, Status.WITHDRAWN],
            status_changed_at__lte=before(settings.COMMENT_TRASH_RETENTION_DAYS),
        ),
        "reports": CommentReport.objects.filter(
            settled_at__lte=before(settings.ADDRESS_HASH_RETENTION_DAYS)
        ),
        # Not by sent_at: a dead or void mail has none, and holds an address all the same. The
        # longest life of a mail that waits is three days.
        "mails": OutgoingEmail.objects.filter(
            state__in=ended, created_at__lte=before(settings.OUTBOX_RETENTION_DAYS)
        ),
        "rate counts": RateCount.objects.filter(
            window_at__lte=before(settings.ADDRESS_HASH_RETENTION_DAYS)
        ),
    }


def _delete(rows: QuerySet[Any]) -> int:
    removed = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows.model._base_manager.filter(pk__in=batch).delete()
        removed += len(batch)
    return removed


def _drop_comment_emails(now: datetime, *, dry_run: bool) -> int:
    """A comment outlives its address: after the promised days the address goes."""
    old = Comment.objects.filter(
        email__isnull=False,
        created_at__lte=now - timedelta(days=settings.COMMENT_EMAIL_RETENTION_DAYS),
    )
    if dry_run:
        return old.count()
    dropped = 0
    for comment in old.iterator(chunk_size=BATCH):
        comment.email = ""
        comment.content_fingerprint = ""
        comment.save(update_fields=["email", "content_fingerprint"])
        dropped += 1
    return dropped


def _drop_network_hashes(now: datetime, *, dry_run: bool) -> int:
    old = Comment.objects.exclude(network_fingerprint="").filter(
        created_at__lte=now - timedelta(days=settings.ADDRESS_HASH_RETENTION_DAYS)
    )
    return old.count() if dry_run else old.update(network_fingerprint="")


def _drop_report_hashes(now: datetime, *, dry_run: bool) -> int:
    old = CommentReport.objects.exclude(network_fingerprint="").filter(
        at__lte=now - timedelta(days=settings.ADDRESS_HASH_RETENTION_DAYS)
    )
    return old.count() if dry_run else old.update(network_fingerprint="")


def _empty_places(now: datetime, *, dry_run: bool) -> Counter[str]:
    """What was taken down and has answers is emptied in time; the row goes with its last answer."""
    folders = {
        Status.SPAM: ("spam", settings.COMMENT_SPAM_RETENTION_DAYS),
        Status.TRASH: ("trash", settings.COMMENT_TRASH_RETENTION_DAYS),
    }
    emptied: Counter[str] = Counter()
    for status, (what, days) in folders.items():
        old = Comment.objects.filter(
            status=status, text__isnull=False, status_changed_at__lte=now - timedelta(days=days)
        )
        if dry_run:
            emptied[what] += old.exclude(replies=None).count()
            continue
        for comment in old.exclude(replies=None).distinct():
            comment.empty()
            emptied[what] += 1
    return emptied
