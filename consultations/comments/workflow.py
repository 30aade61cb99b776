"""Every change of a comment: one function a verb, one transaction each, an event with each.

All of them raise NotAllowed when the comment has moved since its row was read.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q

from consultations.comments import emails, screening
from consultations.comments.models import (
    Actor,
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
    "edit_comment",
    "erase_comment",
    "find_recent_submission",
    "mark_as_spam",
    "redact_comment",
    "reply_to_comment",
    "report_comment",
    "restore_comment",
    "settle_reports",
    "start_notices",
    "stop_notices",
    "submit_comment",
    "trash_comment",
    "undo_event",
    "withdraw_comment",
]


# What the writer of a comment does, and what a reader asks for.

RESUBMIT_WINDOW = timedelta(minutes=10)
DUPLICATE_WINDOW = timedelta(hours=24)
# Marks of how a form was sent, not of its words.
SUBMISSION_MARKS = ("honeypot", "too_fast", "no_time")
EDITABLE_STATUSES = (Status.WAITING, Status.SPAM)


class Duplicate(Exception):
    """The same person said the same words here within a day."""


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
    """Store a visitor's comment; it waits for staff. Raises Duplicate.

    The same comment within ten minutes is a double click or a reload: it gets the same answer
    and makes no second row.
    """
    content = _content_key(article, parent, text, email)
    judged = screening.screen(
        name=name, email=email, text=text, suspicions=suspicions, network=network, now=now
    )
    with transaction.atomic():
        twin = _find_duplicate(article, content, now)
        if twin is not None:
            if twin.created_at > now - RESUBMIT_WINDOW:
                return twin
            raise Duplicate
        comment = Comment.objects.create(
            article=article,
            parent=parent,
            status=judged.status,
            name=name,
            email=email,
            text=text,
            content_fingerprint=fingerprint("comment", content),
            network_fingerprint=network_fingerprint(network),
            suspicions=judged.marks,
            score=judged.score,
            read_first=judged.read_first,
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
        if judged.status == Status.WAITING:
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
    """The same comment from the same place within ten minutes: a press too many, not one more.

    Asked before presses are counted. From elsewhere it does count: a guess at the address behind
    words that everybody can read must stay slow.
    """
    content = _content_key(article, parent, text, email)
    twin = _matching_comments(content, now - RESUBMIT_WINDOW).first()
    is_from_here = twin is not None and twin.network_fingerprint in network_fingerprints(network)
    return twin if is_from_here else None


def edit_comment(
    comment: Comment, *, name: str, text: str, suspicions: list[str], now: datetime
) -> None:
    """Other words, until they are approved; screened again. Raises NotAllowed and Duplicate.

    What staff took for spam stays there: a writer is not told, and cannot edit it out again. Nor
    do the marks go of how it was first sent; a press on the own page, however quick, adds none.
    """
    if comment.status not in EDITABLE_STATUSES:
        raise NotAllowed(f"{comment.status} is not edited")
    email, former = readable_text(comment, "email"), readable_text(comment, "text")
    content = _content_key(comment.article, comment.parent, text, email)
    judged = screening.screen(
        name=name,
        email=email,
        text=text,
        suspicions=[
            one for one in SUBMISSION_MARKS if one in comment.suspicions or one in suspicions
        ],
        former_text=former,
        now=now,
    )
    with transaction.atomic():
        if _find_duplicate(comment.article, content, now, other_than=comment) is not None:
            raise Duplicate
        by_staff = comment.events.filter(act=CommentAction.SPAM, actor=Actor.STAFF).exists()
        stays = comment.status == Status.SPAM and by_staff
        apply_transition(
            comment,
            Status.SPAM if stays else judged.status,
            CommentAction.EDIT,
            actor=Actor.VISITOR,
            now=now,
            texts={"name": name, "text": text, "redacted_text": "", "former_redaction": ""},
            # Words that were never published go back to nowhere but the waiting.
            status_before="",
            content_fingerprint=fingerprint("comment", content),
            suspicions=judged.marks,
            score=judged.score,
            read_first=judged.read_first,
        )
        screening.record_sent_text(text, former_text=former, now=now)
        if comment.status == Status.WAITING:
            emails.notify_practice(comment, now=now)


def withdraw_comment(comment: Comment, *, now: datetime) -> None:
    """The writer takes it back: text and name are erased, not hidden."""
    erase_content(comment, CommentAction.WITHDRAW, actor=Actor.VISITOR, by=None, now=now)


def report_comment(comment: Comment, *, network: str, now: datetime) -> bool:
    """A reader asks us to look again. False when this network has asked already."""
    if comment.status != Status.APPROVED:
        raise NotAllowed("only what is published is reported")
    mark = fingerprint("report", network)
    try:
        with transaction.atomic():
            CommentReport.objects.create(comment=comment, at=now, network_fingerprint=mark)
    except IntegrityError:
        return False
    return True


def stop_notices(comment: Comment, *, now: datetime) -> None:
    """No more mail about it, those that still wait included."""
    with transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(wants_notice=False)
        queue.void_emails(about=comment.uuid, messages=emails.WRITER_MESSAGES)
    comment.refresh_from_db(fields=["wants_notice"])


def start_notices(comment: Comment, *, now: datetime) -> None:
    """Tell the writer when it is published or answered, while we have an address to tell."""
    if comment.status == Status.WITHDRAWN or not readable_text(comment, "email"):
        raise NotAllowed("there is nobody to tell")
    Comment.objects.filter(pk=comment.pk).exclude(status=Status.WITHDRAWN).update(wants_notice=True)
    comment.refresh_from_db(fields=["wants_notice"])


def erase_content(
    comment: Comment, act: CommentAction, *, actor: Actor, by: User | None, now: datetime
) -> None:
    if comment.status == Status.WITHDRAWN:
        raise NotAllowed("nothing is left of it")
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
            # Otherwise the notice speaks of others too: they came within its hour.
            emails.void_unsent_notices()


def _find_duplicate(
    article: Article, content: str, now: datetime, *, other_than: Comment | None = None
) -> Comment | None:
    """The same words of the same person within a day, if they stand here already."""
    # Two posts of one double click: the second waits here, then finds the first one's row.
    Article.objects.select_for_update().only("pk").get(pk=article.pk)
    twins = _matching_comments(content, now - DUPLICATE_WINDOW)
    if other_than is not None:
        twins = twins.exclude(pk=other_than.pk)
    return twins.first()


def _matching_comments(content: str, since: datetime) -> CommentQuerySet:
    found: CommentQuerySet = Comment.objects.filter(
        content_fingerprint__in=fingerprints("comment", content), created_at__gt=since
    )
    return found.exclude(status=Status.WITHDRAWN).order_by("-created_at")


def _content_key(article: Article, parent: Comment | None, text: str, email: str) -> str:
    words = " ".join(text.casefold().split())
    return f"{article.pk}|{parent.public_id if parent else ''}|{words}|{normalize_email(email)}"


# What staff decide about a comment; without a person it is the site itself that acts.
#
# Staff act on what they read. A page that shows a comment and acts later keeps the ``revision``
# it
# showed and sets it on the row before the verb: words that the writer changed meanwhile are then
# never approved unread.

UNDOABLE_ACTIONS = (
    CommentAction.APPROVE,
    CommentAction.REDACT,
    CommentAction.SPAM,
    CommentAction.TRASH,
    CommentAction.RESTORE,
)


def approve_comment(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    """Publish it: the finished HTML and the public name are stored in clear from now on."""
    return _apply_decision(comment, Status.APPROVED, CommentAction.APPROVE, by=by, now=now)


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
    return _apply_with_emails(
        comment, Status.APPROVED, CommentAction.REDACT, by=by, now=now, texts=texts
    )


def mark_as_spam(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    origin = comment.status
    return _apply_decision(
        comment, Status.SPAM, CommentAction.SPAM, by=by, now=now, status_before=origin
    )


def trash_comment(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    origin = comment.status
    return _apply_decision(
        comment, Status.TRASH, CommentAction.TRASH, by=by, now=now, status_before=origin
    )


def restore_comment(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    """Out of the trash or out of spam, to where it was. What came in as spam joins the waiting."""
    if comment.status not in (Status.TRASH, Status.SPAM):
        raise NotAllowed(f"{comment.status} is in no folder to be restored from")
    places = [Status.APPROVED, Status.SPAM] if comment.status == Status.TRASH else [Status.APPROVED]
    after = next((place for place in places if place == comment.status_before), Status.WAITING)
    return _apply_decision(comment, after, CommentAction.RESTORE, by=by, now=now)


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
        if (said := _find_recent_reply(comment, text, by=by, now=now)) is not None:
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
        _apply_with_emails(
            reply, Status.APPROVED, CommentAction.REPLY, by=by, now=now, overridden=overridden
        )
    return reply


def _find_recent_reply(comment: Comment, text: str, *, by: User, now: datetime) -> Comment | None:
    """Looked for under the lock of the comment: two presses of one button come one by one."""
    said = comment.replies.published().filter(
        by_practice=True,
        created_at__gt=now - RESUBMIT_WINDOW,
        events__act=CommentAction.REPLY,
        events__by=by,
    )
    return next((one for one in said if readable_text(one, "text") == text), None)


def settle_reports(comment: Comment, *, by: User | None, now: datetime) -> CommentEvent:
    """Looked at again, and it stays as it is."""
    if not comment.reports.open().exists():
        raise NotAllowed("nobody asks about it")
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


def erase_comment(comment: Comment, *, by: User | None, now: datetime) -> None:
    """The same as taking it back, by staff or for a person who asked to be forgotten."""
    erase_content(
        comment, CommentAction.ERASE, actor=Actor.STAFF if by else Actor.SYSTEM, by=by, now=now
    )


def undo_event(event: CommentEvent, *, by: User | None, now: datetime) -> CommentEvent:
    """Take back what staff did last to a comment, if nothing has happened to it since."""
    comment = Comment.objects.get(pk=event.comment_id)
    if event.act not in UNDOABLE_ACTIONS or event.actor == Actor.VISITOR:
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
    if event.act == CommentAction.REDACT:
        texts = {"redacted_text": comment.former_redaction, "former_redaction": ""}
    return _apply_with_emails(
        comment, event.before, CommentAction.UNDO, by=by, now=now, texts=texts, **changes
    )


def _apply_decision(
    comment: Comment,
    after: Status,
    act: CommentAction,
    *,
    by: User | None,
    now: datetime,
    **changes: Any,
) -> CommentEvent:
    """One decision of staff; what was taken back stays taken back."""
    if comment.status in (after, Status.WITHDRAWN):
        raise NotAllowed(f"{comment.status} to {after}")
    return _apply_with_emails(comment, after, act, by=by, now=now, **changes)


def _apply_with_emails(
    comment: Comment,
    after: str,
    act: CommentAction,
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
        if after == Status.APPROVED and not was_shown:
            emails.enqueue_published(comment, is_new=is_new, now=now)
        elif was_shown and after != Status.APPROVED:
            emails.cancel_published(comment)
    return event
