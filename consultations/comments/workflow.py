"""Everything that changes a comment: one function and one transaction for each action.

Each writes a `CommentEvent`, and raises NotAllowed when the comment has changed since its row was
read. Staff act on the text they read: a page that acts later passes the revision it showed to
`require_revision`, so that a text which the writer changed meanwhile is never approved unread. In
staff actions ``by=None`` means the site itself.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.dispatch import Signal

from consultations.audit.models import Actor
from consultations.comments import emails, screening
from consultations.comments.models import (
    UNDOABLE_ACTIONS,
    Comment,
    CommentAction,
    CommentEvent,
    CommentQuerySet,
    CommentReport,
    Status,
)
from consultations.comments.transitions import NotAllowed, apply_transition, compare_and_swap
from consultations.outbox import queue
from consultations.privacy.fields import readable_text
from consultations.privacy.fingerprints import (
    fingerprint,
    fingerprints,
    network_fingerprint,
    network_fingerprints,
    normalize_email,
)
from pages.articles.models import Article
from pages.practice.models import PracticeProfile, Practitioner

__all__ = [
    "Duplicate",
    "NotAllowed",
    "approve_comment",
    "comments_erased",
    "edit_comment",
    "erase_content",
    "find_recent_submission",
    "mark_as_spam",
    "redact_comment",
    "reply_to_comment",
    "report_comment",
    "require_revision",
    "restore_comment",
    "settle_reports",
    "start_notices",
    "stop_notices",
    "submit_comment",
    "trash_comment",
    "undo_event",
    "withdraw_comment",
]

RESUBMIT_WINDOW = timedelta(minutes=10)
DUPLICATE_WINDOW = timedelta(hours=24)
# Suspicions about how the form was sent, not about its text.
SUBMISSION_MARKS = ("honeypot", "too_fast", "no_time")
EDITABLE_STATUSES = (Status.WAITING, Status.SPAM)


class Duplicate(Exception):
    """The same person sent the same text under this article within a day."""


# Actions of visitors.


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
    wants_notice: bool = False,
) -> Comment:
    """Store a visitor's comment for moderation. Raises Duplicate.

    The same comment within ten minutes is a double click or a reload: the stored one is returned.
    """
    content = _content_key(article, parent, text, email)
    result = screening.screen(
        name=name, email=email, text=text, suspicions=suspicions, network=network, now=now
    )
    with transaction.atomic():
        duplicate = _find_duplicate(article, content, now)
        if duplicate is not None:
            if duplicate.created_at > now - RESUBMIT_WINDOW:
                return duplicate
            raise Duplicate
        comment = Comment.objects.create(
            article=article,
            parent=parent,
            status=result.status,
            name=name,
            email=email,
            text=text,
            content_fingerprint=fingerprint("comment", content),
            network_fingerprint=network_fingerprint(network),
            suspicions=result.reasons,
            score=result.score,
            read_first=result.read_first,
            wants_notice=wants_notice,
            created_at=now,
            status_changed_at=now,
            revision=1,
        )
        CommentEvent.objects.create(
            comment=comment,
            number=comment.revision,
            at=now,
            actor=Actor.VISITOR,
            act=CommentAction.SUBMIT,
            after=comment.status,
        )
        screening.record_sent_text(text, now=now)
        emails.enqueue_received(comment, now=now)
        if result.status == Status.WAITING:
            emails.notify_practice(comment, now=now)
    return comment


def find_recent_submission(
    *,
    article: Article,
    parent: Comment | None,
    email: str,
    text: str,
    network: str,
    now: datetime,
) -> Comment | None:
    """Return the same comment sent from the same network within ten minutes, if there is one.

    Call it before the rate limit, so that a double click is not counted. From another network the
    attempt does count: guessing the email address behind a published text must stay slow.
    """
    content = _content_key(article, parent, text, email)
    duplicate = _matching_comments(content, now - RESUBMIT_WINDOW).first()
    if duplicate is None or duplicate.network_fingerprint not in network_fingerprints(network):
        return None
    return duplicate


def edit_comment(
    comment: Comment, *, name: str, text: str, suspicions: list[str], now: datetime
) -> None:
    """Replace the text and name of an unapproved comment and screen it again.

    A comment that staff marked as spam stays spam: its writer is not told and cannot edit it out
    of there. Suspicions about how it was first sent stay too. Raises NotAllowed and Duplicate.
    """
    if comment.status not in EDITABLE_STATUSES:
        raise NotAllowed(f"{comment.status} is not edited")
    email, former = readable_text(comment, "email"), readable_text(comment, "text")
    content = _content_key(comment.article, comment.parent, text, email)
    result = screening.screen(
        name=name,
        email=email,
        text=text,
        suspicions=[
            mark for mark in SUBMISSION_MARKS if mark in comment.suspicions or mark in suspicions
        ],
        former_text=former,
        now=now,
    )
    with transaction.atomic():
        if _find_duplicate(comment.article, content, now, other_than=comment) is not None:
            raise Duplicate
        stays_spam = (
            comment.status == Status.SPAM
            and comment.events.filter(act=CommentAction.SPAM, actor=Actor.STAFF).exists()
        )
        apply_transition(
            comment,
            Status.SPAM if stays_spam else result.status,
            CommentAction.EDIT,
            actor=Actor.VISITOR,
            now=now,
            texts={"name": name, "text": text, "redacted_text": "", "former_redaction": ""},
            # This text was never published: restored from spam it can only wait again.
            status_before="",
            content_fingerprint=fingerprint("comment", content),
            suspicions=result.reasons,
            score=result.score,
            read_first=result.read_first,
        )
        screening.record_sent_text(text, former_text=former, now=now)
        if comment.status == Status.WAITING:
            emails.notify_practice(comment, now=now)


def withdraw_comment(comment: Comment, *, now: datetime) -> None:
    """Erase the content of a comment at its writer's request. Raises NotAllowed."""
    _withdraw(comment, CommentAction.WITHDRAW, actor=Actor.VISITOR, by=None, now=now)


def report_comment(comment: Comment, *, network: str, now: datetime) -> bool:
    """Store a reader's report of a published comment. False if this network reported it before."""
    if comment.status != Status.APPROVED:
        raise NotAllowed("only published comments can be reported")
    try:
        with transaction.atomic():
            CommentReport.objects.create(
                comment=comment, at=now, network_fingerprint=fingerprint("report", network)
            )
    except IntegrityError:
        return False
    return True


def stop_notices(comment: Comment) -> None:
    """Send the writer no more emails about a comment, including those already queued."""
    with transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(wants_notice=False)
        queue.void_emails(about=comment.uuid, messages=emails.WRITER_MESSAGES)
    comment.refresh_from_db(fields=["wants_notice"])


def start_notices(comment: Comment) -> None:
    """Email the writer when the comment is published or answered.

    Raises NotAllowed without an email address or content.
    """
    if comment.status == Status.WITHDRAWN or not readable_text(comment, "email"):
        raise NotAllowed("there is no address to write to")
    Comment.objects.filter(pk=comment.pk).exclude(status=Status.WITHDRAWN).update(wants_notice=True)
    comment.refresh_from_db(fields=["wants_notice"])


def _withdraw(
    comment: Comment, act: CommentAction, *, actor: Actor, by: User | None, now: datetime
) -> None:
    if comment.status == Status.WITHDRAWN:
        raise NotAllowed("already erased")
    with transaction.atomic():
        apply_transition(
            comment,
            Status.WITHDRAWN,
            act,
            actor=actor,
            by=by,
            now=now,
            status_before="",
            read_first=False,
            wants_notice=False,
        )
        comment.empty()
        comment.reports.open().update(settled_at=now)
        queue.delete_emails(about=comment.uuid, messages=emails.WRITER_MESSAGES)
        emails.cancel_published(comment)
        if not Comment.objects.waiting().exists():
            # While other comments wait, the notice is still true.
            emails.void_unsent_notices()


def _find_duplicate(
    article: Article, content: str, now: datetime, *, other_than: Comment | None = None
) -> Comment | None:
    """Return the same text by the same person within a day, under a lock of the article."""
    # Two posts of one double click: the second waits here, then finds the row of the first.
    Article.objects.select_for_update().only("pk").get(pk=article.pk)
    duplicates = _matching_comments(content, now - DUPLICATE_WINDOW)
    if other_than is not None:
        duplicates = duplicates.exclude(pk=other_than.pk)
    return duplicates.first()


def _matching_comments(content: str, since: datetime) -> CommentQuerySet:
    rows: CommentQuerySet = Comment.objects.filter(
        content_fingerprint__in=fingerprints("comment", content), created_at__gt=since
    )
    return rows.exclude(status=Status.WITHDRAWN).order_by("-created_at")


def _content_key(article: Article, parent: Comment | None, text: str, email: str) -> str:
    normalized = " ".join(text.casefold().split())
    parent_id = parent.public_id if parent else ""
    return f"{article.pk}|{parent_id}|{normalized}|{normalize_email(email)}"


# Actions of staff.

# Sent in the transaction in which staff erased all comments of a person, for rooms that comments
# must not import. Arguments: ``comments`` (the rows, already emptied) and ``now``.
comments_erased = Signal()


def require_revision(comment: Comment, revision: int | None) -> None:
    """Raise NotAllowed unless the row is at the revision that staff read. None accepts any."""
    if revision is not None and comment.revision != revision:
        raise NotAllowed(f"read at revision {revision}, now at {comment.revision}")


def approve_comment(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    """Publish a comment: from now on its HTML and public name are stored in plain text."""
    return _apply_decision(comment, Status.APPROVED, CommentAction.APPROVE, by=by, now=now)


def redact_comment(comment: Comment, *, text: str, by: User | None, now: datetime) -> CommentEvent:
    """Publish a comment with another text; the original is kept, encrypted.

    Passing the original text removes the redaction. Raises NotAllowed for an empty text.
    """
    if comment.status == Status.WITHDRAWN or not text.strip():
        raise NotAllowed("no text to publish")
    texts = {
        "redacted_text": "" if text == comment.text else text,
        "former_redaction": comment.redacted_text,
    }
    return _apply_with_emails(
        comment, Status.APPROVED, CommentAction.REDACT, by=by, now=now, texts=texts
    )


def mark_as_spam(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    """Move a comment to the spam folder; the event counts for what screening learns."""
    origin = comment.status
    return _apply_decision(
        comment, Status.SPAM, CommentAction.SPAM, by=by, now=now, changes={"status_before": origin}
    )


def trash_comment(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    """Move a comment to the trash."""
    origin = comment.status
    return _apply_decision(
        comment,
        Status.TRASH,
        CommentAction.TRASH,
        by=by,
        now=now,
        changes={"status_before": origin},
    )


def restore_comment(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    """Move a comment out of the trash or spam, back to where it was.

    A comment that screening put into spam has been nowhere else: it goes to the waiting ones.
    """
    if comment.status not in (Status.TRASH, Status.SPAM):
        raise NotAllowed(f"{comment.status} cannot be restored")
    origins = (
        [Status.APPROVED, Status.SPAM] if comment.status == Status.TRASH else [Status.APPROVED]
    )
    after = next((status for status in origins if status == comment.status_before), Status.WAITING)
    return _apply_decision(comment, after, CommentAction.RESTORE, by=by, now=now)


def reply_to_comment(
    comment: Comment, *, text: str, by: User, now: datetime, overridden: Sequence[str] = ()
) -> Comment:
    """Publish a reply of the practice to a published comment, under the staff member's public name.

    ``overridden``: codes of the reply guard's warnings that staff read and set aside. The same
    text by the same person within ten minutes is a double click: the stored reply is returned.
    """
    if comment.status != Status.APPROVED:
        raise NotAllowed("only published comments can be answered")
    practitioner = Practitioner.objects.filter(user=by).first()
    name = practitioner.name if practitioner else PracticeProfile.load().name
    with transaction.atomic():
        # The lock also makes the two requests of a double click run one after the other.
        current = Comment.objects.select_for_update().published().filter(pk=comment.pk)
        if not current.exists():
            raise NotAllowed("no longer published")
        if (duplicate := _find_recent_reply(comment, text, by=by, now=now)) is not None:
            return duplicate
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
        _apply_with_emails(
            reply, Status.APPROVED, CommentAction.REPLY, by=by, now=now, overridden=overridden
        )
    return reply


def _find_recent_reply(comment: Comment, text: str, *, by: User, now: datetime) -> Comment | None:
    replies = comment.replies.published().filter(
        by_practice=True,
        created_at__gt=now - RESUBMIT_WINDOW,
        events__act=CommentAction.REPLY,
        events__by=by,
    )
    return next((reply for reply in replies if readable_text(reply, "text") == text), None)


def settle_reports(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    """Close the open reports of a comment without changing it. Raises NotAllowed without any."""
    if not comment.reports.open().exists():
        raise NotAllowed("no open reports")
    actor = Actor.STAFF if by else Actor.SYSTEM
    with transaction.atomic():
        event = compare_and_swap(
            comment,
            CommentAction.SETTLE,
            after=comment.status,
            actor=actor,
            by=by,
            now=now,
            changes={},
        )
        comment.reports.open().update(settled_at=now)
    comment.refresh_from_db()
    return event


def erase_content(comment: Comment, *, by: User | None, now: datetime) -> None:
    """Empty a comment, by staff or for a data request; its place stays. Raises NotAllowed."""
    _withdraw(
        comment, CommentAction.ERASE, actor=Actor.STAFF if by else Actor.SYSTEM, by=by, now=now
    )


def undo_event(event: CommentEvent, *, by: User | None, now: datetime) -> CommentEvent:
    """Undo the last staff action on a comment.

    Raises NotAllowed when anything happened since, or the comment has a published reply by now.
    """
    comment = Comment.objects.get(pk=event.comment_id)
    if event.act not in UNDOABLE_ACTIONS or event.actor == Actor.VISITOR:
        raise NotAllowed(f"{event.act} cannot be undone")
    if event.number != comment.revision:
        raise NotAllowed("changed since")
    earlier = CommentEvent.objects.filter(comment=comment, number__lt=event.number)
    changes: dict[str, object] = {}
    if event.after == Status.APPROVED and event.before != Status.APPROVED:
        if comment.replies.published().exists():
            raise NotAllowed("answered since")
        was_published = Q(after=Status.APPROVED) | Q(before=Status.APPROVED)
        if not earlier.filter(was_published).exists():
            changes["published_at"] = None  # it was never part of the thread before
    if event.before in (Status.SPAM, Status.TRASH):
        moved_there = earlier.filter(after=event.before).order_by("-number").first()
        changes["status_before"] = moved_there.before if moved_there is not None else ""
    texts: dict[str, str] = {}
    if event.act == CommentAction.REDACT:
        texts = {"redacted_text": comment.former_redaction, "former_redaction": ""}
    return _apply_with_emails(
        comment, event.before, CommentAction.UNDO, by=by, now=now, texts=texts, changes=changes
    )


def _apply_decision(
    comment: Comment,
    after: Status,
    act: CommentAction,
    *,
    by: User | None,
    now: datetime,
    changes: Mapping[str, object] = MappingProxyType({}),
) -> CommentEvent:
    """Apply a staff decision. A withdrawn comment stays withdrawn."""
    if comment.status in (after, Status.WITHDRAWN):
        raise NotAllowed(f"{comment.status} to {after}")
    return _apply_with_emails(comment, after, act, by=by, now=now, changes=changes)


def _apply_with_emails(
    comment: Comment,
    after: str,
    act: CommentAction,
    *,
    by: User | None,
    now: datetime,
    texts: Mapping[str, str] = MappingProxyType({}),
    overridden: Sequence[str] = (),
    changes: Mapping[str, object] = MappingProxyType({}),
) -> CommentEvent:
    """Apply a transition; queue the emails about a publication, or cancel them."""
    was_published = comment.status == Status.APPROVED
    is_first_publication = comment.published_at is None
    actor = Actor.STAFF if by else Actor.SYSTEM
    with transaction.atomic():
        event = apply_transition(
            comment,
            after,
            act,
            actor=actor,
            by=by,
            now=now,
            texts=texts,
            overridden=overridden,
            **changes,
        )
        if after == Status.APPROVED and not was_published:
            emails.enqueue_published(comment, is_new=is_first_publication, now=now)
        elif was_published and after != Status.APPROVED:
            emails.cancel_published(comment)
    return event
