"""What screening says of a comment: the one place where comments ask it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from consultations.comments.models import Actor, Comment, CommentAction, CommentEvent, Status
from consultations.privacy.encryption import DecryptionError
from consultations.rate_limits import limits
from consultations.screening import learning
from consultations.screening.classifier import SPAM, History, Submission, classify
from consultations.screening.distress import has_distress_phrase
from consultations.screening.learning import LabeledComment, learnable_words
from consultations.screening.models import ScreeningSettings
from consultations.screening.word_lists import scripts_for_language

HOUR_SECONDS = 3_600


@dataclass(frozen=True)
class ScreeningResult:
    """Where a comment goes. It only sorts the queue: nothing is refused."""

    status: Status
    marks: list[str]
    score: float | None = None
    read_first: bool = False


def screen(
    *,
    name: str,
    email: str,
    text: str,
    suspicions: list[str],
    now: datetime,
    network: str = "",
    former_text: str = "",
) -> ScreeningResult:
    """``former_text``: what the comment said before its writer changed it."""
    chosen = ScreeningSettings.load()
    lists = chosen.to_word_lists(scripts_for_language(settings.LANGUAGE_CODE))
    repeated = learning.count_repeats(text, now=now)
    if former_text and learning.is_same_text(text, former_text):
        repeated = max(0, repeated - 1)  # itself
    history = History(
        lists=lists,
        learned=learning.learned_log_odds(learning.learnable_words(name, text))
        if chosen.learns
        else 0.0,
        repeats=repeated,
        from_here=_recent_count_from_network(network, now),
    )
    judgement = classify(
        Submission(text=text, name=name, email=email, marks=tuple(suspicions)), history
    )
    return ScreeningResult(
        status=Status.SPAM if judgement.verdict == SPAM else Status.WAITING,
        marks=judgement.reasons,
        score=judgement.score,
        read_first=lists.distress_is_on and has_distress_phrase(text, lists.distress),
    )


def record_sent_text(text: str, *, former_text: str = "", now: datetime) -> None:
    """That these words were sent; in the transaction that stores them."""
    if not (former_text and learning.is_same_text(text, former_text)):
        learning.record_repeat(text, now=now)


def _recent_count_from_network(network: str, now: datetime) -> int:
    if not network:
        return 0
    return limits.recent_count(limits.COMMENT_LIMITS[0], network, seconds=HOUR_SECONDS, now=now)


# The comments that a person decided on, as screening learns from them.

# The newest of each kind: enough to learn from, and read in well under a second.
MAX_COMMENTS_PER_LABEL = 1_000


def learn_if_due(*, now: datetime) -> int | None:
    """How many words are known after a lesson; None when none was due."""
    if not ScreeningSettings.load().learns:
        return None
    since = learning.last_lesson_if_due(now=now)
    if since is None:
        return None
    is_new = CommentEvent.objects.filter(actor=Actor.STAFF, at__gt=since).exists()
    return learn_from_decisions(now=now) if is_new else None


def learn_from_decisions(*, now: datetime) -> int | None:
    """Also without a new decision: comments go, and what was learned from them goes with them."""
    if not ScreeningSettings.load().learns:
        learning.delete_learned_words()
        return None
    return learning.replace_learned_words(labeled_comments(), now=now)


def labeled_comments() -> Iterator[LabeledComment]:
    """What staff published, and what staff marked as spam. What was only sorted teaches nothing,
    or the sorting would confirm itself."""
    visitors = Comment.objects.filter(by_practice=False).order_by("-status_changed_at")
    published = visitors.published()[:MAX_COMMENTS_PER_LABEL]
    judged = CommentEvent.objects.filter(act=CommentAction.SPAM, actor=Actor.STAFF).values(
        "comment"
    )
    spam = visitors.filter(status=Status.SPAM, pk__in=judged)[:MAX_COMMENTS_PER_LABEL]
    for rows, is_spam in ((published, False), (spam, True)):
        for comment in rows:
            try:
                yield _to_labeled_comment(comment, is_spam)
            except DecryptionError:
                continue


def _to_labeled_comment(comment: Comment, is_spam: bool) -> LabeledComment:
    # Past its time the address is gone; the name then has to tell people apart.
    writer = comment.email_fingerprint or " ".join(comment.name.casefold().split())
    return LabeledComment(writer, is_spam, learnable_words(comment.name, comment.text))
