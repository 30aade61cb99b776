"""What staff do with a request that has no time: call back, enter one, waiting list, assign."""

import pytest
import time_machine
from django.urls import reverse

from consultations.booking import workflow
from consultations.booking.models import Consultation
from consultations.booking.transitions import TransitionNotAllowed
from consultations.outbox.models import OutgoingEmail
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import (
    NOW,
    START,
    make_consultation,
    make_staff,
    make_staff_with_roles,
)
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
ADD_REQUEST = "/admin/consultations/consultation/add-request/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def action_url(row: Consultation, slug: str) -> str:
    return reverse("admin:consultations_consultation_action", args=[row.pk, slug])


def change_url(row: Consultation) -> str:
    return reverse("admin:consultations_consultation_change", args=[row.pk])


def make_call_back(**facts) -> Consultation:
    defaults = {"kind": "call_back", "channel": "call", "email": "", "phone": "+15035550142"}
    return make_consultation(**{**defaults, **facts})


def test_talk_on_the_phone_answers_the_request(staff, client) -> None:
    row = make_call_back()
    answers = {"outcome": "booked", "note": "Prefers Tuesdays."}
    assert staff.post(action_url(row, "call-back"), answers).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.outcome, row.start_at, row.closed_at) == (
        "answered", "booked", None, NOW,
    )  # fmt: skip
    assert row.events.get(after="answered").note == "Prefers Tuesdays."
    assert "Prefers Tuesdays." in staff.get(change_url(row)).content.decode()
    private = client.get(row.get_absolute_url()).content.decode()
    assert "Thank you for talking with us." in private
    assert "Prefers Tuesdays." not in private


def test_call_that_nobody_answers_leaves_the_request_open(staff) -> None:
    row = make_call_back(voicemail="voicemail")
    for outcome, words in (
        ("no_answer", "Called back, nobody answered"),
        ("voicemail", "Called back, left a voicemail"),
    ):
        staff.post(action_url(row, "call-back"), {"outcome": outcome, "note": ""})
        row.refresh_from_db()
        assert row.status == "requested"
        assert words in staff.get(change_url(row)).content.decode()
    assert Consultation.objects.awaiting_reply().get() == row


def test_voicemail_is_no_choice_for_those_who_refused_it(staff) -> None:
    row = make_call_back(voicemail="no")
    page = staff.post(action_url(row, "call-back"), {"outcome": "voicemail", "note": ""})
    assert page.status_code == 422
    assert "They asked us not to leave a voicemail." in page.content.decode()


def test_call_back_is_refused_once_it_was_answered(staff) -> None:
    row = make_call_back()
    stale = Consultation.objects.get(pk=row.pk)
    workflow.record_call_back(row, outcome="connected", note="", by=make_staff(), now=NOW)
    for outcome in ("connected", "no_answer"):
        with pytest.raises(TransitionNotAllowed):
            workflow.record_call_back(stale, outcome=outcome, note="", by=make_staff(), now=NOW)


def test_request_goes_on_the_waiting_list_and_says_so(staff, client) -> None:
    row = make_consultation()
    assert staff.post(action_url(row, "waitlist")).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.kind) == ("requested", "waitlist")
    assert Consultation.objects.on_waitlist().get() == row
    sent = OutgoingEmail.objects.filter(message="consultation_received").exclude(state="void")
    assert "we’ll write to you when a spot opens up." in sent.get().text
    assert "You’re on the waiting list" in client.get(row.get_absolute_url()).content.decode()
    workflow.decline_consultation(row, reason="full", by=make_staff(), now=NOW)
    with pytest.raises(TransitionNotAllowed):
        workflow.move_to_waitlist(row, by=make_staff(), now=NOW)


def request_answers(**other) -> dict:
    defaults = {
        "kind": "preferred_times", "practitioner": "", "name": "Bo Caller", "channel": "call",
        "email": "", "phone": "(503) 555-0142", "voicemail": "no", "meeting": "phone",
        "preferred": ["tue-evening"], "note": "Rang at noon.", "zone": "America/New_York",
        "key": "key-of-the-form",
    }  # fmt: skip
    return {**defaults, **other}


def test_request_taken_on_the_phone_is_stored_once(staff) -> None:
    for _press in range(2):
        response = staff.post(ADD_REQUEST, request_answers())
    row = Consultation.objects.get()
    assert response["Location"] == change_url(row)
    assert (row.status, row.kind, row.name, row.phone) == (
        "requested", "preferred_times", "Bo Caller", "+15035550142",
    )  # fmt: skip
    assert (row.note, row.preferred_times) == ("Rang at noon.", '["tue-evening"]')
    assert row.events.get().actor == "staff"
    assert row.practitioner is None
    assert not OutgoingEmail.objects.exists()
    assert "Added by the practice" in staff.get(change_url(row)).content.decode()


def test_client_with_an_address_gets_the_private_link(staff) -> None:
    make_open_practitioner()
    added = request_answers(kind="waitlist", channel="email", email="bo@mail.example")
    staff.post(ADD_REQUEST, added)
    email = OutgoingEmail.objects.get()
    assert (email.message, email.to) == ("consultation_received", "bo@mail.example")
    assert "/c/" in email.text
    assert "Bo Caller" not in email.text + email.html


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"name": ""}, "required"),
        ({"phone": ""}, "Enter a phone number"),
        ({"kind": "waitlist"}, "we write when a spot opens"),
        ({"kind": "slot"}, "slot"),
        ({"preferred": ["never"]}, "never"),
    ],
)
def test_invalid_requests_are_rejected_with_everything_kept(staff, other, words) -> None:
    response = staff.post(ADD_REQUEST, request_answers(**other))
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert "Rang at noon." in page
    assert not Consultation.objects.exists()


def test_practitioner_adds_requests_for_themselves_only(client) -> None:
    user = make_staff_with_roles("practitioner")
    own = make_open_practitioner(user=user)
    client.force_login(user)
    assert client.post(ADD_REQUEST, request_answers()).status_code == 422
    assert client.post(ADD_REQUEST, request_answers(practitioner=own.pk)).status_code == 302
    assert Consultation.objects.visible_to(user).get().wanted_practitioner == own


@pytest.mark.parametrize("is_closed", [False, True])
def test_note_and_assignee_are_kept_in_any_state_when_an_action_is_pressed(
    staff, is_closed
) -> None:
    colleague = make_staff_with_roles("intake")
    row = make_consultation()
    if is_closed:
        workflow.decline_consultation(row, reason="full", by=make_staff(), now=NOW)
    action = "book-again" if is_closed else "decline"
    typed = {"assignee": colleague.pk, "staff_notes": "Rang twice.", "_action": action}
    assert staff.post(change_url(row), typed)["Location"] == action_url(row, action)
    row = Consultation.objects.get(pk=row.pk)
    assert (row.assignee, row.staff_notes) == (colleague, "Rang twice.")


def test_only_active_staff_can_be_assigned(staff) -> None:
    left = make_staff_with_roles("intake", is_active=False)
    row = make_booking(make_type(), [make_open_practitioner()], START)
    staff.post(change_url(row), {"assignee": left.pk, "staff_notes": ""})
    assert Consultation.objects.get(pk=row.pk).assignee is None
