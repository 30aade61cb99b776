"""Published comments as readers see them: no address, no hash of one, three levels deep."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from consultations.comments.models import Comment

DEEPEST = 2  # levels 0, 1 and 2 are shown; deeper answers stand on the last level


@dataclass
class PublicComment:
    """All that a template ever gets of a comment."""

    public_id: str
    name: str
    html: str
    published_at: datetime
    is_by_practice: bool
    depth: int = 0
    replies: list["PublicComment"] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"comment-{self.public_id}"


def public_threads(comments: Iterable[Comment]) -> list[PublicComment]:
    """Oldest first. An answer whose comment is no longer shown stands on its own."""
    rows = sorted(comments, key=lambda row: (row.published_at or row.created_at, row.public_id))
    shown: dict[UUID, PublicComment] = {row.uuid: _public(row) for row in rows}
    parents = {row.uuid: row.parent_id for row in rows}
    top: list[PublicComment] = []
    # Parents before their answers, whatever the order of approval was.
    for row in sorted(rows, key=lambda row: _level(row.uuid, parents)):
        comment, parent = shown[row.uuid], _shown_parent(row.uuid, parents, shown)
        if parent is None:
            top.append(comment)
        else:
            comment.depth = parent.depth + 1
            parent.replies.append(comment)
    _in_order(top)
    return top


def _public(row: Comment) -> PublicComment:
    return PublicComment(
        public_id=row.public_id,
        name=row.published_name,
        html=row.published_html,
        published_at=row.published_at or row.created_at,
        is_by_practice=row.by_practice,
    )


def _level(key: UUID, parents: dict[UUID, UUID | None]) -> int:
    level, seen = 0, {key}
    parent = parents.get(key)
    while parent is not None and parent in parents and parent not in seen:
        seen.add(parent)
        level, parent = level + 1, parents.get(parent)
    return level


def _shown_parent(
    key: UUID, parents: dict[UUID, UUID | None], shown: dict[UUID, PublicComment]
) -> PublicComment | None:
    """The comment to stand under; for deep answers the nearest one that may still have answers."""
    parent = parents.get(key)
    seen = {key}
    while parent is not None and parent in shown and parent not in seen:
        if shown[parent].depth < DEEPEST:
            return shown[parent]
        seen.add(parent)
        parent = parents.get(parent)
    return None


def _in_order(comments: list[PublicComment]) -> None:
    comments.sort(key=lambda comment: comment.published_at)
    for comment in comments:
        _in_order(comment.replies)
