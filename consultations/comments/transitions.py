"""One act on a comment: compare and swap, with its event in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from consultations.comments.models import Actor, Comment, CommentAction, CommentEvent, Status
from consultations.comments.rendering import RENDERER_VERSION, comment_html
from consultations.privacy.encryption import DecryptionError


class NotAllowed(Exception):
    """The comment has moved meanwhile, or cannot go there from where it is."""


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
    **changes: Any,
) -> CommentEvent:
    """Of two who act on one revision, one acts and the other gets NotAllowed.

    ``texts`` are encrypted columns, which only the row itself can write. What is not published
    is in clear nowhere, so every path away from it empties the clear columns here.
    """
    before = comment.status
    if after == Status.APPROVED and not comment.text:
        raise NotAllowed("nothing is left to publish")
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
    """The bare step; call it in a transaction, and read the row again afterwards."""
    if after != comment.status:
        changes = {"status": after, "status_changed_at": now, **changes}
    number = comment.revision + 1
    changed = Comment.objects.filter(
        pk=comment.pk,
        status=comment.status,
        revision=comment.revision,
        # A link that was revoked since it was read opens nothing any more.
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
    """The finished HTML and the public name stand in clear from now on."""
    comment.published_name = comment.name
    comment.published_html = comment_html(comment.shown_text, links=True)
    comment.renderer_version = RENDERER_VERSION
    comment.published_at = comment.published_at or now
    comment.save(
        update_fields=["published_name", "published_html", "renderer_version", "published_at"]
    )


# Published HTML that an older renderer made, made again from the sealed words.

RERENDER_BATCH_SIZE = 200


def rerender_outdated(*, most: int = 50 * RERENDER_BATCH_SIZE) -> int:
    """Up to ``most`` rows; where it stopped stands in the rows themselves, so the next run goes on.

    A row that has moved since it was read is left to that move. One that no key of ours opens
    stays as readers know it.
    """
    old = Comment.objects.filter(status=Status.APPROVED, renderer_version__lt=RENDERER_VERSION)
    done, seen, last = 0, 0, None
    while seen < most:
        rows = old if last is None else old.filter(pk__gt=last)
        batch = list(rows.order_by("pk")[:RERENDER_BATCH_SIZE])
        if not batch:
            break
        seen, last = seen + len(batch), batch[-1].pk
        done += sum(_rerender(row) for row in batch)
    return done


def _rerender(row: Comment) -> int:
    try:
        html = comment_html(row.shown_text, links=True)
    except DecryptionError:
        return 0
    if not html:
        return 0
    same = Comment.objects.filter(pk=row.pk, revision=row.revision, status=Status.APPROVED)
    return same.update(published_html=html, renderer_version=RENDERER_VERSION)
