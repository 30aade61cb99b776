"""The admin page for data requests: find, export, correct and erase a person's data."""

from datetime import timedelta

import pytest
import time_machine

from consultations.audit.models import AuditEntry
from consultations.booking.models import Consultation
from tests.factories.consultations import (
    NOW,
    make_comment,
    make_consultation,
    make_consultation_with_status,
    make_staff,
)
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
PAGE_URL = "/admin/consultations/tombstone/person/"
ADA, PHONE = "ada@mail.example", "+15035550142"
PASSWORD = "a long quiet river"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def staff(client):
    client.user = make_staff("handle_person")
    client.user.set_password(PASSWORD)
    client.user.save()
    client.force_login(client.user)
    return client


def post_action(client, **answers):
    return client.post(
        PAGE_URL, {"contact": ADA, "reason": "asked", "password": PASSWORD, **answers}
    )


def test_page_requires_permission(client) -> None:
    for permission in ("view_consultation", "view_comment"):
        client.force_login(make_staff(permission))
        assert client.get(PAGE_URL).status_code == 403
        assert post_action(client, act="json").status_code == 403


def test_search_finds_all_records_of_one_person(staff) -> None:
    make_consultation(email=ADA, note="Mine")
    make_comment(email=ADA, text="My words")
    make_consultation(email="ben@mail.example", note="Theirs")
    page = staff.post(PAGE_URL, {"contact": " Ada@mail.example "}).content.decode()
    assert "Mine" in page
    assert "My words" in page
    assert "Theirs" not in page
    assert AuditEntry.objects.get().action == "searched"
    assert ADA not in str(vars(AuditEntry.objects.get()))


def test_shared_phone_asks_which_person(staff) -> None:
    make_consultation(email=ADA, phone=PHONE, note="Of Ada")
    make_consultation(
        email="", phone=PHONE, channel="call", kind="call_back", name="Cem Dal", note="Of Cem"
    )
    page = staff.post(PAGE_URL, {"contact": "503 555 0142"}).content.decode()
    assert "Several people left this number" in page
    assert "Of Ada" not in page
    assert ADA not in page
    people = {}
    for number in ("0", "1"):
        page = staff.post(PAGE_URL, {"contact": PHONE, "person": number}).content.decode()
        people[number] = ("Of Ada" in page, "Of Cem" in page)
    assert sorted(people.values()) == [(False, True), (True, False)]


@pytest.mark.parametrize("bad", ["", "x", "7", "-1", "99999", "١"])
def test_invalid_person_choice_shows_nobody(staff, bad) -> None:
    make_consultation(email=ADA, phone=PHONE, note="Of Ada")
    make_consultation(email="ben@mail.example", phone=PHONE, note="Of Ben")
    page = staff.post(PAGE_URL, {"contact": PHONE, "person": bad})
    assert page.status_code == 200
    assert "Of Ada" not in page.content.decode()


@pytest.mark.parametrize("kind", ["json", "html"])
def test_export_is_logged_with_its_reason(staff, kind) -> None:
    make_consultation(email=ADA, note="Mine")
    response = post_action(staff, act=kind, reason="law")
    assert "attachment" in response.headers["Content-Disposition"]
    assert "no-store" in response.headers["Cache-Control"]
    assert "Mine" in response.content.decode()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.staff_id) == ("exported", staff.user.pk)
    assert "reason:law" in entry.fields


@pytest.mark.parametrize("wrong", [{"password": "x"}, {"password": ""}, {"reason": "because"}])
@pytest.mark.parametrize("what", ["json", "erase"])
def test_export_and_erasure_require_password_and_reason(staff, wrong, what) -> None:
    make_consultation(email=ADA)
    response = post_action(staff, act=what, sure="yes", **wrong)
    assert response.status_code == 422
    assert "Content-Disposition" not in response.headers
    assert PASSWORD not in response.content.decode()
    assert Consultation.objects.exists()


def test_password_attempts_are_limited(staff, settings) -> None:
    settings.RATE_LIMIT_SCALE = 1
    make_consultation(email=ADA)
    responses = [post_action(staff, act="json", password="x") for _ in range(11)]
    assert [b"many tries" in response.content for response in responses] == [False] * 10 + [True]
    assert b"many tries" in post_action(staff, act="json").content


def test_erasure_requires_confirmation(staff) -> None:
    make_consultation(email=ADA)
    other = make_consultation(email="ben@mail.example")
    first = post_action(staff, act="erase")
    assert "Yes, erase everything" in first.content.decode()
    assert Consultation.objects.count() == 2
    assert post_action(staff, act="erase", sure="yes").status_code == 302
    assert Consultation.objects.get() == other
    entry = AuditEntry.objects.order_by("number").last()
    assert entry is not None
    assert (entry.action, entry.staff_id, "consultations" in entry.fields) == (
        "erased", staff.user.pk, True
    )  # fmt: skip


def test_staff_notes_are_exported_only_on_request(staff) -> None:
    row = make_consultation_with_status("cancelled_by_visitor", email=ADA)
    row.staff_notes = "Zwetschgenkompott"
    row.save(update_fields=["staff_notes"])
    page = staff.post(PAGE_URL, {"contact": ADA}).content.decode()
    assert "Taken back by the visitor" in page or "cancelled_by_visitor" in page
    assert "Zwetschgenkompott" in page
    assert "Zwetschgenkompott" not in post_action(staff, act="json").content.decode()
    exported = post_action(staff, act="html", with_own_work="on").content.decode()
    assert "Zwetschgenkompott" in exported
    assert "You may ask us for them" not in exported
    assert "own_work" in AuditEntry.objects.order_by("-number")[0].fields


def correction_data(row, **answers) -> dict[str, str]:
    typed = {"name": "Ada", "phone": "503 555 0142", "note": "New", "access_needs": ""} | answers
    return {
        "act": f"correct:{row.reference}",
        **{f"{row.reference.lower()}-{name}": value for name, value in typed.items()},
    }


def test_staff_correct_a_consultation(staff) -> None:
    row = make_consultation(email=ADA, name="Aad", note="Old")
    other = make_consultation(email="ben@mail.example", name="Ben")
    faulty = post_action(staff, **correction_data(row, phone="12"))
    assert faulty.status_code == 422
    assert "7 to 15 digits" in faulty.content.decode()
    assert post_action(staff, **correction_data(row)).status_code == 302
    row = Consultation.objects.get(pk=row.pk)
    assert (row.name, row.phone, row.note) == ("Ada", "+15035550142", "New")
    entry = AuditEntry.objects.order_by("number").last()
    assert entry is not None
    assert (entry.action, entry.staff_id, entry.row) == ("changed", staff.user.pk, row.pk)
    assert "note" in entry.fields
    assert post_action(staff, **correction_data(other)).status_code == 409
    assert Consultation.objects.get(pk=other.pk).name == "Ben"


@pytest.mark.parametrize("strange", ["", "x", "HC-\0", "../"])
def test_unknown_reference_changes_nothing(staff, strange) -> None:
    make_consultation(email=ADA)
    assert post_action(staff, act=f"correct:{strange}").status_code == 409


def test_closed_consultation_cannot_be_corrected(staff) -> None:
    row = make_consultation_with_status("declined", email=ADA, name="Aad")
    page = post_action(staff, **correction_data(row))
    assert (page.status_code, Consultation.objects.get().name) == (409, "Aad")
    assert "closed" in page.content.decode()


def test_invalid_contact_is_refused(staff) -> None:
    for bad in ("", "x", "a@b@c", "12"):
        assert staff.post(PAGE_URL, {"contact": bad}).status_code == 422


def test_erasure_list_names_nobody(staff) -> None:
    make_consultation(email=ADA)
    post_action(staff, act="erase", sure="yes")
    page = staff.get("/admin/consultations/tombstone/").content.decode()
    assert "an address" in page
    assert "Tue, Jun 8, 2027" in page  # 400 days after NOW, 4 May 2026
    # Whole words: "ada" alone can occur in a hexadecimal id by chance.
    assert [word for word in ("ada@", "ada visitor") if word in page.lower()] == []
