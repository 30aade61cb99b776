"""The practitioner's private feed: what it shows, to whom, and that it answers 304."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from consultations.booking import bookings, workflow
from consultations.booking.calendars import feed
from consultations.booking.models import Calendar as OwnCalendar
from consultations.booking.models import Consultation
from consultations.privacy import control_links
from tests.consultations.privacy.test_fields import tamper
from tests.factories.booking import book, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def person():
    return make_open_practitioner(name="Jo Example")


@pytest.fixture
def kind():
    return make_type(notice_hours=0, cutoff_hours=0, daily_cap=None)


def events(client, person) -> list:
    response = client.get(feed.address_of(person))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def test_it_shows_times_and_initials_and_nothing_else_of_the_visitor(client, kind, person) -> None:
    row = book(kind, [person], START, name="Xanthippe Quill", note="Featherword",
               email="quill@mail.example", phone="+15035550142", channel="call")  # fmt: skip
    [event] = events(client, person)
    assert (event["UID"], event["DTSTART"].dt, event["DTEND"].dt) == (
        str(row.ics_uid), START, START + timedelta(minutes=20),
    )  # fmt: skip
    assert event["SUMMARY"] == "Call (X.Q.)"
    body = client.get(feed.address_of(person)).content.decode()
    for word in ("Xanthippe", "Quill", "Featherword", "quill@", "5550142", "ATTENDEE", row.token):
        assert word not in body
    assert row.reference in body


def test_it_holds_what_is_to_come_and_the_last_thirty_days(client, kind, person) -> None:
    soon = book(kind, [person], START)
    held = book(make_type(mode="email_confirm"), [person], START + timedelta(hours=2))
    gone = book(kind, [person], START + timedelta(hours=4))
    workflow.withdraw_consultation(gone, now=NOW)
    book(kind, [make_open_practitioner()], START)
    found = {str(event["UID"]): str(event["STATUS"]) for event in events(client, person)}
    assert found == {str(soon.ics_uid): "CONFIRMED", str(held.ics_uid): "TENTATIVE"}
    end = START + timedelta(minutes=20)
    with time_machine.travel(end + timedelta(days=30) - timedelta(seconds=1), tick=False):
        assert [str(event["UID"]) for event in events(client, person)] == [str(soon.ics_uid)]
    with time_machine.travel(end + timedelta(days=30), tick=False):
        assert events(client, person) == []


def test_an_unchanged_feed_answers_304(client, kind, person) -> None:
    row = book(kind, [person], START)
    address = feed.address_of(person)
    first = client.get(address)
    assert first.content == client.get(address).content
    same = {"HTTP_IF_NONE_MATCH": first["ETag"]}
    since = {"HTTP_IF_MODIFIED_SINCE": first["Last-Modified"]}
    for asked in (same, since):
        with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
            again = client.get(address, **asked)
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
    later = NOW + timedelta(minutes=10)
    workflow.withdraw_consultation(row, now=later)
    for asked in (same, since):
        assert client.get(address, **asked).status_code == 200


def test_a_move_is_a_newer_version_of_the_same_event(client, kind, person) -> None:
    row = book(kind, [person], START)
    [before] = events(client, person)
    later = START + timedelta(days=1)
    bookings.move_consultation(row, start_at=later, promised_time="x", now=NOW)
    [after] = events(client, person)
    assert (before["UID"], before["SEQUENCE"]) == (after["UID"], 0)
    assert (after["SEQUENCE"], after["DTSTART"].dt) == (1, later)


def test_a_call_given_to_a_colleague_leaves_this_feed(client, kind, person) -> None:
    row, other = book(kind, [person], START), make_open_practitioner()
    bookings.move_consultation(
        row, start_at=START, promised_time="x", people=[other], by=make_staff(), now=NOW
    )
    assert events(client, person) == []
    assert len(events(client, other)) == 1


def test_an_unreadable_name_leaves_the_call_in_the_feed(client, kind, person) -> None:
    tamper(book(kind, [person], START), "name")
    [event] = events(client, person)
    assert event["SUMMARY"] == "Call"


def test_a_new_address_ends_the_old_one(client, kind, person) -> None:
    book(kind, [person], START)
    old = feed.address_of(person)
    feed.make_new_address(person)
    assert feed.address_of(person) != old
    assert client.get(old).status_code == 404
    assert client.get(feed.address_of(person)).status_code == 200


def test_whatever_is_wrong_with_an_address_the_answer_is_one(client, kind, person) -> None:
    row = book(kind, [person], START)
    right = feed.address_of(person)
    token = right.split("/")[2].removesuffix(".ics")
    stranger = control_links.make("feed", "0" * 24, 0)
    calendar = OwnCalendar.objects.get(practitioner=person)
    manage = control_links.make("consultation", calendar.feed_id, 0)
    newer = control_links.make("feed", calendar.feed_id, 1)
    answers = set()
    for wrong in (token[:-1], token + "x", "x", stranger, manage, newer, row.token, "a" * 300):
        response = client.get(f"/calendar/{wrong}.ics")
        body = response.content.decode().replace(response.wsgi_request.reference, "")
        answers.add((response.status_code, body, response["Cache-Control"]))
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    assert client.get(f"/c/{token}/").status_code == 404


def test_it_is_for_reading_and_kept_by_nobody_else(client, person) -> None:
    address = feed.address_of(person)
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200
    response = client.get(address)
    assert response["Cache-Control"] == "private, no-cache"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert not response.cookies


def test_many_calls_take_as_many_queries_as_one(client, kind, person) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        return len(seen)

    address = feed.address_of(person)
    book(kind, [person], START)
    few = queries()
    for number in range(1, 5):
        book(kind, [person], START + timedelta(hours=number))
    assert queries() == few
    assert Consultation.objects.count() == 5


def test_a_closed_account_has_no_feed_any_more(client, person) -> None:
    person.user = make_staff()
    person.save(update_fields=["user"])
    assert client.get(feed.address_of(person)).status_code == 200
    person.user.is_active = False
    person.user.save(update_fields=["is_active"])
    assert client.get(feed.address_of(person)).status_code == 404
