"""Retention rules: which rows have expired, and how each kind is deleted or emptied.

The numbers of days come from the settings that the forms, the privacy page and the admin show.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from consultations.booking.models import Consultation
from consultations.booking.states import Status as BookingStatus
from consultations.comments.models import Comment, CommentReport, Status
from consultations.data_rights.models import DataLink, Tombstone
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import consent
from consultations.rate_limits.models import RateCount

BATCH_SIZE = 500
Row = TypeVar("Row", bound=Model)


def delete_in_batches(rows: QuerySet[Model]) -> int:
    """Delete the rows in a transaction per batch; return how many there were."""
    removed = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE]):
        with transaction.atomic():
            rows.model._base_manager.filter(pk__in=batch).delete()
        removed += len(batch)
    return removed


@dataclass(frozen=True)
class RetentionRule(Generic[Row]):
    """The rows of one kind that have expired, and what the purge does with them."""

    name: str
    rows: Callable[[datetime], QuerySet[Row]]
    forget: Callable[[QuerySet[Row]], int] = delete_in_batches
    setting: str = ""  # the setting with the days; "" where each row stores its own end


def clear_network_fingerprint(rows: QuerySet[CommentReport]) -> int:
    return rows.update(network_fingerprint="")


def clear_fingerprints(rows: QuerySet[Comment]) -> int:
    return rows.update(network_fingerprint="", content_fingerprint="")


def clear_email(rows: QuerySet[Comment]) -> int:
    """Clear row by row: an encrypted value can only be written through its own row."""
    count = 0
    for comment in rows.iterator(chunk_size=BATCH_SIZE):
        comment.email = ""
        comment.save(update_fields=["email"])
        count += 1
    return count


def empty_comments(rows: QuerySet[Comment]) -> int:
    """Remove name, address and text, but keep the rows: their replies need a parent."""
    count = 0
    for comment in rows.distinct():
        comment.empty()
        count += 1
    return count


def retention_cutoff(setting: str, now: datetime) -> datetime:
    return now - timedelta(days=getattr(settings, setting))


def expired_consultations(now: datetime) -> QuerySet[Consultation]:
    """Use the days each person agreed to, where those are fewer than the setting."""
    versions = Consultation.objects.order_by().values_list("consent_version", flat=True).distinct()
    is_expired = Q(pk__in=[])
    for version in versions:
        limit = now - timedelta(days=consent.consent_retention_days(version))
        # A call is over even if nobody recorded its outcome.
        without_outcome = Q(status=BookingStatus.CONFIRMED, end_at__lte=limit)
        is_expired |= Q(consent_version=version) & (Q(closed_at__lte=limit) | without_outcome)
    return Consultation.objects.filter(is_expired)


def _removed_comments(now: datetime, setting: str, *statuses: str) -> QuerySet[Comment]:
    return Comment.objects.filter(
        status__in=statuses, status_changed_at__lte=retention_cutoff(setting, now)
    )


def expired_spam(now: datetime) -> QuerySet[Comment]:
    """Leave out comments with replies: they become empty placeholders until the replies go."""
    return _removed_comments(now, "COMMENT_SPAM_RETENTION_DAYS", Status.SPAM).filter(replies=None)


def expired_trash(now: datetime) -> QuerySet[Comment]:
    statuses = (Status.TRASH, Status.WITHDRAWN)
    return _removed_comments(now, "COMMENT_TRASH_RETENTION_DAYS", *statuses).filter(replies=None)


def expired_spam_with_replies(now: datetime) -> QuerySet[Comment]:
    """Select those not emptied yet."""
    rows = _removed_comments(now, "COMMENT_SPAM_RETENTION_DAYS", Status.SPAM)
    return rows.filter(text__isnull=False).exclude(replies=None)


def expired_trash_with_replies(now: datetime) -> QuerySet[Comment]:
    """Select those not emptied yet. Withdrawn comments were emptied when they were withdrawn."""
    rows = _removed_comments(now, "COMMENT_TRASH_RETENTION_DAYS", Status.TRASH)
    return rows.filter(text__isnull=False).exclude(replies=None)


def expired_comment_emails(now: datetime) -> QuerySet[Comment]:
    """The comment stays; only its email address expires."""
    limit = retention_cutoff("COMMENT_EMAIL_RETENTION_DAYS", now)
    return Comment.objects.filter(email__isnull=False, created_at__lte=limit)


def expired_comment_fingerprints(now: datetime) -> QuerySet[Comment]:
    limit = retention_cutoff("ADDRESS_HASH_RETENTION_DAYS", now)
    # The content fingerprint detects a double submit, and for a day the same text sent again.
    has_fingerprint = ~Q(network_fingerprint="") | ~Q(content_fingerprint="")
    return Comment.objects.filter(has_fingerprint, created_at__lte=limit)


def expired_report_fingerprints(now: datetime) -> QuerySet[CommentReport]:
    limit = retention_cutoff("ADDRESS_HASH_RETENTION_DAYS", now)
    return CommentReport.objects.exclude(network_fingerprint="").filter(at__lte=limit)


def expired_reports(now: datetime) -> QuerySet[CommentReport]:
    limit = retention_cutoff("ADDRESS_HASH_RETENTION_DAYS", now)
    return CommentReport.objects.filter(settled_at__lte=limit)


def expired_emails(now: datetime) -> QuerySet[OutgoingEmail]:
    # Not by sent_at: a dead or void email has none, but still holds an address. An email waits
    # for three days at most.
    state = OutgoingEmail.State
    return OutgoingEmail.objects.filter(
        state__in=[state.SENT, state.VOID, state.DEAD],
        created_at__lte=retention_cutoff("OUTBOX_RETENTION_DAYS", now),
    )


def expired_links(now: datetime) -> QuerySet[DataLink]:
    return DataLink.objects.filter(expires_at__lte=now)


def expired_rate_counts(now: datetime) -> QuerySet[RateCount]:
    return RateCount.objects.filter(
        window_at__lte=retention_cutoff("ADDRESS_HASH_RETENTION_DAYS", now)
    )


def expired_tombstones(now: datetime) -> QuerySet[Tombstone]:
    return Tombstone.objects.filter(at__lte=retention_cutoff("ERASURE_RETENTION_DAYS", now))
