"""Tests for a visitor's private page.

GET changes nothing, each POST takes effect once, and invalid links reveal nothing.
"""

import html
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from icalendar import Calendar as IcsCalendar

from consultations.booking import bookings, reminders, workflow
from consultations.booking.models import Consultation, ConsultationEvent
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import control_links
from consultations.rate_limits.models import RateCount
from pages.practice.crisis_lines import crisis_lines_for
from tests.consultations.privacy.test_fields import tamper
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = "2026-05-06T19:00Z"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def practitioner():
    return make_open_practitioner()


@pytest.fixture
def row(practitioner) -> Consultation:
    return make_booking(make_type(), [practitioner], zone="America/New_York")


@pytest.mark.parametrize("step", ["cancel/", "move/", "confirm"])
def test_visitor_with_unreadable_email_can_still_act(client, practitioner, step) -> None:
    mode = "email_confirm" if step == "confirm" else "instant"
    row = make_booking(make_type(mode=mode), [practitioner])
    OutgoingEmail.objects.all().delete()
    tamper(row, "email")
    link = manage_path(row, step)
    if step == "confirm":
        token = control_links.make_token("hold-confirm", row.public_id, row.token_version)
        link = f"/consultation/confirm/{token}/"
    assert client.get(manage_path(row)).status_code == 200
    assert client.post(link, {"start": LATER}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.sequence) == {
        "cancel/": ("cancelled_by_visitor", 1),
        "move/": ("confirmed", 1),
        "confirm": ("confirmed", 0),
    }[step]
    # The visitor gets no email, and the email to the practice says why.
    mail = OutgoingEmail.objects.get()
    for body in (mail.text, mail.html):
        assert "their address can’t be read" in body
    assert client.get(manage_path(row)).status_code == 200


def page_text(response) -> str:
    return response.content.decode()


def manage_path(row: Consultation, step: str = "") -> str:
    return f"{row.get_absolute_url()}{step}"


def make_offered(practitioner) -> Consultation:
    row = make_consultation(kind="waitlist")
    bookings.offer_slot(row, start_at=START, practitioner=practitioner, by=make_staff(), now=NOW)
    return row


def dump_all_rows() -> list[tuple]:
    """Return every row of our tables as stored in the database."""
    with connection.cursor() as cursor:
        found = []
        for table in sorted(connection.introspection.table_names(cursor)):
            if table.startswith(("consultations_", "pages_")):
                cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
                found.append((table, cursor.fetchall()))
    return found


def test_get_requests_change_nothing(client, practitioner) -> None:
    rows = [
        make_booking(make_type(), [practitioner]),
        make_booking(make_type(mode="email_confirm"), [practitioner], START + HOUR),
        make_booking(make_type(mode="staff_approval"), [practitioner], START + 2 * HOUR),
        make_consultation(kind="waitlist"),
        make_consultation(),
    ]
    bookings.offer_slot(
        rows[3], start_at=START + 3 * HOUR, practitioner=practitioner, by=make_staff(), now=NOW
    )
    before = dump_all_rows()
    for one in rows:
        confirm = control_links.make_token("hold-confirm", one.public_id, one.token_version)
        for place in (
            manage_path(one),
            manage_path(one, "move/"),
            manage_path(one, f"move/?start={LATER}"),
            manage_path(one, "cancel/"),
            manage_path(one, "calendar.ics"),
            f"/consultation/confirm/{confirm}/",
        ):
            for method in ("get", "head"):
                assert getattr(client, method)(place).status_code in (200, 303, 404), place
    assert dump_all_rows() == before


def test_link_of_another_purpose_returns_404(client, row) -> None:
    """Every invalid link gets the same 404, so that guessing reveals nothing."""
    made = {
        name: control_links.make_token(name, row.public_id, row.token_version)
        for name in ("consultation", "hold-confirm", "feed", "comment")
    }
    answers = set()
    for purpose, token in made.items():
        for right, place in (
            ("consultation", f"/c/{token}/"),
            ("consultation", f"/c/{token}/move/"),
            ("consultation", f"/c/{token}/cancel/"),
            ("consultation", f"/c/{token}/calendar.ics"),
            ("hold-confirm", f"/consultation/confirm/{token}/"),
        ):
            for method in ("get", "post"):
                if method == "post" and place.endswith(".ics"):
                    continue
                response = getattr(client, method)(place) if purpose != right else None
                if response is not None:
                    answers.add((response.status_code, response.content))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404
    assert Consultation.objects.get().status == "confirmed"


def test_only_wrong_links_are_counted(client, row) -> None:
    client.get(manage_path(row))
    assert not RateCount.objects.exists()
    for _ in range(3):
        assert client.get("/c/nonsense/").status_code == 404
    assert RateCount.objects.get().count == 3


# --- email address ---
def test_correcting_email_sends_new_link_and_revokes_old(client, row) -> None:
    old, before = manage_path(row), row.events.count()
    assert "Is your email address wrong?" in page_text(client.get(old))
    response = client.post(old, {"email": "ada.right@mail.example"})
    row.refresh_from_db()
    assert (response.status_code, response["Location"]) == (303, manage_path(row))
    assert manage_path(row) != old
    assert client.get(old).status_code == 404
    assert (row.email, row.events.count()) == ("ada.right@mail.example", before + 1)
    mail = OutgoingEmail.objects.get(message="consultation_confirmed", state="waiting")
    assert mail.to == "ada.right@mail.example"
    assert manage_path(row) in mail.text
    event = IcsCalendar.from_ical(mail.calendar).walk("VEVENT")[0]
    assert (str(event["UID"]), event["SEQUENCE"]) == (str(row.ics_uid), 0)
    assert str(event["ATTENDEE"]) == "mailto:ada.right@mail.example"
    # The email to the old address had not been sent yet.
    assert OutgoingEmail.objects.get(message="consultation_confirmed", state="void")
    assert OutgoingEmail.objects.get(message="consultation_booked", state="waiting")


def test_correcting_email_affects_neither_expiry_nor_reminder(client) -> None:
    asked = make_consultation()
    workflow.correct_email(asked, email="new@mail.example", now=NOW + 10 * DAY)
    assert workflow.expire_requests(now=NOW + 14 * DAY) == 1
    row = make_booking(make_type(), [make_open_practitioner()])
    workflow.correct_email(row, email="new@mail.example", now=START - 23 * HOUR)
    assert reminders.send_due_reminders(now=START - 22 * HOUR) == 1


@pytest.mark.parametrize("email", ["", "nobody", "a@b.example, c@d.example"])
def test_invalid_corrected_email_changes_nothing(client, row, email) -> None:
    response = client.post(manage_path(row), {"email": email})
    assert response.status_code == 422
    assert "like name@example.com" in page_text(response)
    row.refresh_from_db()
    assert (row.email, row.token_version) == ("ada@mail.example", 0)


def test_email_of_closed_consultation_cannot_be_changed(client, row) -> None:
    workflow.withdraw_consultation(row, now=NOW)
    assert "Is your email address wrong?" not in page_text(client.get(manage_path(row)))
    assert client.post(manage_path(row), {"email": "new@mail.example"}).status_code == 303
    row.refresh_from_db()
    assert row.email == "ada@mail.example"


def test_visitor_can_replace_unreadable_email(client) -> None:
    row = make_booking(make_type(), [make_open_practitioner()], phone="+15035550142")
    tamper(row, "email")
    tamper(row, "phone")
    row = Consultation.objects.get()
    assert client.post(manage_path(row), {"email": "ada@mail.example"}).status_code == 303
    assert Consultation.objects.get().email == "ada@mail.example"


def test_email_corrections_are_rate_limited(client, row, settings) -> None:
    settings.RATE_LIMIT_SCALE = 1
    for number in range(6):
        row.refresh_from_db()
        response = client.post(manage_path(row), {"email": f"ada{number}@mail.example"})
    assert response.status_code == 429
    assert "Several changes came from your connection" in page_text(response)


def test_private_page_links_to_no_other_host(client, row) -> None:
    """Crisis lines aside: another host would learn that somebody has a call here."""
    page = page_text(client.get(manage_path(row)))
    assert "calendar.ics" in page
    hosts = {urlsplit(link).netloc for link in re.findall(r'href="(https?://[^"]+)"', page)}
    lines = {urlsplit(line.url).netloc for line in crisis_lines_for("US") if line.url}
    assert hosts <= lines


# --- canceling ---
def test_cancellation_reason_is_optional_and_encrypted(client, row) -> None:
    page = page_text(client.get(manage_path(row, "cancel/")))
    assert "Would you like to tell us why?" in page
    response = client.post(manage_path(row, "cancel/"), {"reason": "x" * 501})
    assert response.status_code == 422
    assert "x" * 501 in page_text(response)
    assert (
        client.post(manage_path(row, "cancel/"), {"reason": "My train\nis late"}).status_code == 303
    )
    assert row.events.get(after="cancelled_by_visitor").note == "My train\nis late"
    for mail in OutgoingEmail.objects.all():
        assert "train" not in mail.text + mail.html + mail.calendar
    assert "train" not in page_text(client.get(manage_path(row)))
    client.force_login(make_staff())
    staff_page = client.get(f"/admin/consultations/consultation/{row.pk}/change/")
    assert "My train" in page_text(staff_page)


def test_no_form_is_shown_after_call_has_begun(client, row) -> None:
    with time_machine.travel(START, tick=False):
        page = page_text(client.get(manage_path(row)))
        assert "<form" not in page.split("<main")[1].split("</main>")[0]
        assert client.post(manage_path(row), {"email": "new@mail.example"}).status_code == 303
    row.refresh_from_db()
    assert row.email == "ada@mail.example"


# --- rescheduling ---
def test_move_lists_slots_then_confirms(client, row) -> None:
    page = page_text(client.get(manage_path(row, "move/")))
    assert f"{manage_path(row, 'move/')}?type=" in page
    assert "start=2026-05-06T17%3A15Z" in page  # a booking does not block its own move
    page = page_text(client.get(manage_path(row, "move/"), {"start": LATER}))
    assert "Wednesday, May 6, 2026, 3:00 PM, Eastern Time (UTC-4)" in page
    response = client.post(manage_path(row, "move/"), {"start": LATER, "zone": "Asia/Kolkata"})
    assert (response.status_code, response["Location"]) == (303, manage_path(row))
    row.refresh_from_db()
    assert (row.start_at, row.sequence) == (START + 2 * HOUR, 1)
    assert row.promised_time.startswith("Thursday, May 7, 2026, 12:30 AM, India Time")
    assert row.visitor_zone == "Asia/Kolkata"
    events = row.events.count()
    assert client.post(manage_path(row, "move/"), {"start": LATER}).status_code == 303
    assert row.events.count() == events


def test_move_to_taken_slot_changes_nothing(client, row, practitioner) -> None:
    make_booking(make_type(), [practitioner], START + 2 * HOUR)
    response = client.post(manage_path(row, "move/"), {"start": LATER})
    page = page_text(response)
    assert response.status_code == 409
    assert "Wednesday, May 6, 3:00 PM is no longer free." in page
    assert "Your call stays as it was." in page
    assert "start=2026-05-06T17%3A15Z" in page
    row.refresh_from_db()
    assert (row.start_at, row.sequence) == (START, 0)


@pytest.mark.parametrize("step", ["move/", "cancel/"])
def test_cross_site_post_changes_nothing(client, row, step) -> None:
    response = client.post(
        manage_path(row, step), {"start": LATER}, headers={"Sec-Fetch-Site": "same-site"}
    )
    assert response.status_code == 403
    row.refresh_from_db()
    assert (row.status, row.sequence) == ("confirmed", 0)


@pytest.mark.parametrize(("late", "allowed"), [(False, True), (True, False)])
def test_cutoff_applies_to_every_page(client, row, late, allowed) -> None:
    moment = START - DAY + timedelta(seconds=1 if late else 0)
    with time_machine.travel(moment, tick=False):
        page = page_text(client.get(manage_path(row)))
        assert (manage_path(row, "move/") in page) is allowed
        assert (manage_path(row, "cancel/") in page) is allowed
        assert ("Less than 24 hours before the call" in page) is not allowed
        moved = client.post(manage_path(row, "move/"), {"start": "2026-05-07T19:00Z"})
        assert moved.status_code == (303 if allowed else 409)
        row.refresh_from_db()
        assert (row.start_at != START) is allowed
        if not allowed:
            assert client.post(manage_path(row, "cancel/")).status_code == 409
            assert "Please call us" in page_text(client.get(manage_path(row, "move/")))
            assert Consultation.objects.get().status == "confirmed"


@pytest.mark.parametrize(
    ("step", "typed"), [("cancel/", {"reason": "Ill & away"}), ("", {"email": "new@example.com"})]
)
def test_typed_text_is_kept_after_cross_site_post(client, row, step, typed) -> None:
    response = client.post(manage_path(row, step), typed, headers={"Sec-Fetch-Site": "cross-site"})
    page = page_text(response)
    assert response.status_code == 403
    assert "Please press the button once more" in page
    assert all(html.escape(words) in page for words in typed.values())
    row.refresh_from_db()
    assert (row.status, row.token_version) == ("confirmed", 0)


def test_canceled_page_offers_to_book_again(client, row) -> None:
    client.post(manage_path(row, "cancel/"))
    page = page_text(client.get(manage_path(row)))
    assert "Your call is canceled" in page
    assert ">Book again</a>" in page


# --- offers ---
@pytest.mark.parametrize(("answer", "state"), [("yes", "confirmed"), ("no", "requested")])
def test_offer_is_answered_on_manage_page(client, practitioner, answer, state) -> None:
    row = make_offered(practitioner)
    assert "We’re holding a time for you" in page_text(client.get(manage_path(row)))
    for _ in range(2):
        response = client.post(manage_path(row), {"answer": answer})
        assert (response.status_code, response["Location"]) == (303, manage_path(row))
    row.refresh_from_db()
    assert (row.status, row.sequence, row.events.count()) == (state, 0, 3)
    assert client.get(manage_path(row)).status_code == 200


@pytest.mark.parametrize("answer", ["", "maybe"])
def test_invalid_offer_answer_changes_nothing(client, practitioner, answer) -> None:
    row = make_offered(practitioner)
    client.post(manage_path(row), {"answer": answer})
    row.refresh_from_db()
    assert row.status == "held"


def test_cross_site_offer_answer_changes_nothing(client, practitioner) -> None:
    row = make_offered(practitioner)
    response = client.post(
        manage_path(row), {"answer": "yes"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert response.status_code == 403
    row.refresh_from_db()
    assert row.status == "held"


@pytest.mark.parametrize("mode", ["email_confirm", "staff_approval"])
def test_offer_answer_cannot_confirm_other_holds(client, practitioner, mode) -> None:
    row = make_booking(make_type(mode=mode), [practitioner])
    client.post(manage_path(row), {"answer": "yes"})
    row.refresh_from_db()
    assert row.status == "held"


# --- calendar file ---
def test_calendar_file_has_email_event_without_attendees(client, row) -> None:
    response = client.get(manage_path(row, "calendar.ics"))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert 'filename="call.ics"' in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    calendar = IcsCalendar.from_ical(response.content)
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), str(event["UID"])) == ("PUBLISH", str(row.ics_uid))
    assert (event["SEQUENCE"], event.decoded("DTSTART")) == (0, START)
    assert "ATTENDEE" not in event
    assert b"Ada" not in response.content
    client.post(manage_path(row, "move/"), {"start": LATER})
    (event,) = IcsCalendar.from_ical(client.get(manage_path(row, "calendar.ics")).content).walk(
        "VEVENT"
    )
    assert (str(event["UID"]), event["SEQUENCE"]) == (str(row.ics_uid), 1)
    client.post(manage_path(row, "cancel/"))
    assert client.get(manage_path(row, "calendar.ics")).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_calendar_file_is_read_only(client, row, method) -> None:
    assert getattr(client, method)(manage_path(row, "calendar.ics")).status_code == 405


def test_cancel_updates_both_calendars(client, row) -> None:
    client.post(manage_path(row, "cancel/"))
    waiting = OutgoingEmail.objects.filter(state="waiting")
    assert {mail.calendar_method for mail in waiting} == {"CANCEL"}
    assert {mail.message for mail in waiting} == {
        "consultation_cancelled_by_you",
        "consultation_called_off",
    }
    for mail in waiting:
        (event,) = IcsCalendar.from_ical(mail.calendar).walk("VEVENT")
        assert (str(event["UID"]), event["SEQUENCE"]) == (str(row.ics_uid), 1)
    assert ConsultationEvent.objects.filter(after="cancelled_by_visitor").count() == 1
