"""The admin's index page: pending work, limited to what the user may see."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consultations.booking import workflow
from consultations.booking.calendars.models import BusySource
from consultations.comments import workflow as comment_workflow
from consultations.comments.models import Comment
from tests.factories.consultations import (
    NOW,
    make_comment,
    make_consultation,
    make_consultation_with_status,
    make_email,
    make_staff,
)
from tests.factories.pages import make_practice, make_practitioner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pending_work():
    make_practice(name="Quiet Room")
    with time_machine.travel(NOW, tick=False):
        make_consultation(name="Xanthippe")
        make_consultation(now=NOW - timedelta(days=10))
        make_consultation_with_status("confirmed", start_at=NOW + timedelta(hours=5))
        make_consultation_with_status("confirmed", start_at=NOW + timedelta(days=5))
        make_comment()
        make_email(state="dead")
        yield


def get_index_as(client, *permissions: str):
    client.force_login(make_staff(*permissions))
    return client.get("/admin/")


def pending_counts(response) -> dict[str, int]:
    return {item.url.split("/consultations/")[1]: item.count for item in response.context["today"]}


def test_owner_sees_all_pending_work(client) -> None:
    response = get_index_as(client)
    assert pending_counts(response) == {
        "consultation/?group=overdue": 1,
        "consultation/": 2,
        "comment/": 1,
        "outgoingemail/?state__exact=dead": 1,
    }
    assert len(response.context["calls"]) == 1
    page = response.content.decode()
    assert "Quiet Room" in page
    assert "Xanthippe" not in page


@pytest.mark.parametrize(
    ("permission", "seen"),
    [
        ("view_article", set()),
        ("view_comment", {"comment/"}),
        ("view_consultation", {"consultation/", "consultation/?group=overdue"}),
        ("view_outgoingemail", {"outgoingemail/?state__exact=dead"}),
    ],
)
def test_index_shows_only_permitted_work(client, permission, seen) -> None:
    response = get_index_as(client, permission)
    assert set(pending_counts(response)) == seen
    assert bool(response.context["calls"]) is (permission == "view_consultation")


def test_staff_without_permissions_see_no_work(client) -> None:
    user = make_staff("view_article")
    user.user_permissions.clear()
    client.force_login(user)
    response = client.get("/admin/")
    assert (response.context["today"], response.context["calls"]) == ([], [])
    # Everybody may see their own entries in the audit log.
    seen = [model["object_name"] for app in response.context["app_list"] for model in app["models"]]
    assert seen == ["AuditEntry"]


def test_index_orders_apps_and_groups_invitations_with_users(client) -> None:
    app_list = get_index_as(client).context["app_list"]
    assert [group["app_label"] for group in app_list] == ["consultations", "pages", "auth"]
    names = {
        group["app_label"]: [model["object_name"] for model in group["models"]]
        for group in app_list
    }
    assert "Invitation" in names["auth"]
    assert "Invitation" not in names["consultations"]


def test_calls_are_limited_to_the_practices_local_day(client) -> None:
    """NOW is 10:00 in Oregon, where the day began three hours after midnight in New York."""
    make_consultation_with_status("confirmed", start_at=NOW.replace(hour=7))
    make_consultation_with_status("confirmed", start_at=NOW.replace(hour=6, minute=55))
    make_consultation_with_status("completed", start_at=NOW - timedelta(hours=1))
    calls = get_index_as(client).context["calls"]
    assert [call.state for call in calls] == ["Confirmed", "Completed", "Confirmed"]


def test_waiting_list_and_calendar_errors_show_when_present(client) -> None:
    make_consultation(kind="waitlist")
    person = make_practitioner()
    row = BusySource.objects.create(
        practitioner=person, label="Own", address="https://a.example/", fault="too_slow"
    )
    response = get_index_as(client)
    items = {item.url: item for item in response.context["today"]}
    assert items["/admin/consultations/consultation/?group=waiting"].is_urgent is False
    assert items["/admin/consultations/busysource/"].is_urgent is True
    assert "other calendar not read" in response.content.decode()
    assert row.label not in response.content.decode()
    seen = pending_counts(get_index_as(client, "view_busysource"))
    assert seen == {"busysource/": 1}


def test_freed_slot_wanted_by_the_waiting_list_is_shown(client) -> None:
    row = make_consultation_with_status("confirmed", start_at=NOW + timedelta(days=2))
    workflow.withdraw_consultation(row, now=NOW)
    assert get_index_as(client).context["freed"] == []
    make_consultation(kind="waitlist", preferred=["wed-morning"], zone="America/Los_Angeles")
    [freed] = get_index_as(client).context["freed"]
    assert freed.count == 1
    assert client.get(freed.url).status_code == 200
    assert get_index_as(client, "view_comment").context["freed"] == []


def test_index_query_count_is_constant(client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            get_index_as(client)
        return len(captured)

    make_consultation(kind="waitlist", preferred=["wed-morning"])
    queries()
    query_count = queries()
    for number in range(5):
        make_consultation_with_status("confirmed", start_at=NOW + timedelta(hours=number))
        make_consultation(kind="waitlist", preferred=["wed-morning"])
    assert queries() == query_count


def test_priority_and_reported_comments_link_to_their_tab(client) -> None:
    comment = make_comment(approved=True)
    comment_workflow.report_comment(comment, network="192.0.2.9", now=NOW)
    Comment.objects.waiting().update(read_first=True)
    response = get_index_as(client, "view_comment")
    assert pending_counts(response) == {
        "comment/?status=waiting": 1,
        "comment/": 1,
        "comment/?status=reported": 1,
    }
    page = response.content.decode()
    for words in ("comment to read first", "comment waiting", "comment reported by readers"):
        assert words in page
    for item in response.context["today"]:
        assert client.get(item.url).context["rows"]
