"""Learn from the decisions of staff which words suggest spam, and count repeated texts.

Each lesson counts the decided comments that still exist and replaces the one before, so nothing
outlives the comments it was learned from: not an undone decision, an erased comment or an emptied
spam folder. A word is stored as a keyed hash with two counts, and only if five or more people used
it; who used it is not stored.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from consultations.privacy.fingerprints import fingerprint
from consultations.rate_limits.limits import CountPeriod, increment_count
from consultations.screening.classifier import MAX_LEARNED_LOG_ODDS
from consultations.screening.models import LearnedWord, Lesson
from consultations.screening.parsed_text import folded_words, shorten

MIN_PEOPLE = 5
MAX_WORD_LOG_ODDS = 0.5  # of the log-odds, either way
MAX_WORDS_LOOKED_UP = 300
MAX_WORD_CHARS = 30
MIN_LESSON_INTERVAL = timedelta(minutes=5)


@dataclass(frozen=True)
class LabeledComment:
    """A comment that staff decided on. ``writer`` tells people apart and is never stored."""

    writer: str
    is_spam: bool
    words: frozenset[str]


@dataclass(frozen=True)
class LabelCounts:
    """How many people wrote spam and genuine comments, with one word or in all."""

    spam: int
    genuine: int


def learnable_words(*texts: str) -> frozenset[str]:
    """Return the words of the texts that may be learned."""
    words = (word for text in texts for word in folded_words(shorten(text)))
    return frozenset(word for word in words if len(word) <= MAX_WORD_CHARS and word.isalpha())


def count_people(decided: Iterable[LabeledComment]) -> tuple[dict[str, LabelCounts], LabelCounts]:
    """Return people by word, for words that enough people used, and people in all. Pure."""
    spam: dict[str, set[str]] = defaultdict(set)
    genuine: dict[str, set[str]] = defaultdict(set)
    writers: tuple[set[str], set[str]] = (set(), set())
    for comment in decided:
        writers[0 if comment.is_spam else 1].add(comment.writer)
        for word in comment.words:
            (spam if comment.is_spam else genuine)[word].add(comment.writer)
    kept = {
        word: LabelCounts(len(spam[word]), len(genuine[word]))
        for word in sorted(spam.keys() | genuine.keys())
        if len(spam[word] | genuine[word]) >= MIN_PEOPLE
    }
    return kept, LabelCounts(len(writers[0]), len(writers[1]))


def word_log_odds(word: LabelCounts, people: LabelCounts) -> float:
    """Return the log-odds that a word adds; 0 until enough people wrote of each label. Pure."""
    if min(people.spam, people.genuine) < MIN_PEOPLE:
        return 0.0
    in_spam = (word.spam + 0.5) / (people.spam + 1)
    in_genuine = (word.genuine + 0.5) / (people.genuine + 1)
    return _clamp(math.log(in_spam / in_genuine), MAX_WORD_LOG_ODDS)


def replace_learned_words(decided: Iterable[LabeledComment], *, now: datetime) -> int:
    """Replace everything learned; return how many words are known now."""
    kept, people = count_people(decided)
    rows = [
        LearnedWord(
            word_fingerprint=fingerprint("learned-word", word),
            spam_people=counts.spam,
            genuine_people=counts.genuine,
        )
        for word, counts in kept.items()
    ]
    with transaction.atomic():
        LearnedWord.objects.all().delete()
        LearnedWord.objects.bulk_create(rows, batch_size=500)
        Lesson.objects.update_or_create(
            pk=1,
            defaults={
                "learned_at": now,
                "spam_people": people.spam,
                "genuine_people": people.genuine,
            },
        )
    return len(rows)


def last_lesson_if_due(*, now: datetime) -> datetime | None:
    """Return the time of the last lesson if the next one is due; None if it is too soon."""
    lesson = Lesson.objects.filter(pk=1).first()
    if lesson is None:
        return datetime.min.replace(tzinfo=now.tzinfo)
    return lesson.learned_at if now - lesson.learned_at >= MIN_LESSON_INTERVAL else None


def learned_log_odds(words: Collection[str]) -> float:
    """Return the log-odds of spam that learned for these words; 0 with too little data."""
    lesson = Lesson.objects.filter(pk=1).first()
    if lesson is None or not words:
        return 0.0
    people = LabelCounts(lesson.spam_people, lesson.genuine_people)
    if min(people.spam, people.genuine) < MIN_PEOPLE:
        return 0.0
    hashes = [fingerprint("learned-word", word) for word in sorted(words)[:MAX_WORDS_LOOKED_UP]]
    rows = LearnedWord.objects.filter(word_fingerprint__in=hashes)
    total = math.fsum(
        word_log_odds(LabelCounts(row.spam_people, row.genuine_people), people) for row in rows
    )
    return _clamp(total, MAX_LEARNED_LOG_ODDS)


def delete_learned_words() -> None:
    """Delete everything learned, when staff switch learning off."""
    with transaction.atomic():
        LearnedWord.objects.all().delete()
        Lesson.objects.all().delete()


def _clamp(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))


# Repeated texts, on whatever article: counted under a keyed hash, for a week.

REPEAT_WINDOW = timedelta(days=7)
DAY_SECONDS = 86_400
# Many people write "Thank you so much"; the same five words in a row are no coincidence.
MIN_REPEAT_WORDS = 5


def repeat_period(text: str, *, now: datetime) -> CountPeriod | None:
    """Return the week of counts of this text, for `sum_counts`; None for a text too short."""
    key = _repeat_key(text)
    # Counts are stored by day: a day more, so that the whole week is inside.
    since = now - REPEAT_WINDOW - timedelta(seconds=DAY_SECONDS)
    return CountPeriod(key, since) if key else None


def record_repeat(text: str, *, now: datetime) -> None:
    """Count a text as sent. Texts of fewer than MIN_REPEAT_WORDS words are not counted."""
    if key := _repeat_key(text):
        increment_count(
            key, datetime.fromtimestamp(now.timestamp() // DAY_SECONDS * DAY_SECONDS, UTC)
        )


def is_same_text(first: str, second: str) -> bool:
    """Return whether two texts count as the same: equal folded words."""
    return folded_words(shorten(first)) == folded_words(shorten(second))


def _repeat_key(text: str) -> str:
    words = folded_words(shorten(text))
    return fingerprint("repeated-text", " ".join(words)) if len(words) >= MIN_REPEAT_WORDS else ""
