"""Tests for bookings while the mail server is down, slow or refusing: no request waits for it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from consultations.booking.models import Consultation
from consultations.outbox import delivery
from consultations.outbox.models import OutgoingEmail
from tests.consultations.outbox.smtp import (
    SMTPHandler,
    free_port,
    running_server,
    silent_server,
    use_server,
)
from tests.factories.booking import make_open_practitioner, make_type, slot_form_data
from tests.factories.consultations import NOW, START
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
FORM, HOUR = "/consultation/details/", timedelta(hours=1)
REFUSED_ANSWER = "451 4.3.0 try again later"


@pytest.fixture(autouse=True)
def _practice():
    make_practice(is_licence_bound=False)
    make_open_practitioner()
    with time_machine.travel(NOW, tick=False):
        yield


def book_move_cancel(client) -> Consultation:
    """Book, move and cancel as a visitor; no step connects to a mail server."""
    link = client.post(FORM, slot_form_data(make_type()))["Location"]
    assert client.post(f"{link}move/", {"start": "2026-05-06T19:00Z"}).status_code == 303
    assert client.post(f"{link}cancel/").status_code == 303
    row = Consultation.objects.get()
    assert row.status == "cancelled_by_visitor"
    return row


def arrived_invites(server: SMTPHandler) -> list[tuple[str, str, str]]:
    """Return the recipient, METHOD and SEQUENCE of each email that the server accepted."""
    found = []
    for message in server.taken:
        parts = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
        text = bytes(parts[0].get_payload(decode=True)).decode()
        method, sequence = re.search(r"METHOD:(\w+)", text), re.search(r"SEQUENCE:(\d)", text)
        assert method
        assert sequence
        assert parts[0].get_param("method") == method[1]
        found.append((str(message["To"]), method[1], sequence[1]))
    return sorted(found)


@pytest.fixture
def no_connection(monkeypatch) -> list[object]:
    """Record every attempt to send an email during a request."""
    opened: list[object] = []
    monkeypatch.setattr(mail, "get_connection", lambda *args, **options: opened.append(args))
    return opened


def test_booking_requests_open_no_mail_connection(client, no_connection) -> None:
    book_move_cancel(client)
    assert no_connection == []
    # Only emails that are still accurate are sent; moving and canceling voids the earlier ones.
    waiting = OutgoingEmail.objects.filter(state="waiting").values_list("message", flat=True)
    assert sorted(waiting) == ["consultation_called_off", "consultation_cancelled_by_you"]


@pytest.mark.parametrize("trouble", ["away", "silent", "refuses", "dies after the data"])
def test_emails_arrive_once_after_server_failure(client, settings, trouble) -> None:
    link = client.post(FORM, slot_form_data(make_type()))["Location"]
    if trouble == "away":
        use_server(settings, free_port())
        delivery.deliver_due(NOW)
    elif trouble == "silent":
        with silent_server(settings):
            delivery.deliver_due(NOW)
        errors = set(OutgoingEmail.objects.values_list("last_error", flat=True))
        assert {error.split()[0] for error in errors} == {"SMTPServerDisconnected"}
    else:
        with running_server(settings) as server:
            if trouble == "refuses":
                server.data_answer = REFUSED_ANSWER
            else:
                server.drops_after_data = True
            delivery.deliver_due(NOW)
    assert client.get(link).status_code == 200
    assert OutgoingEmail.objects.filter(state="waiting").count() == 2
    with running_server(settings) as server:
        for hours in (7, 14, 21):
            delivery.deliver_due(NOW + hours * HOUR)
        assert arrived_invites(server) == [
            ("ada@mail.example", "REQUEST", "0"),
            (OutgoingEmail.objects.get(message="consultation_booked").to, "REQUEST", "0"),
        ]
    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {"sent"}


def test_booking_emails_share_uid_and_increase_sequence(client, settings) -> None:
    with running_server(settings) as server:
        link = client.post(FORM, slot_form_data(make_type()))["Location"]
        delivery.deliver_due(NOW)
        client.post(f"{link}move/", {"start": "2026-05-06T19:00Z"})
        delivery.deliver_due(NOW)
        client.post(f"{link}cancel/")
        delivery.deliver_due(NOW)
        visitor = [one for one in arrived_invites(server) if one[0] == "ada@mail.example"]
        uids = {
            found[1]
            for message in server.taken
            for part in message.walk()
            if part.get_content_type() == "text/calendar"
            and (found := re.search(r"UID:(\S+)", bytes(part.get_payload(decode=True)).decode()))
        }
    assert visitor == [
        ("ada@mail.example", "CANCEL", "2"),
        ("ada@mail.example", "REQUEST", "0"),
        ("ada@mail.example", "REQUEST", "1"),
    ]
    assert uids == {str(Consultation.objects.get(start_at=START + 2 * HOUR).ics_uid)}
