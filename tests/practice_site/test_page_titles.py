"""Headings of the admin say the thing; rows have names a person can say; empty lists explain."""

import pytest
import time_machine
from django.urls import reverse

from pages import desk
from tests.factories.consultations import (
    NOW,
    make_consultation,
    make_consultation_with_status,
    make_staff,
)
from tests.factories.pages import make_article, make_practice, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    make_practice(time_zone="America/Los_Angeles")
    client.force_login(make_staff())
    with time_machine.travel(NOW, tick=False):
        yield client


def test_lists_are_headed_by_what_the_menu_calls_them(staff) -> None:
    for entry in (entry for group in desk.GROUPS for entry in desk.entries_of(group.key)):
        response = staff.get(reverse(entry.route))
        if response.status_code != 200 or entry.model is None or entry.url_name:
            continue
        page = response.content.decode()
        assert "to change" not in page.partition("<h1>")[2].partition("</h1>")[0]
        assert "Select " not in page.partition("<title>")[2].partition("</title>")[0]


def test_call_is_named_by_reference_and_time_and_the_title_is_neutral(staff) -> None:
    call = make_consultation_with_status("confirmed", name="Zoë Quill")
    page = staff.get(f"/admin/consultations/consultation/{call.pk}/change/").content.decode()
    assert f"<h1>Call {call.reference}, Wed, May 6, 10:00 AM</h1>" in page
    assert "<title>Consultation | Staff</title>" in page
    request = make_consultation()
    page = staff.get(f"/admin/consultations/consultation/{request.pk}/change/").content.decode()
    assert f"<h1>Request {request.reference}</h1>" in page


def test_row_is_named_by_its_title_and_a_new_one_by_its_button(staff) -> None:
    service = make_service(title="A calm harbor")
    page = staff.get(f"/admin/pages/service/{service.pk}/change/").content.decode()
    assert "<h1>A calm harbor</h1>" in page
    assert "<h1>Add a service</h1>" in staff.get("/admin/pages/service/add/").content.decode()


def test_empty_lists_explain_and_offer_the_next_step(staff) -> None:
    page = staff.get("/admin/pages/redirect/").content.decode()
    assert "Redirects lead visitors from an old address to the new one." in page
    assert "Add a redirect" in page
    page = staff.get("/admin/pages/redirect/", {"q": "nowhere"}).content.decode()
    assert "Nothing matches your search or filters." in page


def test_every_list_of_the_menu_says_something_when_it_is_empty() -> None:
    silent = [
        entry.label
        for group in desk.GROUPS
        for entry in desk.entries_of(group.key)
        if entry.model is not None and not entry.url_name and not entry.empty
    ]
    # Lists with a single row, the desk of comments, and lists that are never empty.
    assert [str(label) for label in silent] == [
        "Moderation",
        "Screening",
        "Search synonyms",
        "Details",
        "Look",
        "Email texts",
        "Logins",
        "Audit log",
    ]


def test_request_in_the_list_has_its_next_step(staff) -> None:
    row = make_consultation()
    page = staff.get("/admin/consultations/consultation/").content.decode()
    url = reverse("admin:consultations_consultation_action", args=[row.pk, "confirm"])
    assert f'<a class="btn" href="{url}">Choose a time</a>' in page
    assert 'data-label="Answer by"' in page
    assert "<small>0\xa0minutes ago</small>" in page


def test_deleting_asks_in_plain_words(staff) -> None:
    article = make_article(title="A calm harbor")
    page = staff.get(f"/admin/pages/article/{article.pk}/delete/").content.decode()
    assert "Delete “A calm harbor”?" in page
    assert "Yes, delete it" in page
