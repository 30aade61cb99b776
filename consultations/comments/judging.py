"""What screening says of a comment: the one place where comments ask it."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from consultations.comments.models import Status
from consultations.screening import learning, rate_limits, repeats
from consultations.screening.distress import is_read_first
from consultations.screening.judge import SPAM, History, Submission, judge
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
    repeated = repeats.earlier(text, now=now)
    if former_text and repeats.is_same(text, former_text):
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
    if not (former_text and repeats.is_same(text, former_text)):
        repeats.note(text, now=now)


def _from_here(network: str, now: datetime) -> int:
    if not network:
        return 0
    return rate_limits.recent(rate_limits.COMMENTS[0], network, seconds=HOUR, now=now)
