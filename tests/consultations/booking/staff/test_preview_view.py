"""Preview of the times clients see, and why a time is not offered."""

from datetime import date, timedelta

import pytest
import time_machine

from consultations.booking import availability, explain
from consultations.booking.hours import TimeOff
from consultations.booking.staff.display import REASON_SENTENCES
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
PAGE = "/admin/consultations/consultationtype/what-visitors-see/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def ask_reasons(staff, consultation_type, practitioner, on: str, at: str) -> list[str]:
    asked = {"type": consultation_type.pk, "practitioner": practitioner.pk, "on": on, "at": at}
    [(who, _zone, reasons)] = staff.get(PAGE, asked).context["answers"]
    assert who == practitioner
    return reasons


def test_preview_shows_the_slots_visitors_see(staff) -> None:
    consultation_type, practitioner = make_type(), make_open_practitioner()
    make_booking(consultation_type, [practitioner], START)
    page = staff.get(PAGE)
    days = page.context["days"]
    assert [day for day, _times in days] == [
        date(2026, 5, 4) + timedelta(days=number) for number in range(14)
    ]
    shown = [time for _day, times in days for time in times]
    offered = availability.find_available_slots(
        consultation_type, [practitioner], visitor_zone="America/Los_Angeles",
        first_date=date(2026, 5, 4), last_date=date(2026, 5, 17), now=NOW,
    )  # fmt: skip
    assert shown == offered
    assert START not in [time.start for time in shown]
    assert dict(days)[date(2026, 5, 9)] == []


def test_practitioner_times_are_shown_in_their_zone(staff) -> None:
    make_type()
    make_open_practitioner()
    practitioner = make_open_practitioner(time_zone="Europe/Berlin")
    page = staff.get(PAGE, {"practitioner": practitioner.pk})
    assert page.context["zone"] == "Europe/Berlin"
    assert dict(page.context["days"])[date(2026, 5, 6)][0].label == "09:00"


def test_every_reason_has_a_sentence() -> None:
    assert set(REASON_SENTENCES) == set(explain.REASONS)


def test_unavailable_time_is_explained_in_sentences(staff) -> None:
    consultation_type, practitioner = make_type(), make_open_practitioner()
    make_booking(consultation_type, [practitioner], START)
    TimeOff.objects.create(
        practitioner=practitioner,
        start_at=START + timedelta(days=1),
        end_at=START + timedelta(days=2),
    )
    assert ask_reasons(staff, consultation_type, practitioner, "2026-05-06", "09:00") == []
    assert ask_reasons(staff, consultation_type, practitioner, "2026-05-06", "10:00") == [
        str(REASON_SENTENCES["taken"])
    ]
    assert ask_reasons(staff, consultation_type, practitioner, "2026-05-07", "10:00") == [
        str(REASON_SENTENCES["time_off"])
    ]
    assert ask_reasons(staff, consultation_type, practitioner, "2026-05-08", "20:00") == [
        str(REASON_SENTENCES["outside_hours"])
    ]
    assert ask_reasons(staff, consultation_type, practitioner, "2026-05-08", "11:05") == [
        str(REASON_SENTENCES["off_grid"])
    ]
    assert ask_reasons(staff, consultation_type, practitioner, "2026-05-08", "16:45") == [
        str(REASON_SENTENCES["too_short"])
    ]
    assert ask_reasons(staff, consultation_type, practitioner, "2026-05-05", "09:00") == [
        str(REASON_SENTENCES["too_soon"])
    ]
    assert (
        "clocks jump"
        in ask_reasons(staff, consultation_type, practitioner, "2027-03-14", "02:30")[0]
    )


def test_reasons_hiding_all_times_are_listed(staff) -> None:
    consultation_type, practitioner = (
        make_type(mode="request_only", is_active=False),
        make_open_practitioner(),
    )
    consultation_type.practitioners.add(make_open_practitioner())
    make_practice(accepting="closed")
    reasons = " ".join(ask_reasons(staff, consultation_type, practitioner, "2026-05-06", "09:00"))
    for words in ("no new people", "not offered", "which suit them", "of this kind"):
        assert words in reasons
    assert len(staff.get(PAGE, {"type": consultation_type.pk}).context["objections"]) == 3


def test_missing_types_or_practitioners_are_reported(staff) -> None:
    assert "no kind of consultation yet" in staff.get(PAGE).content.decode()
    make_type()
    assert "Nobody takes consultations" in staff.get(PAGE).content.decode()


def test_missing_time_is_rejected(staff) -> None:
    make_type()
    make_open_practitioner()
    assert staff.get(PAGE, {"on": "", "at": "x"}).status_code == 422
    for odd in ({"type": "x"}, {"practitioner": "999"}):
        assert staff.get(PAGE, odd).status_code == 200


def test_preview_requires_type_view_permission(client) -> None:
    client.force_login(make_staff("view_consultation"))
    assert client.get(PAGE).status_code == 403
    client.force_login(make_staff("view_consultationtype"))
    assert client.get(PAGE).status_code == 200
