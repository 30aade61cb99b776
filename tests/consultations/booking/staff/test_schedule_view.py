"""The page on which staff choose a time: wishes, free times that fit, warnings, the email."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from consultations.audit.models import AuditEntry
from consultations.booking.hours import TimeOff
from consultations.booking.staff.suggestions import MAX_SUGGESTIONS, suggest_times
from consultations.booking.staff.waitlist import part_of_week
from consultations.outbox.models import OutgoingEmail
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
OFF_HOURS = {"start_at_0": "2026-05-09", "start_at_1": "22:00"}


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    make_type()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def practitioner():
    return make_open_practitioner(name="Jo Example")


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def action_url(row, slug: str = "confirm") -> str:
    return reverse("admin:consultations_consultation_action", args=[row.pk, slug])


def test_suggested_times_fit_the_wishes_in_the_clients_own_zone(practitioner) -> None:
    row = make_consultation(preferred=["tue-evening", "thu-evening"])  # New York, three hours ahead
    found = suggest_times(row, None, now=NOW)
    assert found.fit_wishes
    assert 0 < len(found.times) <= MAX_SUGGESTIONS
    parts = {part_of_week(time.start_at, row.visitor_zone) for time in found.times}
    assert parts == {"tue-evening", "thu-evening"}
    assert all(time.client_clock for time in found.times)
    assert found.times == tuple(sorted(found.times, key=lambda time: time.start_at))


def test_suggested_times_spread_over_days_and_say_when_nothing_fits(practitioner) -> None:
    found = suggest_times(make_consultation(preferred=["sun-morning"]), None, now=NOW)
    assert not found.fit_wishes
    assert len(found.times) == MAX_SUGGESTIONS
    assert len({time.day for time in found.times}) >= 3


def test_suggested_times_are_with_the_practitioner_asked_for_and_allowed(practitioner) -> None:
    other = make_open_practitioner(name="Bo Other")
    row = make_consultation(practitioner=other)
    assert {time.practitioner for time in suggest_times(row, None, now=NOW).times} == {other}
    anyone = make_consultation()
    own = suggest_times(anyone, {practitioner.pk}, now=NOW).times
    assert {time.practitioner for time in own} == {practitioner}
    assert suggest_times(anyone, set(), now=NOW).times == ()


def test_time_is_suggested_without_a_consultation_type(practitioner) -> None:
    row = make_consultation()
    row.type = None
    practitioner.consultation_types.all().delete()
    assert suggest_times(row, None, now=NOW).times


def test_two_presses_confirm_a_request(staff, practitioner) -> None:
    row = make_consultation(preferred=["tue-morning"])
    page = staff.get(action_url(row))
    first = page.context["suggestions"].times[0]
    assert "Choose a time to see the email." in page.content.decode()
    chosen = staff.post(action_url(row), {"suggested": first.value})
    assert chosen.status_code == 200
    assert "Your call with" in chosen.context["preview"]["text"]
    row.refresh_from_db()
    assert row.status == "requested"
    answers = {
        "practitioner": practitioner.pk,
        "start_at_0": chosen.context["form"].data["start_at_0"],
        "start_at_1": chosen.context["form"].data["start_at_1"],
        "seen": chosen.context["chosen"],
        "send": "1",
    }
    assert staff.post(action_url(row), answers).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.start_at) == ("confirmed", first.start_at)


def test_link_with_a_time_shows_the_email_at_once(staff, practitioner) -> None:
    row = make_consultation()
    time = suggest_times(row, None, now=NOW).times[0]
    start = time.value.partition("_")[0]
    page = staff.get(action_url(row), {"start": start, "practitioner": practitioner.pk})
    assert page.context["is_chosen"]
    assert page.context["chosen"] == time.value
    assert "Send confirmation" in page.content.decode()


@pytest.mark.parametrize("odd", ["x", "_", "2026-05-07T18:00Z_", "2026-05-07T18:00Z_99", "_1"])
def test_invalid_suggestion_sends_nothing(staff, practitioner, odd) -> None:
    row = make_consultation()
    assert staff.post(action_url(row), {"suggested": odd}).status_code == 422
    row.refresh_from_db()
    assert row.status == "requested"


def test_time_changed_after_the_preview_is_previewed_again(staff, practitioner) -> None:
    row = make_consultation()
    answers = {"practitioner": practitioner.pk, **OFF_HOURS, "seen": "2026-05-07T18:00Z_1"}
    page = staff.post(action_url(row), answers)
    assert page.status_code == 200
    assert "You changed the time." in page.content.decode()
    assert not OutgoingEmail.objects.filter(message="consultation_confirmed").exists()


def test_own_time_gets_the_warnings_of_an_added_booking(staff, practitioner) -> None:
    row = make_booking(make_type(), [practitioner], START)
    off = START + timedelta(days=1)
    TimeOff.objects.create(practitioner=practitioner, start_at=off, end_at=off + timedelta(hours=2))
    answers = {"practitioner": practitioner.pk, "preview": "1"}
    late = staff.post(action_url(row, "move"), {**answers, **OFF_HOURS})
    assert late.context["objections"] == ["It lies outside the weekly hours."]
    away = {"start_at_0": "2026-05-07", "start_at_1": "10:00"}
    warned = staff.post(action_url(row, "move"), {**answers, **away})
    assert warned.context["objections"] == ["It lies in time off."]
    # Its own time is no obstacle to a call that moves by a quarter of an hour.
    near = {"start_at_0": "2026-05-06", "start_at_1": "10:15"}
    assert staff.post(action_url(row, "move"), {**answers, **near}).context["objections"] == []


def test_move_page_does_not_suggest_the_current_time(practitioner) -> None:
    row = make_booking(make_type(), [practitioner], START)
    assert START not in {time.start_at for time in suggest_times(row, None, now=NOW).times}


def test_offer_starts_from_the_confirmation_with_the_same_time(staff, practitioner) -> None:
    row = make_consultation()
    page = staff.post(
        action_url(row, "offer"), {"practitioner": practitioner.pk, **OFF_HOURS, "preview": "1"}
    )
    assert page.status_code == 200
    assert page.context["is_chosen"]
    assert "Send offer" in page.content.decode()
    assert (
        action_url(row, "offer")
        in staff.get(
            action_url(row), {"start": "2026-05-07T18:00Z", "practitioner": practitioner.pk}
        ).content.decode()
    )


def test_page_shows_initials_only_and_reading_is_logged(staff, practitioner) -> None:
    row = make_consultation(name="Xanthippe Quill", note="A private word.")
    page = staff.get(action_url(row)).content.decode()
    assert "XQ" in page
    assert "Xanthippe" not in page
    entry = AuditEntry.objects.filter(action="read", row=row.pk).latest("number")
    assert set(entry.fields) >= {"note", "preferred_times"}


def test_time_taken_meanwhile_keeps_the_page_open(staff, practitioner) -> None:
    row = make_consultation()
    time = suggest_times(row, None, now=NOW).times[0]
    make_booking(make_type(), [practitioner], time.start_at)
    answers = {
        "practitioner": practitioner.pk,
        "start_at_0": f"{time.start_at:%Y-%m-%d}",
        "start_at_1": f"{time.start_at - timedelta(hours=7):%H:%M}",
    }
    page = staff.post(action_url(row), answers)
    assert page.status_code == 422
    assert "Another consultation lies at that time" in page.content.decode()
    assert time.value not in page.content.decode()
