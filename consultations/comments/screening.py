"""What screening says of a comment: the one place where comments ask it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from consultations.comments.models import Act, Actor, Comment, CommentEvent, Status
from consultations.privacy.encryption import CannotOpen
from consultations.rate_limits import limits
from consultations.screening import learning
from consultations.screening.distress import is_read_first
from consultations.screening.judge import SPAM, History, Submission, judge
from consultations.screening.learning import Decided, words_to_learn
from consultations.screening.lists import scripts_of
from consultations.screening.models import ScreeningSettings

HOUR = 3_600


@dataclass(frozen=True)
class Sorted:
    """Where a comment goes. It only sorts the queue: nothing is refused."""

    status: Status
    marks: list[str]
    score: float | None = None
    read_first: bool = False


def sort(
    *,
    name: str,
    email: str,
    text: str,
    suspicions: list[str],
    now: datetime,
    network: str = "",
    former_text: str = "",
) -> Sorted:
    """``former_text``: what the comment said before its writer changed it."""
    chosen = ScreeningSettings.load()
    lists = chosen.as_lists(scripts_of(settings.LANGUAGE_CODE))
    repeated = learning.earlier(text, now=now)
    if former_text and learning.is_same(text, former_text):
        repeated = max(0, repeated - 1)  # itself
    history = History(
        lists=lists,
        learned=learning.shift(learning.words_to_learn(name, text)) if chosen.learns else 0.0,
        repeats=repeated,
        from_here=_from_here(network, now),
    )
    judgement = judge(
        Submission(text=text, name=name, email=email, marks=tuple(suspicions)), history
    )
    return Sorted(
        status=Status.SPAM if judgement.verdict == SPAM else Status.WAITING,
        marks=judgement.reasons,
        score=judgement.score,
        read_first=lists.distress_is_on and is_read_first(text, lists.distress),
    )


def remember(text: str, *, former_text: str = "", now: datetime) -> None:
    """That these words were sent; in the transaction that stores them."""
    if not (former_text and learning.is_same(text, former_text)):
        learning.note(text, now=now)


def _from_here(network: str, now: datetime) -> int:
    if not network:
        return 0
    return limits.recent(limits.COMMENTS[0], network, seconds=HOUR, now=now)


# The comments that a person decided on, as screening learns from them.

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
