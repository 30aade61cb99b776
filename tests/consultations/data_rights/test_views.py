"""A person's own data page: it opens only with a link sent to the email itself."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consultations.audit.models import AuditEntry
from consultations.booking.models import Consultation
from consultations.comments.models import Comment
from consultations.data_rights.models import DataLink
from consultations.outbox import delivery
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import control_links
from tests.factories.consultations import (
    NOW,
    make_comment,
    make_consultation,
    make_consultation_with_status,
)
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
REQUEST_URL = "/your-data/"
CROSS_SITE_HEADERS = {"HTTP_SEC_FETCH_SITE": "cross-site"}


@pytest.fixture(autouse=True)
def clock(settings):
    make_practice(discreet_name="Robin")
    settings.SITE_URL = "http://testserver"
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def make_link(address: str) -> DataLink:
    return DataLink.objects.create(
        email=address, created_at=NOW, expires_at=NOW + timedelta(hours=1)
    )


def data_url(client, address: str = "ada@mail.example") -> str:
    return make_link(address).get_absolute_url()


# --- requesting a link ---
def test_known_and_unknown_emails_get_the_same_response(client) -> None:
    make_consultation(email="ada@mail.example")
    answers = {}
    for number, address in enumerate(("ada@mail.example", "nobody@mail.example")):
        with CaptureQueriesContext(connection) as queries:
            network = f"192.0.2.{number}"
            response = client.post(REQUEST_URL, {"email": address}, REMOTE_ADDR=network)
        answers[address] = (response.status_code, response.headers["Location"], len(queries))
    assert len(set(answers.values())) == 1
    status, location, _query_count = answers["ada@mail.example"]
    assert (status, location) == (303, "/your-data/?sent")
    assert b"Check your email" in client.get(location).content
    emails = OutgoingEmail.objects.filter(message="your_data")
    assert {row.to for row in emails} == {"ada@mail.example", "nobody@mail.example"}


def test_email_contains_only_the_link(client) -> None:
    make_consultation(email="ada@mail.example", name="Ada Zwetschge", note="Kompott")
    client.post(REQUEST_URL, {"email": "Ada@mail.example"})
    delivery.deliver_due(NOW)
    [email] = [email for email in mail.outbox if email.subject == "The link you asked for"]
    assert email.to == ["Ada@mail.example"]
    link = re.search(r"http://testserver(/your-data/\S+)", str(email.body))
    assert link is not None
    page = client.get(link.group(1))
    assert page.status_code == 200
    assert "Kompott" in page.content.decode()
    text = str(email.message())
    for words in ("Zwetschge", "Kompott", "consultation", "therap", "counsel"):
        assert words not in text.lower()


def test_invalid_or_cross_site_form_keeps_input(client) -> None:
    for answers, status, headers in (
        ({"email": "ada(at)mail"}, 422, {}),
        ({"email": ""}, 422, {}),
        ({"email": "ada@mail.example\r\nBcc: x@y.example"}, 422, {}),
        ({"email": "ada@mail.example"}, 403, CROSS_SITE_HEADERS),
    ):
        response = client.post(REQUEST_URL, answers, **headers)
        assert response.status_code == status
        first_line = answers["email"].split("\r")[0]
        assert first_line in response.content.decode()
    assert not DataLink.objects.exists()


def test_requests_are_limited_per_network(client) -> None:
    for number in range(10):
        client.post(REQUEST_URL, {"email": f"p{number}@mail.example"}, REMOTE_ADDR="192.0.2.7")
    late = client.post(REQUEST_URL, {"email": "p@mail.example"}, REMOTE_ADDR="192.0.2.7")
    assert late.status_code == 429
    assert "p@mail.example" in late.content.decode()
    other = client.post(REQUEST_URL, {"email": "p@mail.example"}, REMOTE_ADDR="192.0.2.8")
    assert other.status_code == 303


def test_emails_per_address_are_limited_silently(client) -> None:
    for number in range(6):
        response = client.post(
            REQUEST_URL, {"email": "ada@mail.example"}, REMOTE_ADDR=f"192.0.2.{number}"
        )
        assert response.status_code == 303
    assert OutgoingEmail.objects.count() == 3


# --- the data page ---
def test_page_shows_only_data_of_the_address(client) -> None:
    make_consultation(email="ada@mail.example", note="Mine", phone="+15035550142")
    make_comment(email="ada@mail.example", text="My words")
    make_consultation(email="ben@mail.example", note="Theirs", phone="+15035550142")
    page = client.get(data_url(client))
    text = page.content.decode()
    assert "Mine" in text
    assert "My words" in text
    assert "Theirs" not in text
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert not page.cookies
    for row in (Consultation.objects.first(), Comment.objects.first()):
        assert row is not None
        assert row.token not in text


def test_link_expires_after_an_hour(client, clock) -> None:
    address = data_url(client)
    clock.shift(timedelta(minutes=59))
    assert client.get(address).status_code == 200
    clock.shift(timedelta(minutes=2))
    assert client.get(address).status_code == 404


def test_every_invalid_link_gives_the_same_404(client) -> None:
    link, row = make_link("ada@mail.example"), make_consultation(email="ada@mail.example")
    bad = {
        "cut": link.token[:-1],
        "changed": link.token[:-1] + ("a" if link.token[-1] != "a" else "b"),
        "foreign purpose": row.token,
        "never made": control_links.make_token("your-data", "0" * 24, 0),
        "other purpose": control_links.make_token("consultation", link.public_id, 0),
        "no token": "x",
        "long": "x" * 500,
    }
    answers = {}
    for name, token in bad.items():
        response = client.get(f"/your-data/{token}/")
        body = re.sub(r"[0-9a-f]{8}", "", response.content.decode())
        answers[name] = (response.status_code, body)
    assert len(set(answers.values())) == 1
    assert next(iter(answers.values()))[0] == 404


def test_viewing_changes_nothing(client) -> None:
    make_consultation(email="ada@mail.example")
    address = data_url(client)
    for _ in range(2):
        client.get(address)
        client.get(f"{address}?act=erase-all")
        client.head(address)
        client.post(address, {"act": "erase"})
    assert Consultation.objects.count() == 1
    assert DataLink.objects.count() == 1


@pytest.mark.parametrize("kind", ["json", "html"])
def test_export_downloads_as_attachment(client, kind) -> None:
    make_consultation(email="ada@mail.example", note="Ein Wörtchen <b>")
    response = client.post(data_url(client), {"act": kind})
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == f'attachment; filename="my-data.{kind}"'
    assert "no-store" in response.headers["Cache-Control"]
    text = response.content.decode()
    if kind == "json":
        data = json.loads(text)
        assert data["records"][0]["held"]["note"] == "Ein Wörtchen <b>"
    else:
        assert "Ein Wörtchen &lt;b&gt;" in text
        assert "<script" not in text
        assert "src=" not in text
    assert AuditEntry.objects.get().action == "exported"


def test_person_corrects_own_data(client) -> None:
    row = make_consultation(email="ada@mail.example", name="Aad", note="Old")
    prefix = row.reference.lower()
    answers = {
        "act": "correct",
        "record": row.reference,
        f"{prefix}-name": "Ada",
        f"{prefix}-phone": "503 555 0142",
        f"{prefix}-note": "New",
        f"{prefix}-access_needs": "",
    }
    assert client.post(data_url(client), answers).status_code == 303
    row = Consultation.objects.get()
    assert (row.name, row.phone, row.note) == ("Ada", "+15035550142", "New")
    assert row.phone_fingerprint
    assert AuditEntry.objects.get().fields == ["name", "note", "phone"]
    faulty = client.post(data_url(client), {**answers, f"{prefix}-phone": "12"})
    assert faulty.status_code == 422
    assert "7 to 15 digits" in faulty.content.decode()


def test_records_of_others_cannot_be_corrected(client) -> None:
    row = make_consultation(email="ben@mail.example", name="Ben")
    prefix = row.reference.lower()
    answers = {"act": "correct", "record": row.reference, f"{prefix}-name": "Ada"}
    assert client.post(data_url(client), answers).status_code == 409
    assert Consultation.objects.get().name == "Ben"


def test_closed_consultation_cannot_be_corrected(client) -> None:
    row = make_consultation_with_status("declined", email="ada@mail.example", name="Aad")
    prefix = row.reference.lower()
    answers = {"act": "correct", "record": row.reference, f"{prefix}-name": "Ada"}
    assert client.post(data_url(client), answers).status_code == 409
    assert Consultation.objects.get().name == "Aad"


# --- erasing ---
def test_erasure_confirms_once_and_deletes_everything(client, settings) -> None:
    settings.BACKUP_RETENTION_DAYS = 21
    make_consultation_with_status("confirmed", email="ada@mail.example")
    make_comment(email="ada@mail.example", approved=True)
    address, other = data_url(client), data_url(client)
    confirmation = client.post(address, {"act": "erase"})
    assert "Yes, delete everything" in confirmation.content.decode()
    assert Consultation.objects.exists()
    done = client.post(address, {"act": "erase-all"})
    assert (done.status_code, done.headers["Location"]) == (303, "/your-data/?erased")
    erased = client.get("/your-data/?erased").content.decode()
    assert "Your data is deleted" in erased
    assert "for at most 21 days" in erased
    assert not Consultation.objects.exists()
    assert not Comment.objects.exists()
    # Every link for this email is gone.
    assert client.get(address).status_code == client.get(other).status_code == 404
    assert client.post(address, {"act": "erase-all"}).status_code == 404
    assert [row.message for row in OutgoingEmail.objects.filter(state="waiting")] == [
        "consultation_called_off"
    ]


def test_cross_site_post_is_refused(client) -> None:
    make_consultation(email="ada@mail.example")
    address = data_url(client)
    for act in ("erase-all", "json", "correct"):
        response = client.post(address, {"act": act}, **CROSS_SITE_HEADERS)
        assert response.status_code == 403
        assert "Content-Disposition" not in response.headers
    assert Consultation.objects.exists()


def test_refused_cross_site_correction_keeps_input(client) -> None:
    row = make_consultation(email="ada@mail.example", name="Aad")
    answers = {"act": "correct", "record": row.reference, f"{row.reference.lower()}-name": "Adah"}
    page = client.post(data_url(client), answers, **CROSS_SITE_HEADERS)
    assert page.status_code == 403
    assert 'value="Adah"' in page.content.decode()
    assert "<details open>" in page.content.decode()


def test_unknown_action_is_refused(client) -> None:
    assert client.post(data_url(client), {"act": "x"}).status_code == 400
    assert client.post(data_url(client)).status_code == 400


def test_page_query_count_is_constant(client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(address)
        return len(caught)

    address = data_url(client)
    for _ in range(2):
        make_consultation(email="ada@mail.example")
        make_comment(email="ada@mail.example")
    query_count = queries()
    for _ in range(4):
        make_consultation(email="ada@mail.example")
        make_comment(email="ada@mail.example")
    assert queries() == query_count
