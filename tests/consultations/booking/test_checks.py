"""A difference between claims and consultations is found, named and told; none is silent."""

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
from tests.factories.booking import book, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def row() -> Consultation:
    make_practice()
    return book(make_type(), [make_open_practitioner()])


def found(now=NOW) -> list[tuple[str, int, int]]:
    return [
        (one.reference, one.missing, one.extra) for one in checks.find_claim_mismatches(now=now)
    ]


def test_what_the_verbs_do_never_differs(row) -> None:
    assert found() == []


def test_a_missing_claim_is_named(row) -> None:
    claim = TimeClaim.objects.first()
    assert claim is not None
    claim.delete()
    assert found() == [(row.reference, 1, 0)]


def test_a_claim_too_many_is_named(row) -> None:
    TimeClaim.objects.create(consultation=row, practitioner=row.practitioner, cell=1)
    assert found() == [(row.reference, 0, 1)]


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
def test_a_row_changed_past_the_verbs_is_named(row, change) -> None:
    Consultation.objects.filter(pk=row.pk).update(**change)
    assert [reference for reference, _missing, _extra in found()] == [row.reference]


def test_claims_on_somebody_else_are_wrong_on_both_sides(row) -> None:
    TimeClaim.objects.update(practitioner=make_open_practitioner())
    assert found() == [(row.reference, 7, 7)]


@pytest.mark.parametrize("is_taken_over", [False, True])
def test_a_hold_that_ran_out_may_hold_all_of_it_or_nothing(is_taken_over) -> None:
    make_practice()
    person = make_open_practitioner()
    held = book(make_type(mode="email_confirm"), [person])
    late = NOW + HOUR
    assert found(late) == []
    if is_taken_over:
        book(make_type(), [person], START + HOUR, now=late)
        assert not held.claims.exists()
        assert found(late) == []
        return
    first = held.claims.first()
    assert first is not None
    first.delete()
    assert found(late) == [(held.reference, 0, 6)]
    bookings.expire_holds(now=late)
    assert found(late) == []


def test_the_command_ends_with_1_when_they_differ(row) -> None:
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


def test_the_system_check_warns_where_a_database_is_looked_at(row) -> None:
    assert checks.check_booking_claims(None, databases=["default"]) == []
    TimeClaim.objects.all().delete()
    (warning,) = checks.check_booking_claims(None, databases=["default"])
    assert warning.id == "booking.W001"
    assert checks.check_booking_claims(None) == []
    err = StringIO()
    call_command("check", databases=["default"], stderr=err, stdout=err)
    assert "booking.W001" in err.getvalue()


def test_the_worker_looks_every_day_and_names_nobody(row, caplog) -> None:
    assert tasks.check_claims in tasks.DAILY
    tasks.check_claims(NOW)
    assert caplog.text == ""
    TimeClaim.objects.all().delete()
    tasks.check_claims(NOW)
    assert "claims differ from consultations: 1" in caplog.text
    assert row.reference not in caplog.text
