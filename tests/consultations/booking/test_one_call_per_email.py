"""Tests for the limit of one upcoming call per email address.

Only the email mentions an earlier booking, so the page reveals nothing about other people.
"""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from consultations.booking import bookings, checks, workflow
from consultations.booking.hours import ConsultationType
from consultations.booking.models import Consultation
from consultations.booking.transitions import UpcomingCallExists
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import control_links
from tests.consultations.booking.test_request_races import run_concurrently
from tests.factories.booking import make_booking, make_open_practitioner, make_type, slot_form_data
from tests.factories.consultations import NOW, START, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
FORM, HOUR = "/consultation/details/", timedelta(hours=1)


@pytest.fixture(autouse=True)
def _practice():
    make_practice(is_licence_bound=False)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def practitioner():
    return make_open_practitioner()


@pytest.fixture
def consultation_type(practitioner) -> ConsultationType:
    return make_type(mode="email_confirm", one_per_address=True)


def manage_page_after_booking(client, consultation_type, start, **answers) -> str:
    """Return the page text without the parts that differ between any two bookings."""
    link = client.post(FORM, slot_form_data(consultation_type, start, **answers))["Location"]
    page = client.get(link).content.decode()
    row = Consultation.objects.latest("created_at", "start_at")
    return page.replace(row.token, "").replace(row.reference, "")


def test_second_booking_looks_the_same_and_email_links_first(
    client, consultation_type, practitioner
):
    first = manage_page_after_booking(client, consultation_type, START)
    row = Consultation.objects.get()
    bookings.confirm_hold(row, now=NOW)
    second = manage_page_after_booking(
        client, consultation_type, START + HOUR, email="ADA@mail.example"
    )
    assert "Check your email" in first
    assert first.replace("1:00 PM", "2:00 PM").replace("10:00 AM", "11:00 AM") == second
    mail = OutgoingEmail.objects.get(message="consultation_one_already")
    assert mail.to == "ADA@mail.example"
    assert row.get_absolute_url() in mail.text
    assert "/consultation/confirm/" not in mail.text + mail.html
    assert "1:00 PM, Eastern Time (UTC-4)" in mail.text
    assert bookings.expire_holds(now=NOW + HOUR) == 1


def test_second_hold_cannot_be_confirmed_while_first_is_upcoming(
    client, consultation_type, practitioner
) -> None:
    one, two = (
        make_booking(consultation_type, [practitioner]),
        make_booking(consultation_type, [practitioner], START + HOUR),
    )
    bookings.confirm_hold(one, now=NOW)
    with pytest.raises(UpcomingCallExists):
        bookings.confirm_hold(two, now=NOW)
    token = control_links.make_token("hold-confirm", two.public_id, two.token_version)
    response = client.post(f"/consultation/confirm/{token}/")
    assert response.status_code == 409
    assert "You already have a call" in response.content.decode()
    workflow.withdraw_consultation(one, now=NOW)
    assert client.post(f"/consultation/confirm/{token}/").status_code == 303
    two.refresh_from_db()
    assert two.status == "confirmed"


def test_past_calls_and_other_emails_do_not_count(consultation_type, practitioner) -> None:
    past = make_booking(consultation_type, [practitioner])
    bookings.confirm_hold(past, now=NOW)
    other = make_booking(consultation_type, [practitioner], START + HOUR, email="bo@mail.example")
    bookings.confirm_hold(other, now=NOW)
    later = START + timedelta(days=1)
    again = make_booking(consultation_type, [practitioner], later + timedelta(days=1), now=later)
    bookings.confirm_hold(again, now=later)
    assert again.status == "confirmed"


def test_corrected_email_does_not_bypass_limit(consultation_type, practitioner) -> None:
    bookings.confirm_hold(make_booking(consultation_type, [practitioner]), now=NOW)
    other = make_booking(consultation_type, [practitioner], START + HOUR, email="bo@mail.example")
    workflow.correct_email(other, email="ada@mail.example", now=NOW)
    mail = OutgoingEmail.objects.get(message="consultation_one_already")
    assert mail.to == "ada@mail.example"
    with pytest.raises(UpcomingCallExists):
        bookings.confirm_hold(other, now=NOW)


def test_limit_does_not_apply_to_staff_or_other_types(consultation_type, practitioner) -> None:
    bookings.confirm_hold(make_booking(consultation_type, [practitioner]), now=NOW)
    approved = make_booking(make_type(mode="staff_approval"), [practitioner], START + HOUR)
    bookings.approve_hold(approved, by=make_staff(), now=NOW)
    plain = make_booking(make_type(mode="email_confirm"), [practitioner], START + 2 * HOUR)
    bookings.confirm_hold(plain, now=NOW)
    assert Consultation.objects.filter(status="confirmed").count() == 3


def test_limit_requires_email_confirm_mode(consultation_type) -> None:
    with pytest.raises(ValidationError, match="needs the link in our mail"):
        ConsultationType(slug="x", name="X", one_per_address=True).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_type(one_per_address=True)


@pytest.mark.django_db(transaction=True)
def test_concurrent_confirmations_leave_one_call() -> None:
    consultation_type = make_type(mode="email_confirm", one_per_address=True)
    rows = [make_booking(consultation_type, [make_open_practitioner()]) for _ in range(2)]
    outcome = run_concurrently(
        *[lambda row=row: bookings.confirm_hold(row, now=NOW) for row in rows]
    )
    assert [type(one) for one in outcome if one is not None] == [UpcomingCallExists]
    assert Consultation.objects.filter(status="confirmed").count() == 1
    assert checks.find_claim_mismatches(now=NOW) == []
