"""Staff actions that set a time: approve, offer, move, book again; previews match sent emails."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from consultations.booking.claims import TimeClaim
from consultations.booking.models import Consultation
from consultations.outbox.models import OutgoingEmail
from pages.practice.models import Referral
from tests.factories.booking import (
    claimed_cells,
    make_booking,
    make_open_practitioner,
    make_type,
    required_cells,
)
from tests.factories.consultations import (
    NOW,
    START,
    make_consultation,
    make_consultation_with_status,
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


def action_url(row: Consultation, act: str) -> str:
    return reverse("admin:consultations_consultation_action", args=[row.pk, act])


def time_answers(practitioner, day: str = "2026-05-07", clock: str = "11:00", **other) -> dict:
    return {"practitioner": practitioner.pk, "start_at_0": day, "start_at_1": clock, **other}


def get_email(message: str) -> OutgoingEmail:
    return OutgoingEmail.objects.get(message=message)


def assert_preview_matches_sent_email(
    staff, row: Consultation, act: str, answers: dict, message: str
) -> None:
    """Check that the preview stores nothing and has the same text as the email sent afterwards."""
    before = Consultation.objects.filter(pk=row.pk).values_list("status", "sequence").get()
    preview = staff.post(action_url(row, act), {**answers, "preview": "1"}).context["preview"]
    if not answers:
        preview = staff.get(action_url(row, act)).context["preview"]
    assert Consultation.objects.filter(pk=row.pk).values_list("status", "sequence").get() == before
    assert preview["to"] == "ada@mail.example"
    assert staff.post(action_url(row, act), answers).status_code == 302
    sent = get_email(message)
    assert sent.subject == preview["subject"]
    lines = [line for line in preview["text"].split("\n-- ")[0].splitlines() if line.strip()]
    for line in lines:
        if "(their own link)" not in line and "reference" not in line:
            assert line in sent.text
    assert "/c/" not in preview["text"]


def test_held_time_can_be_approved(staff) -> None:
    row = make_booking(make_type(mode="staff_approval"), [make_open_practitioner()], START)
    preview = staff.get(action_url(row, "approve")).context["preview"]
    assert "Your call with" in preview["text"]
    assert staff.post(action_url(row, "approve")).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.start_at, claimed_cells(row)) == (
        "confirmed",
        START,
        required_cells(row),
    )
    assert get_email("consultation_confirmed").subject == preview["subject"]


def test_email_hold_can_be_declined_but_not_approved(staff) -> None:
    row = make_booking(make_type(mode="email_confirm"), [make_open_practitioner()], START)
    assert staff.get(action_url(row, "approve")).status_code == 302
    staff.post(action_url(row, "decline"), {"reason": "full"})
    row.refresh_from_db()
    assert (row.status, claimed_cells(row)) == ("declined", [])


def test_declining_can_suggest_referrals(staff) -> None:
    clinic, other = (
        Referral.objects.create(name=name, what_for="Sliding scale", how_to_reach="503-555-0147")
        for name in ("Elm <Clinic>", "Other Clinic")
    )
    row = make_consultation()
    answers = {"reason": "full", "referrals": [clinic.pk]}
    assert_preview_matches_sent_email(staff, row, "decline", answers, "consultation_declined")
    email = get_email("consultation_declined")
    assert "- Elm <Clinic> (Sliding scale): 503-555-0147" in email.text
    assert "Elm &lt;Clinic&gt; (Sliding scale): 503-555-0147" in email.html
    assert other.name not in email.text + email.html


@pytest.mark.parametrize("referrals", [["999"], ["x"], ["1", "999"]])
def test_unknown_referral_is_refused(staff, referrals) -> None:
    Referral.objects.create(name="Elm Clinic", how_to_reach="503-555-0147")
    row = make_consultation()
    answers = {"reason": "full", "referrals": referrals}
    assert staff.post(action_url(row, "decline"), answers).status_code == 422
    row.refresh_from_db()
    assert row.status == "requested"


def test_declining_without_a_referral_list_asks_for_none(staff) -> None:
    row = make_consultation()
    assert 'name="referrals"' not in staff.get(action_url(row, "decline")).content.decode()
    assert staff.post(action_url(row, "decline"), {"reason": "full"}).status_code == 302
    assert "may be able to help:" not in get_email("consultation_declined").text


def test_offer_holds_time_and_sends_email(staff) -> None:
    row, practitioner = make_consultation(kind="waitlist"), make_practitioner(name="Jo Example")
    assert_preview_matches_sent_email(
        staff, row, "offer", time_answers(practitioner), "consultation_offered"
    )
    row.refresh_from_db()
    assert (row.status, row.hold_for, row.practitioner) == ("held", "offer", practitioner)
    assert row.start_at == START + timedelta(days=1, hours=1)
    assert row.hold_expires_at == NOW + timedelta(minutes=5, hours=48)
    assert claimed_cells(row) == required_cells(row)


def test_offer_requires_email_address(staff) -> None:
    row = make_consultation(kind="call_back", channel="call", email="", phone="+15035550142")
    assert staff.get(action_url(row, "offer")).status_code == 302
    assert staff.get(action_url(row, "confirm")).status_code == 200


def test_move_notifies_visitor_and_practice(staff) -> None:
    consultation_type, practitioner = make_type(), make_open_practitioner(name="Jo Example")
    row = make_booking(consultation_type, [practitioner], START)
    assert_preview_matches_sent_email(
        staff, row, "move", time_answers(practitioner), "consultation_moved"
    )
    row.refresh_from_db()
    assert (row.start_at, row.sequence) == (START + timedelta(days=1, hours=1), 1)
    assert claimed_cells(row) == required_cells(row)
    notice = get_email("consultation_moved_for_us")
    assert notice.about == row.uuid
    assert "Thursday, May 7, 2026, 11:00 AM, Pacific Time (UTC-7)\n" in notice.text
    assert "May 7" in row.promised_time or "7 May" in row.promised_time


def test_staff_can_move_inside_cutoff_and_outside_hours(staff) -> None:
    practitioner = make_open_practitioner()
    row = make_booking(make_type(notice_hours=0), [practitioner], NOW + timedelta(hours=1))
    response = staff.post(
        action_url(row, "move"), time_answers(practitioner, "2026-05-10", "22:00")
    )
    assert response.status_code == 302
    row.refresh_from_db()
    assert row.start_at == (START + timedelta(days=4, hours=12))


def test_move_to_same_time_is_rejected_without_email(staff) -> None:
    practitioner = make_open_practitioner()
    row = make_booking(make_type(), [practitioner], START)
    mails = OutgoingEmail.objects.count()
    response = staff.post(
        action_url(row, "move"), time_answers(practitioner, "2026-05-06", "10:00")
    )
    assert response.status_code == 422
    assert "the time it has already" in response.content.decode()
    assert OutgoingEmail.objects.count() == mails
    form = staff.get(action_url(row, "move")).content.decode()
    assert 'value="2026-05-06"' in form
    assert 'value="10:00"' in form


@pytest.mark.parametrize("act", ["confirm", "offer", "move", "book-again"])
def test_no_action_can_double_book(staff, act) -> None:
    consultation_type, practitioner = make_type(), make_open_practitioner()
    taken = make_booking(consultation_type, [practitioner], START)
    row = {
        "confirm": lambda: make_consultation(),
        "offer": lambda: make_consultation(),
        "move": lambda: make_booking(consultation_type, [practitioner], START + timedelta(days=1)),
        "book-again": lambda: make_consultation_with_status("declined"),
    }[act]()
    before, held = row.status, claimed_cells(row)
    rows = Consultation.objects.count()
    # Ten minutes after the other call ends: only its buffer overlaps.
    response = staff.post(action_url(row, act), time_answers(practitioner, "2026-05-06", "10:30"))
    assert response.status_code == 422
    assert "Another consultation lies at that time" in response.content.decode()
    row.refresh_from_db()
    assert (row.status, claimed_cells(row), claimed_cells(taken)) == (
        before,
        held,
        required_cells(taken),
    )
    assert Consultation.objects.count() == rows


def test_time_is_read_in_practitioner_zone(staff) -> None:
    make_practitioner()
    practitioner = make_practitioner(time_zone="Europe/Berlin")
    row = make_consultation()
    page = staff.get(action_url(row, "confirm")).content.decode()
    assert "Europe/Berlin" in page
    assert "America/Los Angeles" in page
    staff.post(action_url(row, "confirm"), time_answers(practitioner, "2026-05-07", "11:00"))
    row.refresh_from_db()
    assert row.start_at == START.replace(day=7, hour=9)


def test_time_off_grid_is_rejected(staff) -> None:
    row = make_consultation()
    response = staff.post(
        action_url(row, "confirm"), time_answers(make_practitioner(), clock="11:03")
    )
    assert response.status_code == 422
    assert "multiple of 5" in response.content.decode()


def test_book_again_creates_new_row_and_keeps_old(staff) -> None:
    consultation_type, practitioner = make_type(), make_open_practitioner()
    old = make_consultation_with_status(
        "cancelled_by_visitor", note="A note", preferred=["mon-morning"]
    )
    assert_preview_matches_sent_email(
        staff, old, "book-again", time_answers(practitioner), "consultation_confirmed"
    )
    new = Consultation.objects.get(rebooked_from=old)
    assert (new.status, new.kind, new.type, new.practitioner) == (
        "confirmed",
        "slot",
        consultation_type,
        practitioner,
    )
    assert (new.name, new.email, new.note) == (old.name, old.email, "A note")
    assert new.reference != old.reference
    assert claimed_cells(new) == required_cells(new)
    assert [event.actor for event in new.events.all()] == ["staff"]
    old.refresh_from_db()
    assert old.status == "cancelled_by_visitor"
    page = reverse("admin:consultations_consultation_change", args=[new.pk])
    words = staff.get(page).content.decode()
    assert old.reference in words
    assert "Added by the practice" in words


def test_double_book_again_creates_one_booking(staff) -> None:
    make_type()
    practitioner, old = make_open_practitioner(), make_consultation_with_status("declined")
    for _press in range(2):
        assert (
            staff.post(action_url(old, "book-again"), time_answers(practitioner)).status_code == 302
        )
    assert Consultation.objects.filter(rebooked_from=old).count() == 1
    assert TimeClaim.objects.values("consultation").distinct().count() == 1


def test_book_again_requires_add_permission(client) -> None:
    make_type()
    old = make_consultation_with_status("declined")
    client.force_login(make_staff("view_consultation", "change_consultation"))
    assert client.get(action_url(old, "book-again")).status_code == 302
    client.post(action_url(old, "book-again"), time_answers(make_open_practitioner()))
    assert Consultation.objects.count() == 1
    client.force_login(make_staff("view_consultation", "change_consultation", "add_consultation"))
    assert client.get(action_url(old, "book-again")).status_code == 200
