"""Fixtures that more than one room of tests uses."""

import pytest
from django.db import connection
from django.test import TransactionTestCase

from consultations.audit import triggers

pytest_plugins = ["tests.browser.fixtures", "tests.selection"]


@pytest.fixture(autouse=True, scope="session")
def _allow_audit_log_truncation():
    """A test with real transactions ends by emptying every table, which the guards of the audit
    log refuse. They go just before, and come back with the post_migrate that follows."""
    empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def without_guards(self):
        if triggers.ENTRY_TABLE in connection.introspection.table_names():
            triggers.drop_triggers()
        empty(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", without_guards)
        yield
