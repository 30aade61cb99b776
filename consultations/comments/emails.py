"""Emails about comments. None has a comment's text, a name or the title of an article."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from consultations.comments.models import Comment, Status
from consultations.email_texts import catalog, rendering
from consultations.outbox import queue
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import email_fingerprints
from pages.practice.models import PracticeProfile
from pages.practice.profile import CommentNotice

WRITER_MESSAGES = ["comment_received", "comment_published", "comment_answered"]
MAX_LINK_EMAILS_PER_DAY = 3  # to one address
PRACTICE_NOTICE_INTERVAL = timedelta(hours=1)
# Emails wait this long, so that a decision which staff undo at once sends nothing.
UNDO_WINDOW = timedelta(minutes=3)


# To the writer, who opted in.


def enqueue_received(comment: Comment, *, now: datetime) -> None:
    """Queue the email with the private link of a new comment.

    Not for spam: a program must not make us write to strangers. Limited per address and day, so
    that nobody can flood somebody else's mailbox.
    """
    if comment.status != Status.WAITING or not comment.wants_notice:
        return
    recent = OutgoingEmail.objects.filter(
        message="comment_received",
        to_fingerprint__in=email_fingerprints(comment.email),
        created_at__gt=now - timedelta(days=1),
    )
    if recent.count() < MAX_LINK_EMAILS_PER_DAY:
        _enqueue_writer_email("comment_received", comment, key=str(comment.uuid), now=now)


def enqueue_published(comment: Comment, *, is_new: bool, now: datetime) -> None:
    """Queue the emails to the writer and to the writer of the parent, once each.

    Nobody is told about their own reply. A comment that is published again sends only those
    emails that were canceled before they left.
    """
    _enqueue_or_revive("comment_published", comment, about=comment, is_new=is_new, now=now)
    parent = comment.parent
    if parent is None or parent.status != Status.APPROVED or _is_same_writer(parent, comment):
        return
    _enqueue_or_revive("comment_answered", parent, about=comment, is_new=is_new, now=now)


def _enqueue_or_revive(
    message: str, recipient: Comment, *, about: Comment, is_new: bool, now: datetime
) -> None:
    """Queue an email to the writer of ``recipient``, or a canceled one again."""
    send_at = now + UNDO_WINDOW
    if recipient.wants_notice and queue.requeue_voided_email(
        key=f"{message}:{about.uuid}", send_at=send_at
    ):
        return
    if is_new:
        _enqueue_writer_email(message, recipient, key=str(about.uuid), now=now, send_at=send_at)


def cancel_published(comment: Comment) -> None:
    """Cancel the unsent emails about a publication."""
    queue.void_emails_by_key(keys=[f"{message}:{comment.uuid}" for message in WRITER_MESSAGES[1:]])


def _is_same_writer(first: Comment, second: Comment) -> bool:
    # Replies of the practice have no address.
    return bool(first.email_fingerprint) and first.email_fingerprint == second.email_fingerprint


def _enqueue_writer_email(
    message: str, comment: Comment, *, key: str, now: datetime, send_at: datetime | None = None
) -> None:
    if not comment.wants_notice:
        return
    try:
        address = comment.email
    except DecryptionError:
        return  # staff can still publish the comment, but there is no address to write to
    stop_url = settings.SITE_URL + reverse("comments:notices", args=[comment.token])
    queue.enqueue(
        message,
        key=f"{message}:{key}",
        to=address,
        about=comment.uuid,
        context={
            rendering.VALUES: {
                catalog.PRIVATE_LINK: settings.SITE_URL + comment.get_absolute_url()
            },
            "stop_url": stop_url,
            "crisis_url": settings.SITE_URL + reverse("pages:crisis"),
        },
        now=now,
        send_at=send_at,
        unsubscribe=stop_url,
        renderer=rendering.render_email,
    )


# To the practice.


def notify_practice(comment: Comment, *, now: datetime) -> None:
    """Queue a notice of a new comment, at most one an hour, if the practice wants them soon."""
    practice = PracticeProfile.load()
    if practice.comment_notice == CommentNotice.SOON and not _latest_notice_since(
        now - PRACTICE_NOTICE_INTERVAL
    ):
        with transaction.atomic():
            # Two comments under two articles at once: the second waits, then finds the notice.
            PracticeProfile.objects.select_for_update().filter(pk=1).first()
            if not _latest_notice_since(now - PRACTICE_NOTICE_INTERVAL):
                _enqueue_practice_notice(practice, about=comment.uuid, now=now)


def send_due_notice(*, now: datetime) -> bool:
    """Queue the daily notice, or the one for comments that came within an hour of the last.

    Called by the worker. Return whether a notice was queued.
    """
    newest = Comment.objects.waiting().order_by("-created_at").only("created_at").first()
    if newest is None:
        return False
    practice = PracticeProfile.load()
    if practice.comment_notice == CommentNotice.DAILY:
        due = _todays_notice_time(practice, now)
        is_time = now >= due and not _latest_notice_since(due)
    elif practice.comment_notice == CommentNotice.SOON:
        recent = _latest_notice_since(now - timedelta(days=1))
        is_time = (
            bool(recent)
            and recent[0].created_at <= now - PRACTICE_NOTICE_INTERVAL
            and newest.created_at > recent[0].created_at
        )
    else:
        is_time = False
    if is_time:
        with transaction.atomic():
            _enqueue_practice_notice(practice, about=newest.uuid, now=now)
    return is_time


def void_unsent_notices() -> None:
    """Cancel unsent notices: no comment waits any longer."""
    unsent = OutgoingEmail.objects.filter(
        message="comments_waiting", state=OutgoingEmail.State.WAITING
    )
    unsent.update(state=OutgoingEmail.State.VOID)


def _enqueue_practice_notice(practice: PracticeProfile, *, about: UUID, now: datetime) -> None:
    queue.enqueue(
        "comments_waiting",
        key=f"comments_waiting:{now.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%S.%f}",
        to=practice.comment_notice_email or practice.email,
        about=about,
        context={
            "waiting": Comment.objects.waiting().count(),
            "admin_url": settings.SITE_URL + reverse("admin:consultations_comment_changelist"),
        },
        now=now,
    )


def _latest_notice_since(since: datetime) -> list[OutgoingEmail]:
    """Return the newest notice queued after ``since`` and not canceled: a list of one or none."""
    rows = OutgoingEmail.objects.filter(message="comments_waiting", created_at__gt=since)
    newest = rows.exclude(state=OutgoingEmail.State.VOID).order_by("-created_at")
    return list(newest.only("created_at")[:1])


def _todays_notice_time(practice: PracticeProfile, now: datetime) -> datetime:
    local_now = timezone.localtime(now, ZoneInfo(practice.time_zone))
    due = local_now.replace(hour=practice.comment_notice_hour, minute=0, second=0, microsecond=0)
    # Just before the hour, so that a notice queued exactly on the hour counts for that day.
    return due - timedelta(microseconds=1)
