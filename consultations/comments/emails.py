"""Mails about comments. None carries a word of one."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from consultations.comments.models import Comment
from consultations.outbox import queue
from consultations.outbox.models import OutgoingEmail
from pages.practice.models import PracticeProfile

TO_THE_WRITER = ["comment_received", "comment_published", "comment_answered"]
AT_MOST_EVERY = timedelta(hours=1)


def waiting(comment: Comment, *, now: datetime) -> None:
    """Tell the practice that comments wait; at most once an hour, however many come."""
    recent = OutgoingEmail.objects.filter(
        message="comments_waiting", created_at__gt=now - AT_MOST_EVERY
    ).exclude(state=OutgoingEmail.State.VOID)
    if recent.exists():
        return
    queue.enqueue(
        "comments_waiting",
        key=f"comments_waiting:{comment.uuid}",
        to=PracticeProfile.load().email,
        about=comment.uuid,
        context={
            "waiting": Comment.objects.waiting().count(),
            "admin_url": settings.SITE_URL + reverse("admin:consultations_comment_changelist"),
        },
        now=now,
    )
