"""Bookings added by staff: allowed outside the hours, never over another call."""

import pytest
import time_machine

from consultations.booking.models import Consultation
from consultations.outbox.models import OutgoingEmail
from tests.factories.booking import (
    claimed_cells,
    make_booking,
    make_open_practitioner,
    make_type,
    required_cells,
)
from tests.factories.consultations import NOW, START, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
ADD = "/admin/consultations/consultation/add/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


@pytest.fixture
def practitioner():
    return make_open_practitioner(name="Jo Example")


@pytest.fixture
def consultation_type():
    return make_type(name="First call")


def booking_answers(consultation_type, practitioner, **other) -> dict:
    defaults = {
        "type": consultation_type.pk, "practitioner": practitioner.pk, "start_at_0": "2026-05-06",
        "start_at_1": "10:00", "name": "Bo Caller", "channel": "email", "email": "bo@mail.example",
        "phone": "", "voicemail": "no", "meeting": "phone", "zone": "America/New_York",
        "key": "key-of-the-form",
    }  # fmt: skip
    return {**defaults, **other}


def test_added_booking_is_stored_claimed_and_emailed(
    staff, consultation_type, practitioner
) -> None:
    response = staff.post(ADD, booking_answers(consultation_type, practitioner))
    row = Consultation.objects.get()
    assert response["Location"] == f"/admin/consultations/consultation/{row.pk}/change/"
    assert (row.status, row.start_at, row.type, row.practitioner) == (
        "confirmed", START, consultation_type, practitioner,
    )  # fmt: skip
    assert (row.name, row.email, row.kind) == ("Bo Caller", "bo@mail.example", "slot")
    assert claimed_cells(row) == required_cells(row)
    event = row.events.get()
    assert event.by is not None
    assert (event.actor, event.before, event.after, event.by.is_staff) == (
        "staff", "", "confirmed", True,
    )  # fmt: skip
    sent = set(OutgoingEmail.objects.values_list("message", flat=True))
    assert sent == {"consultation_confirmed", "consultation_booked"}
    assert "1:00 PM" in OutgoingEmail.objects.get(message="consultation_confirmed").text
    assert "Added by the practice" in staff.get(response["Location"]).content.decode()


def test_preview_shows_email_without_storing(staff, consultation_type, practitioner) -> None:
    response = staff.post(ADD, booking_answers(consultation_type, practitioner, preview="1"))
    preview = response.context["preview"]
    assert preview["to"] == "bo@mail.example"
    assert "Your call with Jo is booked." in preview["text"]
    assert "Wednesday, May 6, 2026, 1:00 PM, Eastern Time (UTC-4)" in preview["text"]
    assert not Consultation.objects.exists()
    assert not OutgoingEmail.objects.exists()


def test_booking_outside_hours_warns_but_succeeds(staff, consultation_type, practitioner) -> None:
    late = booking_answers(
        consultation_type, practitioner, start_at_0="2026-05-09", start_at_1="22:00"
    )
    shown = staff.post(ADD, {**late, "preview": "1"})
    assert shown.context["objections"] == ["It lies outside the weekly hours."]
    page = staff.post(ADD, late, follow=True).content.decode()
    assert "It lies outside the weekly hours." in page
    assert Consultation.objects.get().start_at == START.replace(day=10, hour=5)


def test_taken_time_is_rejected_and_input_kept(staff, consultation_type, practitioner) -> None:
    taken = make_booking(consultation_type, [practitioner], START)
    response = staff.post(ADD, booking_answers(consultation_type, practitioner, start_at_1="10:20"))
    assert response.status_code == 422
    page = response.content.decode()
    assert "Another consultation lies at that time" in page
    assert "Bo Caller" in page
    assert Consultation.objects.get() == taken


def test_double_submit_creates_one_booking(staff, consultation_type, practitioner) -> None:
    for _press in range(2):
        assert staff.post(ADD, booking_answers(consultation_type, practitioner)).status_code == 302
    assert Consultation.objects.count() == 1


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"email": ""}, "Enter an email address"),
        ({"channel": "call"}, "Enter a phone number"),
        ({"start_at_0": "2026-05-01"}, "still to come"),
        ({"name": ""}, "required"),
        ({"zone": "Nowhere/Land"}, "Nowhere/Land"),
    ],
)
def test_invalid_answers_are_rejected(staff, consultation_type, practitioner, other, words) -> None:
    response = staff.post(ADD, booking_answers(consultation_type, practitioner, **other))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Consultation.objects.exists()


def test_booking_without_email_address_sends_none(staff, consultation_type, practitioner) -> None:
    caller = booking_answers(
        consultation_type, practitioner, channel="call", email="", phone="(503) 555-0142"
    )
    page = staff.post(ADD, {**caller, "preview": "1"}).content.decode()
    assert "No mail" in page
    staff.post(ADD, caller)
    assert Consultation.objects.get().phone == "+15035550142"
    assert not OutgoingEmail.objects.filter(message="consultation_confirmed").exists()


def test_adding_requires_add_permission(client, consultation_type, practitioner) -> None:
    client.force_login(make_staff("view_consultation", "change_consultation"))
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, booking_answers(consultation_type, practitioner)).status_code == 403
    assert not Consultation.objects.exists()
    client.force_login(make_staff("add_consultation"))
    assert client.get(ADD).status_code == 200


def test_proposed_time_prefills_form(staff, consultation_type, practitioner) -> None:
    page = staff.get(ADD, {"start": "2026-05-07T18:00Z", "practitioner": practitioner.pk})
    assert 'value="2026-05-07"' in page.content.decode()
    assert 'value="11:00"' in page.content.decode()
    for odd in ({"start": "x", "practitioner": "1"}, {"start": "2026-05-07T18:00Z",
                "practitioner": "²"}, {"practitioner": "9" * 30}):  # fmt: skip
        assert staff.get(ADD, odd).status_code == 200
