"""A late answer: one email to staff, an honest private page, and if wanted a kind email."""

from datetime import timedelta

import pytest
import time_machine

from consultations.booking import workflow
from consultations.outbox.models import OutgoingEmail
from pages.practice.models import PracticeProfile
from tests.factories.consultations import NOW, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _practice():
    make_practice(phone="(503) 555-0100")


def count(message: str) -> int:
    return OutgoingEmail.objects.filter(message=message).count()


def test_staff_get_one_email_at_the_promised_time() -> None:
    row = make_consultation()
    assert workflow.send_late_notices(now=row.reply_by - HOUR) == 0
    assert workflow.send_late_notices(now=row.reply_by) == 1
    assert workflow.send_late_notices(now=row.reply_by + HOUR) == 0
    email = OutgoingEmail.objects.get(message="consultation_late")
    assert row.reference in email.text
    assert "Ada" not in email.text + email.html
    assert count("consultation_late_for_you") == 0


def test_person_gets_one_kind_email_if_the_practice_wants(client) -> None:
    PracticeProfile.objects.update(apologizes_when_late=True)
    row = make_consultation()
    for hours in range(3):
        workflow.send_late_notices(now=row.reply_by + hours * HOUR)
    email = OutgoingEmail.objects.get(message="consultation_late_for_you")
    assert (email.to, email.subject) == ("ada@mail.example", "We’re late with our reply")
    assert row.get_absolute_url() in email.text
    with time_machine.travel(row.reply_by + HOUR, tick=False):
        assert "and we’re late" in client.get(row.get_absolute_url()).content.decode()


def test_answered_and_waiting_requests_are_not_late() -> None:
    PracticeProfile.objects.update(apologizes_when_late=True)
    row, waiting = make_consultation(), make_consultation(kind="waitlist")
    late = max(row.reply_by, waiting.reply_by) + HOUR
    workflow.decline_consultation(row, reason="full", by=make_staff(), now=NOW)
    assert workflow.send_late_notices(now=late) == 0
    assert count("consultation_late_for_you") == 0


def test_answer_voids_an_apology_that_was_not_sent_yet() -> None:
    PracticeProfile.objects.update(apologizes_when_late=True)
    row = make_consultation()
    workflow.send_late_notices(now=row.reply_by)
    workflow.decline_consultation(row, reason="full", by=make_staff(), now=row.reply_by)
    assert OutgoingEmail.objects.get(message="consultation_late_for_you").state == "void"


def test_old_delays_send_nothing() -> None:
    row = make_consultation()
    assert workflow.send_late_notices(now=row.reply_by + timedelta(days=4)) == 0


def test_missing_address_still_reminds_the_practice() -> None:
    PracticeProfile.objects.update(apologizes_when_late=True)
    row = make_consultation(kind="call_back", channel="call", email="", phone="+15035550142")
    assert workflow.send_late_notices(now=row.reply_by) == 1
    assert count("consultation_late_for_you") == 0
