"""Run staff actions on one or many comments, and describe the outcome. Reads no request."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.timesince import timesince
from django.utils.translation import gettext as _g
from django.utils.translation import ngettext

from consultations.comments import workflow
from consultations.comments.models import Comment, CommentAction, CommentEvent, Status
from consultations.comments.moderation.rows import actor_display_name, is_undoable, latest_event
from consultations.privacy.encryption import DecryptionError

ACTIONS: dict[str, Callable[..., CommentEvent]] = {
    "approve": workflow.approve_comment,
    "spam": workflow.mark_as_spam,
    "trash": workflow.trash_comment,
    "restore": workflow.restore_comment,
    "settle": workflow.settle_reports,
}


@dataclass
class ActionOutcome:
    """What was done, and why some comments were left alone. Holds no text of a comment."""

    action: str
    events: list[CommentEvent] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    failed_keys: list[UUID] = field(default_factory=list)  # the comments of the failures

    def fail(self, key: UUID, reason: str) -> None:
        """Record why a comment was left alone."""
        self.failed_keys.append(key)
        self.failures.append(reason)

    @property
    def comments(self) -> list[Comment]:
        return [event.comment for event in self.events]

    @property
    def message(self) -> str:
        return success_message(self.action, len(self.events)) if self.events else ""

    def undoable_events(self) -> list[CommentEvent]:
        """Return the events that the undo button takes back."""
        return [event for event in self.events if is_undoable(event, event.comment)]


def apply_action(
    revisions: Mapping[UUID, int | None], action: str, *, by: User, now: datetime
) -> ActionOutcome:
    """Apply one action of ACTIONS to all comments, in one transaction.

    ``revisions``: for each comment the revision that staff read; None applies it to any.
    """
    outcome = ActionOutcome(action)
    with transaction.atomic():
        comments = Comment.objects.select_related("article").in_bulk(list(revisions))
        for key, revision in revisions.items():
            comment = comments.get(key)
            if comment is None:
                outcome.fail(key, _g("This comment is no longer there."))
                continue
            _apply_to_comment(comment, revision, outcome, by=by, now=now)
    return outcome


def _apply_to_comment(
    comment: Comment, revision: int | None, outcome: ActionOutcome, *, by: User, now: datetime
) -> None:
    try:
        workflow.require_revision(comment, revision)
        # A savepoint: a comment that fails does not roll back the others.
        with transaction.atomic():
            event = ACTIONS[outcome.action](comment, by=by, now=now)
    except workflow.NotAllowed:
        outcome.fail(comment.pk, describe_conflict(comment, now=now))
    except DecryptionError:
        outcome.fail(comment.pk, _g("It cannot be read, so it cannot be published."))
    else:
        event.comment = comment
        outcome.events.append(event)


def publish_reply(
    comment: Comment,
    *,
    revision: int | None,
    text: str,
    overridden: Sequence[str],
    by: User,
    now: datetime,
) -> ActionOutcome:
    """Reply to a comment, and approve it first if it waits; both or neither. Raises NotAllowed.

    ``revision``: the one that staff read; None means the one of the row.
    """
    outcome = ActionOutcome("reply")
    with transaction.atomic():
        current = Comment.objects.select_for_update().get(pk=comment.pk)
        workflow.require_revision(current, comment.revision if revision is None else revision)
        if current.status == Status.WAITING:
            outcome.action = "approve_and_reply"
            approved = workflow.approve_comment(current, by=by, now=now)
            approved.comment = current
            outcome.events.append(approved)
        reply = workflow.reply_to_comment(current, text=text, by=by, now=now, overridden=overridden)
        event = reply.events.newest_first()[0]
        event.comment = reply
        outcome.events.append(event)
    return outcome


def publish_redaction(
    comment: Comment, *, revision: int | None, text: str, by: User, now: datetime
) -> ActionOutcome:
    """Publish a comment with another text. Raises NotAllowed.

    ``revision``: the one that staff read; None means the one of the row.
    """
    workflow.require_revision(comment, revision)
    event = workflow.redact_comment(comment, text=text, by=by, now=now)
    event.comment = comment
    return ActionOutcome("redact", [event])


def undo_events(keys: Iterable[UUID], *, by: User, now: datetime) -> ActionOutcome:
    """Undo events, replies first; a reply goes to the trash."""
    outcome = ActionOutcome("undo")
    events = CommentEvent.objects.select_related("comment").in_bulk(list(keys))
    with transaction.atomic():
        for event in sorted(events.values(), key=lambda event: event.act != CommentAction.REPLY):
            try:
                with transaction.atomic():
                    outcome.events.append(_undo_event(event, by=by, now=now))
            except workflow.NotAllowed:
                outcome.fail(event.comment_id, describe_conflict(event.comment, now=now))
            except DecryptionError:
                outcome.fail(event.comment_id, _g("It cannot be read, so it cannot be published."))
    return outcome


def _undo_event(event: CommentEvent, *, by: User, now: datetime) -> CommentEvent:
    comment = event.comment
    if event.act != CommentAction.REPLY:
        undo = workflow.undo_event(event, by=by, now=now)
    elif comment.revision == event.number:
        undo = workflow.trash_comment(comment, by=by, now=now)
    else:
        raise workflow.NotAllowed("changed since")
    undo.comment = Comment.objects.get(pk=comment.pk)
    return undo


def erase_comments(comments: Sequence[Comment], *, by: User, now: datetime) -> None:
    """Erase the content of comments in one transaction. Raises NotAllowed."""
    with transaction.atomic():
        for comment in comments:
            workflow.erase_content(comment, by=by, now=now)


def describe_conflict(comment: Comment, *, now: datetime) -> str:
    """Tell staff who acted too late what a colleague did in the meantime, and when."""
    event = latest_event(comment)
    if event is None:
        return _g("This has changed meanwhile.")
    facts = {
        "what": event.get_act_display(),
        "who": actor_display_name(event),
        "time": timesince(event.at, now),
        "state": event.get_after_display(),
    }
    return _g("Meanwhile: %(what)s by %(who)s, %(time)s ago. It stands under “%(state)s”.") % facts


def success_message(action: str, n: int) -> str:
    """Return the message after an action on ``n`` comments."""
    messages = {
        "approve": ngettext("%(n)d comment published.", "%(n)d comments published.", n),
        "spam": ngettext("%(n)d comment marked as spam.", "%(n)d comments marked as spam.", n),
        "trash": ngettext(
            "%(n)d comment moved to the trash.", "%(n)d comments moved to the trash.", n
        ),
        "restore": ngettext("%(n)d comment put back.", "%(n)d comments put back.", n),
        "settle": ngettext("%(n)d comment stays as it is.", "%(n)d comments stay as they are.", n),
        "undo": ngettext("%(n)d action undone.", "%(n)d actions undone.", n),
        "reply": _g("Your reply is published."),
        "approve_and_reply": _g("The comment and your reply are published."),
        "redact": _g("Published with your changes. The original is kept for staff."),
    }
    message = messages[action]
    return message % {"n": n} if "%" in message else message
