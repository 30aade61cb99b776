"""Tests for consultation emails: recipients, content, and none of the visitor's answers."""

from datetime import timedelta
from typing import Any

import pytest

from consultations.booking import workflow
from consultations.booking.models import Consultation
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import (
    NOW,
    START,
    confirm_with_defaults,
    make_consultation,
    make_consultation_with_status,
    make_staff,
)
from tests.factories.pages import make_practice, make_practitioner

pytestmark = pytest.mark.django_db
PRIVATE_ANSWERS: dict[str, Any] = {
    "name": "Xanthippe",
    "phone": "+15035550199",
    "note": "Quillfeather",
    "access_needs": "Wheelchairramp",
    "location": "US-OR",
    "service": "grief-work",
    "preferred": ["mon-morning"],
}


@pytest.fixture(autouse=True)
def _practice():
    make_practice(name="Riverside Therapy", discreet_name="Robin")


def emails_by_message(row: Consultation) -> dict[str, OutgoingEmail]:
    return {mail.message: mail for mail in OutgoingEmail.objects.filter(about=row.pk)}


def email_states(row: Consultation) -> dict[str, str]:
    return {message: mail.state for message, mail in emails_by_message(row).items()}


def test_visitor_email_has_reference_date_and_link() -> None:
    row = make_consultation(**PRIVATE_ANSWERS)
    mail = emails_by_message(row)["consultation_received"]
    assert (mail.to, mail.subject) == ("ada@mail.example", "We got your message")
    assert mail.reply_to == "hello@quietroom.example.com"
    for body in (mail.text, mail.html):
        assert row.reference in body
        assert f"http://testserver{row.get_absolute_url()}" in body
        assert "We’ll get back to you by Wednesday, May 6." in body
        assert "http://testserver/crisis/" in body


def test_practice_email_has_reference_and_admin_link_only() -> None:
    row = make_consultation(**PRIVATE_ANSWERS)
    mail = emails_by_message(row)["consultation_waiting"]
    assert (mail.to, mail.subject) == ("hello@quietroom.example.com", "A new request is waiting")
    assert row.reference in mail.text
    assert f"http://testserver/admin/consultations/consultation/{row.pk}/change/" in mail.text
    # Access to the practice's mailbox must not give access to the visitor's private page.
    assert row.token not in mail.text + mail.html
    assert "ada@mail.example" not in mail.text + mail.html


def test_requested_practitioner_is_notified_at_own_address() -> None:
    practitioner = make_practitioner(organizer_email="jo@quietroom.example.com")
    row = make_consultation(practitioner=practitioner)
    assert emails_by_message(row)["consultation_waiting"].to == "jo@quietroom.example.com"


@pytest.mark.parametrize(
    "state", ["requested", "confirmed", "declined", "cancelled_by_staff", "cancelled_by_visitor"]
)
def test_emails_contain_no_visitor_text(state) -> None:
    row = make_consultation_with_status(state, **PRIVATE_ANSWERS)
    assert row.name == PRIVATE_ANSWERS["name"]  # the answers were available to the email
    found = emails_by_message(row).values()
    assert len(found) >= 2
    for mail in found:
        whole = f"{mail.subject}\n{mail.text}\n{mail.html}\n{mail.sender}\n{mail.reply_to}".lower()
        for word in ("xanthippe", "5550199", "quillfeather", "wheelchair", "grief", "us-or"):
            assert word not in whole, (mail.message, word)
        for word in ("therap", "counsel", "riverside"):
            assert word not in f"{mail.subject}{mail.sender}{mail.text}{mail.html}".lower(), (
                mail.message,
                word,
            )


def test_confirmation_shows_time_in_both_zones() -> None:
    row = make_consultation(zone="America/New_York", meeting="video")
    confirm_with_defaults(row, practitioner=make_practitioner(name="Jo Example"))
    text = emails_by_message(row)["consultation_confirmed"].text
    assert "Your call with Jo is booked." in text
    assert "Wednesday, May 6, 2026, 1:00 PM, Eastern Time (UTC-4)" in text
    assert "That’s Wednesday, May 6, 2026, 10:00 AM, Pacific Time (UTC-7) for us." in text
    assert "Jo will meet you by video." in text


@pytest.mark.parametrize("reason", ["full", "place", "scope"])
def test_decline_email_states_reason(reason) -> None:
    row = make_consultation()
    workflow.decline_consultation(row, reason=reason, by=make_staff(), now=NOW)
    part = {"full": "any openings", "place": "the place where you’ll be", "scope": "other training"}
    mail = emails_by_message(row)["consultation_declined"]
    assert part[reason] in mail.text
    assert part[reason] in mail.html


def test_without_email_only_practice_is_notified() -> None:
    row = make_consultation(email="", channel="call", phone="+15035550142")
    confirm_with_defaults(row)
    assert set(emails_by_message(row)) == {"consultation_waiting", "consultation_booked"}
    assert {mail.to for mail in emails_by_message(row).values()} == {"hello@quietroom.example.com"}


def test_practice_emails_name_the_zone_as_the_other_emails_do() -> None:
    row = make_consultation_with_status("confirmed")
    workflow.withdraw_consultation(row, now=NOW)
    mails = emails_by_message(row)
    for message in ("consultation_booked", "consultation_called_off"):
        assert "Wednesday, May 6, 2026, 10:00 AM, Pacific Time (UTC-7)\n" in mails[message].text
        assert "10:00 AM</strong>, Pacific Time (UTC-7)</p>" in mails[message].html


def test_outdated_emails_are_voided() -> None:
    confirmed = make_consultation_with_status("confirmed")
    assert email_states(confirmed) == {
        "consultation_received": "void",
        "consultation_waiting": "waiting",
        "consultation_confirmed": "waiting",
        "consultation_booked": "waiting",
    }
    declined = make_consultation_with_status("declined")
    assert email_states(declined)["consultation_received"] == "void"
    workflow.withdraw_consultation(confirmed, now=NOW)
    assert email_states(confirmed) == {
        "consultation_received": "void",
        "consultation_waiting": "void",
        "consultation_confirmed": "void",
        "consultation_booked": "void",
        "consultation_cancelled_by_you": "waiting",
        "consultation_called_off": "waiting",
    }


def test_withdrawn_request_sends_no_visitor_email() -> None:
    row = make_consultation_with_status("cancelled_by_visitor")
    waiting = OutgoingEmail.objects.filter(about=row.pk, state="waiting")
    assert [mail.to for mail in waiting] == ["hello@quietroom.example.com"]


def test_recording_outcome_sends_no_email() -> None:
    row = make_consultation_with_status("confirmed")
    before = OutgoingEmail.objects.count()
    over = START + timedelta(hours=1)
    workflow.complete_consultation(row, outcome="connected", by=make_staff(), now=over)
    workflow.mark_no_show(row, by=make_staff(), now=over)
    assert OutgoingEmail.objects.count() == before
