"""Screen comments, and let screening learn from the decisions of staff."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from consultations.audit.models import Actor
from consultations.comments.models import Comment, CommentAction, CommentEvent, Status
from consultations.privacy.encryption import DecryptionError
from consultations.rate_limits import limits
from consultations.screening import learning
from consultations.screening.classifier import SPAM, History, Submission, classify
from consultations.screening.learning import LabeledComment, learnable_words
from consultations.screening.models import ScreeningSettings
from consultations.screening.parsed_text import scripts_for_language

HOUR_SECONDS = 3_600


@dataclass(frozen=True)
class ScreeningResult:
    """The folder of a comment and why. Screening only sorts the queue: nothing is refused."""

    status: Status
    reasons: list[str]
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
    """Classify a comment with the practice's lists and what was sent before.

    ``suspicions`` are the codes of the form. ``former_text`` is the text before an edit by its
    writer: it was counted when it was sent, and an edited comment is no repeat of itself.
    """
    screening_settings = ScreeningSettings.load()
    network_period = (
        limits.recent_period(limits.COMMENT_LIMITS[0], network, seconds=HOUR_SECONDS, now=now)
        if network
        else None
    )
    repeats, from_network = limits.sum_counts(
        [learning.repeat_period(text, now=now), network_period]
    )
    if former_text and learning.is_same_text(text, former_text):
        repeats = max(0, repeats - 1)  # the comment itself
    history = History(
        lists=screening_settings.to_word_lists(scripts_for_language(settings.LANGUAGE_CODE)),
        learned=learning.learned_log_odds(learnable_words(name, text))
        if screening_settings.learns
        else 0.0,
        repeats=repeats,
        from_network=from_network,
    )
    result = classify(
        Submission(text=text, name=name, email=email, marks=tuple(suspicions)), history
    )
    return ScreeningResult(
        status=Status.SPAM if result.verdict == SPAM else Status.WAITING,
        reasons=result.reasons,
        score=result.score,
        read_first=screening_settings.is_read_first(text),
    )


def record_sent_text(text: str, *, former_text: str = "", now: datetime) -> None:
    """Count a text as sent, so that repeats of it are noticed.

    Call it in the transaction that stores the comment. An edit that leaves the text the same is
    not counted again.
    """
    if not (former_text and learning.is_same_text(text, former_text)):
        learning.record_repeat(text, now=now)


# Learning from the decisions of staff.

# The newest of each label: enough to learn from, and read in well under a second.
MAX_COMMENTS_PER_LABEL = 1_000


def learn_if_due(*, now: datetime) -> int | None:
    """Retrain if staff decided something since the last time; return how many words are known.

    None when nothing was due. Called by the worker every few minutes.
    """
    if not ScreeningSettings.load().learns:
        return None
    since = learning.last_lesson_if_due(now=now)
    if since is None:
        return None
    has_new_decision = CommentEvent.objects.filter(actor=Actor.STAFF, at__gt=since).exists()
    return learn_from_decisions(now=now) if has_new_decision else None


def learn_from_decisions(*, now: datetime) -> int | None:
    """Retrain even without a new decision, to forget deleted comments.

    Return how many words are known; None when learning is switched off, which deletes all.
    """
    if not ScreeningSettings.load().learns:
        learning.delete_learned_words()
        return None
    return learning.replace_learned_words(labeled_comments(), now=now)


def labeled_comments() -> Iterator[LabeledComment]:
    """Yield visitors' comments that staff published or marked as spam.

    Comments that only screening put into spam are left out, or it would confirm itself.
    """
    visitors = Comment.objects.filter(by_practice=False).order_by("-status_changed_at")
    published = visitors.published()[:MAX_COMMENTS_PER_LABEL]
    marked_by_staff = CommentEvent.objects.filter(act=CommentAction.SPAM, actor=Actor.STAFF).values(
        "comment"
    )
    spam = visitors.filter(status=Status.SPAM, pk__in=marked_by_staff)[:MAX_COMMENTS_PER_LABEL]
    for rows, is_spam in ((published, False), (spam, True)):
        for comment in rows:
            try:
                yield _to_labeled_comment(comment, is_spam)
            except DecryptionError:
                continue


def _to_labeled_comment(comment: Comment, is_spam: bool) -> LabeledComment:
    # Once the address is deleted by age, only the name tells people apart.
    writer = comment.email_fingerprint or " ".join(comment.name.casefold().split())
    return LabeledComment(writer, is_spam, learnable_words(comment.name, comment.text))
