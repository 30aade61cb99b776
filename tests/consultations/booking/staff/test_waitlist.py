"""A time comes free: who wanted it stands first, and one press offers it."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultations.booking import bookings, workflow
from consultations.booking.models import Consultation
from consultations.booking.staff import waitlist
from consultations.booking.staff.waitlist import FreedSlot, part_of_week
from consultations.outbox.models import OutgoingEmail
from tests.factories.booking import book, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PAGE = "/admin/consultations/consultation/waiting/"
# START is Wednesday, 17:00 UTC: one in the afternoon in New York, ten in the morning in Oregon.
NEW_YORK, OREGON = "America/New_York", "America/Los_Angeles"


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
def person():
    return make_open_practitioner(name="Jo Example")


@pytest.fixture
def freed(person):
    """A time that a visitor gave back."""
    row = book(make_type(notice_hours=0, cutoff_hours=0), [person], START)
    workflow.withdraw_consultation(row, now=NOW)
    return FreedSlot(START, person)


def waits(*preferred: str, zone: str = NEW_YORK, **facts) -> Consultation:
    return make_consultation(kind="waitlist", preferred=list(preferred), zone=zone, **facts)


def names(found) -> list[str]:
    return [one.row.reference for one in found]


@pytest.mark.parametrize(
    ("hours", "zone", "expected"),
    [
        (0, NEW_YORK, "wed-afternoon"),
        (0, OREGON, "wed-morning"),
        (0, "Asia/Kolkata", "wed-evening"),
        (2, OREGON, "wed-afternoon"),
        (3, NEW_YORK, "wed-afternoon"),
        (4, NEW_YORK, "wed-evening"),
        (7, "Asia/Kolkata", "thu-morning"),
    ],
)
def test_a_time_belongs_to_a_part_of_the_visitors_week(hours, zone, expected) -> None:
    assert part_of_week(START + timedelta(hours=hours), zone) == expected


def test_those_who_wanted_such_a_time_stand_first(staff, freed) -> None:
    right = waits("wed-afternoon")
    also = make_consultation(preferred=["wed-morning"], zone=OREGON)
    wrong = waits("wed-morning")
    silent = waits()
    other = waits("wed-afternoon", practitioner=make_open_practitioner())
    page = staff.get(f"{PAGE}?{freed.query}")
    assert names(page.context["wanted"]) == [right.reference, also.reference]
    assert names(page.context["others"]) == [wrong.reference, silent.reference]
    words = page.content.decode()
    assert "2 people wanted such a time" in words
    assert other.reference not in words
    assert "Ada" not in words


def test_one_press_offers_and_holds_the_time(staff, freed) -> None:
    row = waits("wed-afternoon")
    page = staff.get(f"{PAGE}?{freed.query}")
    assert page.content.decode().count("Offer this time") == 1
    offer = reverse("admin:consultations_consultation_act", args=[row.pk, "offer"])
    pressed = {
        "practitioner": freed.practitioner.pk,
        "start_at_0": page.context["day"],
        "start_at_1": page.context["clock"],
    }
    assert staff.post(offer, pressed).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.hold_for, row.start_at) == ("held", "offer", START)
    assert OutgoingEmail.objects.filter(message="consultation_offered").count() == 1
    # Nobody else is offered a time that is held.
    again = staff.get(f"{PAGE}?{freed.query}")
    assert again.context["chosen"] is None
    assert "taken again" in again.content.decode()


def test_the_mail_can_be_seen_first(staff, freed) -> None:
    row = waits()
    offer = reverse("admin:consultations_consultation_act", args=[row.pk, "offer"])
    page = staff.get(f"{offer}?{freed.query}").content.decode()
    assert 'value="2026-05-06"' in page
    assert 'value="10:00"' in page


def test_what_came_free_is_listed_until_it_is_taken_or_past(person) -> None:
    kind = make_type(notice_hours=0, cutoff_hours=0)
    cancelled = book(kind, [person], START)
    moved = book(kind, [person], START + timedelta(hours=2))
    kept = book(kind, [person], START + timedelta(hours=4))
    assert waitlist.find_freed_slots(NOW) == []
    workflow.withdraw_consultation(cancelled, now=NOW)
    bookings.move_consultation(
        moved, start_at=START + timedelta(days=1), promised_time="x", now=NOW
    )
    assert [one.start_at for one in waitlist.find_freed_slots(NOW)] == [
        START,
        START + timedelta(hours=2),
    ]
    assert waitlist.find_freed_slots(START)[0].start_at == START + timedelta(hours=2)
    book(kind, [person], START)
    assert [one.start_at for one in waitlist.find_freed_slots(NOW)] == [START + timedelta(hours=2)]
    assert kept.start_at not in [one.start_at for one in waitlist.find_freed_slots(NOW)]


def test_an_offer_that_is_refused_makes_the_time_free_again(person, freed) -> None:
    row = waits()
    bookings.offer_time(row, start_at=START, practitioner=person, by=make_staff(), now=NOW)
    assert waitlist.find_freed_slots(NOW) == []
    bookings.refuse_offer(row, now=NOW)
    assert [one.start_at for one in waitlist.find_freed_slots(NOW)] == [START]


def test_a_refused_offer_of_somebody_else_keeps_nobody_from_the_next(person) -> None:
    """They asked for anyone, or for one; whose time they turned down plays no part."""
    row, other = waits("wed-afternoon"), make_open_practitioner()
    loyal = waits("wed-afternoon", practitioner=person)
    for one in (row, loyal):
        bookings.offer_time(one, start_at=START + DAY, practitioner=other, by=make_staff(), now=NOW)
        bookings.refuse_offer(one, now=NOW)
    assert [(one.start_at, one.practitioner) for one in waitlist.find_freed_slots(NOW)] == [
        (START + DAY, other)
    ]
    assert (row.practitioner, loyal.practitioner) == (None, person)
    wanted, _others = waitlist.split_by_match(
        waitlist.list_waitlist_entries(Consultation.objects.all()),
        waitlist.FreedSlot(START, person),
    )
    assert {one.row.pk for one in wanted} == {row.pk, loyal.pk}


def test_after_cancelling_staff_see_who_waits(staff, person) -> None:
    row = book(make_type(), [person], START)
    cancel = reverse("admin:consultations_consultation_act", args=[row.pk, "cancel"])
    waits("wed-afternoon")
    response = staff.post(cancel)
    assert response["Location"] == f"{PAGE}?{FreedSlot(START, person).query}"


def test_after_cancelling_with_nobody_waiting_the_list_comes_back(staff, person) -> None:
    row = book(make_type(), [person], START)
    cancel = reverse("admin:consultations_consultation_act", args=[row.pk, "cancel"])
    assert staff.post(cancel)["Location"] == "/admin/consultations/consultation/"


def test_those_who_may_only_look_offer_nothing(client, freed) -> None:
    waits("wed-afternoon")
    client.force_login(make_staff("view_consultation"))
    page = client.get(f"{PAGE}?{freed.query}")
    assert page.status_code == 200
    assert "Offer this time" not in page.content.decode()
    client.force_login(make_staff("view_comment"))
    assert client.get(PAGE).status_code == 403


def test_odd_addresses_are_the_whole_list(staff) -> None:
    for query in ("start=x", "start=2026-05-06T17:00Z&practitioner=abc", "practitioner=1"):
        page = staff.get(f"{PAGE}?{query}")
        assert page.status_code == 200
        assert page.context["chosen"] is None


def test_a_long_list_takes_as_many_queries_as_a_short_one(staff, freed) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert staff.get(PAGE).status_code == 200
        return len(seen)

    waits("wed-afternoon")
    few = queries()
    for number in range(6):
        waits("wed-afternoon")
        start = START + timedelta(days=1, minutes=45 * number)
        row = book(make_type(daily_cap=None, cutoff_hours=0), [freed.practitioner], start)
        workflow.withdraw_consultation(row, now=NOW)
    assert queries() == few
