"""Tests for the sentence that staff add to one email."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from consultations.booking.models import Consultation
from consultations.outbox.models import OutgoingEmail
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import (
    NOW,
    START,
    make_consultation,
    make_consultation_with_status,
    make_staff,
)
from tests.factories.pages import make_practice, make_practitioner

pytestmark = pytest.mark.django_db
SENTENCE = "Glad you wrote. I’ve kept the evening free."


@pytest.fixture
def staff(client):
    make_practice()
    client.force_login(make_staff())
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        yield client


def act(staff, row: Consultation, slug: str, **answers: Any) -> Any:
    url = reverse("admin:consultations_consultation_action", args=[row.pk, slug])
    return staff.post(url, {"added_text": SENTENCE, **answers})


def time_answers() -> dict[str, Any]:
    practitioner = make_practitioner(name="Jo Example")
    return {
        "practitioner": practitioner.pk,
        "start_at_0": "2026-05-07",
        "start_at_1": "11:00",
    }


@pytest.mark.parametrize(
    ("slug", "status", "message"),
    [
        ("confirm", "requested", "consultation_confirmed"),
        ("offer", "requested", "consultation_offered"),
        ("move", "confirmed", "consultation_moved"),
        ("decline", "requested", "consultation_declined"),
        ("cancel", "confirmed", "consultation_cancelled"),
        ("book-again", "completed", "consultation_confirmed"),
    ],
)
def test_every_action_sends_the_sentence(staff, slug, status, message) -> None:
    make_type()
    row = make_consultation_with_status(status)
    OutgoingEmail.objects.all().delete()
    answers: dict[str, Any] = {"reason": "full"} if slug == "decline" else {}
    if slug in ("confirm", "offer", "move", "book-again"):
        answers = time_answers()
    assert act(staff, row, slug, **answers).status_code == 302
    mail = OutgoingEmail.objects.get(message=message)
    assert SENTENCE in mail.text
    assert SENTENCE in mail.html
    # The practice's own copy is about the call only.
    others = OutgoingEmail.objects.exclude(pk=mail.pk)
    assert [other.message for other in others if SENTENCE in other.text + other.html] == []


def test_approval_sends_the_sentence(staff) -> None:
    row = make_booking(make_type(mode="staff_approval"), [make_open_practitioner()], START)
    assert act(staff, row, "approve").status_code == 302
    assert SENTENCE in OutgoingEmail.objects.get(message="consultation_confirmed").text


def test_preview_shows_the_sentence(staff) -> None:
    row = make_consultation_with_status("confirmed")
    page = act(staff, row, "cancel", preview="1")
    assert SENTENCE in page.context["preview"]["text"]


@pytest.mark.parametrize(
    "sentence",
    [
        "See you soon, Xanthippe!",
        "I’ll call +1 503 555 0142.",
        "I read that you lost my job in march.",
    ],
)
def test_words_of_the_visitor_are_refused(staff, sentence) -> None:
    row = make_consultation(
        name="Xanthippe Q", phone="+15035550142", note="I lost my job in March, and more."
    )
    for _attempt in range(2):  # a second press does not help
        response = act(staff, row, "decline", reason="full", added_text=sentence)
        assert response.status_code == 422
        assert "Our emails never repeat" in response.content.decode()
    row.refresh_from_db()
    assert row.status == "requested"


def test_doubtful_words_are_sent_on_the_second_press(staff) -> None:
    row = make_consultation()
    answers = {"reason": "full", "added_text": "Therapy may help."}
    response = act(staff, row, "decline", **answers)
    assert response.status_code == 422
    assert "“Therapy” could tell" in response.content.decode()
    seen = response.context["form"]["added_text_seen"].value()
    changed = act(
        staff,
        row,
        "decline",
        **{**answers, "added_text": "My counseling!"} | {"added_text_seen": seen},
    )
    assert changed.status_code == 422  # the warning was about another text
    assert act(staff, row, "decline", **answers, added_text_seen=seen).status_code == 302
    assert "Therapy may help." in OutgoingEmail.objects.get(message="consultation_declined").text


def test_without_an_address_there_is_no_sentence(staff) -> None:
    row = make_consultation(email="", channel="call", phone="+15035550142")
    url = reverse("admin:consultations_consultation_action", args=[row.pk, "decline"])
    assert "added_text" not in staff.get(url).content.decode()
    assert act(staff, row, "decline", reason="full").status_code == 302
