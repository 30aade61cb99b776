"""What screening says of a comment, and what it learns of staff's decisions: the one place where
comments ask it."""

from dataclasses import dataclass

from consultations.comments.models import Status
from consultations.screening.distress import is_read_first
from consultations.screening.judge import SPAM, Submission, judge
from consultations.screening.lists import Lists


@dataclass(frozen=True)
class Sorted:
    """Where a comment goes. It only sorts the queue: nothing is refused."""

    status: Status
    marks: list[str]
    score: float | None = None
    read_first: bool = False


def sort(*, name: str, email: str, text: str, suspicions: list[str]) -> Sorted:
    judgement = judge(Submission(text=text, name=name, email=email, marks=tuple(suspicions)))
    lists = Lists()
    return Sorted(
        status=Status.SPAM if judgement.verdict == SPAM else Status.WAITING,
        marks=judgement.reasons,
        score=judgement.score,
        read_first=lists.distress_is_on and is_read_first(text, lists.distress),
    )
