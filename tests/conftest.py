"""Fixtures shared by all tests."""

import pytest
import time_machine
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from consultations.audit import triggers

pytest_plugins = ["tests.browser.fixtures", "tests.selection"]


@pytest.fixture(autouse=True, scope="session")
def _allow_audit_log_truncation():
    """Drop the triggers of the audit log before a test with real transactions empties the tables.

    The triggers refuse TRUNCATE and DELETE; the post_migrate that follows creates them again.
    """
    teardown = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown_without_triggers(self):
        if triggers.ENTRY_TABLE in connection.introspection.table_names():
            triggers.drop_triggers()
        teardown(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown_without_triggers)
        yield


@pytest.fixture
def frozen_clock():
    """Stop the clock.

    A rate limit counts in fixed windows: a test that crosses the end of one starts counting again.
    """
    with time_machine.travel(timezone.now(), tick=False):
        yield
