"""Every change of a comment: one function a verb, one transaction each."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from consultations.comments import emails
from consultations.comments.models import Comment, Status
from consultations.comments.rendering import comment_html
from consultations.outbox import queue
from consultations.privacy.fingerprints import (
    fingerprint,
    fingerprints,
    network_fingerprint,
    normalised_email,
)
from consultations.screening import rules
from pages.articles.models import Article
from pages.practice.models import PracticeProfile, Practitioner

SAME_ANSWER_WITHIN = timedelta(minutes=10)
DUPLICATE_WITHIN = timedelta(hours=24)


class Duplicate(Exception):
    """The same person said the same words here within a day."""


class NotAllowed(Exception):
    """The comment is no longer in the state this began from."""


def submit_comment(
    *,
    article: Article,
    parent: Comment | None,
    name: str,
    email: str,
    text: str,
    network: str,
    suspicions: list[str],
    now: datetime,
) -> Comment:
    """Store a visitor's comment; it waits for staff. Raises Duplicate.

    The same comment within ten minutes is a double click or a reload: it gets the same answer
    and makes no second row.
    """
    content = _content(article, parent, text, email)
    marks = [*suspicions, *rules.reasons(name=name, text=text)]
    status = Status.SPAM if rules.is_spam(marks) else Status.WAITING
    with transaction.atomic():
        # Two posts of one double click: the second waits here, then finds the first one's row.
        Article.objects.select_for_update().only("pk").get(pk=article.pk)
        twin = (
            Comment.objects.filter(
                content_fingerprint__in=fingerprints("comment", content),
                created_at__gt=now - DUPLICATE_WITHIN,
            )
            .exclude(status=Status.WITHDRAWN)
            .order_by("-created_at")
            .first()
        )
        if twin is not None:
            if twin.created_at > now - SAME_ANSWER_WITHIN:
                return twin
            raise Duplicate
        comment = Comment.objects.create(
            article=article,
            parent=parent,
            status=status,
            name=name,
            email=email,
            text=text,
            content_fingerprint=fingerprint("comment", content),
            network_fingerprint=network_fingerprint(network),
            suspicions=marks,
            created_at=now,
            status_changed_at=now,
        )
        if status == Status.WAITING:
            emails.waiting(comment, now=now)
    return comment


def approve_comment(comment: Comment, *, now: datetime) -> None:
    """Publish it: the finished HTML and the public name are stored in clear from now on."""
    _move(
        comment,
        Status.APPROVED,
        now=now,
        published_name=comment.name,
        published_html=comment_html(comment.text),
        published_at=comment.published_at or now,
    )


def mark_as_spam(comment: Comment, *, now: datetime) -> None:
    _move(comment, Status.SPAM, now=now)


def trash_comment(comment: Comment, *, now: datetime) -> None:
    _move(comment, Status.TRASH, now=now, status_before=comment.status)


def restore_comment(comment: Comment, *, now: datetime) -> None:
    """Out of the trash to where it was; out of spam to those that wait."""
    if comment.status not in (Status.TRASH, Status.SPAM):
        raise NotAllowed(f"{comment.status} is in no folder to be restored from")
    if comment.status == Status.TRASH and comment.status_before == Status.APPROVED:
        approve_comment(comment, now=now)
    elif comment.status == Status.TRASH and comment.status_before == Status.SPAM:
        mark_as_spam(comment, now=now)
    else:
        _move(comment, Status.WAITING, now=now)


def withdraw_comment(comment: Comment, *, now: datetime) -> None:
    """The writer takes it back: text and name are erased, not hidden."""
    with transaction.atomic():
        _move(comment, Status.WITHDRAWN, now=now)
        comment.name = comment.email = comment.text = ""
        comment.content_fingerprint = comment.network_fingerprint = ""
        comment.suspicions = []
        comment.save()
        if not Comment.objects.waiting().exists():
            # Otherwise the notice speaks of others too: they came within its hour.
            queue.void(about=comment.uuid)


def reply_to_comment(comment: Comment, *, text: str, by: User, now: datetime) -> Comment:
    """The practice answers under a published comment; shown at once, by the public name."""
    if comment.status != Status.APPROVED:
        raise NotAllowed("only a published comment can be answered")
    practitioner = Practitioner.objects.filter(user=by).first()
    name = practitioner.name if practitioner else PracticeProfile.load().name
    with transaction.atomic():
        reply = Comment.objects.create(
            article=comment.article,
            parent=comment,
            name=name,
            email="",
            text=text,
            by_practice=True,
            practitioner=practitioner,
            created_at=now,
            status_changed_at=now,
        )
        approve_comment(reply, now=now)
    return reply


def _move(comment: Comment, after: str, *, now: datetime, **changes: object) -> None:
    """Compare and swap on the status, so that of two staff members one acts and one is told."""
    if comment.status in (after, Status.WITHDRAWN):
        raise NotAllowed(f"{comment.status} to {after}")
    if after != Status.APPROVED:
        changes = {"published_name": "", "published_html": "", **changes}
    changed = Comment.objects.filter(pk=comment.pk, status=comment.status).update(
        status=after, status_changed_at=now, **changes
    )
    if not changed:
        raise NotAllowed(f"no longer {comment.status}")
    comment.refresh_from_db()


def _content(article: Article, parent: Comment | None, text: str, email: str) -> str:
    words = " ".join(text.casefold().split())
    return f"{article.pk}|{parent.public_id if parent else ''}|{words}|{normalised_email(email)}"
