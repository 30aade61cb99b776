"""Wrong keys are noticed before anything is stored under them."""

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, connection

from consultations.privacy import canary
from consultations.privacy.models import KeyCanary
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import make_consultation
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db


def problems() -> set[str | None]:
    return {problem.id for problem in run_checks(databases=["default"])}


def test_the_first_call_writes_it_and_later_ones_read_it() -> None:
    assert canary.check()
    assert canary.check()
    assert KeyCanary.objects.count() == 1


@pytest.mark.parametrize("keys", [[(1, b"z" * 32)], [(9, b"z" * 32)]])
def test_with_other_keys_it_does_not_open(settings, keys) -> None:
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    assert canary.check()
    assert problems() == set()
    settings.FIELD_KEYS = keys
    assert not canary.check()
    assert "privacy.E003" in problems()
    assert KeyCanary.objects.count() == 1


def test_whoever_comes_second_finds_the_first_one() -> None:
    """Another process writes the row just after this one has looked and found none."""
    came_between: list[bool] = []

    def another_looks_too(execute, sql, params, many, context):
        found = execute(sql, params, many, context)
        if not came_between and KeyCanary._meta.db_table in sql:
            came_between.append(True)
            assert canary.check()
            assert KeyCanary.objects.count() == 1
        return found

    with connection.execute_wrapper(another_looks_too):
        assert canary.check()
    assert came_between
    assert KeyCanary.objects.get().words == canary.WORDS


def test_before_the_first_migration_there_is_nothing_to_check(monkeypatch) -> None:
    def no_table() -> bool:
        raise DatabaseError("no such table")

    monkeypatch.setattr(canary, "check", no_table)
    assert problems() == set()


def test_beside_words_that_do_not_open_none_is_written(settings) -> None:
    """The canary alone is gone; under strange keys a new one would call them the right ones."""
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    make_practice()
    make_consultation()
    settings.FIELD_KEYS = [(1, b"z" * 32)]
    assert not canary.check()
    assert not KeyCanary.objects.exists()
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    assert canary.check()


def test_a_damaged_canary_beside_words_that_open_is_written_anew(settings, caplog) -> None:
    """One flipped bit must not keep a practice's site from starting."""
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    make_practice()
    make_consultation()
    assert canary.check()
    tamper(KeyCanary.objects.get(), "words")
    for strange in ([(1, b"z" * 32)], [(7, b"a" * 32)]):
        settings.FIELD_KEYS = strange
        assert not canary.check()
    settings.FIELD_KEYS = [(2, b"b" * 32), (1, b"a" * 32)]
    assert canary.check()
    assert "damaged" in caplog.text
    assert KeyCanary.objects.get().words == canary.WORDS
