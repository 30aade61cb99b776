"""Tests for the pages on which staff word their emails."""

from typing import Any

import pytest

from consultations.audit.models import AuditEntry
from consultations.email_texts.catalog import EMAIL_KINDS, find_kind
from consultations.email_texts.models import EmailText
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import make_staff, make_staff_with_roles
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
LIST = "/admin/consultations/emailtext/"
PAGE = f"{LIST}consultation_confirmed/change/"
GOOD = {"subject": "Hi from {counselor}", "body": "See you.\n\n{private link}", "version": "0"}


@pytest.fixture
def staff(client) -> Any:
    make_practice()
    client.force_login(make_staff())
    return client


def test_list_has_every_email_and_marks_changed_ones(staff) -> None:
    staff.post(PAGE, GOOD)
    page = staff.get(LIST).content.decode()
    for kind in EMAIL_KINDS:
        assert f"{LIST}{kind.key}/change/" in page
    assert page.count("Your text") == 1


def test_saved_text_is_used_and_audited(staff) -> None:
    assert staff.post(PAGE, GOOD).status_code == 302
    row = EmailText.objects.get()
    assert (row.subject, row.body, row.version) == (GOOD["subject"], GOOD["body"], 1)
    entry = AuditEntry.objects.order_by("-number")[0]
    assert entry.action == "changed"
    assert {"email_text", "consultation_confirmed"} <= set(entry.fields)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"body": "No link"}, "The text needs {private link}"),
        ({"body": "{private link} {nme}"}, "no placeholder {nme}"),
        ({"subject": ""}, "This field is required"),
        ({"subject": "x" * 121}, "at most 120 characters"),
    ],
)
def test_faults_keep_the_typed_text_and_store_nothing(staff, change, words) -> None:
    response = staff.post(PAGE, GOOD | change)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert (GOOD | change)["body"].split("\n")[0] in page
    assert not EmailText.objects.exists()


def test_check_answers_with_preview_only(staff) -> None:
    response = staff.post(PAGE, GOOD | {"_check": "1", "body": "About therapy {nme}"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in page
    assert "no placeholder {nme}" in page
    assert "“therapy” could tell" in page
    assert not EmailText.objects.exists()


def test_health_word_is_a_warning_only(staff) -> None:
    response = staff.post(PAGE, GOOD | {"subject": "Your therapy"}, follow=True)
    assert "“therapy” could tell" in response.content.decode()
    assert EmailText.objects.exists()


def test_back_to_the_default_deletes_the_text(staff) -> None:
    staff.post(PAGE, GOOD)
    assert staff.post(PAGE, {"_default": "1"}).status_code == 302
    assert not EmailText.objects.exists()
    kind = find_kind("consultation_confirmed")
    assert kind is not None
    assert str(kind.subject) in staff.get(PAGE).content.decode()


def test_saving_the_default_unchanged_stores_nothing(staff) -> None:
    kind = find_kind("consultation_confirmed")
    assert kind is not None
    same = {"subject": str(kind.subject), "body": str(kind.body).replace("\n", "\r\n")}
    assert staff.post(PAGE, same | {"version": "0"}).status_code == 302
    assert not EmailText.objects.exists()


def test_stale_page_reports_conflict_and_can_overwrite(staff) -> None:
    staff.post(PAGE, GOOD)
    mine = GOOD | {"subject": "Mine"}
    response = staff.post(PAGE, mine)
    assert response.status_code == 422
    assert "Someone else changed this text" in response.content.decode()
    assert EmailText.objects.get().subject == GOOD["subject"]
    version = response.context["form"]["version"].value()
    assert staff.post(PAGE, mine | {"version": version}).status_code == 302
    assert EmailText.objects.get().subject == "Mine"


def test_test_email_goes_to_whoever_asks_and_saves_nothing(staff) -> None:
    response = staff.post(PAGE, GOOD | {"_test": "1"})
    mail = OutgoingEmail.objects.get()
    assert mail.to in response.content.decode()
    assert mail.subject.startswith("Hi from")
    assert not EmailText.objects.exists()


def test_unknown_email_leads_to_the_list(staff) -> None:
    for key in ("staff_invitation", "nothing", "consultation_declined"):
        response = staff.get(f"{LIST}{key}/change/")
        assert response.status_code == 302
        assert response.headers["Location"] == LIST


def test_other_roles_have_no_access(client) -> None:
    make_practice()
    client.force_login(make_staff_with_roles("intake"))
    assert client.get(LIST).status_code == 403
    assert client.post(PAGE, GOOD).status_code == 403
