"""Tests for requests that mention distress.

Staff see them first in the list, and the visitor sees the crisis lines first. Nothing else changes.
"""

import pytest
import time_machine

from consultations.outbox.models import OutgoingEmail
from consultations.screening.models import ScreeningSettings
from tests.factories.consultations import NOW, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
LIST = "/admin/consultations/consultation/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    ("answers", "is_first"),
    [
        ({"note": "I want to die"}, True),
        ({"access_needs": "I am suicidal, please be quick"}, True),
        ({"note": "Thank you"}, False),
        ({"note": "I want to", "access_needs": "die"}, False),
        ({}, False),
    ],
)
def test_distress_words_mark_request_as_read_first(answers, is_first) -> None:
    assert make_consultation(**answers).read_first is is_first


def test_disabled_distress_screening_marks_nothing() -> None:
    ScreeningSettings(pk=1, distress_is_on=False).save()
    assert not make_consultation(note="I want to die").read_first


def test_custom_distress_words_are_used() -> None:
    ScreeningSettings(pk=1, changed_lists=["distress_words"], distress_words=["wobbly"]).save()
    assert make_consultation(note="I feel wobbly").read_first
    assert not make_consultation(note="I want to die").read_first


def test_marked_request_is_first_in_staff_list(client) -> None:
    client.force_login(make_staff())
    first = make_consultation(note="I cannot sleep")
    second = make_consultation(note="I want to die")
    page = client.get(LIST).content.decode()
    assert page.index(second.reference) < page.index(first.reference)
    assert page.count("Read first") == 1


@pytest.mark.parametrize(("note", "shown"), [("I want to die", True), ("I cannot sleep", False)])
def test_crisis_lines_come_first_on_manage_page(client, note, shown) -> None:
    page = client.get(make_consultation(note=note).get_absolute_url()).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert ("If you need help now" in main) is shown
    if shown:
        assert main.index('href="tel:988"') < main.index("Your reference")
        assert "We don’t monitor this site around the clock" in main


def test_distress_mark_does_not_change_emails() -> None:
    def mails() -> list[tuple[str, str]]:
        rows = OutgoingEmail.objects.order_by("created_at", "message")
        return [(row.message, row.subject) for row in rows]

    make_consultation(note="I cannot sleep")
    plain = mails()
    OutgoingEmail.objects.all().delete()
    make_consultation(note="I want to die")
    assert [message for message, _ in mails()] == [message for message, _ in plain]
