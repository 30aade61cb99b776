"""Published HTML that an older renderer made, made again from the sealed words."""

from consultations.comments.models import Comment, Status
from consultations.comments.rendering import RENDERER_VERSION, comment_html
from consultations.privacy.encryption import CannotOpen

BATCH = 200


def render_again(*, most: int = 50 * BATCH) -> int:
    """Up to ``most`` rows; where it stopped stands in the rows themselves, so the next run goes on.

    A row that has moved since it was read is left to that move. One that no key of ours opens
    stays as readers know it.
    """
    old = Comment.objects.filter(status=Status.APPROVED, renderer_version__lt=RENDERER_VERSION)
    done, seen, last = 0, 0, None
    while seen < most:
        rows = old if last is None else old.filter(pk__gt=last)
        batch = list(rows.order_by("pk")[:BATCH])
        if not batch:
            break
        seen, last = seen + len(batch), batch[-1].pk
        done += sum(_renewed(row) for row in batch)
    return done


def _renewed(row: Comment) -> int:
    try:
        html = comment_html(row.shown_text, links=True)
    except CannotOpen:
        return 0
    if not html:
        return 0
    same = Comment.objects.filter(pk=row.pk, revision=row.revision, status=Status.APPROVED)
    return same.update(published_html=html, renderer_version=RENDERER_VERSION)
