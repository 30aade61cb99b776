"""Tests for resubmitted forms: unchanged, edited, too late, and sent twice at once."""

from datetime import timedelta

import pytest
import time_machine

from consultations.booking import bookings, checks, workflow
from consultations.booking.claims import SlotTaken
from consultations.booking.models import ANSWERS_CHANGED, Consultation
from consultations.outbox.models import OutgoingEmail
from tests.consultations.booking.test_request_races import run_concurrently
from tests.factories.booking import (
    claimed_cells,
    make_booking,
    make_open_practitioner,
    make_type,
    required_cells,
    slot_form_data,
)
from tests.factories.consultations import (
    NOW,
    START,
    confirm_with_defaults,
    make_consultation,
    make_staff,
)
from tests.factories.pages import make_practice, make_practitioner

KEY = "k" * 32
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FORM = "/consultation/details/"


@pytest.fixture
def practice(db):
    make_practice(is_licence_bound=False)
    with time_machine.travel(NOW, tick=False):
        yield
    assert checks.find_claim_mismatches(now=NOW) == []


@pytest.fixture
def consultation_type(practice):
    return make_type()


@pytest.fixture
def practitioner(practice):
    return make_open_practitioner()


def reload() -> Consultation:
    return Consultation.objects.get()


def sent_to(message: str) -> list[str]:
    rows = OutgoingEmail.objects.filter(message=message).exclude(state="void")
    return [row.to for row in rows.order_by("pk")]


def test_unchanged_form_changes_nothing(consultation_type, practitioner) -> None:
    first = make_booking(consultation_type, [practitioner], key=KEY)
    assert make_booking(consultation_type, [practitioner], key=KEY) == first
    assert (reload().events.count(), OutgoingEmail.objects.count()) == (1, 2)


def test_other_answers_update_the_row_with_history(consultation_type, practitioner) -> None:
    make_booking(consultation_type, [practitioner], key=KEY)
    make_booking(consultation_type, [practitioner], key=KEY, name="Bea", note="After five, please")
    row = reload()
    assert (row.name, row.note, row.status, row.sequence) == (
        "Bea",
        "After five, please",
        "confirmed",
        0,
    )
    assert [event.after for event in row.events.all()] == ["confirmed", ANSWERS_CHANGED]
    assert OutgoingEmail.objects.count() == 2


def test_new_email_address_gets_a_new_link(consultation_type, practitioner, client) -> None:
    first = make_booking(consultation_type, [practitioner], key=KEY)
    second = make_booking(consultation_type, [practitioner], key=KEY, email="right@mail.example")
    assert (second.pk, second.token_version) == (first.pk, 1)
    assert sent_to("consultation_confirmed") == ["right@mail.example"]
    assert client.get(first.get_absolute_url()).status_code == 404
    assert client.get(second.get_absolute_url()).status_code == 200
    assert list(Consultation.objects.filter(email_fingerprint=second.email_fingerprint))


def test_new_time_is_a_move(consultation_type, practitioner) -> None:
    first = make_booking(consultation_type, [practitioner], key=KEY)
    second = make_booking(consultation_type, [practitioner], START + HOUR, key=KEY)
    assert (second.pk, second.start_at, second.sequence) == (first.pk, START + HOUR, 1)
    assert claimed_cells(second) == required_cells(second)
    event = second.events.get(after=ANSWERS_CHANGED)
    assert (event.old_start_at, event.new_start_at) == (START, START + HOUR)
    assert sent_to("consultation_confirmed") == []
    assert sent_to("consultation_moved") == ["ada@mail.example"]
    assert make_booking(consultation_type, [practitioner], START).pk != first.pk


def test_new_time_that_is_taken_leaves_everything_as_it_was(
    consultation_type, practitioner
) -> None:
    first = make_booking(consultation_type, [practitioner], key=KEY)
    make_booking(consultation_type, [practitioner], START + HOUR)
    with pytest.raises(SlotTaken):
        make_booking(consultation_type, [practitioner], START + HOUR, key=KEY, name="Bea")
    row = Consultation.objects.get(pk=first.pk)
    assert (row.start_at, row.name, row.events.count()) == (START, "Ada Visitor", 1)
    assert claimed_cells(row) == required_cells(row)


def test_booking_that_becomes_a_request_frees_its_time(consultation_type, practitioner) -> None:
    first = make_booking(consultation_type, [practitioner], key=KEY)
    second = make_consultation(key=KEY, kind="call_back")
    assert (second.pk, second.status, second.start_at) == (first.pk, "requested", None)
    assert claimed_cells(second) == []
    invites = OutgoingEmail.objects.filter(calendar_method="CANCEL")
    assert {row.message for row in invites} == {
        "consultation_cancelled_by_you",
        "consultation_called_off",
    }
    assert all("SEQUENCE:1" in row.calendar for row in invites)
    assert sent_to("consultation_received") == ["ada@mail.example"]


def test_request_that_becomes_a_booking_takes_its_time(consultation_type, practitioner) -> None:
    first = make_consultation(key=KEY, kind="call_back")
    second = make_booking(consultation_type, [practitioner], key=KEY)
    assert (second.pk, second.status, second.kind) == (first.pk, "confirmed", "slot")
    assert claimed_cells(second) == required_cells(second)
    assert sent_to("consultation_received") == []
    assert sent_to("consultation_confirmed") == ["ada@mail.example"]


def test_held_time_can_be_changed_before_the_link_is_used(practitioner) -> None:
    consultation_type = make_type(mode="email_confirm")
    make_booking(consultation_type, [practitioner], key=KEY)
    row = make_booking(consultation_type, [practitioner], START + HOUR, key=KEY)
    assert (row.status, row.hold_for, row.start_at) == ("held", "email", START + HOUR)
    assert sent_to("consultation_please_confirm") == ["ada@mail.example"]


ACTS = {
    "declined": lambda row: workflow.decline_consultation(
        row, reason="full", by=make_staff(), now=NOW
    ),
    "confirmed": lambda row: confirm_with_defaults(row),
    "withdrawn": lambda row: workflow.withdraw_consultation(row, now=NOW),
    "address corrected": lambda row: workflow.correct_email(row, email="b@c.example", now=NOW),
}


@pytest.mark.parametrize("act", ACTS)
def test_form_changes_nothing_after_another_act(practice, client, act) -> None:
    row = make_consultation(key=KEY)
    ACTS[act](row)
    before = (reload().status, reload().email, row.events.count(), OutgoingEmail.objects.count())
    again = make_consultation(key=KEY, name="Bea", email=row.email, note="Also this")
    assert again.pk == row.pk
    assert before == (
        reload().status,
        reload().email,
        row.events.count(),
        OutgoingEmail.objects.count(),
    )
    assert reload().name == "Ada Visitor"


def test_old_form_does_not_undo_a_move_on_the_private_page(consultation_type, practitioner) -> None:
    row = make_booking(consultation_type, [practitioner], key=KEY)
    bookings.move_consultation(row, start_at=START + HOUR, promised_time="then", now=NOW)
    assert make_booking(consultation_type, [practitioner], key=KEY).start_at == START + HOUR


def test_time_cannot_be_changed_inside_the_cutoff(consultation_type, practitioner) -> None:
    make_booking(consultation_type, [practitioner], key=KEY)
    late = START - HOUR
    row = make_booking(consultation_type, [practitioner], START + DAY, key=KEY, now=late)
    assert (row.start_at, row.events.count()) == (START, 1)


def test_edited_form_with_the_same_key_is_one_consultation(
    consultation_type, practitioner, client
) -> None:
    data = slot_form_data(consultation_type, key=KEY, name="Ada")
    first = client.post(FORM, data)
    edited = {**data, "name": "Bea"}
    places = {client.post(FORM, edited)["Location"] for _ in range(2)}
    assert places == {first["Location"]} == {reload().get_absolute_url()}
    assert reload().name == "Bea"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_two_different_forms_at_once_make_one_row(consultation_type, practitioner, round_) -> None:
    outcome = run_concurrently(
        lambda: make_booking(consultation_type, [practitioner], key=KEY, name="Ada").pk,
        lambda: (
            make_booking(consultation_type, [practitioner], START + HOUR, key=KEY, name="Bea").pk
        ),
        lambda: make_consultation(key=KEY, kind="call_back", name="Cay").pk,
    )
    assert set(outcome) == {reload().pk}
    row = reload()
    assert claimed_cells(row) == (required_cells(row) if row.start_at else [])


def test_other_practitioner_takes_over_a_request_without_a_time(practice) -> None:
    robin, sam = make_practitioner(name="Robin"), make_practitioner(name="Sam")
    make_consultation(key=KEY, practitioner=robin)
    make_consultation(key=KEY, practitioner=sam)
    row = reload()
    assert (row.practitioner, row.wanted_practitioner) == (sam, sam)
