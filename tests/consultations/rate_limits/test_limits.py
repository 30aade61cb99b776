"""Tests for rate limits per IP address, counted in the database by keyed hash."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from consultations.rate_limits.limits import (
    COMMENT_LIMITS,
    CONSULTATION_EMAIL_LIMIT,
    CountPeriod,
    RateLimit,
    consume,
    increment_counts,
    sum_counts,
)
from consultations.rate_limits.models import RateCount
from tests.factories.consultations import NOW

ADDRESS = "192.0.2.77"
TWO_PER_HOUR = (RateLimit("test", 2, 3600),)


def attempt(number: int, limits=TWO_PER_HOUR, address=ADDRESS, now=NOW) -> list[bool]:
    return [consume(limits, address, now=now) for _ in range(number)]


@pytest.mark.django_db
def test_limit_rejects_the_next_attempt() -> None:
    assert attempt(4) == [True, True, False, False]


@pytest.mark.django_db
def test_addresses_actions_and_windows_are_counted_separately() -> None:
    attempt(3)
    assert attempt(1, address="192.0.2.78") == [True]
    assert attempt(1, limits=(RateLimit("other", 2, 3600),)) == [True]
    assert attempt(1, now=NOW + timedelta(hours=1)) == [True]
    assert attempt(1, now=NOW + timedelta(minutes=59)) == [False]


@pytest.mark.django_db
def test_comment_and_consultation_limits() -> None:
    assert attempt(4, COMMENT_LIMITS) == [True] * 3 + [False]
    assert attempt(6, (CONSULTATION_EMAIL_LIMIT,)) == [True] * 5 + [False]
    hours = [NOW.replace(hour=0) + timedelta(hours=hour) for hour in range(11)]
    assert [consume(COMMENT_LIMITS, "192.0.2.5", now=hour) for hour in hours] == [True] * 10 + [
        False
    ]


@pytest.mark.django_db
def test_each_limit_costs_one_query(django_assert_num_queries) -> None:
    for _ in range(2):
        with django_assert_num_queries(1):
            attempt(1)


@pytest.mark.django_db
def test_all_limits_are_counted_after_one_is_exceeded() -> None:
    both = (RateLimit("short", 1, 60), RateLimit("long", 3, 3600))
    attempt(4, both)
    assert sorted(RateCount.objects.values_list("count", flat=True)) == [4, 4]


@pytest.mark.django_db
def test_address_is_stored_only_as_keyed_hash(settings) -> None:
    attempt(1)
    (key,) = RateCount.objects.values_list("key", flat=True)
    assert ADDRESS not in key
    assert len(key) == 64
    settings.FIELD_KEYS = [(9, b"k" * 32)]
    attempt(1)
    assert RateCount.objects.values("key").distinct().count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("scale", "allowed"), [(0, 9), (0.5, 1), (2, 4)])
def test_scale_widens_or_disables_limits(settings, scale, allowed) -> None:
    settings.RATE_LIMIT_SCALE = scale
    assert sum(attempt(9)) == allowed


@pytest.mark.django_db
def test_missing_addresses_share_one_limit() -> None:
    assert attempt(3, address="") == [True, True, False]


@pytest.mark.django_db(transaction=True)
def test_concurrent_attempts_are_all_counted() -> None:
    allowed: list[bool] = []
    gate = threading.Barrier(6)

    def consume_once() -> None:
        gate.wait(timeout=20)
        try:
            allowed.append(consume((RateLimit("race", 4, 3600),), ADDRESS, now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=consume_once) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(allowed) == [False, False, True, True, True, True]
    assert RateCount.objects.get().count == 6


@pytest.mark.django_db
def test_counts_are_incremented_in_one_query(django_assert_num_queries) -> None:
    increment_counts([("b", NOW)])
    with django_assert_num_queries(1):
        assert increment_counts([("b", NOW), ("a", NOW)]) == [2, 1]
    assert increment_counts([("b", NOW + timedelta(hours=1))]) == [1]


@pytest.mark.django_db
def test_counts_of_periods_are_summed_in_one_query(django_assert_num_queries) -> None:
    for hour in range(3):
        increment_counts([("a", NOW + timedelta(hours=hour)), ("b", NOW)])
    periods = [CountPeriod("b", NOW - timedelta(hours=1)), None, CountPeriod("a", NOW)]
    with django_assert_num_queries(1):
        assert sum_counts(periods) == [3, 0, 2]
    with django_assert_num_queries(0):
        assert sum_counts([None]) == [0]
