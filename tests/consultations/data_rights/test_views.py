"""A person's own way to their data: by a link to the address itself, and by nothing else."""

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
    make_consultation_in,
)
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
ASK = "/your-data/"
FOREIGN = {"HTTP_SEC_FETCH_SITE": "cross-site"}


@pytest.fixture(autouse=True)
def clock(settings):
    make_practice(discreet_name="Robin")
    settings.SITE_URL = "http://testserver"
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def link_to(address: str) -> DataLink:
    return DataLink.objects.create(
        email=address, created_at=NOW, expires_at=NOW + timedelta(hours=1)
    )


def own(client, address: str = "ada@mail.example") -> str:
    return link_to(address).get_absolute_url()


# --- asking ---
def test_every_address_gets_the_same_answer_and_the_same_work(client) -> None:
    make_consultation(email="ada@mail.example")
    answers = {}
    for number, address in enumerate(("ada@mail.example", "nobody@mail.example")):
        with CaptureQueriesContext(connection) as queries:
            where = f"192.0.2.{number}"
            response = client.post(ASK, {"email": address}, REMOTE_ADDR=where)
        answers[address] = (response.status_code, response.headers["Location"], len(queries))
    assert len(set(answers.values())) == 1
    status, where, _work = answers["ada@mail.example"]
    assert (status, where) == (303, "/your-data/?sent")
    assert b"look into your mail" in client.get(where).content
    mails = OutgoingEmail.objects.filter(message="your_data")
    assert {row.to for row in mails} == {"ada@mail.example", "nobody@mail.example"}


def test_the_mail_brings_the_link_and_nothing_that_we_hold(client) -> None:
    make_consultation(email="ada@mail.example", name="Ada Zwetschge", note="Kompott")
    client.post(ASK, {"email": "Ada@mail.example"})
    delivery.deliver_due(NOW)
    found = [one for one in mail.outbox if one.subject == "The link you asked for"]
    assert [one.to for one in found] == [["Ada@mail.example"]]
    address = re.search(r"http://testserver(/your-data/\S+)", str(found[0].body))
    assert address is not None
    page = client.get(address.group(1))
    assert page.status_code == 200
    assert "Kompott" in page.content.decode()
    text = str(found[0].message())
    for words in ("Zwetschge", "Kompott", "consultation", "therap", "counsel"):
        assert words not in text.lower()


def test_a_faulty_or_foreign_form_comes_back_filled(client) -> None:
    for answers, status, headers in (
        ({"email": "ada(at)mail"}, 422, {}),
        ({"email": ""}, 422, {}),
        ({"email": "ada@mail.example\r\nBcc: x@y.example"}, 422, {}),
        ({"email": "ada@mail.example"}, 403, FOREIGN),
    ):
        response = client.post(ASK, answers, **headers)
        assert response.status_code == status
        first = answers["email"].split("\r")[0]
        assert first in response.content.decode()
    assert not DataLink.objects.exists()


def test_many_from_one_place_are_asked_to_wait_and_others_are_not(client) -> None:
    for number in range(10):
        client.post(ASK, {"email": f"p{number}@mail.example"}, REMOTE_ADDR="192.0.2.7")
    late = client.post(ASK, {"email": "p@mail.example"}, REMOTE_ADDR="192.0.2.7")
    assert late.status_code == 429
    assert "p@mail.example" in late.content.decode()
    other = client.post(ASK, {"email": "p@mail.example"}, REMOTE_ADDR="192.0.2.8")
    assert other.status_code == 303


def test_nobodys_mailbox_is_flooded_and_the_answer_stays_the_same(client) -> None:
    for number in range(6):
        answer = client.post(ASK, {"email": "ada@mail.example"}, REMOTE_ADDR=f"192.0.2.{number}")
        assert answer.status_code == 303
    assert OutgoingEmail.objects.count() == 3


# --- the page behind the link ---
def test_it_shows_what_is_held_under_this_address_only(client) -> None:
    make_consultation(email="ada@mail.example", note="Mine", phone="+15035550142")
    make_comment(email="ada@mail.example", text="My words")
    make_consultation(email="ben@mail.example", note="Theirs", phone="+15035550142")
    page = client.get(own(client))
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


def test_a_link_ends_after_an_hour(client, clock) -> None:
    address = own(client)
    clock.shift(timedelta(minutes=59))
    assert client.get(address).status_code == 200
    clock.shift(timedelta(minutes=2))
    assert client.get(address).status_code == 404


def test_everything_wrong_is_one_404(client) -> None:
    link, row = link_to("ada@mail.example"), make_consultation(email="ada@mail.example")
    bad = {
        "cut": link.token[:-1],
        "changed": link.token[:-1] + ("a" if link.token[-1] != "a" else "b"),
        "foreign purpose": row.token,
        "never made": control_links.make("your-data", "0" * 24, 0),
        "other purpose": control_links.make("consultation", link.public_id, 0),
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


def test_reading_and_downloading_change_nothing(client) -> None:
    make_consultation(email="ada@mail.example")
    address = own(client)
    for _ in range(2):
        client.get(address)
        client.get(f"{address}?act=erase-all")
        client.head(address)
        client.post(address, {"act": "erase"})
    assert Consultation.objects.count() == 1
    assert DataLink.objects.count() == 1


@pytest.mark.parametrize("kind", ["json", "html"])
def test_it_is_taken_away_as_a_file(client, kind) -> None:
    make_consultation(email="ada@mail.example", note="Ein Wörtchen <b>")
    response = client.post(own(client), {"act": kind})
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


def test_a_fault_is_put_right(client) -> None:
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
    assert client.post(own(client), answers).status_code == 303
    row = Consultation.objects.get()
    assert (row.name, row.phone, row.note) == ("Ada", "+15035550142", "New")
    assert row.phone_fingerprint
    assert AuditEntry.objects.get().fields == ["name", "note", "phone"]
    faulty = client.post(own(client), {**answers, f"{prefix}-phone": "12"})
    assert faulty.status_code == 422
    assert "7 to 15 digits" in faulty.content.decode()


def test_nobody_elses_record_is_put_right(client) -> None:
    row = make_consultation(email="ben@mail.example", name="Ben")
    prefix = row.reference.lower()
    answers = {"act": "correct", "record": row.reference, f"{prefix}-name": "Ada"}
    assert client.post(own(client), answers).status_code == 409
    assert Consultation.objects.get().name == "Ben"


def test_what_is_closed_is_not_changed_any_more(client) -> None:
    row = make_consultation_in("declined", email="ada@mail.example", name="Aad")
    prefix = row.reference.lower()
    answers = {"act": "correct", "record": row.reference, f"{prefix}-name": "Ada"}
    assert client.post(own(client), answers).status_code == 409
    assert Consultation.objects.get().name == "Aad"


# --- erasing ---
def test_erasing_asks_once_and_then_everything_is_gone(client, settings) -> None:
    settings.BACKUP_RETENTION_DAYS = 21
    make_consultation_in("confirmed", email="ada@mail.example")
    make_comment(email="ada@mail.example", approved=True)
    address, other = own(client), own(client)
    asked = client.post(address, {"act": "erase"})
    assert "Yes, erase everything" in asked.content.decode()
    assert Consultation.objects.exists()
    done = client.post(address, {"act": "erase-all"})
    assert (done.status_code, done.headers["Location"]) == (303, "/your-data/?erased")
    erased = client.get("/your-data/?erased").content.decode()
    assert "It is erased" in erased
    assert "for at most 21 days" in erased
    assert not Consultation.objects.exists()
    assert not Comment.objects.exists()
    # This link, and any other that was made for the address.
    assert client.get(address).status_code == client.get(other).status_code == 404
    assert client.post(address, {"act": "erase-all"}).status_code == 404
    assert [row.message for row in OutgoingEmail.objects.filter(state="waiting")] == [
        "consultation_called_off"
    ]


def test_another_site_cannot_press_the_button(client) -> None:
    make_consultation(email="ada@mail.example")
    address = own(client)
    for act in ("erase-all", "json", "correct"):
        response = client.post(address, {"act": act}, **FOREIGN)
        assert response.status_code == 403
        assert "Content-Disposition" not in response.headers
    assert Consultation.objects.exists()


def test_what_was_typed_is_kept_when_the_press_is_refused(client) -> None:
    row = make_consultation(email="ada@mail.example", name="Aad")
    answers = {"act": "correct", "record": row.reference, f"{row.reference.lower()}-name": "Adah"}
    page = client.post(own(client), answers, **FOREIGN)
    assert page.status_code == 403
    assert 'value="Adah"' in page.content.decode()
    assert "<details open>" in page.content.decode()


def test_an_unknown_act_does_nothing(client) -> None:
    assert client.post(own(client), {"act": "x"}).status_code == 400
    assert client.post(own(client)).status_code == 400


def test_the_number_of_queries_does_not_grow_with_the_rows(client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(address)
        return len(caught)

    address = own(client)
    for _ in range(2):
        make_consultation(email="ada@mail.example")
        make_comment(email="ada@mail.example")
    few = queries()
    for _ in range(4):
        make_consultation(email="ada@mail.example")
        make_comment(email="ada@mail.example")
    assert queries() == few
