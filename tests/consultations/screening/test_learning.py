"""Learning from decisions: bounded, only words of many people, and forgotten with them."""

from datetime import timedelta

import pytest

from consultations.screening import learning
from consultations.screening.classifier import MAX_LEARNED_LOG_ODDS
from consultations.screening.learning import (
    LabelCounts,
    LabeledComment,
    count_people,
    learnable_words,
    word_log_odds,
)
from consultations.screening.models import LearnedWord, Lesson
from tests.factories.consultations import NOW


def make_labeled_comments(people, text, *, is_spam=False) -> list[LabeledComment]:
    kind = "spam" if is_spam else "good"
    return [LabeledComment(f"{kind}-{n}", is_spam, learnable_words(text)) for n in range(people)]


def test_only_words_of_five_people_are_kept() -> None:
    decided = [
        *make_labeled_comments(5, "garden"),
        *make_labeled_comments(4, "orchid"),
        *make_labeled_comments(1, "tulip") * 9,
    ]
    kept, people = count_people(decided)
    assert kept == {"garden": LabelCounts(spam=0, genuine=5)}
    assert people == LabelCounts(spam=0, genuine=5)


def test_person_with_spam_and_genuine_counts_once() -> None:
    decided = [LabeledComment("same", spam, frozenset({"garden"})) for spam in (True, False) * 6]
    assert count_people(decided)[0] == {}


def test_numbers_and_overlong_words_are_not_learned() -> None:
    assert learnable_words("Call 5550142 " + "x" * 31, "N4me") == {"call"}


def test_word_log_odds_follow_spam_share() -> None:
    people = LabelCounts(spam=10, genuine=10)
    assert word_log_odds(LabelCounts(9, 0), people) == learning.MAX_WORD_LOG_ODDS
    assert word_log_odds(LabelCounts(0, 9), people) == -learning.MAX_WORD_LOG_ODDS
    assert word_log_odds(LabelCounts(5, 5), people) == 0


@pytest.mark.parametrize("people", [LabelCounts(4, 500), LabelCounts(500, 4), LabelCounts(0, 9)])
def test_log_odds_are_zero_below_five_people_per_label(people) -> None:
    assert word_log_odds(LabelCounts(people.spam, people.genuine), people) == 0


@pytest.mark.django_db
def test_learned_log_odds_apply_to_seen_words() -> None:
    spam = make_labeled_comments(6, "cheap marble worktops", is_spam=True)
    learning.replace_learned_words([*spam, *make_labeled_comments(6, "my mother died")], now=NOW)
    assert learning.learned_log_odds(learnable_words("Marble worktops")) == 1.0
    assert learning.learned_log_odds(learnable_words("My mother")) == -1.0
    assert learning.learned_log_odds(learnable_words("Nothing of it")) == 0
    assert learning.learned_log_odds(frozenset()) == 0


@pytest.mark.django_db
def test_learned_log_odds_are_bounded() -> None:
    many = " ".join(
        "abcdefghij"[int(d)] * 5 + "abcdefghij"[int(e)] for d in "0123456789" for e in "0123456789"
    )
    learning.replace_learned_words(
        [*make_labeled_comments(9, many, is_spam=True), *make_labeled_comments(9, "hello")], now=NOW
    )
    assert learning.learned_log_odds(learnable_words(many)) == MAX_LEARNED_LOG_ODDS


@pytest.mark.django_db
def test_each_lesson_replaces_the_previous() -> None:
    learning.replace_learned_words(
        [*make_labeled_comments(6, "marble", is_spam=True), *make_labeled_comments(6, "mother")],
        now=NOW,
    )
    assert LearnedWord.objects.count() == 2
    learning.replace_learned_words(make_labeled_comments(6, "mother"), now=NOW + timedelta(hours=1))
    assert LearnedWord.objects.count() == 1
    assert learning.learned_log_odds(frozenset({"marble"})) == 0


@pytest.mark.django_db
def test_no_words_or_persons_are_stored(settings) -> None:
    learning.replace_learned_words(
        [*make_labeled_comments(6, "marble", is_spam=True), *make_labeled_comments(6, "mother")],
        now=NOW,
    )
    kept = str(list(LearnedWord.objects.values())) + str(list(Lesson.objects.values()))
    assert not [word for word in ("marble", "mother", "good-1", "spam-1") if word in kept]
    settings.FIELD_KEYS = [(9, b"k" * 32)]
    assert (
        learning.learned_log_odds(frozenset({"marble"})) == 0
    )  # under another key it is not found


@pytest.mark.django_db
def test_deleting_learned_words_leaves_nothing() -> None:
    learning.replace_learned_words(make_labeled_comments(6, "mother"), now=NOW)
    learning.delete_learned_words()
    assert not LearnedWord.objects.exists()
    assert not Lesson.objects.exists()


@pytest.mark.django_db
def test_no_lesson_is_due_for_five_minutes() -> None:
    first = learning.last_lesson_if_due(now=NOW)
    assert first is not None
    assert first < NOW - timedelta(days=365)
    learning.replace_learned_words([], now=NOW)
    assert learning.last_lesson_if_due(now=NOW + timedelta(minutes=4)) is None
    assert learning.last_lesson_if_due(now=NOW + timedelta(minutes=5)) == NOW
