"""Tests for reminders: sent once, a day ahead, and not for late bookings or canceled calls."""

from datetime import timedelta

import pytest

from consultations import tasks
from consultations.booking import bookings, reminders, workflow
from consultations.booking.models import Consultation
from consultations.outbox.models import OutgoingEmail
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import (
    NOW,
    START,
    confirm_with_defaults,
    make_consultation,
    make_staff,
)
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
LATER = START + 2 * HOUR


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


@pytest.fixture
def practitioner():
    return make_open_practitioner()


@pytest.fixture
def row(practitioner) -> Consultation:
    return make_booking(make_type(notice_hours=0), [practitioner], zone="Asia/Kolkata")


def reminder_messages(state: str = "waiting") -> list[str]:
    found = OutgoingEmail.objects.filter(message__contains="reminder", state=state)
    return sorted(found.values_list("message", flat=True))


def test_reminder_is_sent_once_a_day_before(row) -> None:
    assert reminders.send_due_reminders(now=START - DAY - SECOND) == 0
    assert reminders.send_due_reminders(now=START - DAY) == 1
    assert reminders.send_due_reminders(now=START - DAY) == 0
    assert reminders.send_due_reminders(now=START - HOUR) == 0
    assert reminder_messages() == ["consultation_reminder_24"]


def test_reminder_uses_visitor_zone_and_link(row) -> None:
    reminders.send_due_reminders(now=START - DAY)
    mail = OutgoingEmail.objects.get(message="consultation_reminder_24")
    assert mail.to == "ada@mail.example"
    for body in (mail.text, mail.html):
        assert "Wednesday, May 6, 2026, 10:30 PM" in body
        assert "India Time (UTC+5:30)" in body
        assert row.get_absolute_url() in body
    assert mail.calendar == ""  # the confirmation already carried the calendar file


def test_second_reminder_is_sent_if_enabled(row) -> None:
    make_practice(reminds_twice=True)
    assert reminders.send_due_reminders(now=START - DAY) == 1
    assert reminders.send_due_reminders(now=START - 2 * HOUR - SECOND) == 0
    assert reminders.send_due_reminders(now=START - 2 * HOUR) == 1
    assert reminders.send_due_reminders(now=START - HOUR) == 0
    assert reminder_messages() == ["consultation_reminder_2", "consultation_reminder_24"]


def test_delayed_reminder_is_still_sent_before_start(row) -> None:
    assert reminders.send_due_reminders(now=START - SECOND) == 1


def test_no_reminder_after_call_has_begun(row) -> None:
    assert reminders.send_due_reminders(now=START) == 0


@pytest.mark.parametrize(("early", "reminded"), [(0 * SECOND, 1), (SECOND, 1), (-SECOND, 0)])
def test_no_reminder_for_booking_made_after_due_time(practitioner, early, reminded) -> None:
    make_booking(make_type(notice_hours=0), [practitioner], now=START - DAY - early)
    assert reminders.send_due_reminders(now=START - 20 * HOUR) == reminded


def test_staff_confirmation_counts_as_booking(practitioner) -> None:
    confirm_with_defaults(make_consultation(), practitioner=practitioner, now=START - 3 * HOUR)
    assert reminders.send_due_reminders(now=START - 2 * HOUR) == 0
    make_practice(reminds_twice=True)
    assert (
        reminders.send_due_reminders(now=START - 2 * HOUR) == 1
    )  # booked before the second reminder was due
    assert reminder_messages() == ["consultation_reminder_2"]


def test_move_voids_old_reminder_and_sends_new_one(row, practitioner) -> None:
    reminders.send_due_reminders(now=START - DAY)
    far = START + 5 * DAY
    bookings.move_consultation(
        row, start_at=far, promised_time="then", by=make_staff(), now=START - DAY
    )
    assert (reminder_messages(), reminder_messages("void")) == ([], ["consultation_reminder_24"])
    assert reminders.send_due_reminders(now=START - HOUR) == 0
    assert reminders.send_due_reminders(now=far - DAY) == 1


def test_no_reminder_after_move_within_a_day(row) -> None:
    bookings.move_consultation(
        row, start_at=LATER, promised_time="then", by=make_staff(), now=LATER - 20 * HOUR
    )
    assert reminders.send_due_reminders(now=LATER - 10 * HOUR) == 0


@pytest.mark.parametrize("end", ["cancel", "withdraw"])
def test_no_reminder_for_canceled_call(row, end) -> None:
    if end == "cancel":
        workflow.cancel_consultation(row, by=make_staff(), now=NOW)
    else:
        workflow.withdraw_consultation(row, now=NOW)
    assert reminders.send_due_reminders(now=START - DAY) == 0


def test_cancel_voids_pending_reminder(row) -> None:
    reminders.send_due_reminders(now=START - DAY)
    workflow.cancel_consultation(row, by=make_staff(), now=START - DAY)
    assert (reminder_messages(), reminder_messages("void")) == ([], ["consultation_reminder_24"])


@pytest.mark.parametrize("mode", ["email_confirm", "staff_approval"])
def test_no_reminder_for_held_time(practitioner, mode) -> None:
    make_booking(make_type(mode=mode), [practitioner])
    assert reminders.send_due_reminders(now=START - DAY) == 0


def test_cancel_during_sweep_prevents_reminder(row, monkeypatch) -> None:
    arranged_after = reminders.was_confirmed_after

    def cancelled_meanwhile(consultation, moment):
        workflow.cancel_consultation(Consultation.objects.get(), by=make_staff(), now=NOW)
        return arranged_after(consultation, moment)

    monkeypatch.setattr(reminders, "was_confirmed_after", cancelled_meanwhile)
    assert reminders.send_due_reminders(now=START - DAY) == 0
    assert reminder_messages() == []


def test_unreadable_email_does_not_stop_other_reminders(row, practitioner) -> None:
    from tests.consultations.privacy.test_fields import tamper

    make_booking(make_type(), [practitioner], LATER)
    tamper(row, "email")
    assert reminders.send_due_reminders(now=START - HOUR) == 1


def test_no_reminder_without_email(practitioner) -> None:
    confirm_with_defaults(
        make_consultation(email="", channel="call", phone="+15035550142"), practitioner=practitioner
    )
    assert reminders.send_due_reminders(now=START - DAY) == 0


def test_worker_sends_reminders_every_round(row) -> None:
    assert tasks.expire_holds_and_send_reminders in tasks.EVERY_ROUND_TASKS
    tasks.expire_holds_and_send_reminders(START - DAY)
    assert reminder_messages() == ["consultation_reminder_24"]
