"""Where we meet: in the email, the reminder, the private page and the calendar file.

A link or an address is told once the call is confirmed and never before.
"""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from icalendar import Calendar

from consultations.booking import bookings, reminders, workflow
from consultations.booking.models import Consultation
from consultations.booking.transitions import TransitionNotAllowed
from consultations.outbox.models import OutgoingEmail
from pages.practice.models import PracticeProfile
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
ROOM = "https://meet.example.org/jo"
OWN_ROOM = "https://meet.example.org/only-this-call"
STREET = "12 Quiet Lane"
PROMISE = "link comes"


@pytest.fixture(autouse=True)
def practice():
    with time_machine.travel(NOW, tick=False):
        yield make_practice(address=f"{STREET}\nPortland", phone="(503) 555-0100")


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def told_everywhere(client, row: Consultation, message: str) -> dict[str, str]:
    """Return all that the visitor gets: an email, its file, the reminder, the private page."""
    with time_machine.travel(START - timedelta(hours=20), tick=False):
        reminders.send_due_reminders(now=START - timedelta(hours=20))
    row.refresh_from_db()
    email = OutgoingEmail.objects.get(message=message, about=row.pk)
    reminder = OutgoingEmail.objects.get(message="consultation_reminder_24", about=row.pk)
    file = client.get(reverse("booking:calendar_file", args=[row.token]))
    return {
        "email": email.text,
        "html": email.html,
        "invitation": unfold(email.calendar),
        "reminder": reminder.text,
        "page": client.get(row.get_absolute_url()).content.decode(),
        "file": unfold(file.content.decode()),
    }


def unfold(calendar: str) -> str:
    return calendar.replace("\r\n ", "").replace("\\,", ",").replace("\\n", "\n")


def make_call(**facts: Any) -> Consultation:
    practitioner = make_open_practitioner(name="Jo Example", video_url=facts.pop("room", ""))
    return make_booking(make_type(), [practitioner], START, **facts)


def confirm_request(row: Consultation, **room: str) -> None:
    practitioner = make_open_practitioner(name="Jo Example", **room)
    bookings.confirm_consultation(
        row, start_at=START, practitioner=practitioner, by=make_staff(), now=NOW
    )


def test_phone_call_says_who_calls_whom(client) -> None:
    row = make_call(meeting="phone", phone="+15035550142", channel="call")
    for where, words in told_everywhere(client, row, "consultation_confirmed").items():
        assert "Jo will call you at the number you gave us." in words, where
        assert "555-0142" not in words, where
    booked = OutgoingEmail.objects.get(message="consultation_booked").calendar
    assert "you call the client" in unfold(booked)


def test_client_without_a_number_is_asked_to_call(client) -> None:
    row = make_call(meeting="phone")
    for where, words in told_everywhere(client, row, "consultation_confirmed").items():
        assert "Please call Jo at (503) 555-0100." in words, where


def test_video_link_is_told_once_confirmed_and_never_before(client) -> None:
    row = make_consultation(meeting="video")
    before = client.get(row.get_absolute_url()).content.decode()
    before += OutgoingEmail.objects.get(message="consultation_received").text
    assert ROOM not in before
    confirm_request(row, video_url=ROOM)
    for where, words in told_everywhere(client, row, "consultation_confirmed").items():
        assert ROOM in words, where
        assert "Jo will meet you by video." in words, where
    event = Calendar.from_ical(OutgoingEmail.objects.get(message="consultation_confirmed").calendar)
    conference = event.walk("VEVENT")[0]["CONFERENCE"]
    assert (str(conference), conference.params["FEATURE"]) == (ROOM, "VIDEO")


def test_offer_and_hold_do_not_tell_the_link(client) -> None:
    row = make_consultation(meeting="video", kind="waitlist")
    practitioner = make_open_practitioner(video_url=ROOM)
    bookings.offer_slot(row, start_at=START, practitioner=practitioner, by=make_staff(), now=NOW)
    held = make_booking(
        make_type(mode="email_confirm"), [practitioner], START + timedelta(hours=2), meeting="video"
    )
    for one in (row, held):
        assert ROOM not in client.get(one.get_absolute_url()).content.decode()
    assert not any(ROOM in email.text + email.html for email in OutgoingEmail.objects.all())


def test_link_goes_when_the_call_is_canceled(client) -> None:
    row = make_call(meeting="video", room=ROOM)
    workflow.cancel_consultation(row, by=make_staff(), now=NOW)
    assert ROOM not in client.get(row.get_absolute_url()).content.decode()
    email = OutgoingEmail.objects.get(message="consultation_cancelled")
    assert ROOM not in email.text + email.html + unfold(email.calendar)


def test_call_has_a_link_of_its_own(client) -> None:
    row = make_consultation(meeting="video")
    row.video_url = OWN_ROOM
    row.save(update_fields=["video_url"])
    confirm_request(row, video_url=ROOM)
    for where, words in told_everywhere(client, row, "consultation_confirmed").items():
        assert OWN_ROOM in words, where
        assert f"{ROOM}<" not in words, where


@pytest.mark.parametrize("is_hidden", [False, True])
def test_address_is_told_once_confirmed(client, practice, is_hidden) -> None:
    PracticeProfile.objects.update(address_is_hidden=is_hidden)
    row = make_consultation(meeting="in_person")
    before = OutgoingEmail.objects.get(message="consultation_received")
    assert STREET not in before.text + before.html
    if is_hidden:
        assert STREET not in client.get(row.get_absolute_url()).content.decode()
        assert STREET not in client.get("/contact/").content.decode()
    confirm_request(row)
    for where, words in told_everywhere(client, row, "consultation_confirmed").items():
        assert STREET in words, where


def test_nothing_promises_a_link_that_is_not_there(client, staff) -> None:
    row = make_call(meeting="video")
    for where, words in told_everywhere(client, row, "consultation_confirmed").items():
        assert "Jo will meet you by video." in words, where
        assert PROMISE not in words, where
        assert "Join by video" not in words, where
    booked = OutgoingEmail.objects.get(message="consultation_booked")
    assert "This call has no video link yet. Please add one:" in booked.text
    page = staff.get(reverse("admin:consultations_consultation_change", args=[row.pk]))
    assert "No video link yet." in page.content.decode()


def test_staff_are_asked_for_the_link_when_they_confirm(staff) -> None:
    row, practitioner = make_consultation(meeting="video"), make_open_practitioner(name="Jo E")
    make_type()
    url = reverse("admin:consultations_consultation_action", args=[row.pk, "confirm"])
    answers = {
        "practitioner": practitioner.pk,
        "start_at_0": "2026-05-07",
        "start_at_1": "11:00",
        "video_url": "",
    }
    asked = staff.post(url, {**answers, "preview": "1"})
    assert "There’s no video link yet" in asked.content.decode()
    plain = staff.post(url, {**answers, "video_url": "http://meet.example.org/x"})
    assert plain.status_code == 422
    shown = staff.post(url, {**answers, "video_url": OWN_ROOM, "preview": "1"})
    assert OWN_ROOM in shown.context["preview"]["text"]
    row.refresh_from_db()
    assert row.video_url == ""
    assert staff.post(url, {**answers, "video_url": OWN_ROOM}).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.video_url) == ("confirmed", OWN_ROOM)


def test_taken_time_stores_no_link(staff) -> None:
    practitioner = make_open_practitioner()
    make_booking(make_type(), [practitioner], START)
    row = make_consultation(meeting="video")
    url = reverse("admin:consultations_consultation_action", args=[row.pk, "confirm"])
    answers = {"practitioner": practitioner.pk, "start_at_0": "2026-05-06", "start_at_1": "10:00"}
    assert staff.post(url, {**answers, "video_url": OWN_ROOM}).status_code == 422
    assert Consultation.objects.get(pk=row.pk).video_url == ""


def test_link_set_later_is_sent_with_a_newer_calendar_file(client, staff) -> None:
    row = make_call(meeting="video")
    url = reverse("admin:consultations_consultation_action", args=[row.pk, "link"])
    assert OWN_ROOM in staff.post(url, {"video_url": OWN_ROOM, "preview": "1"}).context[
        "preview"]["text"]  # fmt: skip
    assert staff.post(url, {"video_url": OWN_ROOM}).status_code == 302
    email = OutgoingEmail.objects.get(message="consultation_new_link")
    assert OWN_ROOM in email.text
    assert "SEQUENCE:1" in email.calendar
    assert OWN_ROOM in unfold(email.calendar)
    row.refresh_from_db()
    assert (
        "The video link was changed"
        in staff.get(
            reverse("admin:consultations_consultation_change", args=[row.pk])
        ).content.decode()
    )
    workflow.cancel_consultation(row, by=make_staff(), now=NOW)
    with pytest.raises(TransitionNotAllowed):
        workflow.set_video_link(row, video_url=ROOM, by=make_staff(), now=NOW)


def test_practitioners_link_is_https_only() -> None:
    practitioner = make_open_practitioner()
    for bad in ("http://meet.example.org/x", "javascript:alert(1)", "meet"):
        practitioner.video_url = bad
        with pytest.raises(ValidationError, match="https"):
            practitioner.clean_fields()
