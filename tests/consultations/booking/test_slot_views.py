"""Tests for the booking pages: the slot list, the form, and alternatives to a taken slot."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine

from consultations.booking import bookings, workflow
from consultations.booking.hours import ConsultationType
from consultations.booking.models import Consultation
from consultations.outbox.models import OutgoingEmail
from tests.factories.booking import (
    make_booking,
    make_open_practitioner,
    make_type,
    make_window,
    slot_form_data,
)
from tests.factories.consultations import NOW, START, consultation_form_data, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
LIST, FORM = "/consultation/", "/consultation/details/"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _practice():
    make_practice(is_licence_bound=False)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def practitioner():
    return make_open_practitioner(slug="robin")


@pytest.fixture
def consultation_type(practitioner) -> ConsultationType:
    return make_type(slug="first")


def page_text(response) -> str:
    return response.content.decode()


def open_form(client, **query: str):
    """Get the form of a time; it opens at an address with its key."""
    return client.get(FORM, query, follow=True)


def page_words(response) -> str:
    """Return the text of a page without its tags, in one line."""
    return " ".join(re.sub(r"<[^>]+>", "", page_text(response)).split())


def starts_in(page: str) -> list[str]:
    return re.findall(r"start=(\d{4}-\d\d-\d\dT\d\d%3A\d\dZ)", page)


# --- slot list ---
def test_list_links_slots_with_current_choice(client, consultation_type) -> None:
    page = page_text(client.get(LIST, {"zone": "Asia/Kolkata"}))
    chosen = "type=first&amp;zone=Asia%2FKolkata&amp;meeting=video&amp;start=2026-05-05T17%3A00Z"
    assert f"details/?{chosen}" in page
    assert "<strong>India Time</strong>" in page
    assert ">Tuesday, May 5</h2>" in page
    assert starts_in(page) == sorted(starts_in(page))


def test_list_formats_times_and_notes_other_dates(client, consultation_type) -> None:
    page = page_text(client.get(LIST, {"zone": "Asia/Kolkata", "from": "2026-05-06"}))
    assert ">10:30 PM</time>" in page
    assert "We’re in Pacific Time, so some of these fall on another date for us." in page
    assert "on another date" not in page_text(client.get(LIST, {"zone": "America/Los_Angeles"}))
    form = page_text(open_form(client, zone="Asia/Kolkata", start="2026-05-06T17:00Z"))
    assert "<span>Wednesday, May 6</span> <span>10:30 PM</span>" in form
    assert "India Time" in form
    assert "For us that’s Wednesday, May 6, 2026, 10:00 AM, Pacific Time (UTC-7)." in form


def test_repeated_hour_is_distinguished_everywhere(client, consultation_type, practitioner) -> None:
    practitioner.weekly_windows.all().delete()
    make_window(practitioner, 6, 60, 60)
    ConsultationType.objects.update(horizon_days=365, step_min=30)
    zone = "America/Los_Angeles"
    page = page_text(client.get(LIST, {"zone": zone, "from": "2026-11-01"}))
    for words in ("1:00 AM PDT", "1:30 AM PDT", "1:00 AM PST", "1:30 AM PST"):
        assert f">{words}</time>" in page
    for start, offset in (("2026-11-01T08:30Z", "UTC-7"), ("2026-11-01T09:30Z", "UTC-8")):
        answers = slot_form_data(consultation_type, start=start, zone=zone)
        own = page_words(client.get(client.post(FORM, answers)["Location"]))
        assert "Sunday, November 1, 1:30 AM" in own
        assert f"Pacific Time ({offset})" in own
        row = Consultation.objects.latest("start_at")
        mail = OutgoingEmail.objects.get(message="consultation_confirmed", about=row.pk)
        assert f"1:30 AM, Pacific Time ({offset})" in mail.text


def test_in_person_meeting_uses_practice_zone(client, practitioner) -> None:
    consultation_type = make_type(slug="visit", by_phone=False, by_video=False, in_person=True)
    asked = {"type": "visit", "zone": "Asia/Kolkata"}
    page = page_text(client.get(LIST, asked))
    assert "<strong>Pacific Time</strong>" in page
    assert "choose=zone" not in page
    assert "data-detect" not in page
    client.post(FORM, slot_form_data(consultation_type, zone="Asia/Kolkata", meeting=""))
    row = Consultation.objects.get()
    assert (row.visitor_zone, row.meeting) == ("America/Los_Angeles", "in_person")
    # If phone or video are also possible, the zone depends on the answer.
    either = make_type(slug="either", in_person=True)
    answers = slot_form_data(either, START + HOUR, zone="Asia/Kolkata", meeting="in_person")
    own = client.post(FORM, answers)["Location"]
    row = Consultation.objects.latest("start_at")
    assert row.visitor_zone == "America/Los_Angeles"
    assert row.promised_time == "Wednesday, May 6, 2026, 11:00 AM, Pacific Time (UTC-7)"
    assert "Pacific Time" in page_text(client.get(f"{own}move/", {"zone": "Asia/Kolkata"}))


def test_empty_list_states_search_horizon(client, consultation_type, practitioner) -> None:
    practitioner.weekly_windows.all().delete()
    page = page_text(client.get(LIST))
    assert "Nothing is open through Wednesday, June 3." in page
    for way in ("call_back", "preferred_times", "waitlist"):
        assert f"details/?kind={way}" in page


def test_list_and_form_get_change_nothing(client, consultation_type) -> None:
    for path in (LIST, f"{FORM}?type=first&start=2026-05-06T17:00Z&key={'k' * 32}"):
        assert client.get(path).status_code == client.head(path).status_code == 200
    assert client.head(f"{FORM}?kind=call_back").status_code == 302
    assert not Consultation.objects.exists()


def test_form_shows_chosen_time_and_back_link(client, consultation_type) -> None:
    page = page_text(open_form(client, type="first", start="2026-05-06T17:00Z", key="k" * 32))
    assert "<span>Wednesday, May 6</span> <span>10:00 AM</span>" in page
    assert "Book Wednesday at 10:00 AM" in page
    assert (
        'href="/consultation/?type=first&amp;zone=America%2FLos_Angeles'
        f'&amp;key={"k" * 32}&amp;from=2026-05-06"' in page
    )
    assert 'name="start" value="2026-05-06T17:00Z"' in page


@pytest.mark.parametrize("start", ["", "soon", "2026-13-01T00:00Z", "2026-05-06T17:00:00+02:00"])
def test_invalid_start_redirects_to_list(client, consultation_type, start) -> None:
    response = client.get(FORM, {"type": "first", "start": start})
    assert response.status_code == 302
    assert response["Location"].startswith("/consultation/?")


# --- booking ---
def test_valid_form_books_and_redirects_to_manage_page(
    client, consultation_type, practitioner
) -> None:
    response = client.post(FORM, slot_form_data(consultation_type))
    row = Consultation.objects.get()
    assert (response.status_code, response["Location"]) == (303, row.get_absolute_url())
    assert (row.status, row.start_at, row.practitioner) == ("confirmed", START, practitioner)
    assert (row.visitor_zone, row.meeting) == ("America/New_York", "video")
    page = page_words(client.get(response["Location"]))
    assert "You’re booked" in page
    assert "Wednesday, May 6, 1:00 PM" in page
    assert "For us that’s Wednesday, May 6, 10:00 AM" in page


def test_double_submit_creates_one_booking(client, consultation_type) -> None:
    answers = slot_form_data(consultation_type)
    first, second = client.post(FORM, answers), client.post(FORM, answers)
    assert (second.status_code, second["Location"]) == (303, first["Location"])
    assert (Consultation.objects.count(), OutgoingEmail.objects.count()) == (1, 2)


@pytest.mark.parametrize("field", ["name", "email", "meeting", "consent", "start"])
def test_booking_requires_fields(client, consultation_type, field) -> None:
    answers: dict[str, Any] = {**slot_form_data(consultation_type, note="Kept words"), field: ""}
    response = client.post(FORM, answers)
    assert response.status_code == 422
    assert "Kept words" in page_text(response)
    assert not Consultation.objects.exists()


def test_phone_meeting_requires_phone_number(client, consultation_type) -> None:
    assert client.post(FORM, slot_form_data(consultation_type, meeting="phone")).status_code == 422
    assert (
        client.post(
            FORM, slot_form_data(consultation_type, meeting="phone", phone="5035550142")
        ).status_code
        == 303
    )
    assert Consultation.objects.get().channel == "call"


def test_cross_site_form_books_nothing(client, consultation_type) -> None:
    response = client.post(
        FORM, slot_form_data(consultation_type), headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert response.status_code == 403
    assert not Consultation.objects.exists()


def test_bot_gets_same_response_without_booking(client, consultation_type) -> None:
    response = client.post(FORM, slot_form_data(consultation_type, website="http://x.example"))
    row = Consultation.objects.get()
    assert (response.status_code, response["Location"]) == (303, row.get_absolute_url())
    assert (row.status, row.hold_for, row.start_at) == ("held", "approval", START)
    page = page_words(client.get(response["Location"]))
    assert "Not confirmed yet" in page
    assert "Wednesday, May 6, 2026, 1:00 PM" in page
    # Nobody else gets the time in the meantime.
    assert client.post(FORM, slot_form_data(consultation_type)).status_code == 409


def test_review_holds_are_limited_and_end(client, consultation_type, practitioner) -> None:
    """At most two times of a day are held for doubtful forms; the others are requests."""
    times = [START, START + HOUR, START + 2 * HOUR]
    for start_at in times:
        answers = slot_form_data(consultation_type, start_at, website="http://x.example")
        assert client.post(FORM, answers).status_code == 303
    rows = list(Consultation.objects.order_by("created_at", "pk"))
    assert sorted(row.status for row in rows) == ["held", "held", "requested"]
    asked = next(row for row in rows if row.status == "requested")
    page = page_words(client.get(asked.get_absolute_url()))
    assert "Wednesday, May 6, 2026, 3:00 PM, Eastern Time (UTC-4)" in page
    assert "Not confirmed yet" in page
    mail = OutgoingEmail.objects.get(message="consultation_received", about=asked.pk)
    asked_time = "Wednesday, May 6, 2026, 3:00 PM, Eastern Time (UTC-4)"
    assert f"You asked for this time:\n\n{asked_time}\n" in mail.text
    assert "It’s not confirmed yet." in mail.text
    # After a day they stay as requests, and the times are free again.
    later = NOW + timedelta(hours=24)
    assert {row.hold_expires_at for row in rows if row.status == "held"} == {later}
    assert bookings.expire_holds(now=later) == 2
    assert set(Consultation.objects.values_list("status", flat=True)) == {"requested"}
    with time_machine.travel(later, tick=False):
        assert "is no longer free" not in page_text(open_form(client, start="2026-05-06T18:00Z"))


def test_confirmed_review_hold_is_a_booking(client, consultation_type, practitioner) -> None:
    client.post(FORM, slot_form_data(consultation_type, website="http://x.example"))
    row = Consultation.objects.get()
    bookings.approve_hold(row, by=make_staff(), now=NOW)
    assert "You’re booked" in page_words(client.get(row.get_absolute_url()))


# --- slot taken in the meantime ---
TYPED: dict[str, Any] = {
    "name": "Xanthippe Quill",
    "email": "quill@mail.example",
    "phone": "5035550142",
    "note": "Kept <b>words</b>",
    "access": "A ramp",
    "voicemail": "voicemail",
    "audience": "us",
}


def test_taken_slot_keeps_answers_and_offers_nearest(
    client, consultation_type, practitioner
) -> None:
    make_booking(consultation_type, [practitioner])
    answers = slot_form_data(consultation_type, **TYPED)
    response = client.post(FORM, answers)
    page = page_text(response)
    assert response.status_code == 409
    assert "no-store" in response["Cache-Control"]
    assert "<title>Error: " in page
    assert 'role="alert"' in page
    assert "autofocus" in page
    radios = re.findall(r'<input[^>]*name="start"[^>]*value="([^"]+)"', page)
    assert radios == [
        # The call and its buffer take 17:00 to 17:35; an earlier call needs its buffer as well.
        "2026-05-06T16:00Z",
        "2026-05-06T16:15Z",
        "2026-05-06T17:45Z",
        "2026-05-06T18:00Z",
        "2026-05-06T18:15Z",
        "2026-05-06T18:30Z",
    ]
    for value in ("Xanthippe Quill", "quill@mail.example", "5035550142", "A ramp"):
        assert f'value="{value}"' in page
    assert "Kept &lt;b&gt;words&lt;/b&gt;" in page
    for name, value in (("voicemail", "voicemail"), ("audience", "us"), ("meeting", "video")):
        assert re.search(rf'name="{name}" value="{value}"[^>]*checked', page), name
    assert f'name="key" value="{answers["key"]}"' in page
    # Without the time that is taken: this address leads to the list of times.
    (action,) = re.findall(r'<form method="post" action="([^"]+)"', page)
    assert action.endswith(f"&amp;kind=slot&amp;key={answers['key']}")
    assert client.get(unescape(action))["Location"].startswith("/consultation/?")
    assert Consultation.objects.count() == 1
    # One more click books it.
    booked = client.post(FORM, {**answers, "start": radios[2]})
    assert booked.status_code == 303
    row = Consultation.objects.get(idempotency_key=answers["key"])
    assert (row.status, row.name, row.note) == ("confirmed", TYPED["name"], TYPED["note"])


def test_taken_slot_without_alternatives_offers_callback(
    client, consultation_type, practitioner
) -> None:
    make_booking(consultation_type, [practitioner])
    practitioner.weekly_windows.all().delete()
    response = client.post(FORM, slot_form_data(consultation_type, **TYPED))
    page = page_text(response)
    assert response.status_code == 409
    assert "No other time is free near it." in page
    assert "Ask us to call you back" in page
    for words in (TYPED["name"], TYPED["email"]):
        assert words in page
    assert "Please check a few things" not in page
    # The form now asks for a callback instead, with the same key, and can be sent in one click.
    form = response.context["form"]
    again = {name: value for name, value in form.data.items() if name != "start"}
    assert client.post(FORM, again).status_code == 303
    row = Consultation.objects.get(kind="call_back")
    assert (row.status, row.name, row.note) == ("requested", TYPED["name"], TYPED["note"])


@pytest.mark.parametrize("start", ["2026-05-06T17:05Z", "2020-01-01T00:00Z", "9999-12-31T23:59Z",
                                   "0001-01-01T00:00Z", "nonsense"])  # fmt: skip
def test_unoffered_start_books_nothing(client, consultation_type, start) -> None:
    response = client.post(FORM, slot_form_data(consultation_type, start=start))
    assert response.status_code in (409, 422)
    assert not Consultation.objects.exists()


def test_anyone_assigns_an_available_practitioner(client, consultation_type, practitioner) -> None:
    other = make_open_practitioner(slug="jo")
    make_booking(consultation_type, [practitioner])
    asked = slot_form_data(consultation_type, practitioner="robin")
    assert client.post(FORM, asked).status_code == 409
    assert client.post(FORM, slot_form_data(consultation_type)).status_code == 303
    assert Consultation.objects.latest("pk").practitioner in (other, practitioner)
    assert Consultation.objects.filter(practitioner=other).count() == 1


# --- other booking modes ---
def test_email_hold_is_confirmed_only_by_posting_its_link(client, consultation_type) -> None:
    ConsultationType.objects.update(mode="email_confirm")
    own = client.post(FORM, slot_form_data(consultation_type))["Location"]
    assert "Check your email" in page_text(client.get(own))
    mail = OutgoingEmail.objects.get(message="consultation_please_confirm")
    link = re.search(r"http://testserver(/consultation/confirm/\S+)", mail.text)
    assert link is not None
    for _ in range(3):  # a mail scanner may open the link repeatedly
        assert client.get(link[1]).status_code == client.head(link[1]).status_code == 200
    assert Consultation.objects.get().status == "held"
    foreign = client.post(link[1], headers={"Sec-Fetch-Site": "cross-site"})
    assert (foreign.status_code, Consultation.objects.get().status) == (403, "held")
    assert client.post(link[1])["Location"] == own
    row = Consultation.objects.get()
    assert (row.status, row.sequence) == ("confirmed", 0)
    assert client.post(link[1])["Location"] == client.get(link[1])["Location"] == own
    assert OutgoingEmail.objects.filter(message="consultation_confirmed").count() == 1


def test_late_link_for_taken_slot_reports_conflict(client, consultation_type, practitioner) -> None:
    ConsultationType.objects.update(mode="email_confirm")
    client.post(FORM, slot_form_data(consultation_type))
    mail = OutgoingEmail.objects.get(message="consultation_please_confirm")
    link = re.search(r"http://testserver(/consultation/confirm/\S+)", mail.text)
    assert link is not None
    with time_machine.travel(NOW + HOUR, tick=False):
        make_booking(make_type(), [practitioner], now=NOW + HOUR)
        response = client.post(link[1])
    assert response.status_code == 409
    assert "Someone else has taken that time" in page_text(response)


def test_approval_hold_states_reply_deadline(client, consultation_type) -> None:
    ConsultationType.objects.update(mode="staff_approval")
    own = client.post(FORM, slot_form_data(consultation_type))["Location"]
    page = page_text(client.get(own))
    assert "We’re holding this time for you and will answer by Wednesday, May 6." in page
    workflow.decline_consultation(
        Consultation.objects.get(), reason="full", by=make_staff(), now=NOW
    )
    assert "We can’t offer you a call" in page_text(client.get(own))


def test_request_only_practice_accepts_requests(client, consultation_type) -> None:
    ConsultationType.objects.update(mode="request_only")
    assert not starts_in(page_text(client.get(LIST)))
    response = client.post(FORM, consultation_form_data(kind="call_back", phone="5035550142"))
    assert response.status_code == 303
    # A manually added time is not booked; the form is stored as a request.
    client.post(FORM, slot_form_data(consultation_type, channel="email"))
    assert not Consultation.objects.exclude(status="requested").exists()
