"""The audit log in the admin: what staff do is recorded, and staff see their own entries."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from consultations.audit.models import AuditEntry
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import NOW, make_comment, make_consultation, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
LOG_URL = "/admin/consultations/auditentry/"
MARK = "Zwetschgenkompott"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def owner(client):
    client.user = make_staff()
    client.force_login(client.user)
    return client


def entries() -> list[tuple[str, str, list[str]]]:
    rows = AuditEntry.objects.order_by("number")
    return [(row.action, str(row.row or "")[:8], row.fields) for row in rows]


def change_url(row) -> str:
    return reverse(f"admin:consultations_{row._meta.model_name}_change", args=[row.pk])


def test_viewing_a_consultation_is_logged(owner) -> None:
    row = make_consultation(name=MARK, note=MARK)
    assert owner.get(change_url(row), REMOTE_ADDR="198.51.100.23").status_code == 200
    assert entries() == [
        (
            "read",
            str(row.pk)[:8],
            [
                "access_needs",
                "email",
                "name",
                "note",
                "phone",
                "preferred_times",
                "staff_notes",
                "video_url",
            ],
        )
    ]
    entry = AuditEntry.objects.get()
    assert (entry.staff_id, entry.network) == (owner.user.pk, "198.51.100.0/24")
    assert entry.model == "consultations.consultation"
    assert MARK not in str(vars(entry))


def test_unreadable_fields_are_logged_separately(owner) -> None:
    row = make_consultation(name="Ada", note="A note")
    tamper(row, "note")
    assert b"cannot be read" in owner.get(change_url(row)).content
    assert entries()[1] == ("cannot_open", str(row.pk)[:8], ["note"])
    assert "note" not in entries()[0][2]


def test_list_and_search_are_logged_as_one_entry_each(owner) -> None:
    make_consultation()
    broken = make_consultation()
    tamper(broken, "name")
    owner.get("/admin/consultations/consultation/")
    owner.get("/admin/consultations/consultation/", {"q": "HC-2222"})
    assert entries() == [
        ("listed", "", ["name"]),
        ("cannot_open", str(broken.pk)[:8], ["name"]),
        ("searched", "", ["name"]),
    ]


def test_note_changes_and_actions_are_logged(owner) -> None:
    row = make_consultation()
    owner.post(change_url(row), {"staff_notes": MARK})
    owner.post(
        reverse("admin:consultations_consultation_action", args=[row.pk, "decline"]),
        {"reason": "full"},
    )
    assert [(action, fields) for action, _row, fields in entries()] == [
        ("changed", ["staff_notes"]),
        ("decline", []),
    ]


def test_comment_views_and_actions_are_logged(owner) -> None:
    row = make_comment()
    owner.get("/admin/consultations/comment/")
    owner.get(change_url(row))
    owner.post(change_url(row), {"_verb": "approve"})
    assert [action for action, _row, _fields in entries()] == ["listed", "read", "approve"]


def test_staff_see_own_entries_and_owners_see_all(client, owner) -> None:
    owner.get(change_url(make_consultation()))
    colleague = make_staff("view_comment")
    assert owner.user.username in owner.get(LOG_URL).content.decode()
    client.force_login(colleague)
    client.get(change_url(make_comment()))
    page = client.get(LOG_URL)
    assert [row.staff_id for row in page.context["cl"].result_list] == [colleague.pk]
    assert owner.user.username not in page.content.decode()
    # A filter in the URL does not show more.
    assert client.get(LOG_URL, {"staff_name": owner.user.username}).status_code in (200, 302)
    other = AuditEntry.objects.exclude(staff_id=colleague.pk).first()
    assert other is not None
    assert client.get(f"{LOG_URL}{other.pk}/change/").status_code in (302, 403, 404)


def test_log_is_read_only_in_the_admin(owner) -> None:
    owner.get(change_url(make_consultation()))
    assert owner.get(f"{LOG_URL}add/").status_code == 403
    assert owner.post(f"{LOG_URL}1/delete/", {"post": "yes"}).status_code == 403
    assert owner.post(f"{LOG_URL}1/change/", {"action": "x"}).status_code == 403
    assert AuditEntry.objects.get(pk=1).action == "read"


def test_log_requires_sign_in(client) -> None:
    assert client.get(LOG_URL).status_code == 302
