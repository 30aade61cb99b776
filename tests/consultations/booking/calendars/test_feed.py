"""The practitioner's private feed: its content, access, and 304 responses."""

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
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def practitioner():
    return make_open_practitioner(name="Jo Example")


@pytest.fixture
def consultation_type():
    return make_type(notice_hours=0, cutoff_hours=0, daily_cap=None)


def fetch_events(client, practitioner) -> list:
    response = client.get(feed.feed_path(practitioner))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def test_feed_shows_only_times_and_initials(client, consultation_type, practitioner) -> None:
    row = make_booking(
        consultation_type, [practitioner], START, name="Xanthippe Quill", note="Featherword",
        email="quill@mail.example", phone="+15035550142", channel="call",
    )  # fmt: skip
    [event] = fetch_events(client, practitioner)
    assert (event["UID"], event["DTSTART"].dt, event["DTEND"].dt) == (
        str(row.ics_uid), START, START + timedelta(minutes=20),
    )  # fmt: skip
    assert event["SUMMARY"] == "Call (X.Q.)"
    body = client.get(feed.feed_path(practitioner)).content.decode()
    for word in ("Xanthippe", "Quill", "Featherword", "quill@", "5550142", "ATTENDEE", row.token):
        assert word not in body
    assert row.reference in body


def test_feed_covers_upcoming_calls_and_last_30_days(
    client, consultation_type, practitioner
) -> None:
    soon = make_booking(consultation_type, [practitioner], START)
    held = make_booking(make_type(mode="email_confirm"), [practitioner], START + timedelta(hours=2))
    gone = make_booking(consultation_type, [practitioner], START + timedelta(hours=4))
    workflow.withdraw_consultation(gone, now=NOW)
    make_booking(consultation_type, [make_open_practitioner()], START)
    found = {
        str(event["UID"]): str(event["STATUS"]) for event in fetch_events(client, practitioner)
    }
    assert found == {str(soon.ics_uid): "CONFIRMED", str(held.ics_uid): "TENTATIVE"}
    end = START + timedelta(minutes=20)
    with time_machine.travel(end + timedelta(days=30) - timedelta(seconds=1), tick=False):
        assert [str(event["UID"]) for event in fetch_events(client, practitioner)] == [
            str(soon.ics_uid)
        ]
    with time_machine.travel(end + timedelta(days=30), tick=False):
        assert fetch_events(client, practitioner) == []


def test_unchanged_feed_returns_304(client, consultation_type, practitioner) -> None:
    row = make_booking(consultation_type, [practitioner], START)
    address = feed.feed_path(practitioner)
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


def test_move_increments_sequence_of_same_event(client, consultation_type, practitioner) -> None:
    row = make_booking(consultation_type, [practitioner], START)
    [before] = fetch_events(client, practitioner)
    later = START + timedelta(days=1)
    bookings.move_consultation(row, start_at=later, promised_time="x", now=NOW)
    [after] = fetch_events(client, practitioner)
    assert (before["UID"], before["SEQUENCE"]) == (after["UID"], 0)
    assert (after["SEQUENCE"], after["DTSTART"].dt) == (1, later)


def test_reassigned_call_leaves_the_old_feed(client, consultation_type, practitioner) -> None:
    row, other = make_booking(consultation_type, [practitioner], START), make_open_practitioner()
    bookings.move_consultation(
        row, start_at=START, promised_time="x", practitioners=[other], by=make_staff(), now=NOW
    )
    assert fetch_events(client, practitioner) == []
    assert len(fetch_events(client, other)) == 1


def test_call_with_unreadable_name_stays_in_feed(client, consultation_type, practitioner) -> None:
    tamper(make_booking(consultation_type, [practitioner], START), "name")
    [event] = fetch_events(client, practitioner)
    assert event["SUMMARY"] == "Call"


def test_new_feed_address_revokes_the_old_one(client, consultation_type, practitioner) -> None:
    make_booking(consultation_type, [practitioner], START)
    old = feed.feed_path(practitioner)
    feed.rotate_feed_token(practitioner)
    assert feed.feed_path(practitioner) != old
    assert client.get(old).status_code == 404
    assert client.get(feed.feed_path(practitioner)).status_code == 200


def test_every_invalid_feed_address_returns_the_same_404(
    client, consultation_type, practitioner
) -> None:
    row = make_booking(consultation_type, [practitioner], START)
    right = feed.feed_path(practitioner)
    token = right.split("/")[2].removesuffix(".ics")
    stranger = control_links.make_token("feed", "0" * 24, 0)
    calendar = OwnCalendar.objects.get(practitioner=practitioner)
    manage = control_links.make_token("consultation", calendar.feed_id, 0)
    newer = control_links.make_token("feed", calendar.feed_id, 1)
    answers = set()
    for wrong in (token[:-1], token + "x", "x", stranger, manage, newer, row.token, "a" * 300):
        response = client.get(f"/calendar/{wrong}.ics")
        body = response.content.decode().replace(response.wsgi_request.reference, "")
        answers.add((response.status_code, body, response["Cache-Control"]))
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    assert client.get(f"/c/{token}/").status_code == 404


def test_feed_is_read_only_and_privately_cached(client, practitioner) -> None:
    address = feed.feed_path(practitioner)
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200
    response = client.get(address)
    assert response["Cache-Control"] == "private, no-cache"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert not response.cookies


def test_feed_query_count_is_constant(client, consultation_type, practitioner) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        return len(seen)

    address = feed.feed_path(practitioner)
    make_booking(consultation_type, [practitioner], START)
    few = queries()
    for number in range(1, 5):
        make_booking(consultation_type, [practitioner], START + timedelta(hours=number))
    assert queries() == few
    assert Consultation.objects.count() == 5


def test_inactive_account_has_no_feed(client, practitioner) -> None:
    practitioner.user = make_staff()
    practitioner.save(update_fields=["user"])
    assert client.get(feed.feed_path(practitioner)).status_code == 200
    practitioner.user.is_active = False
    practitioner.user.save(update_fields=["is_active"])
    assert client.get(feed.feed_path(practitioner)).status_code == 404
