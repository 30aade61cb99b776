"""Freed times: clients who wanted one come first, and staff can offer it directly."""

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
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PAGE = "/admin/consultations/consultation/waiting/"
# START is Wednesday, 17:00 UTC: 1:00 PM in New York, 10:00 AM in Oregon.
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
def practitioner():
    return make_open_practitioner(name="Jo Example")


@pytest.fixture
def freed(practitioner):
    """A time that a client gave back."""
    row = make_booking(make_type(notice_hours=0, cutoff_hours=0), [practitioner], START)
    workflow.withdraw_consultation(row, now=NOW)
    return FreedSlot(START, practitioner)


def make_waitlist_entry(*preferred: str, zone: str = NEW_YORK, **facts) -> Consultation:
    return make_consultation(kind="waitlist", preferred=list(preferred), zone=zone, **facts)


def references(found) -> list[str]:
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
def test_part_of_week_uses_visitor_zone(hours, zone, expected) -> None:
    assert part_of_week(START + timedelta(hours=hours), zone) == expected


def test_clients_who_wanted_the_time_come_first(staff, freed) -> None:
    right = make_waitlist_entry("wed-afternoon")
    also = make_consultation(preferred=["wed-morning"], zone=OREGON)
    wrong = make_waitlist_entry("wed-morning")
    silent = make_waitlist_entry()
    other = make_waitlist_entry("wed-afternoon", practitioner=make_open_practitioner())
    page = staff.get(f"{PAGE}?{freed.query}")
    assert references(page.context["wanted"]) == [right.reference, also.reference]
    assert references(page.context["others"]) == [wrong.reference, silent.reference]
    words = page.content.decode()
    assert "2 people wanted such a time" in words
    assert other.reference not in words
    assert "Ada" not in words


def test_offer_button_holds_the_time(staff, freed) -> None:
    row = make_waitlist_entry("wed-afternoon")
    page = staff.get(f"{PAGE}?{freed.query}")
    assert page.content.decode().count("Offer this time") == 1
    offer = reverse("admin:consultations_consultation_action", args=[row.pk, "offer"])
    pressed = {
        "practitioner": freed.practitioner.pk,
        "start_at_0": page.context["day"],
        "start_at_1": page.context["clock"],
    }
    assert staff.post(offer, pressed).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.hold_for, row.start_at) == ("held", "offer", START)
    assert OutgoingEmail.objects.filter(message="consultation_offered").count() == 1
    # A held time is not offered to anyone else.
    again = staff.get(f"{PAGE}?{freed.query}")
    assert again.context["chosen"] is None
    assert "taken again" in again.content.decode()


def test_offer_form_is_prefilled_for_preview(staff, freed) -> None:
    row = make_waitlist_entry()
    offer = reverse("admin:consultations_consultation_action", args=[row.pk, "offer"])
    page = staff.get(f"{offer}?{freed.query}").content.decode()
    assert 'value="2026-05-06"' in page
    assert 'value="10:00"' in page


def test_freed_time_is_listed_until_taken_or_past(practitioner) -> None:
    consultation_type = make_type(notice_hours=0, cutoff_hours=0)
    cancelled = make_booking(consultation_type, [practitioner], START)
    moved = make_booking(consultation_type, [practitioner], START + timedelta(hours=2))
    kept = make_booking(consultation_type, [practitioner], START + timedelta(hours=4))
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
    make_booking(consultation_type, [practitioner], START)
    assert [one.start_at for one in waitlist.find_freed_slots(NOW)] == [START + timedelta(hours=2)]
    assert kept.start_at not in [one.start_at for one in waitlist.find_freed_slots(NOW)]


def test_declined_offer_frees_the_time_again(practitioner, freed) -> None:
    row = make_waitlist_entry()
    bookings.offer_slot(row, start_at=START, practitioner=practitioner, by=make_staff(), now=NOW)
    assert waitlist.find_freed_slots(NOW) == []
    bookings.decline_offer(row, now=NOW)
    assert [one.start_at for one in waitlist.find_freed_slots(NOW)] == [START]


def test_declined_offer_does_not_affect_later_matching(practitioner) -> None:
    """What counts is the practitioner they asked for, or anyone; not whose time they declined."""
    row, other = make_waitlist_entry("wed-afternoon"), make_open_practitioner()
    loyal = make_waitlist_entry("wed-afternoon", practitioner=practitioner)
    for one in (row, loyal):
        bookings.offer_slot(one, start_at=START + DAY, practitioner=other, by=make_staff(), now=NOW)
        bookings.decline_offer(one, now=NOW)
    assert [(one.start_at, one.practitioner) for one in waitlist.find_freed_slots(NOW)] == [
        (START + DAY, other)
    ]
    assert (row.practitioner, loyal.practitioner) == (None, practitioner)
    wanted, _others = waitlist.split_by_match(
        waitlist.list_waitlist_entries(Consultation.objects.all()),
        waitlist.FreedSlot(START, practitioner),
    )
    assert {one.row.pk for one in wanted} == {row.pk, loyal.pk}


def test_cancel_redirects_to_waitlist(staff, practitioner) -> None:
    row = make_booking(make_type(), [practitioner], START)
    cancel = reverse("admin:consultations_consultation_action", args=[row.pk, "cancel"])
    make_waitlist_entry("wed-afternoon")
    response = staff.post(cancel)
    assert response["Location"] == f"{PAGE}?{FreedSlot(START, practitioner).query}"


def test_cancel_redirects_to_list_when_nobody_waits(staff, practitioner) -> None:
    row = make_booking(make_type(), [practitioner], START)
    cancel = reverse("admin:consultations_consultation_action", args=[row.pk, "cancel"])
    assert staff.post(cancel)["Location"] == "/admin/consultations/consultation/"


def test_waitlist_permissions_hide_offers(client, freed) -> None:
    make_waitlist_entry("wed-afternoon")
    client.force_login(make_staff("view_consultation"))
    page = client.get(f"{PAGE}?{freed.query}")
    assert page.status_code == 200
    assert "Offer this time" not in page.content.decode()
    client.force_login(make_staff("view_comment"))
    assert client.get(PAGE).status_code == 403


def test_invalid_query_shows_the_whole_list(staff) -> None:
    for query in ("start=x", "start=2026-05-06T17:00Z&practitioner=abc", "practitioner=1"):
        page = staff.get(f"{PAGE}?{query}")
        assert page.status_code == 200
        assert page.context["chosen"] is None


def test_waitlist_query_count_is_constant(staff, freed) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert staff.get(PAGE).status_code == 200
        return len(seen)

    make_waitlist_entry("wed-afternoon")
    few = queries()
    for number in range(6):
        make_waitlist_entry("wed-afternoon")
        start = START + timedelta(days=1, minutes=45 * number)
        row = make_booking(make_type(daily_cap=None, cutoff_hours=0), [freed.practitioner], start)
        workflow.withdraw_consultation(row, now=NOW)
    assert queries() == few
