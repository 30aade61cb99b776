"""Tests that mismatches between claims and consultations are found and reported."""

import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from consultations import tasks
from consultations.booking import bookings, checks
from consultations.booking.claims import TimeClaim
from consultations.booking.models import Consultation
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def row() -> Consultation:
    make_practice()
    return make_booking(make_type(), [make_open_practitioner()])


def found_mismatches(now=NOW) -> list[tuple[str, int, int]]:
    return [
        (one.reference, one.missing, one.extra) for one in checks.find_claim_mismatches(now=now)
    ]


def test_bookings_have_no_mismatch(row) -> None:
    assert found_mismatches() == []


def test_missing_claim_is_reported(row) -> None:
    claim = TimeClaim.objects.first()
    assert claim is not None
    claim.delete()
    assert found_mismatches() == [(row.reference, 1, 0)]


def test_extra_claim_is_reported(row) -> None:
    TimeClaim.objects.create(consultation=row, practitioner=row.practitioner, cell=1)
    assert found_mismatches() == [(row.reference, 0, 1)]


@pytest.mark.parametrize(
    "change",
    [
        {"start_at": START - HOUR},
        {"end_at": START + HOUR},
        {"before_min": 5},
        {"status": "declined"},
        {"status": "requested", "start_at": None, "end_at": None},
    ],
)
def test_row_changed_outside_workflow_is_reported(row, change) -> None:
    Consultation.objects.filter(pk=row.pk).update(**change)
    assert [reference for reference, _missing, _extra in found_mismatches()] == [row.reference]


def test_claims_of_wrong_practitioner_are_missing_and_extra(row) -> None:
    TimeClaim.objects.update(practitioner=make_open_practitioner())
    assert found_mismatches() == [(row.reference, 7, 7)]


@pytest.mark.parametrize("is_taken_over", [False, True])
def test_expired_hold_may_keep_all_claims_or_none(is_taken_over) -> None:
    make_practice()
    practitioner = make_open_practitioner()
    held = make_booking(make_type(mode="email_confirm"), [practitioner])
    late = NOW + HOUR
    assert found_mismatches(late) == []
    if is_taken_over:
        make_booking(make_type(), [practitioner], START + HOUR, now=late)
        assert not held.claims.exists()
        assert found_mismatches(late) == []
        return
    first = held.claims.first()
    assert first is not None
    first.delete()
    assert found_mismatches(late) == [(held.reference, 0, 6)]
    bookings.expire_holds(now=late)
    assert found_mismatches(late) == []


def test_command_exits_with_1_on_mismatch(row) -> None:
    with time_machine.travel(NOW, tick=False):
        out = StringIO()
        call_command("check_claims", stdout=out)
        assert out.getvalue() == "Every consultation holds exactly its time.\n"
        out = StringIO()
        call_command("check_claims", "--json", stdout=out)
        assert json.loads(out.getvalue()) == []
        TimeClaim.objects.all().delete()
        out = StringIO()
        with pytest.raises(CommandError) as error:
            call_command("check_claims", "--json", stdout=out)
        assert error.value.returncode == 1
        assert json.loads(out.getvalue()) == [
            {"reference": row.reference, "status": "confirmed", "missing": 7, "extra": 0}
        ]
        out = StringIO()
        with pytest.raises(CommandError, match="1 consultation differs"):
            call_command("check_claims", stdout=out)
        assert out.getvalue() == f"{row.reference} (confirmed): 7 missing, 0 too many\n"


def test_system_check_warns_on_mismatch(row) -> None:
    assert checks.check_booking_claims(None, databases=["default"]) == []
    TimeClaim.objects.all().delete()
    (warning,) = checks.check_booking_claims(None, databases=["default"])
    assert warning.id == "booking.W001"
    assert checks.check_booking_claims(None) == []
    err = StringIO()
    call_command("check", databases=["default"], stderr=err, stdout=err)
    assert "booking.W001" in err.getvalue()


def test_worker_logs_mismatches_daily_without_references(row, caplog) -> None:
    assert tasks.check_claims in tasks.DAILY_TASKS
    tasks.check_claims(NOW)
    assert caplog.text == ""
    TimeClaim.objects.all().delete()
    tasks.check_claims(NOW)
    assert "claims differ from consultations: 1" in caplog.text
    assert row.reference not in caplog.text
