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
from consultations.privacy.encryption import CannotOpen
from consultations.privacy.fingerprints import email_fingerprints
from pages.practice.models import PracticeProfile
from pages.practice.profile import CommentNotice

TO_THE_WRITER = ["comment_received", "comment_published", "comment_answered"]
LINKS_A_DAY = 3  # to one address
AT_MOST_EVERY = timedelta(hours=1)
# A decision that staff take back within this time sends nothing.
UNDO_WITHIN = timedelta(minutes=3)


# --- to the writer, who asked for it ---
def received(comment: Comment, *, now: datetime) -> None:
    """The link of the own page. What a program sent does not make us write to strangers, and
    nobody can have one address written to again and again."""
    if comment.status != Status.WAITING or not comment.wants_notice:
        return
    lately = OutgoingEmail.objects.filter(
        message="comment_received",
        to_fingerprint__in=email_fingerprints(comment.email),
        created_at__gt=now - timedelta(days=1),
    )
    if lately.count() < LINKS_A_DAY:
        _to_the_writer("comment_received", comment, key=str(comment.uuid), now=now)


def published(comment: Comment, *, is_new: bool, now: datetime) -> None:
    """To its writer, and to the writer of what it answers: once each, never about one's own.

    Shown again, it is news only to whom the first mail did not reach before it was taken down.
    """
    _news("comment_published", comment, of=comment, is_new=is_new, now=now)
    parent = comment.parent
    if parent is None or parent.status != Status.APPROVED or _same_writer(parent, comment):
        return
    _news("comment_answered", parent, of=comment, is_new=is_new, now=now)


def _news(message: str, writer: Comment, *, of: Comment, is_new: bool, now: datetime) -> None:
    later = now + UNDO_WITHIN
    if writer.wants_notice and queue.revive(key=f"{message}:{of.uuid}", send_at=later):
        return
    if is_new:
        _to_the_writer(message, writer, key=str(of.uuid), now=now, send_at=later)


def not_published_after_all(comment: Comment) -> None:
    """What has not left yet is not true any more. What has left is not said a second time."""
    queue.take_back(keys=[f"{message}:{comment.uuid}" for message in TO_THE_WRITER[1:]])


def _same_writer(one: Comment, other: Comment) -> bool:
    # The practice's own have none.
    return bool(one.email_fingerprint) and one.email_fingerprint == other.email_fingerprint


def _to_the_writer(
    message: str, comment: Comment, *, key: str, now: datetime, send_at: datetime | None = None
) -> None:
    if not comment.wants_notice:
        return
    try:
        address = comment.email
    except CannotOpen:
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
def waiting(comment: Comment, *, now: datetime) -> None:
    """One came: tell the practice, if it wants to know at once and no mail left within the hour."""
    practice = PracticeProfile.load()
    if practice.comment_notice == CommentNotice.SOON and not _notices(now - AT_MOST_EVERY):
        with transaction.atomic():
            # Two comments under two articles at one time: the second waits, then finds the first.
            PracticeProfile.objects.select_for_update().filter(pk=1).first()
            if not _notices(now - AT_MOST_EVERY):
                _tell_practice(practice, about=comment.uuid, now=now)


def remind(*, now: datetime) -> bool:
    """By the clock: the daily mail, and what came within the hour after the last one."""
    newest = Comment.objects.waiting().order_by("-created_at").only("created_at").first()
    if newest is None:
        return False
    practice = PracticeProfile.load()
    if practice.comment_notice == CommentNotice.DAILY:
        due = _hour_of_today(practice, now)
        is_time = now >= due and not _notices(due)
    elif practice.comment_notice == CommentNotice.SOON:
        recent = _notices(now - timedelta(days=1))
        is_time = (
            bool(recent)
            and recent[0].created_at <= now - AT_MOST_EVERY
            and newest.created_at > recent[0].created_at
        )
    else:
        is_time = False
    if is_time:
        with transaction.atomic():
            _tell_practice(practice, about=newest.uuid, now=now)
    return is_time


def nothing_waits() -> None:
    """A notice that has not left yet speaks of nothing any more."""
    unsent = OutgoingEmail.objects.filter(
        message="comments_waiting", state=OutgoingEmail.State.WAITING
    )
    unsent.update(state=OutgoingEmail.State.VOID)


def _tell_practice(practice: PracticeProfile, *, about: UUID, now: datetime) -> None:
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


def _notices(since: datetime) -> list[OutgoingEmail]:
    """The newest that was meant to leave after then; a list of one or none."""
    rows = OutgoingEmail.objects.filter(message="comments_waiting", created_at__gt=since)
    newest = rows.exclude(state=OutgoingEmail.State.VOID).order_by("-created_at")
    return list(newest.only("created_at")[:1])


def _hour_of_today(practice: PracticeProfile, now: datetime) -> datetime:
    here = timezone.localtime(now, ZoneInfo(practice.time_zone))
    due = here.replace(hour=practice.comment_notice_hour, minute=0, second=0, microsecond=0)
    # Just before the hour, so that a mail written on the hour itself counts as that day's.
    return due - timedelta(microseconds=1)
