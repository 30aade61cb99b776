"""Consultations as staff meet them: lists by what needs doing, acts with their mail shown."""

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
from tests.factories.booking import book, make_open_practitioner, make_type
from tests.factories.consultations import (
    NOW,
    START,
    make_consultation,
    make_consultation_in,
    make_staff,
)
from tests.factories.pages import make_licence, make_practice, make_practitioner

pytestmark = pytest.mark.django_db
LIST = "/admin/consultations/consultation/"
LOST = "No key here opens the address of this person"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def page_of(row: Consultation) -> str:
    return reverse("admin:consultations_consultation_change", args=[row.pk])


def act_on(row: Consultation, act: str) -> str:
    return reverse("admin:consultations_consultation_act", args=[row.pk, act])


def words_of(response) -> str:
    return response.content.decode()


def listed(client, group: str = "") -> set[str]:
    response = client.get(LIST, {"group": group} if group else {})
    return {row.reference for row in response.context["cl"].result_list}


# --- lists ---
def test_each_group_lists_its_own(staff) -> None:
    asked = make_consultation()
    late = make_consultation(now=NOW - timedelta(days=10))
    rows = {
        state: make_consultation_in(state)
        for state in ("declined", "cancelled_by_visitor", "cancelled_by_staff", "completed",
                      "no_show", "confirmed")
    }  # fmt: skip
    past = make_consultation_in("confirmed", start_at=NOW - timedelta(days=3))

    def names(*states: str) -> set[str]:
        return {rows[state].reference for state in states}

    assert listed(staff) == listed(staff, "answer") == {asked.reference, late.reference}
    assert listed(staff, "overdue") == {late.reference}
    assert listed(staff, "upcoming") == names("confirmed")
    assert listed(staff, "today") == listed(staff, "held") == listed(staff, "waiting") == set()
    assert listed(staff, "past") == names("completed", "no_show") | {past.reference}
    assert listed(staff, "closed") == names(
        "declined", "cancelled_by_visitor", "cancelled_by_staff"
    )
    assert len(listed(staff, "all")) == 9
    page = words_of(staff.get(LIST))
    for words in ("Needs an answer (2)", "Overdue (1)", "Upcoming (1)", "Past (3)", "Closed (3)"):
        assert words in page


def test_today_is_the_date_where_the_practice_is(staff) -> None:
    """10 in the morning in Oregon: its date began at 7 UTC and ends at 7 UTC."""
    midnight = NOW.replace(hour=7)
    expected = set()
    for start, is_today in (
        (midnight - timedelta(minutes=20), False),
        (midnight, True),
        (midnight + timedelta(hours=23, minutes=40), True),
        (midnight + timedelta(days=1), False),
    ):
        row = make_consultation_in("confirmed", start_at=start)
        expected |= {row.reference} if is_today else set()
    assert listed(staff, "today") == expected


def test_what_waits_for_the_visitor_or_a_place_needs_no_answer(staff) -> None:
    kind, person = make_type(mode="email_confirm"), make_open_practitioner()
    held = book(kind, [person], now=NOW)
    waits = make_consultation(kind="waitlist", now=NOW - timedelta(days=10))
    approval = book(make_type(mode="staff_approval"), [make_open_practitioner()], now=NOW)
    assert listed(staff, "answer") == {approval.reference}
    assert listed(staff, "overdue") == set()
    assert listed(staff, "held") == {held.reference, approval.reference}
    assert listed(staff, "waiting") == {waits.reference}
    page = words_of(staff.get(LIST, {"group": "waiting"}))
    assert "On the waiting list" in page
    assert "Overdue since" not in page


def test_what_is_due_soonest_stands_on_top(staff) -> None:
    for days in (1, 3, 2):
        make_consultation(now=NOW - timedelta(days=days))
        make_consultation_in("confirmed", start_at=NOW + timedelta(days=days))
    answers = [row.reply_by for row in staff.get(LIST).context["cl"].result_list]
    assert answers == sorted(answers)
    coming = staff.get(LIST, {"group": "upcoming"}).context["cl"].result_list
    assert [row.start_at for row in coming] == [NOW + timedelta(days=days) for days in (1, 2, 3)]


def test_the_list_shows_initials_and_the_overdue_mark(staff) -> None:
    make_consultation(name="Xanthippe Quill", now=NOW - timedelta(days=10), suspicions=["honeypot"])
    page = words_of(staff.get(LIST))
    assert "XQ" in page
    assert "Xanthippe" not in page
    assert "Overdue since" in page
    assert "Filled a field that people do not see" in page


def test_search_knows_the_reference_and_no_person(staff) -> None:
    row = make_consultation(name="Xanthippe", email="quill@mail.example")
    make_consultation()
    found = staff.get(LIST, {"q": row.reference}).context["cl"].result_list
    assert [one.reference for one in found] == [row.reference]
    for words in ("Xanthippe", "quill@mail.example"):
        assert list(staff.get(LIST, {"q": words}).context["cl"].result_list) == []


def test_a_list_of_fifty_takes_as_many_queries_as_one_of_five(staff) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert staff.get(LIST, {"group": "all"}).status_code == 200
        return len(seen)

    def add(number: int) -> None:
        for place in range(number):
            make_consultation()
            start = START + timedelta(days=place)
            make_consultation_in("confirmed", start_at=start)

    add(3)
    staff.get(LIST)
    few = queries()
    add(22)
    assert queries() == few


def test_one_unreadable_row_breaks_neither_the_list_nor_its_page(staff) -> None:
    row, whole = make_consultation(), make_consultation(name="Whole Person")
    for column in ("name", "email", "preferred_times"):
        if row.__dict__[column]:
            tamper(row, column)
    page = words_of(staff.get(LIST))
    assert "cannot be read" in page
    assert "WP" in page
    own = staff.get(page_of(row))
    assert own.status_code == 200
    assert "cannot be read" in words_of(own)
    assert staff.get(page_of(whole)).status_code == 200


def test_an_unreadable_address_keeps_nobody_from_acting_and_is_said(staff) -> None:
    row = make_consultation()
    OutgoingEmail.objects.all().delete()
    tamper(row, "email")
    assert LOST in words_of(staff.get(page_of(row)))
    assert "no key here opens the address" in words_of(staff.get(act_on(row, "decline")))
    response = staff.post(act_on(row, "decline"), {"reason": "full"}, follow=True)
    assert LOST in words_of(response)
    assert Consultation.objects.get().status == "declined"
    assert not OutgoingEmail.objects.exists()


def test_what_cannot_be_read_is_not_booked_again(staff) -> None:
    make_type()
    row, person = make_consultation_in("declined"), make_practitioner()
    tamper(row, "name")
    response = staff.post(act_on(row, "book-again"), confirm_answers(person))
    assert response.status_code == 422
    assert "cannot be read" in words_of(response)
    assert Consultation.objects.count() == 1


# --- the page of one ---
def test_the_page_shows_what_was_asked_and_how_to_answer(staff) -> None:
    make_licence()
    row = make_consultation(
        name="Ada", channel="call", phone="+15035550142", note="A <note>", location="US-OR",
        access_needs="Captions", preferred=["mon-morning", "mon-evening"],
    )  # fmt: skip
    page = words_of(staff.get(page_of(row)))
    for words in ("Ada", "+15035550142", "A &lt;note&gt;", "Captions", "NO VOICEMAIL.", "Oregon",
                  "Monday: morning, evening", "consultation-1"):  # fmt: skip
        assert words in page
    assert row.token not in page


def test_other_requests_of_the_same_person_are_linked(staff) -> None:
    row, other = (
        make_consultation(email="ada@mail.example"),
        make_consultation(email="ADA@mail.example"),
    )
    stranger = make_consultation(email="else@mail.example")
    page = words_of(staff.get(page_of(row)))
    assert page_of(other) in page
    assert page_of(stranger) not in page
    rows = staff.get(LIST).context["cl"].result_list
    assert {one.pk for one in rows if one.has_others} == {row.pk, other.pk}
    assert words_of(staff.get(LIST)).count("several requests of this person") == 2


def test_only_the_notes_are_written_and_nothing_else_is_undone(staff) -> None:
    row = make_consultation()
    response = staff.post(page_of(row), {"staff_notes": "Called twice", "status": "declined"})
    assert response.status_code == 302
    stored = Consultation.objects.get()
    assert (stored.staff_notes, stored.status) == ("Called twice", "requested")


def test_notes_typed_before_an_act_are_kept(staff) -> None:
    row = make_consultation()
    typed = {"staff_notes": "Rang twice,\nnobody home", "_act": "decline"}
    response = staff.post(page_of(row), typed)
    assert response.status_code == 302
    assert response["Location"] == act_on(row, "decline")
    assert Consultation.objects.get().staff_notes.split() == typed["staff_notes"].split()
    assert LogEntry.objects.count() == 1
    # Untouched notes leave no line in the log, and an act that is none leads nowhere else.
    staff.post(page_of(row), {"staff_notes": typed["staff_notes"], "_act": "decline"})
    assert LogEntry.objects.count() == 1
    plain = staff.post(page_of(row), {"staff_notes": "New", "_act": "//elsewhere.example"})
    assert plain["Location"] == LIST


def test_nothing_is_deleted_by_hand(staff) -> None:
    row = make_consultation()
    assert staff.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    staff.post(LIST, {"action": "delete_selected", "_selected_action": [str(row.pk)]})
    assert Consultation.objects.exists()


# --- acts ---
OFFERED = {
    "requested": {"confirm", "offer", "decline"},
    "confirmed": {"move", "cancel"},
    "declined": {"book-again"},
    "cancelled_by_visitor": {"book-again"},
    "cancelled_by_staff": {"book-again"},
    "expired": {"book-again"},
    "completed": {"no-show", "book-again"},
    "no_show": {"complete", "book-again"},
}
ACTS = ("confirm", "approve", "offer", "move", "decline", "cancel", "complete", "no-show",
        "book-again")  # fmt: skip


@pytest.mark.parametrize("state", OFFERED)
def test_only_what_the_state_allows_is_offered(staff, state) -> None:
    row = make_consultation_in(state)
    page = words_of(staff.get(page_of(row)))
    for act in ACTS:
        is_offered = act in OFFERED[state]
        assert (f'name="_act" value="{act}"' in page) is is_offered
        assert staff.get(act_on(row, act)).status_code == (200 if is_offered else 302)
    assert staff.get(act_on(row, "nonsense")).status_code == 302


def confirm_answers(person, **other) -> dict:
    return {"practitioner": person.pk, "start_at_0": "2026-05-06", "start_at_1": "10:00", **other}


def test_the_mail_is_shown_before_it_leaves(staff) -> None:
    row, person = make_consultation(zone="America/New_York"), make_practitioner(name="Jo Example")
    response = staff.post(act_on(row, "confirm"), confirm_answers(person, preview="1"))
    preview = response.context["preview"]
    assert preview["to"] == "ada@mail.example"
    assert "Your call with Jo is arranged." in preview["text"]
    assert "Wednesday, 6 May 2026, 1 p.m. (time in New York, UTC-4)" in preview["text"]
    assert row.token not in preview["text"]
    assert Consultation.objects.get().status == "requested"
    staff.post(act_on(row, "confirm"), confirm_answers(person))
    sent = OutgoingEmail.objects.get(message="consultation_confirmed")
    link = f"http://testserver{Consultation.objects.get().get_absolute_url()}"
    assert sent.text.replace(link, "(their own link)").startswith(preview["text"].split("\n-- ")[0])
    assert sent.subject == preview["subject"]


def test_the_time_is_meant_where_the_practice_is(staff) -> None:
    row, person = make_consultation(), make_practitioner()
    response = staff.post(act_on(row, "confirm"), confirm_answers(person))
    assert response.status_code == 302
    row = Consultation.objects.get()
    assert (row.status, row.start_at, row.practitioner) == ("confirmed", START, person)


@pytest.mark.parametrize(
    ("day", "clock", "words"),
    [
        ("2026-05-04", "09:00", "still to come"),
        ("2027-03-14", "02:30", "clocks jump"),
        ("never", "09:00", ""),
    ],
)
def test_a_time_that_cannot_be_is_refused(staff, day, clock, words) -> None:
    row, person = make_consultation(), make_practitioner()
    answers = confirm_answers(person, start_at_0=day, start_at_1=clock)
    response = staff.post(act_on(row, "confirm"), answers)
    assert response.status_code == 422
    assert words in words_of(response)
    assert Consultation.objects.get().status == "requested"


def test_a_time_that_is_taken_is_refused(staff) -> None:
    person = make_practitioner()
    for expected in (302, 422):
        row = make_consultation()
        response = staff.post(act_on(row, "confirm"), confirm_answers(person))
        assert response.status_code == expected
    assert "Another consultation lies at that time" in words_of(response)


def test_declining_and_cancelling_write_their_mails(staff) -> None:
    row = make_consultation()
    staff.post(act_on(row, "decline"), {"reason": "scope"})
    assert Consultation.objects.get().decline_reason == "scope"
    call = make_consultation_in("confirmed")
    staff.post(act_on(call, "cancel"))
    call.refresh_from_db()
    assert call.status == "cancelled_by_staff"
    found = OutgoingEmail.objects.filter(state="waiting").values_list("message", flat=True)
    assert {"consultation_declined", "consultation_cancelled"} <= set(found)


def test_the_outcome_is_noted_after_the_call(staff) -> None:
    row = make_consultation_in("confirmed", start_at=NOW)
    staff.post(act_on(row, "complete"), {"outcome": "booked"})
    row.refresh_from_db()
    assert (row.status, row.outcome) == ("completed", "booked")
    staff.post(act_on(row, "no-show"))
    row.refresh_from_db()
    assert row.status == "no_show"


def test_what_a_colleague_did_meanwhile_is_said(staff, monkeypatch) -> None:
    row, by = make_consultation(), make_staff()
    decline = workflow.decline_consultation
    from consultations.booking.staff import actions

    def slowly(shown, answers, *, by, now):
        decline(Consultation.objects.get(pk=row.pk), reason="full", by=by, now=now)
        return original(actions.CONFIRM, shown, answers, by=by, now=now)

    original = actions.StaffAction.perform
    monkeypatch.setattr(actions.StaffAction, "perform", lambda self, *a, **kw: slowly(*a, **kw))
    response = staff.post(act_on(row, "confirm"), confirm_answers(make_practitioner()))
    assert response.status_code == 422
    assert "The state has changed meanwhile" in words_of(response)
    assert Consultation.objects.get().status == "declined"
    assert by is not None


# --- who may, and what is remembered of it ---
def test_the_log_of_staff_acts_names_no_person(staff) -> None:
    row = make_consultation(name="Xanthippe Quill", email="quill@mail.example", note="Featherword")
    staff.post(page_of(row), {"staff_notes": "Secretword"})
    staff.post(act_on(row, "decline"), {"reason": "full"})
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
def test_who_may_read_and_who_may_act(client, permissions, reads, acts) -> None:
    client.force_login(make_staff(*permissions))
    row = make_consultation()
    for address in (LIST, page_of(row)):
        assert client.get(address).status_code == (200 if reads else 403)
    for method in (client.get, client.post):
        assert (method(act_on(row, "decline")).status_code != 403) is acts
    assert client.post(act_on(row, "decline"), {"reason": "full"}).status_code == (
        302 if acts else 403
    )
    assert (Consultation.objects.get().status == "declined") is acts


def test_strangers_are_sent_to_the_login(client) -> None:
    row = make_consultation()
    for address in (LIST, page_of(row), act_on(row, "decline")):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")
        assert "no-store" in client.get("/admin/login/")["Cache-Control"]
