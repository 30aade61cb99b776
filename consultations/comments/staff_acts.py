"""What staff decide about a comment; without a person it is the site itself that acts.

Staff act on what they read. A page that shows a comment and acts later keeps the ``revision`` it
showed and sets it on the row before the verb: words that the writer changed meanwhile are then
never approved unread.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from consultations.comments import emails
from consultations.comments.history import Act, Actor, CommentEvent
from consultations.comments.models import Comment, Status
from consultations.comments.moves import NotAllowed, move, swap
from consultations.comments.visitor_acts import SAME_ANSWER_WITHIN, erase
from consultations.privacy.fields import readable
from pages.practice.models import PracticeProfile, Practitioner

UNDOABLE = (Act.APPROVE, Act.REDACT, Act.SPAM, Act.TRASH, Act.RESTORE)


def approve_comment(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    """Publish it: the finished HTML and the public name are stored in clear from now on."""
    return _decide(comment, Status.APPROVED, Act.APPROVE, by=by, now=now)


def redact_comment(comment: Comment, *, text: str, by: User | None, now: datetime) -> CommentEvent:
    """Publish it with other words, or change those of a published one; the original stays.

    The original words again take the redaction back.
    """
    if comment.status == Status.WITHDRAWN or not text.strip():
        raise NotAllowed("nothing is left to publish")
    texts = {
        "redacted_text": "" if text == comment.text else text,
        "former_redaction": comment.redacted_text,
    }
    return _carry_out(comment, Status.APPROVED, Act.REDACT, by=by, now=now, texts=texts)


def mark_as_spam(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    origin = comment.status
    return _decide(comment, Status.SPAM, Act.SPAM, by=by, now=now, status_before=origin)


def trash_comment(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    origin = comment.status
    return _decide(comment, Status.TRASH, Act.TRASH, by=by, now=now, status_before=origin)


def restore_comment(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    """Out of the trash or out of spam, to where it was. What came in as spam joins the waiting."""
    if comment.status not in (Status.TRASH, Status.SPAM):
        raise NotAllowed(f"{comment.status} is in no folder to be restored from")
    places = [Status.APPROVED, Status.SPAM] if comment.status == Status.TRASH else [Status.APPROVED]
    after = next((place for place in places if place == comment.status_before), Status.WAITING)
    return _decide(comment, after, Act.RESTORE, by=by, now=now)


def reply_to_comment(
    comment: Comment, *, text: str, by: User, now: datetime, overridden: Sequence[str] = ()
) -> Comment:
    """The practice answers under a published comment; shown at once, by the public name.

    ``overridden``: the codes of warnings about its wording that were read and set aside.
    A second press with the same words within ten minutes gives the answer that stands.
    """
    if comment.status != Status.APPROVED:
        raise NotAllowed("only a published comment can be answered")
    practitioner = Practitioner.objects.filter(user=by).first()
    name = practitioner.name if practitioner else PracticeProfile.load().name
    with transaction.atomic():
        still = Comment.objects.select_for_update().published().filter(pk=comment.pk)
        if not still.exists():
            raise NotAllowed("not published any more")
        if (said := _just_said(comment, text, by=by, now=now)) is not None:
            return said
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
        _carry_out(reply, Status.APPROVED, Act.REPLY, by=by, now=now, overridden=overridden)
    return reply


def _just_said(comment: Comment, text: str, *, by: User, now: datetime) -> Comment | None:
    """Looked for under the lock of the comment: two presses of one button come one by one."""
    said = comment.replies.published().filter(
        by_practice=True,
        created_at__gt=now - SAME_ANSWER_WITHIN,
        events__act=Act.REPLY,
        events__by=by,
    )
    return next((one for one in said if readable(one, "text") == text), None)


def settle_reports(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    """Looked at again, and it stays as it is."""
    if not comment.reports.open().exists():
        raise NotAllowed("nobody asks about it")
    actor = Actor.STAFF if by else Actor.SYSTEM
    with transaction.atomic():
        event = swap(
            comment,
            Act.SETTLE,
            after=comment.status,
            actor=actor,
            by=by,
            now=now,
            changes={},
        )
        comment.reports.open().update(settled_at=now)
    comment.refresh_from_db()
    return event


def erase_comment(comment: Comment, *, by: User | None, now: datetime) -> None:
    """The same as taking it back, by staff or for a person who asked to be forgotten."""
    erase(comment, Act.ERASE, actor=Actor.STAFF if by else Actor.SYSTEM, by=by, now=now)


def undo(event: CommentEvent, *, by: User | None, now: datetime) -> CommentEvent:
    """Take back what staff did last to a comment, if nothing has happened to it since."""
    comment = Comment.objects.get(pk=event.comment_id)
    if event.act not in UNDOABLE or event.actor == Actor.VISITOR:
        raise NotAllowed(f"{event.act} is not undone")
    if event.number != comment.revision:
        raise NotAllowed("something happened since")
    earlier = CommentEvent.objects.filter(comment=comment, number__lt=event.number)
    changes: dict[str, Any] = {}
    if event.after == Status.APPROVED and event.before != Status.APPROVED:
        if comment.replies.published().exists():
            raise NotAllowed("answered since")
        shown = Q(after=Status.APPROVED) | Q(before=Status.APPROVED)
        if not earlier.filter(shown).exists():
            changes["published_at"] = None  # it never had a place in the thread
    if event.before in (Status.SPAM, Status.TRASH):
        into = earlier.filter(after=event.before).order_by("-number").first()
        changes["status_before"] = into.before if into is not None else ""
    texts: dict[str, str] = {}
    if event.act == Act.REDACT:
        texts = {"redacted_text": comment.former_redaction, "former_redaction": ""}
    return _carry_out(comment, event.before, Act.UNDO, by=by, now=now, texts=texts, **changes)


def _decide(
    comment: Comment, after: Status, act: Act, *, by: User | None, now: datetime, **changes: Any
) -> CommentEvent:
    """One decision of staff; what was taken back stays taken back."""
    if comment.status in (after, Status.WITHDRAWN):
        raise NotAllowed(f"{comment.status} to {after}")
    return _carry_out(comment, after, act, by=by, now=now, **changes)


def _carry_out(
    comment: Comment,
    after: str,
    act: Act,
    *,
    by: User | None,
    now: datetime,
    texts: Mapping[str, str] = MappingProxyType({}),
    overridden: Sequence[str] = (),
    **changes: Any,
) -> CommentEvent:
    """The move, and the mails that its being seen or hidden makes true or untrue."""
    was_shown, is_new = comment.status == Status.APPROVED, comment.published_at is None
    actor = Actor.STAFF if by else Actor.SYSTEM
    with transaction.atomic():
        event = move(
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
        if after == Status.APPROVED and not was_shown:
            emails.published(comment, is_new=is_new, now=now)
        elif was_shown and after != Status.APPROVED:
            emails.not_published_after_all(comment)
    return event
