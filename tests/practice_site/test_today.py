"""The first page of the admin: calls, requests, comments, health and first days."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from consultations.audit.models import AuditEntry
from consultations.booking.states import Status
from consultations.comments.models import Comment
from pages.practice.models import PracticeProfile
from practice_site.first_days import STEPS
from tests.factories.booking import make_open_practitioner, make_type
from tests.factories.consultations import (
    NOW,
    make_comment,
    make_consultation,
    make_consultation_with_status,
    make_email,
    make_staff,
    make_staff_with_roles,
)
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db
INDEX = "/admin/"


@pytest.fixture(autouse=True)
def _now():
    make_practice(name="Quiet Room", time_zone="America/Los_Angeles")
    with time_machine.travel(NOW, tick=False):
        yield


def get_index(client, user=None):
    client.force_login(user or make_staff())
    return client.get(INDEX)


def test_page_is_headed_by_the_day_and_its_title_is_neutral(client) -> None:
    make_consultation(name="Xanthippe Quill")
    page = get_index(client).content.decode()
    assert '<h1 id="today-heading">Monday, May 4</h1>' in page
    assert "<title>Today | Staff</title>" in page
    assert "Xanthippe" not in page
    assert "XQ" in page


def test_next_call_is_marked_and_an_outcome_can_be_noted_once_it_began(client) -> None:
    begun = make_consultation_with_status("confirmed", start_at=NOW - timedelta(minutes=10))
    make_consultation_with_status("confirmed", start_at=NOW + timedelta(hours=2))
    calls = get_index(client).context["calls"]
    assert [call.is_next for call in calls] == [True, False]
    assert [call.clock for call in calls] == ["9:50 AM", "12:00 PM"]
    assert [slug for slug, _url in calls[0].outcome_urls] == ["complete", "no-show"]
    assert calls[1].outcome_urls == ()
    answers = {"outcome": "connected", "next": "today"}
    response = client.post(calls[0].outcome_urls[0][1], answers)
    assert response["Location"] == INDEX
    begun.refresh_from_db()
    assert begun.status == Status.COMPLETED


def test_video_call_has_its_link_or_says_that_it_has_none(client) -> None:
    row = make_consultation_with_status(
        "confirmed", start_at=NOW + timedelta(hours=1), meeting="video"
    )
    page = get_index(client).content.decode()
    assert "No video link yet" in page
    assert row.practitioner is not None
    row.practitioner.video_url = "https://video.example/room"
    row.practitioner.save()
    page = get_index(client).content.decode()
    assert 'href="https://video.example/room" rel="noreferrer"' in page
    assert "No video link yet" not in page


def test_request_has_free_times_that_fit_and_lead_to_the_confirm_page(client) -> None:
    person = make_open_practitioner(time_zone="America/Los_Angeles")
    make_type()
    row = make_consultation(
        preferred=["wed-morning"], zone="America/Los_Angeles", kind="preferred_times"
    )
    [card] = get_index(client).context["requests"]
    assert card.reference == row.reference
    assert card.wishes == ("Wednesday: morning",)
    assert 1 <= len(card.times) <= 3
    assert all(time.day.startswith("Wed, May ") for time in card.times)
    page = client.get(card.times[0].url)
    assert page.status_code == 200
    assert str(page.context["form"]["practitioner"].value()) == str(person.pk)
    assert page.context["form"]["start_at"].value() is not None


def test_request_without_free_times_still_offers_to_choose_one(client) -> None:
    make_consultation(now=NOW - timedelta(days=10))
    [card] = get_index(client).context["requests"]
    assert card.times == ()
    assert card.is_late
    assert card.deadline.startswith("Overdue since ")
    page = get_index(client).content.decode()
    assert "Choose a time" in page
    assert client.get(card.decline_url).status_code == 200


def test_comment_is_approved_without_leaving_the_page(client) -> None:
    comment = make_comment()
    [row] = get_index(client, make_staff_with_roles("moderator")).context["comments"]
    answers = {
        "do": f"approve:{row.key}",
        "seen": f"{row.key}:{comment.revision}",
        "next": "today",
    }
    response = client.post(reverse("admin:consultations_comment_changelist"), answers)
    assert response["Location"] == f"{INDEX}#comments"
    assert Comment.objects.get().status == "approved"


def test_what_is_shown_is_audited_once(client) -> None:
    make_consultation()
    make_comment()
    get_index(client)
    listed = AuditEntry.objects.filter(action="listed").values_list("model", flat=True)
    assert sorted(listed) == ["consultations.comment", "consultations.consultation"]


def test_practitioner_sees_only_own_requests_and_no_comments(client) -> None:
    make_consultation()
    make_comment()
    response = get_index(client, make_staff_with_roles("practitioner"))
    assert response.context["requests"] == []
    assert response.context["comments"] == []
    assert "No request is waiting for you." in response.content.decode()


def test_author_sees_drafts_and_no_clients(client) -> None:
    author = make_staff_with_roles("editor")
    make_article(title="A calm place", status="draft", published_at=None)
    make_consultation()
    page = get_index(client, author).content.decode()
    assert "A calm place" in page
    assert "Requests to answer" not in page
    assert "Site health" not in page


def test_health_says_what_is_wrong_and_the_next_step(client, settings) -> None:
    make_email(state="dead")
    make_email(now=NOW - timedelta(hours=2))
    notes = get_index(client).context["health"]
    faults = {note.text: note for note in notes if note.is_fault}
    assert set(faults) == {
        "1 email wasn’t delivered.",
        "1 email has been waiting for more than an hour.",
        "Automatic backups are off.",
    }
    assert client.get(faults["1 email wasn’t delivered."].url).status_code == 200
    assert all(note.advice for note in faults.values())


def test_first_days_tick_themselves_and_can_be_hidden(client) -> None:
    days = get_index(client).context["first_days"]
    assert days.total == len(STEPS)
    done = {str(step.label) for step in days.done}
    assert "Practice details" in done
    assert "First article" not in done
    make_article(published_at=NOW - timedelta(days=1))
    assert "First article" in {str(s.label) for s in client.get(INDEX).context["first_days"].done}
    for step in days.open:
        assert client.get(step.url, follow=True).status_code == 200
    response = client.post(reverse("admin:hide_first_days"))
    assert response["Location"].startswith(INDEX)
    assert PracticeProfile.objects.get().hides_first_days
    assert client.get(INDEX).context["first_days"] is None


def test_first_days_are_for_owners(client) -> None:
    response = get_index(client, make_staff_with_roles("editor"))
    assert response.context["first_days"] is None
    assert client.post(reverse("admin:hide_first_days")).status_code == 403


def test_long_and_right_to_left_names_stay_whole(client) -> None:
    make_comment(name="شيماء", text="word " * 200)
    page = get_index(client).content.decode()
    assert re.search(r"<bdi>شيماء</bdi>", page)
    assert "…" in page
