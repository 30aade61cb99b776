"""The quick search of the admin: content and settings for all, clients by POST only."""

import logging
from datetime import timedelta

import pytest
import time_machine

from consultations.audit.models import AuditEntry
from consultations.booking.staff import client_search
from consultations.booking.staff.client_search import comparable_name, find_clients
from tests.factories.consultations import (
    NOW,
    confirm_with_defaults,
    make_consultation,
    make_staff,
    make_staff_with_roles,
)
from tests.factories.pages import make_article, make_practice, make_practitioner

pytestmark = pytest.mark.django_db
SEARCH = "/admin/search/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def found(response) -> list[str]:
    return [hit.row.reference for hit in response.context["clients"]]


@pytest.mark.parametrize(
    "query",
    [
        "Zoë",
        "zoe quill",
        "QUILL",
        "zoe.quill@mail.example",
        "+1 503 555 0142",
    ],
)
def test_client_is_found_by_name_email_or_phone(staff, query) -> None:
    row = make_consultation(
        name="Zoë Anne Quill", email="zoe.quill@mail.example", phone="+15035550142"
    )
    make_consultation(name="Somebody Else", email="other@mail.example")
    assert found(staff.post(SEARCH, {"q": query})) == [row.reference]


def test_client_is_found_by_reference_with_or_without_its_prefix(staff) -> None:
    row = make_consultation()
    for query in (row.reference, row.reference.lower(), row.reference.partition("-")[2]):
        assert found(staff.post(SEARCH, {"q": query})) == [row.reference]


def test_name_that_looks_like_a_reference_is_searched_as_a_name(staff) -> None:
    row = make_consultation(name="Robyn")
    assert found(staff.post(SEARCH, {"q": "robyn"})) == [row.reference]


def test_get_searches_no_clients(staff) -> None:
    make_consultation(name="Zoë Quill")
    response = staff.get(SEARCH, {"q": "Zoë"})
    assert response.context["clients"] == []
    assert not AuditEntry.objects.filter(action="searched").exists()


def test_name_is_in_no_address_title_log_or_audit_entry(staff, caplog) -> None:
    make_consultation(name="Featherword Quill")
    caplog.set_level(logging.DEBUG)
    response = staff.post(SEARCH, {"q": "Featherword"})
    page = response.content.decode()
    assert "<title>Search | Staff</title>" in page
    assert page.count("Featherword") == 1  # in the field, as typed
    assert "no-store" in response["Cache-Control"]
    assert "Featherword" not in caplog.text
    [entry] = AuditEntry.objects.filter(action="searched")
    assert (entry.model, entry.fields) == ("consultations.consultation", ["name"])


def test_practitioner_finds_own_clients_only(client) -> None:
    user = make_staff_with_roles("practitioner")
    own = make_practitioner(user=user)
    mine = make_consultation(name="Zoë Quill")
    confirm_with_defaults(mine, practitioner=own)
    make_consultation(name="Zoë Quill")
    client.force_login(user)
    assert found(client.post(SEARCH, {"q": "Zoë"})) == [mine.reference]


def test_staff_without_permission_find_no_clients_and_no_settings(client) -> None:
    make_consultation(name="Zoë Quill")
    make_article(title="Zoë’s article")
    client.force_login(make_staff_with_roles("author"))
    response = client.post(SEARCH, {"q": "Zoë"})
    assert response.context["clients"] == []
    assert response.context["hits"] == []  # not the author's article
    assert not AuditEntry.objects.filter(action="searched").exists()
    assert client.get(SEARCH, {"q": "time zone"}).context["hits"] == []


def test_content_menu_and_settings_are_found(staff) -> None:
    make_article(title="A calm harbor")
    hits = staff.get(SEARCH, {"q": "harbor"}).context["hits"]
    assert [(str(hit.label), str(hit.kind)) for hit in hits] == [("A calm harbor", "Articles")]
    for query, label in (("crisis", "Crisis lines"), ("time zone", "Time zone")):
        hits = staff.get(SEARCH, {"q": query}).context["hits"]
        assert label in [str(hit.label) for hit in hits]
        for hit in hits:
            assert staff.get(hit.url, follow=True).status_code == 200


@pytest.mark.parametrize("query", ["", " ", "x", "'; --", "\x00", "%", "@", "(", "é" * 500])
def test_odd_queries_find_nothing_and_break_nothing(staff, query) -> None:
    make_consultation()
    response = staff.post(SEARCH, {"q": query})
    assert response.status_code == 200
    assert found(response) == []


def test_oldest_rows_are_left_out_beyond_the_limit(monkeypatch) -> None:
    user = make_staff()
    make_consultation(name="Zoë Old", now=NOW - timedelta(days=1))
    for number in range(3):
        make_consultation(name=f"Other {number}")
    monkeypatch.setattr(client_search, "MAX_COMPARED_ROWS", 2)
    result = find_clients(user, "zoe")
    assert (len(result.rows), result.is_cut) == (0, True)


def test_names_are_compared_without_accents_capitals_and_punctuation() -> None:
    assert comparable_name("  O’Brien-ÅSTRÖM ") == "o brien astrom"


def test_list_of_consultations_posts_names_and_takes_references_in_its_address(staff) -> None:
    row = make_consultation(name="Zoë Quill")
    page = staff.get("/admin/consultations/consultation/").content.decode()
    assert f'method="post" action="{SEARCH}"' in page
    response = staff.get("/admin/consultations/consultation/", {"q": "Zoë"})
    assert list(response.context["cl"].result_list) == []
    response = staff.get("/admin/consultations/consultation/", {"q": row.reference})
    assert "finds references only" in response.content.decode()
