"""What staff do with a time: approve, offer, move, book again; the mail shown is the mail sent."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from consultations.booking.claims import TimeClaim
from consultations.booking.models import Consultation
from consultations.outbox.models import OutgoingEmail
from tests.factories.booking import book, cells_of, claimed, make_open_practitioner, make_type
from tests.factories.consultations import (
    NOW,
    START,
    make_consultation,
    make_consultation_in,
    make_staff,
)
from tests.factories.pages import make_practice, make_practitioner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def act_on(row: Consultation, act: str) -> str:
    return reverse("admin:consultations_consultation_act", args=[row.pk, act])


def at(person, day: str = "2026-05-07", clock: str = "11:00", **other) -> dict:
    return {"practitioner": person.pk, "start_at_0": day, "start_at_1": clock, **other}


def mail(message: str) -> OutgoingEmail:
    return OutgoingEmail.objects.get(message=message)


def shown_and_sent(staff, row: Consultation, act: str, answers: dict, message: str) -> None:
    """The preview changes nothing, and says what the mail then says."""
    before = Consultation.objects.filter(pk=row.pk).values_list("status", "sequence").get()
    preview = staff.post(act_on(row, act), {**answers, "preview": "1"}).context["preview"]
    if not answers:
        preview = staff.get(act_on(row, act)).context["preview"]
    assert Consultation.objects.filter(pk=row.pk).values_list("status", "sequence").get() == before
    assert preview["to"] == "ada@mail.example"
    assert staff.post(act_on(row, act), answers).status_code == 302
    sent = mail(message)
    assert sent.subject == preview["subject"]
    lines = [line for line in preview["text"].split("\n-- ")[0].splitlines() if line.strip()]
    for line in lines:
        if "(their own link)" not in line and "Reference" not in line:
            assert line in sent.text
    assert "/c/" not in preview["text"]


def test_a_held_time_is_approved(staff) -> None:
    row = book(make_type(mode="staff_approval"), [make_open_practitioner()], START)
    preview = staff.get(act_on(row, "approve")).context["preview"]
    assert "Your call with" in preview["text"]
    assert staff.post(act_on(row, "approve")).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.start_at, claimed(row)) == ("confirmed", START, cells_of(row))
    assert mail("consultation_confirmed").subject == preview["subject"]


def test_a_time_held_for_a_mail_is_declined_but_not_approved(staff) -> None:
    row = book(make_type(mode="email_confirm"), [make_open_practitioner()], START)
    assert staff.get(act_on(row, "approve")).status_code == 302
    staff.post(act_on(row, "decline"), {"reason": "full"})
    row.refresh_from_db()
    assert (row.status, claimed(row)) == ("declined", [])


def test_an_offer_holds_the_time_and_writes_to_the_person(staff) -> None:
    row, person = make_consultation(kind="waitlist"), make_practitioner(name="Jo Example")
    shown_and_sent(staff, row, "offer", at(person), "consultation_offered")
    row.refresh_from_db()
    assert (row.status, row.hold_for, row.practitioner) == ("held", "offer", person)
    assert row.start_at == START + timedelta(days=1, hours=1)
    assert row.hold_expires_at == NOW + timedelta(minutes=5, hours=48)
    assert claimed(row) == cells_of(row)


def test_an_offer_needs_an_address_to_answer_from(staff) -> None:
    row = make_consultation(kind="call_back", channel="call", email="", phone="+15035550142")
    assert staff.get(act_on(row, "offer")).status_code == 302
    assert staff.get(act_on(row, "confirm")).status_code == 200


def test_a_call_is_moved_and_both_are_told(staff) -> None:
    kind, person = make_type(), make_open_practitioner(name="Jo Example")
    row = book(kind, [person], START)
    shown_and_sent(staff, row, "move", at(person), "consultation_moved")
    row.refresh_from_db()
    assert (row.start_at, row.sequence) == (START + timedelta(days=1, hours=1), 1)
    assert claimed(row) == cells_of(row)
    assert mail("consultation_moved_for_us").about == row.uuid
    assert "May 7" in row.promised_time or "7 May" in row.promised_time


def test_staff_move_inside_the_cut_off_and_outside_hours(staff) -> None:
    person = make_open_practitioner()
    row = book(make_type(notice_hours=0), [person], NOW + timedelta(hours=1))
    response = staff.post(act_on(row, "move"), at(person, "2026-05-10", "22:00"))
    assert response.status_code == 302
    row.refresh_from_db()
    assert row.start_at == (START + timedelta(days=4, hours=12))


def test_the_same_time_again_is_said_and_writes_nobody(staff) -> None:
    person = make_open_practitioner()
    row = book(make_type(), [person], START)
    mails = OutgoingEmail.objects.count()
    response = staff.post(act_on(row, "move"), at(person, "2026-05-06", "10:00"))
    assert response.status_code == 422
    assert "the time it has already" in response.content.decode()
    assert OutgoingEmail.objects.count() == mails
    form = staff.get(act_on(row, "move")).content.decode()
    assert 'value="2026-05-06"' in form
    assert 'value="10:00"' in form


@pytest.mark.parametrize("act", ["confirm", "offer", "move", "book-again"])
def test_no_act_lands_on_a_claim(staff, act) -> None:
    kind, person = make_type(), make_open_practitioner()
    taken = book(kind, [person], START)
    row = {
        "confirm": lambda: make_consultation(),
        "offer": lambda: make_consultation(),
        "move": lambda: book(kind, [person], START + timedelta(days=1)),
        "book-again": lambda: make_consultation_in("declined"),
    }[act]()
    before, held = row.status, claimed(row)
    rows = Consultation.objects.count()
    # Ten minutes later: only the gap after the other call is touched.
    response = staff.post(act_on(row, act), at(person, "2026-05-06", "10:30"))
    assert response.status_code == 422
    assert "Another consultation lies at that time" in response.content.decode()
    row.refresh_from_db()
    assert (row.status, claimed(row), claimed(taken)) == (before, held, cells_of(taken))
    assert Consultation.objects.count() == rows


def test_the_time_is_meant_where_the_one_who_talks_is(staff) -> None:
    make_practitioner()
    person = make_practitioner(time_zone="Europe/Berlin")
    row = make_consultation()
    page = staff.get(act_on(row, "confirm")).content.decode()
    assert "Europe/Berlin" in page
    assert "America/Los Angeles" in page
    staff.post(act_on(row, "confirm"), at(person, "2026-05-07", "11:00"))
    row.refresh_from_db()
    assert row.start_at == START.replace(day=7, hour=9)


def test_a_time_off_the_grid_is_refused(staff) -> None:
    row = make_consultation()
    response = staff.post(act_on(row, "confirm"), at(make_practitioner(), clock="11:03"))
    assert response.status_code == 422
    assert "multiple of 5" in response.content.decode()


def test_booking_again_makes_a_new_row_and_keeps_the_old(staff) -> None:
    kind, person = make_type(), make_open_practitioner()
    old = make_consultation_in("cancelled_by_visitor", note="A note", preferred=["mon-morning"])
    shown_and_sent(staff, old, "book-again", at(person), "consultation_confirmed")
    new = Consultation.objects.get(rebooked_from=old)
    assert (new.status, new.kind, new.type, new.practitioner) == ("confirmed", "slot", kind, person)
    assert (new.name, new.email, new.note) == (old.name, old.email, "A note")
    assert new.reference != old.reference
    assert claimed(new) == cells_of(new)
    assert [event.actor for event in new.events.all()] == ["staff"]
    old.refresh_from_db()
    assert old.status == "cancelled_by_visitor"
    page = reverse("admin:consultations_consultation_change", args=[new.pk])
    words = staff.get(page).content.decode()
    assert old.reference in words
    assert "Added by the practice" in words


def test_pressing_book_again_twice_is_one_booking(staff) -> None:
    make_type()
    person, old = make_open_practitioner(), make_consultation_in("declined")
    for _press in range(2):
        assert staff.post(act_on(old, "book-again"), at(person)).status_code == 302
    assert Consultation.objects.filter(rebooked_from=old).count() == 1
    assert TimeClaim.objects.values("consultation").distinct().count() == 1


def test_booking_again_needs_the_right_to_add(client) -> None:
    make_type()
    old = make_consultation_in("declined")
    client.force_login(make_staff("view_consultation", "change_consultation"))
    assert client.get(act_on(old, "book-again")).status_code == 302
    client.post(act_on(old, "book-again"), at(make_open_practitioner()))
    assert Consultation.objects.count() == 1
    client.force_login(make_staff("view_consultation", "change_consultation", "add_consultation"))
    assert client.get(act_on(old, "book-again")).status_code == 200
