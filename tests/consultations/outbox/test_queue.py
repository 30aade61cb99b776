"""Emails are enqueued in the transaction of the row they are about, or not at all."""

from uuid import uuid4

import pytest
from django.db import transaction

from consultations.outbox import queue
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import NOW
from tests.factories.pages import make_practice, make_practitioner

ABOUT_UUID = uuid4()


def enqueue(**options):
    defaults = {
        "key": "k",
        "to": "ada@mail.example",
        "about": ABOUT_UUID,
        "context": {"waiting": 2, "admin_url": "http://testserver/admin/"},
        "now": NOW,
    }
    queue.enqueue("comments_waiting", **{**defaults, **options})


@pytest.mark.django_db(transaction=True)
def test_enqueue_outside_a_transaction_raises() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        enqueue()
    assert not OutgoingEmail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rollback_discards_the_email() -> None:
    with transaction.atomic():
        enqueue()
        assert OutgoingEmail.objects.exists()
        transaction.set_rollback(True)
    assert not OutgoingEmail.objects.exists()


@pytest.mark.django_db
def test_key_is_enqueued_once() -> None:
    enqueue()
    enqueue(to="other@mail.example")
    assert OutgoingEmail.objects.get().to == "ada@mail.example"
    enqueue(key="another")
    assert OutgoingEmail.objects.count() == 2


@pytest.mark.django_db
def test_missing_address_enqueues_nothing() -> None:
    enqueue(to="")
    assert not OutgoingEmail.objects.exists()


@pytest.mark.django_db
def test_enqueued_email_is_complete() -> None:
    make_practice(discreet_name="Robin", email="hello@quietroom.example.com")
    enqueue()
    mail = OutgoingEmail.objects.get()
    assert (mail.state, mail.next_at, mail.attempts) == ("waiting", NOW, 0)
    assert mail.sender == "Robin <hello@quietroom.example.com>"
    assert mail.reply_to == "hello@quietroom.example.com"
    assert mail.subject == "Comments are waiting"
    assert mail.text.startswith("2 comments are waiting for you.")
    assert mail.html.lstrip().startswith("<!doctype html>")


@pytest.mark.django_db
def test_default_sender_name_is_discreet(settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "no-reply@quiet.example.com"
    practice = make_practice(name="Riverside Trauma Therapy", discreet_name="", email="")
    make_practitioner(name="Robin Example", discreet_name="")
    assert queue.sender_address(practice) == "Robin <no-reply@quiet.example.com>"


@pytest.mark.django_db
def test_only_waiting_emails_about_the_row_are_voided() -> None:
    enqueue(key="one")
    enqueue(key="two", about=uuid4())
    enqueue(key="three")
    OutgoingEmail.objects.filter(key="three").update(state="sent")
    queue.void_emails(about=ABOUT_UUID, messages=["something_else"])
    assert not OutgoingEmail.objects.filter(state="void").exists()
    queue.void_emails(about=ABOUT_UUID)
    states = dict(OutgoingEmail.objects.values_list("key", "state"))
    assert states == {"one": "void", "two": "waiting", "three": "sent"}
