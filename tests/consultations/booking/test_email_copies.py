"""Tests for the copies of sent emails that stay with a consultation."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from consultations.booking.email_copies import SentEmail, blank_links
from consultations.booking.models import Consultation
from consultations.data_rights import retention
from consultations.data_rights.people import Person
from consultations.data_rights.records import erase_records
from consultations.outbox import delivery
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import (
    NOW,
    make_comment,
    make_consultation,
    make_consultation_with_status,
    make_staff,
)
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice() -> None:
    make_practice()


def deliver() -> None:
    delivery.deliver_due(NOW + timedelta(minutes=10))


def test_copy_has_the_text_without_private_links_and_address() -> None:
    row = make_consultation_with_status("confirmed")
    deliver()
    copy = row.sent.get(message="consultation_confirmed")
    mail = OutgoingEmail.objects.get(message="consultation_confirmed")
    assert (copy.subject, mail.state) == (mail.subject, "sent")
    assert row.reference in copy.text
    assert "(private link)" in copy.text
    assert row.token not in copy.text
    assert "http://testserver/crisis/" in copy.text
    assert row.email not in copy.text


def test_copy_is_encrypted() -> None:
    make_consultation_with_status("confirmed")
    deliver()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT subject, text FROM {SentEmail._meta.db_table}")
        for subject, text in cursor.fetchall():
            assert b"call" not in bytes(subject) + bytes(text)


def test_only_emails_to_the_client_that_left_are_copied() -> None:
    row = make_consultation_with_status("confirmed")
    make_comment(wants_notice=True)
    deliver()
    # The acknowledgment was voided before it left, and the practice's email is not to the client.
    assert [copy.message for copy in SentEmail.objects.all()] == ["consultation_confirmed"]
    assert row.sent.count() == 1


def test_email_sent_twice_is_one_copy() -> None:
    make_consultation()
    deliver()
    mail = OutgoingEmail.objects.get(message="consultation_received")
    OutgoingEmail.objects.filter(pk=mail.pk).update(state="waiting")
    deliver()
    assert SentEmail.objects.count() == 1


def test_copies_go_with_their_consultation() -> None:
    kept, closed = make_consultation(email="b@mail.example"), make_consultation()
    deliver()
    assert SentEmail.objects.count() == 2
    erase_records(Person(email="ada@mail.example"), by=None, now=NOW)
    assert [copy.consultation for copy in SentEmail.objects.all()] == [kept]
    Consultation.objects.filter(pk=kept.pk).update(
        status="declined", closed_at=NOW - timedelta(days=400)
    )
    retention.expired_consultations(NOW).delete()
    assert not SentEmail.objects.exists()
    assert not Consultation.objects.filter(pk=closed.pk).exists()


def test_email_of_an_erased_consultation_leaves_no_copy() -> None:
    row = make_consultation()
    Consultation.objects.filter(pk=row.pk).delete()
    deliver()
    assert not SentEmail.objects.exists()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://testserver/c/abc:1/ now", "(private link) now"),
        ("<http://testserver/c/abc/calendar.ics>", "<(private link)>"),
        ("http://testserver/crisis/", "http://testserver/crisis/"),
        ("http://testserver", "http://testserver"),
        ("http://testserver/consultation/?x=secret", "(private link)"),
        ("https://meet.example/room", "https://meet.example/room"),
    ],
)
def test_links_to_this_site_are_blanked_unless_public(text: str, shown: str) -> None:
    assert blank_links(text) == shown


def test_staff_read_what_was_sent(client) -> None:
    row = make_consultation()
    client.force_login(make_staff())
    page = reverse("admin:consultations_consultation_change", args=[row.pk])
    assert "on its way" in client.get(page).content.decode()
    deliver()
    shown: Any = client.get(page).content.decode()
    assert "We got your message" in shown
    assert "(private link)" in shown
    assert row.token not in shown
