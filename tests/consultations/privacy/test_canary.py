"""The key canary: wrong keys are reported before anything is stored under them."""

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, connection

from consultations.privacy import canary
from consultations.privacy.models import KeyCanary
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import make_consultation
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db


def system_check_ids() -> set[str | None]:
    return {problem.id for problem in run_checks(databases=["default"])}


def test_canary_is_created_once() -> None:
    assert canary.verify_keys()
    assert canary.verify_keys()
    assert KeyCanary.objects.count() == 1


@pytest.mark.parametrize("keys", [[(1, b"z" * 32)], [(9, b"z" * 32)]])
def test_wrong_keys_fail_the_check(settings, keys) -> None:
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    assert canary.verify_keys()
    assert system_check_ids() == set()
    settings.FIELD_KEYS = keys
    assert not canary.verify_keys()
    assert "privacy.E003" in system_check_ids()
    assert KeyCanary.objects.count() == 1


def test_concurrent_create_returns_existing() -> None:
    """Another process writes the row just after this one has looked and found none."""
    came_between: list[bool] = []

    def another_looks_too(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if not came_between and KeyCanary._meta.db_table in sql:
            came_between.append(True)
            assert canary.verify_keys()
            assert KeyCanary.objects.count() == 1
        return result

    with connection.execute_wrapper(another_looks_too):
        assert canary.verify_keys()
    assert came_between
    assert KeyCanary.objects.get().words == canary.CANARY_TEXT


def test_check_passes_before_the_first_migration(monkeypatch) -> None:
    def no_table() -> bool:
        raise DatabaseError("no such table")

    monkeypatch.setattr(canary, "verify_keys", no_table)
    assert system_check_ids() == set()


def test_canary_is_not_created_next_to_unreadable_data(settings) -> None:
    """If only the canary is missing, creating a new one would declare wrong keys the right ones."""
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    make_practice()
    make_consultation()
    settings.FIELD_KEYS = [(1, b"z" * 32)]
    assert not canary.verify_keys()
    assert not KeyCanary.objects.exists()
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    assert canary.verify_keys()


def test_damaged_canary_is_recreated_next_to_readable_data(settings, caplog) -> None:
    """One flipped bit in the canary must not keep the site from starting."""
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    make_practice()
    make_consultation()
    assert canary.verify_keys()
    tamper(KeyCanary.objects.get(), "words")
    for strange in ([(1, b"z" * 32)], [(7, b"a" * 32)]):
        settings.FIELD_KEYS = strange
        assert not canary.verify_keys()
    settings.FIELD_KEYS = [(2, b"b" * 32), (1, b"a" * 32)]
    assert canary.verify_keys()
    assert "damaged" in caplog.text
    assert KeyCanary.objects.get().words == canary.CANARY_TEXT
