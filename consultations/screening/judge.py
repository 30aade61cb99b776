"""All that is known of one comment, to one verdict. Pure: it sorts the queue and refuses nobody."""

from dataclasses import dataclass, field

from consultations.screening import distress, model, rules
from consultations.screening.lists import DISTRESS, Lists
from consultations.screening.reading import Reading, Submission

__all__ = ["History", "Judgement", "Submission", "judge"]

HAM, HOLD, SPAM = "ham", "hold", "spam"
# Measured in docs/screening.md. High: a lost genuine comment costs more than spam that waits.
SPAM_FROM = 0.85
HOLD_FROM = 0.40
# How far what this practice's staff decided may move the log-odds, either way.
MOST_LEARNED = 1.5
REPEATED_MANY, FOR_REPEATING = 3, 2.0
# Of its words the scorer must know this share, or it cannot tell spam from another language.
LEAST_KNOWN = 0.4
MOST_REASONS = 6


@dataclass(frozen=True)
class History:
    """What the practice knows besides the comment itself."""

    lists: Lists = field(default_factory=Lists)
    learned: float = 0.0  # log-odds from this practice's own decisions
    repeats: int = 0  # the same words, sent before
    from_here: int = 0  # comments from the same network address within the hour


@dataclass(frozen=True)
class Judgement:
    verdict: str
    score: float
    reasons: list[str]


def judge(
    submission: Submission, history: History | None = None, *, scorer: model.Model | None = None
) -> Judgement:
    history = history or History()
    reading = Reading(submission)
    evidence = (scorer or model.shipped()).weigh(reading)
    learned = max(-MOST_LEARNED, min(MOST_LEARNED, history.learned))
    repeating = FOR_REPEATING if history.repeats >= REPEATED_MANY and reading.asks else 0.0
    score = model.probability(evidence.log_odds + learned + repeating)

    codes = [code for code in submission.marks if code in rules.REASONS]
    codes += rules.doubts(
        reading, history.lists, repeats=history.repeats, from_here=history.from_here
    )
    reads_like_spam = (
        score >= SPAM_FROM
        and reading.asks
        and not reading.is_of_people
        # A few decisions of staff may tip the balance, never make spam of what is far from it.
        and evidence.score >= HOLD_FROM
        and (evidence.known_share >= LEAST_KNOWN or reading.sells)
    )
    is_kept = (
        reading.is_personal
        or reading.points_to_help
        or distress.is_read_first(submission.text, (*DISTRESS, *history.lists.distress))
    )
    by_program = bool(rules.SPAM.intersection(codes))
    # "cheap-pills.com" is nobody's name.
    is_named_so = reading.name_is_address and reading.name_sells
    by_words = reads_like_spam or is_named_so or "listed_spam" in codes
    if by_program or (by_words and not is_kept):
        verdict = SPAM
    elif by_words or score >= HOLD_FROM or rules.HOLD.intersection(codes):
        verdict = HOLD
    else:
        verdict = HAM
    if by_program or (verdict == SPAM and not reads_like_spam):
        score = max(score, 0.99)
    if score >= HOLD_FROM and not by_program:
        codes += _why(score, learned, evidence)
    if by_words and is_kept and not by_program:
        codes.append("kept")
    return Judgement(verdict, round(score, 4), list(dict.fromkeys(codes)))


def _why(score: float, learned: float, evidence: model.Evidence) -> list[str]:
    first = "reads_like_spam" if score >= SPAM_FROM else "reads_a_little_like_spam"
    found = [first, *(["learned"] if learned >= 0.3 else [])]
    return (found + rules.seen_by_scorer(evidence.speaking))[:MOST_REASONS]
