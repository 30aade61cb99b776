"""Mails about comments. None carries a word of one, a name, or the title of an article."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from consultations.comments.models import Comment, Status
from consultations.outbox import queue
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import email_fingerprints
from pages.practice.models import PracticeProfile
from pages.practice.profile import CommentNotice

WRITER_MESSAGES = ["comment_received", "comment_published", "comment_answered"]
MAX_LINK_EMAILS_PER_DAY = 3  # to one address
PRACTICE_NOTICE_INTERVAL = timedelta(hours=1)
# A decision that staff take back within this time sends nothing.
UNDO_WINDOW = timedelta(minutes=3)


# --- to the writer, who asked for it ---
def enqueue_received(comment: Comment, *, now: datetime) -> None:
    """The link of the own page. What a program sent does not make us write to strangers, and
    nobody can have one address written to again and again."""
    if comment.status != Status.WAITING or not comment.wants_notice:
        return
    lately = OutgoingEmail.objects.filter(
        message="comment_received",
        to_fingerprint__in=email_fingerprints(comment.email),
        created_at__gt=now - timedelta(days=1),
    )
    if lately.count() < MAX_LINK_EMAILS_PER_DAY:
        _enqueue_writer_email("comment_received", comment, key=str(comment.uuid), now=now)


def enqueue_published(comment: Comment, *, is_new: bool, now: datetime) -> None:
    """To its writer, and to the writer of what it answers: once each, never about one's own.

    Shown again, it is news only to whom the first mail did not reach before it was taken down.
    """
    _enqueue_or_revive("comment_published", comment, of=comment, is_new=is_new, now=now)
    parent = comment.parent
    if parent is None or parent.status != Status.APPROVED or _is_same_writer(parent, comment):
        return
    _enqueue_or_revive("comment_answered", parent, of=comment, is_new=is_new, now=now)


def _enqueue_or_revive(
    message: str, writer: Comment, *, of: Comment, is_new: bool, now: datetime
) -> None:
    later = now + UNDO_WINDOW
    if writer.wants_notice and queue.requeue_voided_email(
        key=f"{message}:{of.uuid}", send_at=later
    ):
        return
    if is_new:
        _enqueue_writer_email(message, writer, key=str(of.uuid), now=now, send_at=later)


def cancel_published(comment: Comment) -> None:
    """What has not left yet is not true any more. What has left is not said a second time."""
    queue.void_emails_by_key(keys=[f"{message}:{comment.uuid}" for message in WRITER_MESSAGES[1:]])


def _is_same_writer(one: Comment, other: Comment) -> bool:
    # The practice's own have none.
    return bool(one.email_fingerprint) and one.email_fingerprint == other.email_fingerprint


def _enqueue_writer_email(
    message: str, comment: Comment, *, key: str, now: datetime, send_at: datetime | None = None
) -> None:
    if not comment.wants_notice:
        return
    try:
        address = comment.email
    except DecryptionError:
        return  # staff can publish it all the same; there is nobody we could tell
    stop = settings.SITE_URL + reverse("comments:notices", args=[comment.token])
    queue.enqueue(
        message,
        key=f"{message}:{key}",
        to=address,
        about=comment.uuid,
        context={
            "manage_url": settings.SITE_URL + comment.get_absolute_url(),
            "stop_url": stop,
            "crisis_url": settings.SITE_URL + reverse("pages:crisis"),
        },
        now=now,
        send_at=send_at,
        unsubscribe=stop,
    )


# --- to the practice ---
def notify_practice(comment: Comment, *, now: datetime) -> None:
    """One came: tell the practice, if it wants to know at once and no mail left within the hour."""
    practice = PracticeProfile.load()
    if practice.comment_notice == CommentNotice.SOON and not _latest_notice_since(
        now - PRACTICE_NOTICE_INTERVAL
    ):
        with transaction.atomic():
            # Two comments under two articles at one time: the second waits, then finds the first.
            PracticeProfile.objects.select_for_update().filter(pk=1).first()
            if not _latest_notice_since(now - PRACTICE_NOTICE_INTERVAL):
                _enqueue_practice_notice(practice, about=comment.uuid, now=now)


def send_due_notice(*, now: datetime) -> bool:
    """By the clock: the daily mail, and what came within the hour after the last one."""
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
    """A notice that has not left yet speaks of nothing any more."""
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
    """The newest that was meant to leave after then; a list of one or none."""
    rows = OutgoingEmail.objects.filter(message="comments_waiting", created_at__gt=since)
    newest = rows.exclude(state=OutgoingEmail.State.VOID).order_by("-created_at")
    return list(newest.only("created_at")[:1])


def _todays_notice_time(practice: PracticeProfile, now: datetime) -> datetime:
    here = timezone.localtime(now, ZoneInfo(practice.time_zone))
    due = here.replace(hour=practice.comment_notice_hour, minute=0, second=0, microsecond=0)
    # Just before the hour, so that a mail written on the hour itself counts as that day's.
    return due - timedelta(microseconds=1)
