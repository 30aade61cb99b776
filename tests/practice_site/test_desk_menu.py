"""The menu of the staff's desk: its groups, and that each person sees only what opens for them."""

import re

import pytest
from django.utils.html import escape

from pages import desk
from tests.factories.consultations import make_comment, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db


def menu_of(client, *permissions: str):
    client.force_login(make_staff(*permissions))
    return client.get("/admin/").context["desk_menu"]


def labels(menu) -> dict[str, list[str]]:
    return {group.key: [str(link.label) for link in group.links] for group in menu.groups}


@pytest.fixture(autouse=True)
def _practice():
    make_practice(name="Quiet Room", time_zone="America/Los_Angeles")


def test_owner_sees_the_groups_in_order(client) -> None:
    found = labels(menu_of(client))
    assert list(found) == ["consultations", "comments", "website", "practice", "settings"]
    assert found["consultations"][:4] == [
        "Requests",
        "Calendar",
        "Waiting list",
        "Hours & time off",
    ]
    assert found["comments"] == ["Moderation", "Screening"]
    assert "Groups" not in str(found)


@pytest.mark.parametrize(
    ("permission", "group", "label"),
    [
        ("view_comment", "comments", "Moderation"),
        ("view_consultation", "consultations", "Calendar"),
        ("view_article", "website", "Articles"),
        ("view_outgoingemail", "settings", "Sent emails"),
    ],
)
def test_menu_has_only_what_a_person_may_open(client, permission, group, label) -> None:
    menu = menu_of(client, permission)
    assert label in labels(menu)[group]
    for link in (link for one in menu.groups for link in one.links):
        assert client.get(link.url, follow=True).status_code == 200


def test_counts_show_where_work_waits(client) -> None:
    make_consultation()
    make_consultation(kind="waitlist")
    make_comment()
    menu = menu_of(client)
    counts = {str(link.label): link.count for group in menu.groups for link in group.links}
    assert (counts["Requests"], counts["Waiting list"], counts["Moderation"]) == (1, 1, 1)
    # Who waits for a time asks for nothing now.
    assert menu.group("consultations").waiting == 1


def test_longest_address_is_the_current_page(client) -> None:
    client.force_login(make_staff())
    menu = client.get("/admin/consultations/consultation/waiting/").context["desk_menu"]
    [current] = [link for group in menu.groups for link in group.links if link.is_current]
    assert current.label == "Waiting list"
    page = client.get("/admin/consultations/consultation/add/").content.decode()
    assert re.search(r'href="/admin/consultations/consultation/" aria-current="true"', page)


def test_frame_names_the_practice_its_clock_and_who_is_signed_in(client) -> None:
    user = make_staff()
    user.first_name, user.last_name = "Robin", "<b>Ash</b>"
    user.save()
    client.force_login(user)
    page = client.get("/admin/consultations/consultation/").content.decode()
    for words in ("Quiet Room", "All times Pacific Time (PT)", f"Robin {escape('<b>Ash</b>')}"):
        assert words in page
    assert "<h1>Consultations</h1>" in page
    assert "Select consultation" not in page


def test_registry_refuses_an_unknown_group_or_an_entry_anyone_could_open() -> None:
    with pytest.raises(ValueError, match="no group"):
        desk.register("elsewhere", "Page", 1, url_name="admin:index", permission="x")
    with pytest.raises(ValueError, match="needs url_name and permission"):
        desk.register("practice", "Page", 1, url_name="admin:index")
