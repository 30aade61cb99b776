"""Until when a comment and its address are kept: one day for the desk, exports and the purge."""

from datetime import datetime, timedelta

from django.conf import settings

from consultations.comments.models import Comment, Status


def deleted_at(row: Comment) -> datetime | None:
    """When its words go if nothing more happens to it; None while that is open."""
    if row.status == Status.SPAM:
        return row.status_changed_at + timedelta(days=settings.COMMENT_SPAM_RETENTION_DAYS)
    if row.status in (Status.TRASH, Status.WITHDRAWN):
        return row.status_changed_at + timedelta(days=settings.COMMENT_TRASH_RETENTION_DAYS)
    return None


def address_removed_at(row: Comment) -> datetime | None:
    """When the address goes from a comment that stays; None without one, or when all goes first."""
    if not row.email_fingerprint:
        return None
    at = row.created_at + timedelta(days=settings.COMMENT_EMAIL_RETENTION_DAYS)
    whole = deleted_at(row)
    return at if whole is None or at < whole else None
