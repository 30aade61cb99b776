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
from consultations.screening.classifier import MOST_LEARNED
from consultations.screening.models import LearnedWord, Lesson
from consultations.screening.parsed_text import shortened
from consultations.screening.text_matching import folded_words

FEWEST_PEOPLE = 5
MOST_FOR_ONE_WORD = 0.5  # of the log-odds, either way
MOST_WORDS_ASKED = 300
LONGEST_WORD = 30
NOT_SOONER_THAN = timedelta(minutes=5)


@dataclass(frozen=True)
class Decided:
    """One comment that a person decided on. ``writer`` tells people apart and is not kept."""

    writer: str
    is_spam: bool
    words: frozenset[str]


@dataclass(frozen=True)
class Counts:
    spam: int
    genuine: int


def words_to_learn(*texts: str) -> frozenset[str]:
    found = (word for text in texts for word in folded_words(shortened(text)))
    return frozenset(word for word in found if len(word) <= LONGEST_WORD and word.isalpha())


def count(decided: Iterable[Decided]) -> tuple[dict[str, Counts], Counts]:
    """People by word, for words of enough people, and people in all. Pure."""
    spam: dict[str, set[str]] = defaultdict(set)
    genuine: dict[str, set[str]] = defaultdict(set)
    writers: tuple[set[str], set[str]] = (set(), set())
    for one in decided:
        writers[0 if one.is_spam else 1].add(one.writer)
        for word in one.words:
            (spam if one.is_spam else genuine)[word].add(one.writer)
    kept = {
        word: Counts(len(spam[word]), len(genuine[word]))
        for word in sorted(spam.keys() | genuine.keys())
        if len(spam[word] | genuine[word]) >= FEWEST_PEOPLE
    }
    return kept, Counts(len(writers[0]), len(writers[1]))


def weight(word: Counts, people: Counts) -> float:
    """Log-odds that one word adds. Nothing until both kinds were seen from enough people. Pure."""
    if min(people.spam, people.genuine) < FEWEST_PEOPLE:
        return 0.0
    in_spam = (word.spam + 0.5) / (people.spam + 1)
    in_genuine = (word.genuine + 0.5) / (people.genuine + 1)
    return _within(math.log(in_spam / in_genuine), MOST_FOR_ONE_WORD)


def learn(decided: Iterable[Decided], *, now: datetime) -> int:
    """Replace what was learned; how many words are known now."""
    kept, people = count(decided)
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


def due_since(*, now: datetime) -> datetime | None:
    """When the last lesson was, if a decision after it should be learned from by now."""
    lesson = Lesson.objects.filter(pk=1).first()
    if lesson is None:
        return datetime.min.replace(tzinfo=now.tzinfo)
    return lesson.learned_at if now - lesson.learned_at >= NOT_SOONER_THAN else None


def shift(found: Collection[str]) -> float:
    """What the practice's decisions say of these words, in log-odds; 0 while they say nothing."""
    lesson = Lesson.objects.filter(pk=1).first()
    if lesson is None or not found:
        return 0.0
    people = Counts(lesson.spam_people, lesson.genuine_people)
    if min(people.spam, people.genuine) < FEWEST_PEOPLE:
        return 0.0
    asked = [fingerprint("learned-word", word) for word in sorted(found)[:MOST_WORDS_ASKED]]
    rows = LearnedWord.objects.filter(word_fingerprint__in=asked)
    total = math.fsum(weight(Counts(row.spam_people, row.genuine_people), people) for row in rows)
    return _within(total, MOST_LEARNED)


def forget() -> None:
    """Everything learned: staff switched it off."""
    with transaction.atomic():
        LearnedWord.objects.all().delete()
        Lesson.objects.all().delete()


def _within(value: float, most: float) -> float:
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
    return folded_words(shortened(one)) == folded_words(shortened(other))


def _repeat_key(text: str) -> str:
    plain = folded_words(shortened(text))
    return fingerprint("repeated-text", " ".join(plain)) if len(plain) >= MIN_REPEAT_WORDS else ""
