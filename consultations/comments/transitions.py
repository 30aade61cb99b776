"""Apply a status transition to a comment with optimistic locking, and render published HTML."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from django.contrib.auth.models import User
from django.db import transaction

from consultations.audit.models import Actor
from consultations.comments.models import Comment, CommentAction, CommentEvent, Status
from consultations.comments.rendering import RENDERER_VERSION, comment_html
from consultations.privacy.encryption import DecryptionError


class NotAllowed(Exception):
    """The comment has changed since it was read, or its status does not allow the action."""


def apply_transition(
    comment: Comment,
    after: str,
    act: CommentAction,
    *,
    actor: Actor,
    by: User | None = None,
    now: datetime,
    texts: Mapping[str, str] = MappingProxyType({}),
    overridden: Sequence[str] = (),
    **changes: object,
) -> CommentEvent:
    """Change the status and other columns, and write the event, in one transaction.

    Of two callers with the same revision the second gets NotAllowed. ``texts`` are encrypted
    columns, which only save() can write. Unpublished content is never stored in plain text, so
    every transition to another status than APPROVED empties the published columns.
    """
    before = comment.status
    if after == Status.APPROVED and not comment.text:
        raise NotAllowed("no text to publish")
    if after != Status.APPROVED:
        changes = {"published_name": "", "published_html": "", "renderer_version": 0, **changes}
    with transaction.atomic():
        event = compare_and_swap(
            comment,
            act,
            after=after,
            actor=actor,
            by=by,
            now=now,
            changes=changes,
            overridden=overridden,
        )
        comment.refresh_from_db()
        for name, value in texts.items():
            setattr(comment, name, value)
        if texts:
            comment.save(update_fields=list(texts))
        if after == Status.APPROVED:
            _store_published_html(comment, now)
        elif before == Status.APPROVED and actor == Actor.STAFF:
            comment.reports.open().update(settled_at=now)
    return event


def compare_and_swap(
    comment: Comment,
    act: CommentAction,
    *,
    after: str,
    actor: Actor,
    by: User | None,
    now: datetime,
    changes: dict[str, object],
    overridden: Sequence[str] = (),
) -> CommentEvent:
    """Update the row if nobody else has, and write the event. Raises NotAllowed otherwise.

    Call it in a transaction, and refresh the row afterwards.
    """
    if after != comment.status:
        changes = {"status": after, "status_changed_at": now, **changes}
    number = comment.revision + 1
    changed = Comment.objects.filter(
        pk=comment.pk,
        status=comment.status,
        revision=comment.revision,
        # The private link may have been revoked since the row was read.
        token_version=comment.token_version,
    ).update(revision=number, **changes)
    if not changed:
        raise NotAllowed(f"no longer {comment.status}, revision {comment.revision}")
    return CommentEvent.objects.create(
        comment=comment,
        number=number,
        at=now,
        actor=actor,
        by=by,
        act=act,
        before=comment.status,
        after=after,
        overridden=list(overridden),
    )


def _store_published_html(comment: Comment, now: datetime) -> None:
    comment.published_name = comment.name
    comment.published_html = comment_html(comment.shown_text, links=True)
    comment.renderer_version = RENDERER_VERSION
    comment.published_at = comment.published_at or now
    comment.save(
        update_fields=["published_name", "published_html", "renderer_version", "published_at"]
    )


# Rendering published HTML again after a change of the renderer.

RERENDER_BATCH_SIZE = 200


def rerender_outdated(*, limit: int = 50 * RERENDER_BATCH_SIZE) -> int:
    """Render HTML of an older renderer again, for up to ``limit`` rows; return how many changed.

    The next run continues with the rest. A row that changed since it was read is skipped: its
    transition rendered it. A row that cannot be decrypted keeps its HTML.
    """
    outdated = Comment.objects.filter(status=Status.APPROVED, renderer_version__lt=RENDERER_VERSION)
    changed, seen, last = 0, 0, None
    while seen < limit:
        rows = outdated if last is None else outdated.filter(pk__gt=last)
        batch = list(rows.order_by("pk")[:RERENDER_BATCH_SIZE])
        if not batch:
            break
        seen, last = seen + len(batch), batch[-1].pk
        changed += sum(_rerender(row) for row in batch)
    return changed


def _rerender(row: Comment) -> int:
    try:
        html = comment_html(row.shown_text, links=True)
    except DecryptionError:
        return 0
    if not html:
        return 0
    unchanged = Comment.objects.filter(pk=row.pk, revision=row.revision, status=Status.APPROVED)
    return unchanged.update(published_html=html, renderer_version=RENDERER_VERSION)
