"""Concurrent writers of the audit log produce one chain."""

import pytest
from django.db import transaction

from consultations.audit import chain
from consultations.audit.models import AuditEntry
from tests.consultations.audit.test_chain import record_entry
from tests.consultations.booking.test_request_races import run_concurrently

pytestmark = pytest.mark.django_db(transaction=True)


def record_several() -> None:
    for number in range(5):
        with transaction.atomic():
            record_entry()
        if number % 2:
            record_entry()


def test_concurrent_writers_produce_one_intact_chain() -> None:
    assert run_concurrently(*[record_several] * 4) == [None] * 4
    assert AuditEntry.objects.count() == 4 * 7
    verdict = chain.verify_chain()
    assert verdict.is_whole, verdict
    assert verdict.last == 28
