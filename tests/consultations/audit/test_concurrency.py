"""Many who record at once: one chain."""

import pytest
from django.db import transaction

from consultations.audit import chain
from consultations.audit.models import AuditEntry
from tests.consultations.audit.test_chain import record
from tests.consultations.booking.test_request_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def record_some() -> None:
    for number in range(5):
        with transaction.atomic():
            record()
        if number % 2:
            record()


def test_writers_at_once_make_one_whole_chain() -> None:
    assert at_once(*[record_some] * 4) == [None] * 4
    assert AuditEntry.objects.count() == 4 * 7
    verdict = chain.verify()
    assert verdict.is_whole, verdict
    assert verdict.last == 28
