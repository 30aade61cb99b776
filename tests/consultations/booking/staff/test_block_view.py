"""Blocking time from the calendar."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry

from consultations.booking.hours import TimeOff
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START, make_staff, make_staff_with_roles
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
BLOCK = "/admin/consultations/consultation/block/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


@pytest.fixture
def practitioner():
    return make_open_practitioner(name="Jo Example")


def block_answers(practitioner, **other) -> dict:
    defaults = {"practitioner": practitioner.pk, "first": "2026-05-08", "last": "", "label": ""}
    return {**defaults, **other}


def test_day_is_blocked_with_one_press_on_a_prefilled_form(staff, practitioner) -> None:
    page = staff.get(BLOCK, {"on": "2026-05-08"})
    initial = page.context["form"].initial
    assert (initial["practitioner"], initial["all_day"]) == (practitioner.pk, True)
    response = staff.post(BLOCK, block_answers(practitioner, all_day="on"), follow=True)
    row = TimeOff.objects.get()
    assert (row.start_at, row.end_at) == (
        datetime(2026, 5, 8, 7, tzinfo=UTC),
        datetime(2026, 5, 9, 7, tzinfo=UTC),
    )
    assert "Blocked: Jo Example, Fri, May 8, all day." in response.content.decode()
    assert LogEntry.objects.count() == 1


def test_hours_dragged_in_the_calendar_prefill_the_form(staff, practitioner) -> None:
    asked = {"on": "2026-05-08", "begins": "13:00", "ends": "14:30"}
    initial = staff.get(BLOCK, {**asked, "practitioner": practitioner.slug}).context["form"].initial
    assert (initial["begins"], initial["ends"], initial["all_day"]) == ("13:00", "14:30", False)
    staff.post(BLOCK, block_answers(practitioner, begins="13:00", ends="14:30"))
    row = TimeOff.objects.get()
    assert row.end_at - row.start_at == timedelta(minutes=90)
    assert row.start_at == datetime(2026, 5, 8, 20, tzinfo=UTC)


def test_double_press_blocks_once(staff, practitioner) -> None:
    for _press in range(2):
        assert staff.post(BLOCK, block_answers(practitioner, all_day="on")).status_code == 302
    assert TimeOff.objects.count() == 1


def test_calls_in_the_blocked_time_are_named_and_stay(staff, practitioner) -> None:
    row = make_booking(make_type(), [practitioner], START)
    page = staff.post(
        BLOCK, block_answers(practitioner, first="2026-05-06", all_day="on"), follow=True
    ).content.decode()
    assert "These calls stay booked unless you move or cancel them:" in page
    assert row.reference in page
    row.refresh_from_db()
    assert row.status == "confirmed"


def test_clicked_time_off_can_be_removed(staff, practitioner) -> None:
    staff.post(BLOCK, block_answers(practitioner, all_day="on"))
    row = TimeOff.objects.get()
    assert "Remove this time off" in staff.get(BLOCK, {"off": row.pk}).content.decode()
    assert staff.post(BLOCK, {"remove": row.pk}).status_code == 302
    assert not TimeOff.objects.exists()
    assert staff.post(BLOCK, {"remove": row.pk}).status_code == 404


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, "tick “All day”"),
        ({"begins": "9", "ends": "8"}, "has to be after the start"),
        ({"all_day": "on", "last": "2026-05-01"}, "has to be after the start"),
        ({"all_day": "on", "first": ""}, "required"),
        ({"begins": "25", "ends": "26"}, "Write a time"),
    ],
)
def test_invalid_answers_are_rejected(staff, practitioner, other, words) -> None:
    response = staff.post(BLOCK, block_answers(practitioner, **other))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not TimeOff.objects.exists()


@pytest.mark.parametrize(
    "odd", [{"on": "x"}, {"begins": "99", "ends": "x"}, {"practitioner": "nobody"}]
)
def test_odd_links_show_an_empty_form(staff, practitioner, odd) -> None:
    assert staff.get(BLOCK, odd).status_code == 200


@pytest.mark.parametrize("odd", ["x", "999", "9" * 30, "²"])
def test_unknown_time_off_is_not_found(staff, practitioner, odd) -> None:
    assert staff.get(BLOCK, {"off": odd}).status_code == 404


def test_practitioners_block_only_their_own_time(client, practitioner) -> None:
    user = make_staff_with_roles("practitioner")
    own = make_open_practitioner(user=user)
    off = TimeOff.objects.create(
        practitioner=practitioner, start_at=START, end_at=START + timedelta(hours=1)
    )
    client.force_login(user)
    assert client.post(BLOCK, block_answers(practitioner, all_day="on")).status_code == 422
    assert client.get(BLOCK, {"off": off.pk}).status_code == 404
    assert client.post(BLOCK, {"remove": off.pk}).status_code == 404
    assert client.post(BLOCK, block_answers(own, all_day="on")).status_code == 302
    assert TimeOff.objects.filter(practitioner=own).count() == 1
