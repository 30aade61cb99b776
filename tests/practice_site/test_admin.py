"""The staff's first page: what needs them, and only what they may see."""

from datetime import timedelta

import pytest
import time_machine

from tests.factories.consultations import (
    NOW,
    make_comment,
    make_consultation,
    make_consultation_in,
    make_mail,
    make_staff,
)
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _work():
    make_practice(name="Quiet Room")
    with time_machine.travel(NOW, tick=False):
        make_consultation(name="Xanthippe")
        make_consultation(now=NOW - timedelta(days=10))
        make_consultation_in("confirmed", start_at=NOW + timedelta(hours=5))
        make_consultation_in("confirmed", start_at=NOW + timedelta(days=5))
        make_comment()
        make_mail(state="dead")
        yield


def index_for(client, *permissions: str):
    client.force_login(make_staff(*permissions))
    return client.get("/admin/")


def counts(response) -> dict[str, int]:
    return {
        row["url"].split("/consultations/")[1]: row["count"] for row in response.context["today"]
    }


def test_an_owner_sees_all_that_waits(client) -> None:
    response = index_for(client)
    assert counts(response) == {
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
def test_others_see_only_their_part(client, permission, seen) -> None:
    response = index_for(client, permission)
    assert set(counts(response)) == seen
    assert bool(response.context["calls"]) is (permission == "view_consultation")


def test_a_member_of_staff_without_any_permission_sees_nothing(client) -> None:
    user = make_staff("view_article")
    user.user_permissions.clear()
    client.force_login(user)
    response = client.get("/admin/")
    assert (response.context["today"], response.context["calls"]) == ([], [])
    assert response.context["app_list"] == []
