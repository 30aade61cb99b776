"""What is past its time, by kind, and what then happens to it.

The days are the settings that forms, the privacy page and the admin print.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from consultations.booking.models import Consultation
from consultations.booking.states import Status as BookingStatus
from consultations.comments.models import Comment, CommentReport, Status
from consultations.data_rights.models import DataLink, Tombstone
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import consent
from consultations.rate_limits.models import RateCount

BATCH_SIZE = 500


def delete_in_batches(rows: QuerySet[Any]) -> int:
    removed = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE]):
        with transaction.atomic():
            rows.model._base_manager.filter(pk__in=batch).delete()
        removed += len(batch)
    return removed


@dataclass(frozen=True)
class RetentionRule:
    """One promise: the rows whose time is over, and how they are forgotten."""

    name: str
    rows: Callable[[datetime], QuerySet[Any]]
    forget: Callable[[QuerySet[Any]], int] = delete_in_batches
    setting: str = ""  # that holds the days; "" where the row holds its own end


def clear_network_fingerprint(rows: QuerySet[Any]) -> int:
    return rows.update(network_fingerprint="")


def clear_fingerprints(rows: QuerySet[Any]) -> int:
    return rows.update(network_fingerprint="", content_fingerprint="")


def clear_email(rows: QuerySet[Any]) -> int:
    """Row by row: an encrypted cell is only written through its own row."""
    dropped = 0
    for comment in rows.iterator(chunk_size=BATCH_SIZE):
        comment.email = ""
        comment.save(update_fields=["email"])
        dropped += 1
    return dropped


def empty_comments(rows: QuerySet[Any]) -> int:
    done = 0
    for comment in rows.distinct():
        comment.empty()
        done += 1
    return done


def retention_cutoff(setting: str, now: datetime) -> datetime:
    return now - timedelta(days=getattr(settings, setting))


def expired_consultations(now: datetime) -> QuerySet[Any]:
    # By the days that each person agreed to, where those are fewer.
    versions = Consultation.objects.order_by().values_list("consent_version", flat=True).distinct()
    due = Q(pk__in=[])
    for version in versions:
        limit = now - timedelta(days=consent.consent_retention_days(version))
        # A call after which nobody noted how it went is over all the same.
        silent = Q(status=BookingStatus.CONFIRMED, end_at__lte=limit)
        due |= Q(consent_version=version) & (Q(closed_at__lte=limit) | silent)
    return Consultation.objects.filter(due)


def _removed_comments(now: datetime, setting: str, *states: str) -> QuerySet[Any]:
    return Comment.objects.filter(
        status__in=states, status_changed_at__lte=retention_cutoff(setting, now)
    )


def expired_spam(now: datetime) -> QuerySet[Any]:
    # One with answers keeps an empty place above them, and goes with the last of them.
    return _removed_comments(now, "COMMENT_SPAM_RETENTION_DAYS", Status.SPAM).filter(replies=None)


def expired_trash(now: datetime) -> QuerySet[Any]:
    states = (Status.TRASH, Status.WITHDRAWN)
    return _removed_comments(now, "COMMENT_TRASH_RETENTION_DAYS", *states).filter(replies=None)


def expired_spam_with_replies(now: datetime) -> QuerySet[Any]:
    rows = _removed_comments(now, "COMMENT_SPAM_RETENTION_DAYS", Status.SPAM)
    return rows.filter(text__isnull=False).exclude(replies=None)


def expired_trash_with_replies(now: datetime) -> QuerySet[Any]:
    rows = _removed_comments(now, "COMMENT_TRASH_RETENTION_DAYS", Status.TRASH)
    return rows.filter(text__isnull=False).exclude(replies=None)


def expired_comment_emails(now: datetime) -> QuerySet[Any]:
    """A comment outlives its address: after the promised days the address goes."""
    limit = retention_cutoff("COMMENT_EMAIL_RETENTION_DAYS", now)
    return Comment.objects.filter(email__isnull=False, created_at__lte=limit)


def expired_comment_fingerprints(now: datetime) -> QuerySet[Any]:
    limit = retention_cutoff("ADDRESS_HASH_RETENTION_DAYS", now)
    # The hash of the words knows a double press, and for a day the same words again.
    has_one = ~Q(network_fingerprint="") | ~Q(content_fingerprint="")
    return Comment.objects.filter(has_one, created_at__lte=limit)


def expired_report_fingerprints(now: datetime) -> QuerySet[Any]:
    limit = retention_cutoff("ADDRESS_HASH_RETENTION_DAYS", now)
    return CommentReport.objects.exclude(network_fingerprint="").filter(at__lte=limit)


def expired_reports(now: datetime) -> QuerySet[Any]:
    limit = retention_cutoff("ADDRESS_HASH_RETENTION_DAYS", now)
    return CommentReport.objects.filter(settled_at__lte=limit)


def expired_emails(now: datetime) -> QuerySet[Any]:
    # Not by sent_at: a dead or void mail has none, and holds an address all the same. The
    # longest life of a mail that waits is three days.
    state = OutgoingEmail.State
    return OutgoingEmail.objects.filter(
        state__in=[state.SENT, state.VOID, state.DEAD],
        created_at__lte=retention_cutoff("OUTBOX_RETENTION_DAYS", now),
    )


def expired_links(now: datetime) -> QuerySet[Any]:
    return DataLink.objects.filter(expires_at__lte=now)


def expired_rate_counts(now: datetime) -> QuerySet[Any]:
    return RateCount.objects.filter(
        window_at__lte=retention_cutoff("ADDRESS_HASH_RETENTION_DAYS", now)
    )


def expired_tombstones(now: datetime) -> QuerySet[Any]:
    return Tombstone.objects.filter(at__lte=retention_cutoff("ERASURE_RETENTION_DAYS", now))
