"""Repeated texts are counted and not stored."""

from datetime import datetime, timedelta

import pytest

from consultations.rate_limits.limits import sum_counts
from consultations.rate_limits.models import RateCount
from consultations.screening import learning
from tests.factories.consultations import NOW

pytestmark = pytest.mark.django_db
TEXT = "Have you seen my wonderful garden page?"


def count_repeats(text: str, *, now: datetime) -> int:
    return sum_counts([learning.repeat_period(text, now=now)])[0]


def test_repeated_text_is_counted() -> None:
    assert count_repeats(TEXT, now=NOW) == 0
    for day in (0, 0, 3):
        learning.record_repeat(TEXT, now=NOW + timedelta(days=day))
    assert count_repeats(TEXT, now=NOW + timedelta(days=3)) == 3
    assert count_repeats("have  you SEEN my\u200b wonderful garden page", now=NOW) == 3
    assert count_repeats("Have you seen another garden page?", now=NOW) == 0


def test_repeats_expire_after_a_week() -> None:
    learning.record_repeat(TEXT, now=NOW)
    assert count_repeats(TEXT, now=NOW + timedelta(days=6)) == 1
    assert count_repeats(TEXT, now=NOW + timedelta(days=9)) == 0


def test_short_texts_are_not_counted() -> None:
    learning.record_repeat("Thank you so much", now=NOW)
    assert count_repeats("Thank you so much", now=NOW) == 0
    assert not RateCount.objects.exists()


def test_text_is_stored_only_as_keyed_hash() -> None:
    learning.record_repeat(TEXT, now=NOW)
    (key,) = RateCount.objects.values_list("key", flat=True)
    assert len(key) == 64
    assert "garden" not in key
