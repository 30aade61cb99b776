"""What screening says of a comment, and what it learns of staff's decisions: the one place where
comments ask it."""

from dataclasses import dataclass

from consultations.comments.models import Status
from consultations.screening import rules


@dataclass(frozen=True)
class Sorted:
    """Where a comment goes. It only sorts the queue: nothing is refused."""

    status: Status
    marks: list[str]
    score: float | None = None
    read_first: bool = False


def sort(*, name: str, text: str, suspicions: list[str]) -> Sorted:
    marks = [*suspicions, *rules.reasons(name=name, text=text)]
    return Sorted(Status.SPAM if rules.is_spam(marks) else Status.WAITING, marks)
