"""Who is reminded when: a day before, once, never of what was arranged later or is no more."""

from datetime import timedelta

import pytest

from consultations import tasks
from consultations.booking import bookings, reminders, workflow
from consultations.booking.models import Consultation
from consultations.outbox.models import OutgoingEmail
from tests.factories.booking import book, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START, confirm, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
LATER = START + 2 * HOUR


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


@pytest.fixture
def person():
    return make_open_practitioner()


@pytest.fixture
def row(person) -> Consultation:
    return book(make_type(notice_hours=0), [person], zone="Asia/Kolkata")


def sent(state: str = "waiting") -> list[str]:
    found = OutgoingEmail.objects.filter(message__contains="reminder", state=state)
    return sorted(found.values_list("message", flat=True))


def test_a_day_before_and_once(row) -> None:
    assert reminders.remind(now=START - DAY - SECOND) == 0
    assert reminders.remind(now=START - DAY) == 1
    assert reminders.remind(now=START - DAY) == 0
    assert reminders.remind(now=START - HOUR) == 0
    assert sent() == ["consultation_reminder_24"]


def test_it_is_to_the_visitor_in_their_zone_with_their_link(row) -> None:
    reminders.remind(now=START - DAY)
    mail = OutgoingEmail.objects.get(message="consultation_reminder_24")
    assert mail.to == "ada@mail.example"
    for body in (mail.text, mail.html):
        assert "Wednesday, 6 May 2026, 10:30 p.m." in body
        assert "time in Kolkata, UTC+5:30" in body
        assert row.get_absolute_url() in body
    assert mail.calendar == ""  # it is in their calendar since the confirmation


def test_a_second_one_where_the_practice_wants_it(row) -> None:
    make_practice(reminds_twice=True)
    assert reminders.remind(now=START - DAY) == 1
    assert reminders.remind(now=START - 2 * HOUR - SECOND) == 0
    assert reminders.remind(now=START - 2 * HOUR) == 1
    assert reminders.remind(now=START - HOUR) == 0
    assert sent() == ["consultation_reminder_2", "consultation_reminder_24"]


def test_after_a_pause_of_the_worker_it_still_leaves_before_the_start(row) -> None:
    assert reminders.remind(now=START - SECOND) == 1


def test_never_once_the_call_has_begun(row) -> None:
    assert reminders.remind(now=START) == 0


@pytest.mark.parametrize(("early", "reminded"), [(0 * SECOND, 1), (SECOND, 1), (-SECOND, 0)])
def test_what_was_arranged_later_needs_none(person, early, reminded) -> None:
    book(make_type(notice_hours=0), [person], now=START - DAY - early)
    assert reminders.remind(now=START - 20 * HOUR) == reminded


def test_a_confirmation_by_staff_counts_as_arranged(person) -> None:
    confirm(make_consultation(), practitioner=person, now=START - 3 * HOUR)
    assert reminders.remind(now=START - 2 * HOUR) == 0
    make_practice(reminds_twice=True)
    assert reminders.remind(now=START - 2 * HOUR) == 1  # arranged before the second was due
    assert sent() == ["consultation_reminder_2"]


def test_a_move_voids_the_old_one_and_earns_a_new_one(row, person) -> None:
    reminders.remind(now=START - DAY)
    far = START + 5 * DAY
    bookings.move_consultation(
        row, start_at=far, promised_time="then", by=make_staff(), now=START - DAY
    )
    assert (sent(), sent("void")) == ([], ["consultation_reminder_24"])
    assert reminders.remind(now=START - HOUR) == 0
    assert reminders.remind(now=far - DAY) == 1


def test_a_move_inside_the_day_is_not_reminded_of(row) -> None:
    bookings.move_consultation(
        row, start_at=LATER, promised_time="then", by=make_staff(), now=LATER - 20 * HOUR
    )
    assert reminders.remind(now=LATER - 10 * HOUR) == 0


@pytest.mark.parametrize("end", ["cancel", "withdraw"])
def test_what_is_no_more_is_not_reminded_of(row, end) -> None:
    if end == "cancel":
        workflow.cancel_consultation(row, by=make_staff(), now=NOW)
    else:
        workflow.withdraw_consultation(row, now=NOW)
    assert reminders.remind(now=START - DAY) == 0


def test_a_cancelling_voids_a_reminder_that_waits(row) -> None:
    reminders.remind(now=START - DAY)
    workflow.cancel_consultation(row, by=make_staff(), now=START - DAY)
    assert (sent(), sent("void")) == ([], ["consultation_reminder_24"])


@pytest.mark.parametrize("mode", ["email_confirm", "staff_approval"])
def test_a_held_time_is_not_reminded_of(person, mode) -> None:
    book(make_type(mode=mode), [person])
    assert reminders.remind(now=START - DAY) == 0


def test_a_cancelling_between_look_and_mail_wins(row, monkeypatch) -> None:
    arranged_after = reminders.arranged_after

    def cancelled_meanwhile(consultation, moment):
        workflow.cancel_consultation(Consultation.objects.get(), by=make_staff(), now=NOW)
        return arranged_after(consultation, moment)

    monkeypatch.setattr(reminders, "arranged_after", cancelled_meanwhile)
    assert reminders.remind(now=START - DAY) == 0
    assert sent() == []


def test_one_address_that_cannot_be_opened_stops_no_other(row, person) -> None:
    from tests.consultations.privacy.test_fields import tamper

    book(make_type(), [person], LATER)
    tamper(row, "email")
    assert reminders.remind(now=START - HOUR) == 1


def test_without_an_address_nobody_is_reminded(person) -> None:
    confirm(make_consultation(email="", channel="call", phone="+15035550142"), practitioner=person)
    assert reminders.remind(now=START - DAY) == 0


def test_the_worker_reminds_in_every_round(row) -> None:
    assert tasks.keep_times in tasks.EVERY_ROUND
    tasks.keep_times(START - DAY)
    assert sent() == ["consultation_reminder_24"]
