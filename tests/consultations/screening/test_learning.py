"""What decisions teach: little, bounded, of many people's words only, and gone with them."""

from datetime import timedelta

import pytest

from consultations.screening import learning
from consultations.screening.classifier import MOST_LEARNED
from consultations.screening.learning import Counts, Decided, count, weight, words_to_learn
from consultations.screening.models import LearnedWord, Lesson
from tests.factories.consultations import NOW


def said(people, text, *, is_spam=False) -> list[Decided]:
    kind = "spam" if is_spam else "good"
    return [Decided(f"{kind}-{n}", is_spam, words_to_learn(text)) for n in range(people)]


def test_only_words_of_five_different_people_are_kept() -> None:
    decided = [*said(5, "garden"), *said(4, "orchid"), *said(1, "tulip") * 9]
    kept, people = count(decided)
    assert kept == {"garden": Counts(spam=0, genuine=5)}
    assert people == Counts(spam=0, genuine=5)


def test_one_person_who_writes_both_ways_is_one_person() -> None:
    decided = [Decided("same", spam, frozenset({"garden"})) for spam in (True, False) * 6]
    assert count(decided)[0] == {}


def test_numbers_and_endless_words_are_no_words() -> None:
    assert words_to_learn("Call 5550142 " + "x" * 31, "N4me") == {"call"}


def test_a_word_of_spam_weighs_and_a_common_one_does_not() -> None:
    people = Counts(spam=10, genuine=10)
    assert weight(Counts(9, 0), people) == learning.MOST_FOR_ONE_WORD
    assert weight(Counts(0, 9), people) == -learning.MOST_FOR_ONE_WORD
    assert weight(Counts(5, 5), people) == 0


@pytest.mark.parametrize("people", [Counts(4, 500), Counts(500, 4), Counts(0, 9)])
def test_nothing_weighs_until_both_kinds_came_from_five_people(people) -> None:
    assert weight(Counts(people.spam, people.genuine), people) == 0


@pytest.mark.django_db
def test_what_was_learned_moves_words_that_were_seen() -> None:
    spam = said(6, "cheap marble worktops", is_spam=True)
    learning.learn([*spam, *said(6, "my mother died")], now=NOW)
    assert learning.shift(words_to_learn("Marble worktops")) == 1.0
    assert learning.shift(words_to_learn("My mother")) == -1.0
    assert learning.shift(words_to_learn("Nothing of it")) == 0
    assert learning.shift(frozenset()) == 0


@pytest.mark.django_db
def test_however_much_was_learned_it_stays_within_bounds() -> None:
    many = " ".join(
        "abcdefghij"[int(d)] * 5 + "abcdefghij"[int(e)] for d in "0123456789" for e in "0123456789"
    )
    learning.learn([*said(9, many, is_spam=True), *said(9, "hello")], now=NOW)
    assert learning.shift(words_to_learn(many)) == MOST_LEARNED


@pytest.mark.django_db
def test_each_lesson_replaces_the_one_before() -> None:
    learning.learn([*said(6, "marble", is_spam=True), *said(6, "mother")], now=NOW)
    assert LearnedWord.objects.count() == 2
    learning.learn(said(6, "mother"), now=NOW + timedelta(hours=1))
    assert LearnedWord.objects.count() == 1
    assert learning.shift(frozenset({"marble"})) == 0


@pytest.mark.django_db
def test_no_word_is_stored_and_no_person(settings) -> None:
    learning.learn([*said(6, "marble", is_spam=True), *said(6, "mother")], now=NOW)
    kept = str(list(LearnedWord.objects.values())) + str(list(Lesson.objects.values()))
    assert not [word for word in ("marble", "mother", "good-1", "spam-1") if word in kept]
    settings.FIELD_KEYS = [(9, b"k" * 32)]
    assert learning.shift(frozenset({"marble"})) == 0  # under another key nobody finds it


@pytest.mark.django_db
def test_forgetting_leaves_nothing() -> None:
    learning.learn(said(6, "mother"), now=NOW)
    learning.forget()
    assert not LearnedWord.objects.exists()
    assert not Lesson.objects.exists()


@pytest.mark.django_db
def test_after_a_lesson_there_is_none_for_five_minutes() -> None:
    first = learning.due_since(now=NOW)
    assert first is not None
    assert first < NOW - timedelta(days=365)
    learning.learn([], now=NOW)
    assert learning.due_since(now=NOW + timedelta(minutes=4)) is None
    assert learning.due_since(now=NOW + timedelta(minutes=5)) == NOW
