"""Tests for what the booking pages carry and ask: service, meeting, zone, optional questions."""

import re

import pytest
import time_machine

from consultations.booking.models import Consultation
from consultations.outbox.models import OutgoingEmail
from pages.practice.models import Service
from tests.factories.booking import make_booking, make_open_practitioner, make_type, slot_form_data
from tests.factories.consultations import NOW, consultation_form_data
from tests.factories.pages import make_licence, make_practice

pytestmark = pytest.mark.django_db
LIST, FORM = "/consultation/", "/consultation/details/"
CHOSEN = {"type": "first", "start": "2026-05-06T17:00Z"}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def practice():
    make_licence()
    return make_practice()


@pytest.fixture
def practitioner(practice):
    return make_open_practitioner(slug="robin")


@pytest.fixture
def consultation_type(practitioner):
    return make_type(slug="first")


@pytest.fixture
def coaching(practice) -> Service:
    return Service.objects.create(slug="coaching", title="Coaching", is_licence_bound=False)


def page_text(response) -> str:
    return response.content.decode()


def form_fields(client, **query: str) -> set[str]:
    page = page_text(client.get(FORM, {**CHOSEN, **query}, follow=True))
    return set(re.findall(r'name="(\w+)"', page.split("<main")[1]))


# --- the service ---
def test_service_page_leads_into_the_booker(client, consultation_type, coaching) -> None:
    assert 'href="/consultation/?service=coaching"' in page_text(client.get("/services/coaching/"))
    page = page_text(client.get(LIST, {"service": "coaching"}))
    assert "About Coaching" in page
    assert re.search(r"details/\?[^\"]*service=coaching", page)
    client.post(f"{FORM}?service=coaching", slot_form_data(consultation_type, service="coaching"))
    assert Consultation.objects.get().service == "coaching"


@pytest.mark.parametrize("status", ["waitlist", "closed"])
def test_full_service_opens_its_waiting_list(client, consultation_type, coaching, status) -> None:
    Service.objects.update(accepting=status)
    assert "?service=coaching" in page_text(client.get("/services/coaching/"))
    page = page_text(client.get(LIST, {"service": "coaching"}))
    assert "Coaching: waiting list" in page
    assert 'class="slot"' not in page
    assert "details/?kind=waitlist&amp;service=coaching" in page
    for response in (
        client.get(FORM, {**CHOSEN, "service": "coaching"}),
        client.post(f"{FORM}?service=coaching", slot_form_data(consultation_type)),
    ):
        assert response["Location"] == "/consultation/?service=coaching"
    # Nor may it be named in the form of a time.
    sent = client.post(FORM, slot_form_data(consultation_type, service="coaching"))
    assert sent.status_code == 422
    answers = consultation_form_data(kind="waitlist", service="coaching", preferred=[])
    assert client.post(f"{FORM}?kind=waitlist&service=coaching", answers).status_code == 303
    row = Consultation.objects.get()
    assert (row.kind, row.service) == ("waitlist", "coaching")


def test_coaching_needs_no_state_and_is_not_refused(client, consultation_type, coaching) -> None:
    assert "location" in form_fields(client)
    assert "location" not in form_fields(client, service="coaching")
    far = slot_form_data(consultation_type, location="elsewhere")
    assert client.post(FORM, far).status_code == 422
    assert client.post(FORM, {**far, "service": "coaching"}).status_code == 303


def test_unknown_service_is_ignored(client, consultation_type) -> None:
    for slug in ("nothing", "x" * 5000, "\x00"):
        assert client.get(LIST, {"service": slug}).status_code == 200


# --- fewer questions ---
def test_phone_is_asked_only_where_we_call(client, consultation_type) -> None:
    assert {"phone", "voicemail"} <= form_fields(client, meeting="phone")
    assert not {"phone", "voicemail"} & form_fields(client, meeting="video")
    # Not chosen yet: the form asks how to meet, and for a number in case it is by phone.
    assert {"meeting", "phone"} <= form_fields(client)


def test_optional_questions_are_folded_and_can_be_switched_off(
    client, consultation_type, practice, coaching
) -> None:
    page = page_text(client.get(FORM, {**CHOSEN, "meeting": "phone"}, follow=True))
    folded = page.split("<details", 2)[2].split("</details>")[0]
    assert set(re.findall(r'name="(\w+)"', folded)) == {
        "service",
        "audience",
        "voicemail",
        "note",
        "access",
    }
    practice.asks_service = practice.asks_audience = practice.asks_access = False
    practice.asks_voicemail = practice.asks_note = False
    practice.save()
    page = page_text(client.get(FORM, {**CHOSEN, "meeting": "phone"}, follow=True))
    assert "More, if you like" not in page
    response = client.post(FORM, slot_form_data(consultation_type))
    assert response.status_code == 303


@pytest.mark.parametrize("sees_minors", [True, False])
def test_child_is_a_choice_only_where_minors_are_seen(
    client, consultation_type, practice, sees_minors
) -> None:
    practice.sees_minors = sees_minors
    practice.save()
    page = page_text(client.get(FORM, CHOSEN, follow=True))
    assert ("My child" in page) == sees_minors
    assert ("I am 18 or older" in page) != sees_minors


def test_folded_questions_open_with_their_answers(client, consultation_type) -> None:
    answers = slot_form_data(consultation_type, name="", note="Kept words")
    page = page_text(client.post(FORM, answers))
    assert '<details class="more" open>' in page


# --- the zone ---
def test_older_zone_names_are_resolved(client, consultation_type) -> None:
    page = page_text(client.get(LIST, {"zone": "Asia/Calcutta"}))
    assert 'data-zone="Asia/Kolkata"' in page
    assert "zone=Asia%2FKolkata" in page
    assert "data-detect" not in page
    assert "data-detect" in page_text(client.get(LIST))
    client.post(FORM, slot_form_data(consultation_type, zone="Asia/Calcutta"))
    assert Consultation.objects.get().visitor_zone == "Asia/Kolkata"


def test_zones_are_searched_without_script(client, consultation_type) -> None:
    page = page_text(client.get(LIST, {"choose": "zone", "find": "seattle", "type": "first"}))
    assert re.findall(r"zone=([\w%]+)\"[^>]*data-search", page) == ["America%2FLos_Angeles"]
    assert "We didn’t find that place" in page_text(
        client.get(LIST, {"choose": "zone", "find": "olympus mons"})
    )
    for text in ("<script>", "\x00", "x" * 10_000):
        assert client.get(LIST, {"choose": "zone", "find": text}).status_code == 200


# --- links that are no longer true ---
@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("2026-05-01T17:00Z", "Friday, May 1, 10:00 AM has passed."),
        ("2026-05-06T17:00Z", "Wednesday, May 6, 10:00 AM is no longer free."),
        ("2026-05-09T17:00Z", "Saturday, May 9, 10:00 AM is no longer free."),
        ("2190-05-09T17:00Z", "is no longer free."),
    ],
)
def test_link_to_a_gone_time_says_so(client, consultation_type, practitioner, start, words) -> None:
    make_booking(consultation_type, [practitioner])
    response = client.get(FORM, {"type": "first", "start": start})
    assert response.status_code == 302
    page = page_text(client.get(response["Location"]))
    assert words in page
    if start < "2100":
        assert "The nearest free times:" in page
        assert page.count('class="slot"') > 6


def test_free_time_is_not_said_to_be_gone(client, consultation_type) -> None:
    page = page_text(client.get(LIST, {"gone": "2026-05-06T17:00Z"}))
    assert "no longer free" not in page


def test_own_form_opens_again_after_booking(client, consultation_type) -> None:
    """Back from the private page: the time is taken, by this very form."""
    key = "k" * 32
    client.post(FORM, slot_form_data(consultation_type, key=key))
    assert client.get(FORM, {**CHOSEN, "kind": "slot", "key": key}).status_code in (200, 302)
    page = page_text(client.get(FORM, {**CHOSEN, "kind": "slot", "key": key}, follow=True))
    assert "Book Wednesday at 10:00 AM" in page


# --- where we meet ---
def test_video_link_is_shown_only_for_confirmed_calls(
    client, consultation_type, practitioner
) -> None:
    room = "https://video.example/robin"
    practitioner.video_url = room
    practitioner.save()
    row = make_booking(consultation_type, [practitioner], meeting="video")
    page = page_text(client.get(row.get_absolute_url()))
    assert f'<a class="link-text" href="{room}" rel="noreferrer noopener">' in page
    assert room in OutgoingEmail.objects.get(message="consultation_confirmed").text
    client.post(f"{row.get_absolute_url()}cancel/", {})
    row.refresh_from_db()
    assert room not in page_text(client.get(row.get_absolute_url()))


def test_private_page_says_where_a_move_came_from(client, consultation_type, practitioner) -> None:
    row = make_booking(consultation_type, [practitioner])
    later = "2026-05-06T19:00Z"
    client.post(f"{row.get_absolute_url()}move/", {"start": later})
    page = page_text(client.get(row.get_absolute_url()))
    assert "Moved to Wednesday, May 6, 3:00 PM" in page
    assert "It was Wednesday, May 6, 1:00 PM." in page
    # The move page neither offers the current time nor takes it from an old link.
    move = page_text(client.get(f"{row.get_absolute_url()}move/"))
    assert "start=2026-05-06T19%3A00Z" not in move
    assert "start=2026-05-06T17%3A00Z" in move
    old = page_text(client.get(f"{row.get_absolute_url()}move/", {"start": "2026-05-01T17:00Z"}))
    assert "has passed." in old
    assert "Yes, move it" not in old
