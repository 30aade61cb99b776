"""CSV files for owners: who may, a fresh sign-in, the log, and cells that are no formulas."""

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User

from consultations.accounts import roles
from consultations.accounts.csv_export import safe_cell, write_csv
from consultations.audit.models import AuditEntry
from tests.factories.consultations import make_comment, make_consultation
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"
CONSULTATIONS = "/admin/consultations/consultation/export/"
COMMENTS = "/admin/consultations/comment/export/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


@pytest.fixture
def owner(client):
    user = User.objects.create_user("own", "", PASSWORD, is_staff=True)
    roles.set_roles(user, ["owner"])
    client.force_login(user)
    return client


def read_rows(response) -> list[dict[str, str]]:
    assert response.status_code == 200, response
    assert response["Content-Type"].startswith("text/csv")
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_owner_downloads_consultations(owner) -> None:
    row = make_consultation(name="Ada Visitor", note="=1+1", preferred=["tue-evening"])
    assert "Download CSV" in owner.get(CONSULTATIONS).content.decode()
    response = owner.post(CONSULTATIONS)
    (found,) = read_rows(response)
    assert found["reference"] == row.reference
    assert (found["name"], found["note"]) == ("Ada Visitor", "'=1+1")
    assert found["times that suit"] == "Tuesday: evening"
    assert found["received at"] == "2026-05-04 10:00"
    assert response["Content-Disposition"].startswith('attachment; filename="consultations-')
    assert "no-store" in response["Cache-Control"]


def test_owner_downloads_comments(owner) -> None:
    comment = make_comment(name="@Sam", text="+1 for this\nSecond line")
    (found,) = read_rows(owner.post(COMMENTS))
    assert found["article"] == str(comment.article)
    assert (found["name"], found["text"]) == ("'@Sam", "'+1 for this\nSecond line")


@pytest.mark.parametrize("path", [CONSULTATIONS, COMMENTS])
def test_download_is_logged_without_values(owner, path) -> None:
    make_consultation(name="Ada Visitor")
    owner.post(path)
    entry = AuditEntry.objects.filter(action="exported").get()
    assert {"name", "email"} <= set(entry.fields)
    assert "Ada" not in str(entry.fields)


@pytest.mark.parametrize("path", [CONSULTATIONS, COMMENTS])
def test_download_asks_again_who_it_is(owner, path) -> None:
    session, name = owner.session, "account_authentication_methods"
    session[name] = [{**record, "at": record["at"] - 1801} for record in session[name]]
    session.save()
    for response in (owner.get(path), owner.post(path)):
        assert response["Location"].startswith("/admin/account/confirm/")
    assert not AuditEntry.objects.filter(action="exported").exists()


@pytest.mark.parametrize("path", [CONSULTATIONS, COMMENTS])
def test_others_may_not_download(client, path) -> None:
    user = User.objects.create_user("ed", "", PASSWORD, is_staff=True)
    roles.set_roles(user, ["editor", "moderator", "practitioner", "intake"])
    client.force_login(user)
    assert client.get(path).status_code == 403
    assert client.post(path).status_code == 403
    assert "CSV" not in client.get(path.replace("export/", "")).content.decode()


@pytest.mark.parametrize(
    "text",
    ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "＝1", '=HYPERLINK("https://a.example")'],
)
def test_formulas_become_text(text) -> None:
    zone = ZoneInfo("UTC")
    assert safe_cell(text, zone).startswith("'")
    (row,) = csv.reader(io.StringIO(write_csv([[text]], zone).decode("utf-8-sig"), newline=""))
    assert row[0].startswith("'")


def test_plain_cells_stay_as_they_are() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    assert safe_cell("Ada, “quoted”\nשלום", zone) == "Ada, “quoted”\nשלום"
    assert safe_cell(None, zone) == ""
    assert safe_cell(datetime(2026, 5, 4, 17, tzinfo=UTC), zone) == "2026-05-04 10:00"
