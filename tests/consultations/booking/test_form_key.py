"""Tests for the key in a form's address: Back, links that are passed on, old addresses."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine

from consultations.booking import workflow
from consultations.booking.hours import ConsultationType
from consultations.booking.models import Consultation
from consultations.booking.submission import MAX_PEOPLE_PER_KEY
from tests.consultations.booking.test_request_races import run_concurrently
from tests.consultations.privacy.test_fields import tamper
from tests.factories.booking import make_booking, make_open_practitioner, make_type, slot_form_data
from tests.factories.consultations import (
    NOW,
    START,
    consultation_form_data,
    make_consultation,
    make_staff,
)
from tests.factories.pages import make_licence, make_practice

pytestmark = pytest.mark.django_db
LIST, FORM = "/consultation/", "/consultation/details/"
KEY = "k" * 32
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIEND = {"name": "Bea Friend", "email": "bea@mail.example"}


@pytest.fixture(autouse=True)
def _practice():
    make_practice(is_licence_bound=False)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def slot_address(client) -> str:
    """Return the link of a free time, as the page with the times has it."""
    make_open_practitioner()
    make_type(slug="first")
    page = client.get(LIST).content.decode()
    return unescape(re.findall(r'class="slot" href="([^"]+)"', page)[0])


def key_in(address: str) -> str:
    (key,) = re.findall(r"[?&]key=(\w+)", address)
    return key


def form_in(response) -> tuple[str, dict[str, str]]:
    """Return the action of the form on a page, and its hidden fields except the time it was opened.

    A test sends forms faster than people do.
    """
    page = response.content.decode()
    (action,) = re.findall(r'<form method="post" action="([^"]+)"', page)
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return unescape(action), {name: unescape(text) for name, text in hidden if name != "opened"}


@pytest.mark.parametrize(
    "query", ["", "?kind=call_back", "?kind=waitlist", "?kind=nonsense", "?kind=call_back&key="]
)
def test_form_opens_at_an_address_with_a_new_key(client, query) -> None:
    first, second = (client.get(FORM + query) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert key_in(first["Location"]) != key_in(second["Location"])
    assert "no-store" in first["Cache-Control"]
    assert "noindex" in first["X-Robots-Tag"]


@pytest.mark.parametrize("kind", ["call_back", "preferred_times", "waitlist"])
def test_same_address_opens_the_form_with_the_same_key(client, kind) -> None:
    address = client.get(f"{FORM}?kind={kind}")["Location"]
    forms = [client.get(address) for _ in range(2)]
    assert [response.status_code for response in forms] == [200, 200]
    assert all("no-store" in response["Cache-Control"] for response in forms)
    assert all("noindex" in response["X-Robots-Tag"] for response in forms)
    for action, hidden in map(form_in, forms):
        assert action == address
        assert (hidden["key"], hidden["kind"]) == (key_in(address), kind)


def test_form_of_a_time_keeps_time_and_key_in_its_address(client, slot_address) -> None:
    address = client.get(slot_address)["Location"]
    action, hidden = form_in(client.get(address))
    assert action == address
    assert "&start=" in address
    assert (hidden["key"], hidden["kind"]) == (key_in(address), "slot")


@pytest.mark.parametrize(
    "key",
    ["a b", "../x", "x" * 65, "%00", "%ff", "ναι", "%3Cscript%3E", "-", "a%0D%0ASet-Cookie:b"],
)
def test_malformed_key_is_replaced(client, key) -> None:
    response = client.get(f"{FORM}?kind=call_back&key={key}")
    assert response.status_code == 302
    assert re.fullmatch(rf"{FORM}\?kind=call_back&key=[0-9a-f]{{32}}", response["Location"])
    assert client.get(response["Location"]).status_code == 200
    assert f"key={key}" not in client.get(f"{LIST}?key={key}").content.decode()


def test_only_what_the_form_knows_is_kept_in_its_address(client) -> None:
    response = client.get(FORM, {"kind": "call_back", "name": "Quillfeather", "next": "//evil"})
    assert response["Location"] == f"{FORM}?kind=call_back&key={key_in(response['Location'])}"


def test_back_and_another_answer_make_one_request(client) -> None:
    address = client.get(f"{FORM}?kind=preferred_times")["Location"]
    places = set()
    for name in ("Ada", "Ada Lovelace"):
        action, hidden = form_in(client.get(address))
        answers = consultation_form_data(name=name, key=hidden["key"])
        places.add(client.post(action, answers)["Location"])
    assert places == {Consultation.objects.get().get_absolute_url()}
    assert Consultation.objects.get().name == "Ada Lovelace"


def test_another_time_chosen_from_the_form_makes_one_request(client, slot_address) -> None:
    address = client.get(slot_address)["Location"]
    kept = form_in(client.get(address))[1]
    answers = {**slot_form_data(ConsultationType.objects.get()), **kept}
    assert client.post(FORM, answers).status_code == 303
    page = client.get(address).content.decode()
    (change,) = re.findall(r'<a class="chosen-change" href="([^"]+)"', page)
    times = client.get(unescape(change)).content.decode()
    # Also where the visitor chooses another zone, practitioner or day first.
    links = re.findall(r'href="(/consultation/\?[^"]+)"', times.split('id="booker"')[1])
    assert len(links) > 5
    assert {key_in(unescape(link)) for link in links} == {key_in(address)}
    other = unescape(re.findall(r'class="slot" href="([^"]+)"', times)[5])
    action, hidden = form_in(client.get(other))
    assert key_in(action) == key_in(address)
    assert client.post(action, {**answers, **hidden}).status_code == 303
    row = Consultation.objects.get()
    assert f"{row.start_at:%Y-%m-%dT%H:%MZ}" == hidden["start"] != kept["start"]


def test_other_ways_on_the_page_of_times_keep_the_key(client) -> None:
    page = client.get(LIST, {"key": KEY}).content.decode()
    for kind in ("call_back", "preferred_times"):
        assert f'href="{FORM}?kind={kind}&amp;key={KEY}"' in page
    assert "key=" not in client.get(LIST).content.decode()


def test_refused_form_posts_to_the_address_with_its_key(client) -> None:
    refused = client.post(FORM, consultation_form_data(name="", key=KEY))
    action, hidden = form_in(refused)
    assert (refused.status_code, hidden["key"]) == (422, KEY)
    assert action == f"{FORM}?kind=preferred_times&key={KEY}"
    assert form_in(client.get(action))[1]["key"] == KEY


def test_refused_form_of_a_time_posts_to_the_address_with_its_key(client, slot_address) -> None:
    refused = client.post(FORM, slot_form_data(ConsultationType.objects.get(), name="", key=KEY))
    action, hidden = form_in(refused)
    assert (refused.status_code, hidden["key"]) == (422, KEY)
    again, kept = form_in(client.get(action))
    assert again == action
    assert (kept["key"], kept["start"]) == (KEY, hidden["start"])


def test_form_needs_no_visit_before_and_no_key(client) -> None:
    answers = consultation_form_data()
    del answers["key"]
    assert client.post(FORM, answers).status_code == 303
    assert client.post(FORM, consultation_form_data(key=KEY)).status_code == 303
    assert Consultation.objects.count() == 2


def test_key_chosen_by_another_site_is_replaced(client) -> None:
    response = client.post(
        FORM, consultation_form_data(key=KEY), headers={"Sec-Fetch-Site": "cross-site"}
    )
    action, hidden = form_in(response)
    assert response.status_code == 403
    assert hidden["key"] == key_in(action) != KEY


# --- an address that is passed on ---
def test_another_person_gets_a_request_of_their_own(client) -> None:
    first = client.post(FORM, consultation_form_data(key=KEY))["Location"]
    second = [client.post(FORM, consultation_form_data(key=KEY, **FRIEND)) for _ in range(2)]
    assert {response["Location"] for response in second} != {first}
    ada, bea = sorted(Consultation.objects.all(), key=lambda row: row.name)
    assert (ada.name, ada.email, ada.events.count()) == ("Ada Visitor", "ada@mail.example", 1)
    assert [response["Location"] for response in second] == [bea.get_absolute_url()] * 2
    assert client.post(FORM, consultation_form_data(key=KEY))["Location"] == first


def test_another_person_can_edit_their_request(client) -> None:
    make_consultation(key=KEY)
    for name in ("Bea Friend", "Bea Goodfriend"):
        client.post(FORM, consultation_form_data(key=KEY, **{**FRIEND, "name": name}))
    assert {row.name for row in Consultation.objects.all()} == {"Ada Visitor", "Bea Goodfriend"}


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "right@mail.example"},
        {"name": "Ada Lovelace"},
        {"name": "  ADA   visitor ", "email": "right@mail.example"},
        {"name": "Ada Lovelace", "email": "ADA@mail.example"},
        {"name": "Ada Lovelace", "email": "right@mail.example", "phone": "+15035550142"},
    ],
)
def test_same_person_with_a_correction_updates_the_request(client, changes) -> None:
    make_consultation(key=KEY, phone="+15035550142")
    client.post(FORM, consultation_form_data(key=KEY, **changes))
    assert Consultation.objects.get().events.count() == 2


def test_requests_without_email_are_told_apart_by_name_and_phone(client) -> None:
    facts = {"channel": "call", "email": "", "kind": "call_back", "key": KEY}
    for name, phone in (("Ada", "5035550142"), ("Bea", "5035550143"), ("Adam", "5035550142")):
        answers = consultation_form_data(**facts, name=name, phone=phone)
        assert client.post(FORM, answers).status_code == 303
    assert {row.name for row in Consultation.objects.all()} == {"Adam", "Bea"}


def test_unreadable_request_is_neither_opened_nor_changed(client) -> None:
    row = make_consultation(key=KEY)
    tamper(row, "email")
    place = client.post(FORM, consultation_form_data(key=KEY, name="Bea"))["Location"]
    assert place != row.get_absolute_url()
    assert Consultation.objects.count() == 2


def test_time_taken_by_the_first_person_is_refused_to_the_second(client) -> None:
    type = make_type()
    row = make_booking(type, [make_open_practitioner()], START, key=KEY)
    response = client.post(FORM, slot_form_data(type, START, key=KEY, **FRIEND))
    assert response.status_code == 409
    assert row.get_absolute_url() not in response.content.decode()
    later = client.post(FORM, slot_form_data(type, START + HOUR, key=KEY, **FRIEND))
    assert later.status_code == 303
    assert Consultation.objects.count() == 2


def test_many_people_with_one_address_each_get_a_request() -> None:
    people = MAX_PEOPLE_PER_KEY + 3
    for number in range(people):
        make_consultation(key=KEY, name=f"Visitor {number}", email=f"v{number}@mail.example")
    assert Consultation.objects.count() == people


@pytest.mark.django_db(transaction=True)
def test_two_people_who_send_at_once_get_two_requests() -> None:
    def send(**answers: Any) -> object:
        row = make_consultation(key=KEY, **answers)
        return row.pk, row.name

    outcome = run_concurrently(*[send, lambda: send(**FRIEND)] * 2)
    assert set(outcome) == {(row.pk, row.name) for row in Consultation.objects.all()}
    assert {row.name for row in Consultation.objects.all()} == {"Ada Visitor", "Bea Friend"}
    assert Consultation.objects.count() == 2


# --- an old address ---
@pytest.mark.parametrize("kind", ["call_back", "slot"])
def test_address_of_a_closed_request_opens_a_new_form(client, slot_address, kind) -> None:
    workflow.withdraw_consultation(make_consultation(key=KEY), now=NOW)
    address = slot_address if kind == "slot" else f"{FORM}?kind={kind}"
    response = client.get(f"{address}&key={KEY}")
    assert response.status_code == 302
    assert key_in(response["Location"]) != KEY


def test_address_opens_a_new_form_a_day_after_it_was_sent(client) -> None:
    make_consultation(key=KEY)
    address = f"{FORM}?kind=call_back&key={KEY}"
    assert client.get(address).status_code == 200
    with time_machine.travel(NOW + DAY, tick=False):
        response = client.get(address)
        assert response.status_code == 302
        assert key_in(response["Location"]) != KEY


def test_open_form_of_a_declined_request_changes_nothing(client) -> None:
    row = make_consultation(key=KEY)
    workflow.decline_consultation(row, reason="full", by=make_staff(), now=NOW)
    answers = consultation_form_data(key=KEY, note="One more word")
    assert client.post(FORM, answers)["Location"] == row.get_absolute_url()
    assert Consultation.objects.get().note == ""


def test_licence_question_comes_back_with_the_key(client) -> None:
    make_practice(is_licence_bound=True)
    make_licence()
    refused = client.post(FORM, consultation_form_data(location="elsewhere", key=KEY))
    assert refused.status_code == 422
    assert key_in(form_in(refused)[0]) == KEY
