"""What staff's decisions say of words: counted anew from the comments that are still here.

Nothing outlives the comments it was learned from. Each lesson reads what is decided now and
replaces the one before, so a decision taken back, a comment erased and a spam folder emptied are
forgotten with the next lesson. A word is kept, as a keyed hash with two counts, only when five
people or more used it; which people is not kept at all.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from consultations.privacy.fingerprints import fingerprint
from consultations.rate_limits.limits import increment_count
from consultations.rate_limits.models import RateCount
from consultations.screening.classifier import MAX_LEARNED_LOG_ODDS
from consultations.screening.models import LearnedWord, Lesson
from consultations.screening.parsed_text import shorten
from consultations.screening.text_matching import folded_words

MIN_PEOPLE = 5
MAX_WORD_LOG_ODDS = 0.5  # of the log-odds, either way
MAX_WORDS_LOOKED_UP = 300
MAX_WORD_CHARS = 30
MIN_LESSON_INTERVAL = timedelta(minutes=5)


@dataclass(frozen=True)
class LabeledComment:
    """One comment that a person decided on. ``writer`` tells people apart and is not kept."""

    writer: str
    is_spam: bool
    words: frozenset[str]


@dataclass(frozen=True)
class LabelCounts:
    spam: int
    genuine: int


def learnable_words(*texts: str) -> frozenset[str]:
    found = (word for text in texts for word in folded_words(shorten(text)))
    return frozenset(word for word in found if len(word) <= MAX_WORD_CHARS and word.isalpha())


def count_people(decided: Iterable[LabeledComment]) -> tuple[dict[str, LabelCounts], LabelCounts]:
    """People by word, for words of enough people, and people in all. Pure."""
    spam: dict[str, set[str]] = defaultdict(set)
    genuine: dict[str, set[str]] = defaultdict(set)
    writers: tuple[set[str], set[str]] = (set(), set())
    for one in decided:
        writers[0 if one.is_spam else 1].add(one.writer)
        for word in one.words:
            (spam if one.is_spam else genuine)[word].add(one.writer)
    kept = {
        word: LabelCounts(len(spam[word]), len(genuine[word]))
        for word in sorted(spam.keys() | genuine.keys())
        if len(spam[word] | genuine[word]) >= MIN_PEOPLE
    }
    return kept, LabelCounts(len(writers[0]), len(writers[1]))


def word_log_odds(word: LabelCounts, people: LabelCounts) -> float:
    """Log-odds that one word adds. Nothing until both kinds were seen from enough people. Pure."""
    if min(people.spam, people.genuine) < MIN_PEOPLE:
        return 0.0
    in_spam = (word.spam + 0.5) / (people.spam + 1)
    in_genuine = (word.genuine + 0.5) / (people.genuine + 1)
    return _clamp(math.log(in_spam / in_genuine), MAX_WORD_LOG_ODDS)


def replace_learned_words(decided: Iterable[LabeledComment], *, now: datetime) -> int:
    """Replace what was learned; how many words are known now."""
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
    """When the last lesson was, if a decision after it should be learned from by now."""
    lesson = Lesson.objects.filter(pk=1).first()
    if lesson is None:
        return datetime.min.replace(tzinfo=now.tzinfo)
    return lesson.learned_at if now - lesson.learned_at >= MIN_LESSON_INTERVAL else None


def learned_log_odds(found: Collection[str]) -> float:
    """What the practice's decisions say of these words, in log-odds; 0 while they say nothing."""
    lesson = Lesson.objects.filter(pk=1).first()
    if lesson is None or not found:
        return 0.0
    people = LabelCounts(lesson.spam_people, lesson.genuine_people)
    if min(people.spam, people.genuine) < MIN_PEOPLE:
        return 0.0
    asked = [fingerprint("learned-word", word) for word in sorted(found)[:MAX_WORDS_LOOKED_UP]]
    rows = LearnedWord.objects.filter(word_fingerprint__in=asked)
    total = math.fsum(
        word_log_odds(LabelCounts(row.spam_people, row.genuine_people), people) for row in rows
    )
    return _clamp(total, MAX_LEARNED_LOG_ODDS)


def delete_learned_words() -> None:
    """Everything learned: staff switched it off."""
    with transaction.atomic():
        LearnedWord.objects.all().delete()
        Lesson.objects.all().delete()


def _clamp(value: float, most: float) -> float:
    return max(-most, min(most, value))


# How often the same words came, on whatever article; counted under a keyed hash, for a week.

REPEAT_WINDOW = timedelta(days=7)
DAY_SECONDS = 86_400
# "Thank you so much" comes from many; these many words in one order do not.
MIN_REPEAT_WORDS = 5


def count_repeats(text: str, *, now: datetime) -> int:
    """How often these words came within the week, wherever they stood."""
    key = _repeat_key(text)
    if not key:
        return 0
    rows = RateCount.objects.filter(
        key=key, window_at__gt=now - REPEAT_WINDOW - timedelta(seconds=DAY_SECONDS)
    )
    return rows.aggregate(total=Sum("count"))["total"] or 0


def record_repeat(text: str, *, now: datetime) -> None:
    if key := _repeat_key(text):
        increment_count(
            key, datetime.fromtimestamp(now.timestamp() // DAY_SECONDS * DAY_SECONDS, UTC)
        )


def is_same_text(one: str, other: str) -> bool:
    return folded_words(shorten(one)) == folded_words(shorten(other))


def _repeat_key(text: str) -> str:
    plain = folded_words(shorten(text))
    return fingerprint("repeated-text", " ".join(plain)) if len(plain) >= MIN_REPEAT_WORDS else ""
