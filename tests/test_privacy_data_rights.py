"""Marked words on the way through one's own data, staff's page for a person, and a backup."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from consultations.audit.models import AuditEntry
from consultations.backups import create
from consultations.booking.models import Consultation
from consultations.data_rights import tombstones
from consultations.data_rights.models import DataLink
from tests.factories.consultations import NOW
from tests.leak_search import find, mail_places
from tests.test_privacy import CHOICES, DETAILS, Walk, logs, mishap, walk

__all__ = ["logs", "walk"]  # fixtures
PERSON = "/admin/consultations/tombstone/person/"
ASK = "/your-data/"


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"
    settings.BACKUP_PUBLIC_KEY = ""


def go(walk: Walk, admin_user: Any) -> bytes:
    """Ask, see, put right, take away; staff find and hand out; back up. Gives the backup."""
    asked = walk.words["asked"]
    walk.send(DETAILS, asked | CHOICES | {"key": uuid4().hex})
    walk.note(walk.client.post(ASK, {"email": asked["email"]}))
    walk.note(walk.client.post(ASK, {"email": f"{asked['note']} {asked['email']}"}))
    own = DataLink.objects.get().get_absolute_url()
    page = walk.client.get(own)
    assert asked["access"] in page.content.decode()
    walk.note(page)
    row = Consultation.objects.get()
    prefix = row.reference.lower()
    walk.note(
        walk.client.post(
            own,
            {
                "act": "correct",
                "record": row.reference,
                f"{prefix}-name": asked["name"],
                f"{prefix}-phone": "x" + asked["phone"],
                f"{prefix}-note": asked["note"],
            },
        )
    )
    for kind in ("json", "html"):
        file = walk.client.post(own, {"act": kind})
        assert asked["name"] in file.content.decode()
        walk.heads += [f"{name}: {value}" for name, value in file.headers.items()]
    admin_user.set_password("a long quiet river")
    admin_user.save()
    walk.staff.force_login(admin_user)
    walk.note(walk.staff.post(PERSON, {"contact": asked["email"]}))
    facts = {"contact": asked["phone"], "reason": "asked", "password": "a long quiet river"}
    walk.note(walk.staff.post(PERSON, facts | {"act": "erase"}))
    handed = walk.staff.post(PERSON, facts | {"act": "json"})
    assert json.loads(handed.content)["records"]
    walk.heads += [f"{name}: {value}" for name, value in handed.headers.items()]
    call_command("worker", "--once")
    if connection.vendor != "sqlite":
        return b""
    with open(create.create_backup(now=NOW).file, "rb") as backup:
        return backup.read()


def test_they_are_found_nowhere_in_clear(walk, admin_user, capfd) -> None:
    backup = go(walk, admin_user)
    words = {
        name: word for name, word in walk.all_marked_words().items() if name.startswith("asked")
    }
    assert find(words, walk.database()) == []
    assert find(words, {"backup": backup}) == []
    assert find(words, mail_places(walk.folder)) == []
    assert find(words, walk.logs.places()) == []
    assert find(words, walk.talk()) == []
    entries = "\n".join(str(vars(entry)) for entry in AuditEntry.objects.all())
    assert "exported" in entries
    assert find(words, {"audit": entries.encode()}) == []
    out, err = capfd.readouterr()
    assert find(words, {"stdout": out.encode(), "stderr": err.encode()}) == []


def test_after_an_erasure_not_even_the_ciphertext_is_left(walk, admin_user) -> None:
    go(walk, admin_user)
    row = Consultation.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, note FROM {Consultation._meta.db_table}")
        sealed = [bytes(cell) for cell in cursor.fetchone()]
    assert any(cell in content for cell in sealed for content in walk.database().values())
    own = DataLink.objects.get().get_absolute_url()
    assert walk.client.post(own, {"act": "erase-all"}).status_code == 303
    places = walk.database()
    assert [name for name, content in places.items() if any(c in content for c in sealed)] == []
    listed = tombstones.file().read_bytes()
    assert listed
    words = {
        name: word for name, word in walk.all_marked_words().items() if name.startswith("asked")
    }
    assert find(words | {"row": str(row.pk)}, {"tombstones": listed}) == []


BREAKS = [
    ("consultations.data_rights.workflow.send_link", "ask"),
    ("consultations.data_rights.export.collect_records", "own"),
    ("consultations.data_rights.workflow.erase_person", "erase"),
    ("consultations.data_rights.views.file_of", "json"),
]


@pytest.mark.parametrize(("breaks", "act"), BREAKS)
def test_a_broken_view_tells_nobody_anything(walk, monkeypatch, capfd, breaks, act) -> None:
    asked = walk.words["asked"]
    walk.send(DETAILS, asked | CHOICES | {"key": uuid4().hex})
    walk.client.post(ASK, {"email": asked["email"]})
    own = DataLink.objects.get().get_absolute_url()
    monkeypatch.setattr(breaks, mishap(asked["note"]))
    walk.client.raise_request_exception = False
    answer = {
        "ask": lambda: walk.client.post(ASK, {"email": asked["email"]}),
        "own": lambda: walk.client.get(own),
        "erase": lambda: walk.client.post(own, {"act": "erase-all"}),
        "json": lambda: walk.client.post(own, {"act": "json"}),
    }[act]()
    assert answer.status_code == 500
    secrets = walk.all_marked_words() | {"token": own.split("/")[2]}
    assert find({"note": asked["note"]}, walk.logs.default_format_places())
    assert find(secrets, walk.logs.places()) == []
    assert find(secrets, {"page": answer.content, "head": str(answer.headers).encode()}) == []
    out, err = capfd.readouterr()
    assert find(secrets, {"stdout": out.encode(), "stderr": err.encode()}) == []
    assert re.search("988", answer.content.decode())
