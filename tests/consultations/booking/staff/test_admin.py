"""Admin for consultations: the grouped list, the detail page, actions and permissions."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultations.booking import workflow
from consultations.booking.models import Consultation
from consultations.outbox.models import OutgoingEmail
from tests.consultations.privacy.test_fields import tamper
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import (
    NOW,
    START,
    make_consultation,
    make_consultation_with_status,
    make_staff,
)
from tests.factories.pages import make_licence, make_practice, make_practitioner

pytestmark = pytest.mark.django_db
LIST = "/admin/consultations/consultation/"
UNREADABLE_EMAIL_MESSAGE = "No key here opens the address of this person"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def change_url(row: Consultation) -> str:
    return reverse("admin:consultations_consultation_change", args=[row.pk])


def action_url(row: Consultation, act: str) -> str:
    return reverse("admin:consultations_consultation_action", args=[row.pk, act])


def page_text(response) -> str:
    return response.content.decode()


def listed_references(client, group: str = "") -> set[str]:
    response = client.get(LIST, {"group": group} if group else {})
    return {row.reference for row in response.context["cl"].result_list}


# --- list ---
def test_each_group_lists_its_consultations(staff) -> None:
    asked = make_consultation()
    late = make_consultation(now=NOW - timedelta(days=10))
    rows = {
        state: make_consultation_with_status(state)
        for state in ("declined", "cancelled_by_visitor", "cancelled_by_staff", "completed",
                      "no_show", "confirmed")
    }  # fmt: skip
    past = make_consultation_with_status("confirmed", start_at=NOW - timedelta(days=3))

    def names(*states: str) -> set[str]:
        return {rows[state].reference for state in states}

    assert (
        listed_references(staff)
        == listed_references(staff, "answer")
        == {asked.reference, late.reference}
    )
    assert listed_references(staff, "overdue") == {late.reference}
    assert listed_references(staff, "upcoming") == names("confirmed")
    assert (
        listed_references(staff, "today")
        == listed_references(staff, "held")
        == listed_references(staff, "waiting")
        == set()
    )
    assert listed_references(staff, "past") == names("completed", "no_show") | {past.reference}
    assert listed_references(staff, "closed") == names(
        "declined", "cancelled_by_visitor", "cancelled_by_staff"
    )
    assert len(listed_references(staff, "all")) == 9
    page = page_text(staff.get(LIST))
    for words in ("Needs an answer (2)", "Overdue (1)", "Upcoming (1)", "Past (3)", "Closed (3)"):
        assert words in page


def test_today_group_uses_practice_time_zone(staff) -> None:
    """NOW is 10:00 AM in Oregon, where the date begins and ends at 07:00 UTC."""
    midnight = NOW.replace(hour=7)
    expected = set()
    for start, is_today in (
        (midnight - timedelta(minutes=20), False),
        (midnight, True),
        (midnight + timedelta(hours=23, minutes=40), True),
        (midnight + timedelta(days=1), False),
    ):
        row = make_consultation_with_status("confirmed", start_at=start)
        expected |= {row.reference} if is_today else set()
    assert listed_references(staff, "today") == expected


def test_answer_group_excludes_email_holds_and_waitlist(staff) -> None:
    consultation_type, practitioner = make_type(mode="email_confirm"), make_open_practitioner()
    held = make_booking(consultation_type, [practitioner], now=NOW)
    waits = make_consultation(kind="waitlist", now=NOW - timedelta(days=10))
    approval = make_booking(make_type(mode="staff_approval"), [make_open_practitioner()], now=NOW)
    assert listed_references(staff, "answer") == {approval.reference}
    assert listed_references(staff, "overdue") == set()
    assert listed_references(staff, "held") == {held.reference, approval.reference}
    assert listed_references(staff, "waiting") == {waits.reference}
    page = page_text(staff.get(LIST, {"group": "waiting"}))
    assert "On the waiting list" in page
    assert "Overdue since" not in page


def test_list_is_sorted_by_due_date(staff) -> None:
    for days in (1, 3, 2):
        make_consultation(now=NOW - timedelta(days=days))
        make_consultation_with_status("confirmed", start_at=NOW + timedelta(days=days))
    answers = [row.reply_by for row in staff.get(LIST).context["cl"].result_list]
    assert answers == sorted(answers)
    coming = staff.get(LIST, {"group": "upcoming"}).context["cl"].result_list
    assert [row.start_at for row in coming] == [NOW + timedelta(days=days) for days in (1, 2, 3)]


def test_list_shows_initials_and_overdue_mark(staff) -> None:
    make_consultation(name="Xanthippe Quill", now=NOW - timedelta(days=10), suspicions=["honeypot"])
    page = page_text(staff.get(LIST))
    assert "XQ" in page
    assert "Xanthippe" not in page
    assert "Overdue since" in page
    assert "Filled a field that people do not see" in page


def test_search_matches_reference_only(staff) -> None:
    row = make_consultation(name="Xanthippe", email="quill@mail.example")
    make_consultation()
    found = staff.get(LIST, {"q": row.reference}).context["cl"].result_list
    assert [one.reference for one in found] == [row.reference]
    for words in ("Xanthippe", "quill@mail.example"):
        assert list(staff.get(LIST, {"q": words}).context["cl"].result_list) == []


def test_list_query_count_is_constant(staff) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert staff.get(LIST, {"group": "all"}).status_code == 200
        return len(seen)

    def add(number: int) -> None:
        for place in range(number):
            make_consultation()
            start = START + timedelta(days=place)
            make_consultation_with_status("confirmed", start_at=start)

    add(3)
    staff.get(LIST)
    few = queries()
    add(22)
    assert queries() == few


def test_unreadable_row_breaks_neither_list_nor_page(staff) -> None:
    row, whole = make_consultation(), make_consultation(name="Whole Person")
    for column in ("name", "email", "preferred_times"):
        if row.__dict__[column]:
            tamper(row, column)
    page = page_text(staff.get(LIST))
    assert "cannot be read" in page
    assert "WP" in page
    own = staff.get(change_url(row))
    assert own.status_code == 200
    assert "cannot be read" in page_text(own)
    assert staff.get(change_url(whole)).status_code == 200


def test_unreadable_email_warns_but_allows_actions(staff) -> None:
    row = make_consultation()
    OutgoingEmail.objects.all().delete()
    tamper(row, "email")
    assert UNREADABLE_EMAIL_MESSAGE in page_text(staff.get(change_url(row)))
    assert "no key here opens the address" in page_text(staff.get(action_url(row, "decline")))
    response = staff.post(action_url(row, "decline"), {"reason": "full"}, follow=True)
    assert UNREADABLE_EMAIL_MESSAGE in page_text(response)
    assert Consultation.objects.get().status == "declined"
    assert not OutgoingEmail.objects.exists()


def test_unreadable_consultation_cannot_be_booked_again(staff) -> None:
    make_type()
    row, practitioner = make_consultation_with_status("declined"), make_practitioner()
    tamper(row, "name")
    response = staff.post(action_url(row, "book-again"), confirm_answers(practitioner))
    assert response.status_code == 422
    assert "cannot be read" in page_text(response)
    assert Consultation.objects.count() == 1


# --- detail page ---
def test_change_page_shows_request_and_contact(staff) -> None:
    make_licence()
    row = make_consultation(
        name="Ada", channel="call", phone="+15035550142", note="A <note>", location="US-OR",
        access_needs="Captions", preferred=["mon-morning", "mon-evening"],
    )  # fmt: skip
    page = page_text(staff.get(change_url(row)))
    for words in ("Ada", "+15035550142", "A &lt;note&gt;", "Captions", "NO VOICEMAIL.", "Oregon",
                  "Monday: morning, evening", "consultation-2"):  # fmt: skip
        assert words in page
    assert row.token not in page


def test_change_page_links_requests_of_same_person(staff) -> None:
    row, other = (
        make_consultation(email="ada@mail.example"),
        make_consultation(email="ADA@mail.example"),
    )
    stranger = make_consultation(email="else@mail.example")
    page = page_text(staff.get(change_url(row)))
    assert change_url(other) in page
    assert change_url(stranger) not in page
    rows = staff.get(LIST).context["cl"].result_list
    assert {one.pk for one in rows if one.has_others} == {row.pk, other.pk}
    assert page_text(staff.get(LIST)).count("several requests of this person") == 2


def test_change_page_saves_only_notes(staff) -> None:
    row = make_consultation()
    response = staff.post(change_url(row), {"staff_notes": "Called twice", "status": "declined"})
    assert response.status_code == 302
    stored = Consultation.objects.get()
    assert (stored.staff_notes, stored.status) == ("Called twice", "requested")


def test_action_button_saves_typed_notes(staff) -> None:
    row = make_consultation()
    typed = {"staff_notes": "Rang twice,\nnobody home", "_action": "decline"}
    response = staff.post(change_url(row), typed)
    assert response.status_code == 302
    assert response["Location"] == action_url(row, "decline")
    assert Consultation.objects.get().staff_notes.split() == typed["staff_notes"].split()
    assert LogEntry.objects.count() == 1
    # Unchanged notes are not logged, and an unknown action does not redirect elsewhere.
    staff.post(change_url(row), {"staff_notes": typed["staff_notes"], "_action": "decline"})
    assert LogEntry.objects.count() == 1
    plain = staff.post(change_url(row), {"staff_notes": "New", "_action": "//elsewhere.example"})
    assert plain["Location"] == LIST


def test_consultations_cannot_be_deleted_by_staff(staff) -> None:
    row = make_consultation()
    assert staff.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    staff.post(LIST, {"action": "delete_selected", "_selected_action": [str(row.pk)]})
    assert Consultation.objects.exists()


# --- actions ---
OFFERED_ACTIONS = {
    "requested": {"confirm", "offer", "decline"},
    "confirmed": {"move", "cancel"},
    "declined": {"book-again"},
    "cancelled_by_visitor": {"book-again"},
    "cancelled_by_staff": {"book-again"},
    "expired": {"book-again"},
    "completed": {"no-show", "book-again"},
    "no_show": {"complete", "book-again"},
}
ACTION_SLUGS = ("confirm", "approve", "offer", "move", "decline", "cancel", "complete", "no-show",
        "book-again")  # fmt: skip


@pytest.mark.parametrize("state", OFFERED_ACTIONS)
def test_only_allowed_actions_are_offered(staff, state) -> None:
    row = make_consultation_with_status(state)
    page = page_text(staff.get(change_url(row)))
    for act in ACTION_SLUGS:
        is_offered = act in OFFERED_ACTIONS[state]
        assert (f'name="_action" value="{act}"' in page) is is_offered
        assert staff.get(action_url(row, act)).status_code == (200 if is_offered else 302)
    assert staff.get(action_url(row, "nonsense")).status_code == 302


def confirm_answers(practitioner, **other) -> dict:
    return {
        "practitioner": practitioner.pk,
        "start_at_0": "2026-05-06",
        "start_at_1": "10:00",
        **other,
    }


def test_email_preview_matches_sent_email(staff) -> None:
    row, practitioner = (
        make_consultation(zone="America/New_York"),
        make_practitioner(name="Jo Example"),
    )
    response = staff.post(action_url(row, "confirm"), confirm_answers(practitioner, preview="1"))
    preview = response.context["preview"]
    assert preview["to"] == "ada@mail.example"
    assert "Your call with Jo is booked." in preview["text"]
    assert "Wednesday, May 6, 2026, 1:00 PM, Eastern Time (UTC-4)" in preview["text"]
    assert row.token not in preview["text"]
    assert Consultation.objects.get().status == "requested"
    staff.post(action_url(row, "confirm"), confirm_answers(practitioner))
    sent = OutgoingEmail.objects.get(message="consultation_confirmed")
    link = f"http://testserver{Consultation.objects.get().get_absolute_url()}"
    assert sent.text.replace(link, "(their own link)").startswith(preview["text"].split("\n-- ")[0])
    assert sent.subject == preview["subject"]


def test_time_is_read_in_practice_zone(staff) -> None:
    row, practitioner = make_consultation(), make_practitioner()
    response = staff.post(action_url(row, "confirm"), confirm_answers(practitioner))
    assert response.status_code == 302
    row = Consultation.objects.get()
    assert (row.status, row.start_at, row.practitioner) == ("confirmed", START, practitioner)


@pytest.mark.parametrize(
    ("day", "clock", "words"),
    [
        ("2026-05-04", "09:00", "still to come"),
        ("2027-03-14", "02:30", "clocks jump"),
        ("never", "09:00", ""),
    ],
)
def test_impossible_time_is_rejected(staff, day, clock, words) -> None:
    row, practitioner = make_consultation(), make_practitioner()
    answers = confirm_answers(practitioner, start_at_0=day, start_at_1=clock)
    response = staff.post(action_url(row, "confirm"), answers)
    assert response.status_code == 422
    assert words in page_text(response)
    assert Consultation.objects.get().status == "requested"


def test_taken_time_is_rejected(staff) -> None:
    practitioner = make_practitioner()
    for expected in (302, 422):
        row = make_consultation()
        response = staff.post(action_url(row, "confirm"), confirm_answers(practitioner))
        assert response.status_code == expected
    assert "Another consultation lies at that time" in page_text(response)


def test_declining_and_canceling_send_emails(staff) -> None:
    row = make_consultation()
    staff.post(action_url(row, "decline"), {"reason": "scope"})
    assert Consultation.objects.get().decline_reason == "scope"
    call = make_consultation_with_status("confirmed")
    staff.post(action_url(call, "cancel"))
    call.refresh_from_db()
    assert call.status == "cancelled_by_staff"
    found = OutgoingEmail.objects.filter(state="waiting").values_list("message", flat=True)
    assert {"consultation_declined", "consultation_cancelled"} <= set(found)


def test_outcome_is_recorded_after_call(staff) -> None:
    row = make_consultation_with_status("confirmed", start_at=NOW)
    staff.post(action_url(row, "complete"), {"outcome": "booked"})
    row.refresh_from_db()
    assert (row.status, row.outcome) == ("completed", "booked")
    staff.post(action_url(row, "no-show"))
    row.refresh_from_db()
    assert row.status == "no_show"


def test_concurrent_staff_action_reports_conflict(staff, monkeypatch) -> None:
    row, by = make_consultation(), make_staff()
    decline = workflow.decline_consultation
    from consultations.booking.staff import actions

    def slowly(shown, answers, *, by, now):
        decline(Consultation.objects.get(pk=row.pk), reason="full", by=by, now=now)
        return original(actions.CONFIRM, shown, answers, by=by, now=now)

    original = actions.StaffAction.perform
    monkeypatch.setattr(actions.StaffAction, "perform", lambda self, *a, **kw: slowly(*a, **kw))
    response = staff.post(action_url(row, "confirm"), confirm_answers(make_practitioner()))
    assert response.status_code == 422
    assert "The state has changed meanwhile" in page_text(response)
    assert Consultation.objects.get().status == "declined"
    assert by is not None


# --- permissions and logging ---
def test_admin_log_contains_no_personal_data(staff) -> None:
    row = make_consultation(name="Xanthippe Quill", email="quill@mail.example", note="Featherword")
    staff.post(change_url(row), {"staff_notes": "Secretword"})
    staff.post(action_url(row, "decline"), {"reason": "full"})
    entries = LogEntry.objects.all()
    assert entries.count() == 2
    for entry in entries:
        whole = f"{entry.object_repr} {entry.change_message} {entry.get_change_message()}"
        for word in ("Xanthippe", "Quill", "XQ", "quill@", "Featherword", "Secretword"):
            assert word not in whole


@pytest.mark.parametrize(
    ("permissions", "reads", "acts"),
    [
        (("view_article",), False, False),
        (("view_consultation",), True, False),
        (("view_consultation", "change_consultation"), True, True),
    ],
)
def test_permissions_control_reading_and_actions(client, permissions, reads, acts) -> None:
    client.force_login(make_staff(*permissions))
    row = make_consultation()
    for address in (LIST, change_url(row)):
        assert client.get(address).status_code == (200 if reads else 403)
    for method in (client.get, client.post):
        assert (method(action_url(row, "decline")).status_code != 403) is acts
    assert client.post(action_url(row, "decline"), {"reason": "full"}).status_code == (
        302 if acts else 403
    )
    assert (Consultation.objects.get().status == "declined") is acts


def test_anonymous_users_are_redirected_to_login(client) -> None:
    row = make_consultation()
    for address in (LIST, change_url(row), action_url(row, "decline")):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")
        assert "no-store" in client.get("/admin/login/")["Cache-Control"]
