"""The comments that a person decided on, as screening learns from them."""

from collections.abc import Iterator
from datetime import datetime

from consultations.comments.history import Act, Actor, CommentEvent
from consultations.comments.models import Comment, Status
from consultations.privacy.encryption import CannotOpen
from consultations.screening import learning
from consultations.screening.learning import Decided, words_to_learn
from consultations.screening.models import ScreeningSettings

# The newest of each kind: enough to learn from, and read in well under a second.
MOST_OF_A_KIND = 1_000


def learn_when_due(*, now: datetime) -> int | None:
    """How many words are known after a lesson; None when none was due."""
    if not ScreeningSettings.load().learns:
        return None
    since = learning.due_since(now=now)
    if since is None:
        return None
    is_new = CommentEvent.objects.filter(actor=Actor.STAFF, at__gt=since).exists()
    return learn(now=now) if is_new else None


def learn(*, now: datetime) -> int | None:
    """Also without a new decision: comments go, and what was learned from them goes with them."""
    if not ScreeningSettings.load().learns:
        learning.forget()
        return None
    return learning.learn(decided(), now=now)


def decided() -> Iterator[Decided]:
    """What staff published, and what staff marked as spam. What was only sorted teaches nothing,
    or the sorting would confirm itself."""
    visitors = Comment.objects.filter(by_practice=False).order_by("-status_changed_at")
    published = visitors.published()[:MOST_OF_A_KIND]
    judged = CommentEvent.objects.filter(act=Act.SPAM, actor=Actor.STAFF).values("comment")
    spam = visitors.filter(status=Status.SPAM, pk__in=judged)[:MOST_OF_A_KIND]
    for rows, is_spam in ((published, False), (spam, True)):
        for comment in rows:
            try:
                yield _as_decided(comment, is_spam)
            except CannotOpen:
                continue


def _as_decided(comment: Comment, is_spam: bool) -> Decided:
    # Past its time the address is gone; the name then has to tell people apart.
    writer = comment.email_fingerprint or " ".join(comment.name.casefold().split())
    return Decided(writer, is_spam, words_to_learn(comment.name, comment.text))
