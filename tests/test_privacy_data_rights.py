"""Marked words do not leak through data requests, the staff page for a person, or backups."""

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
from tests.leak_search import email_places, find_words
from tests.test_privacy import (
    DETAILS_PATH,
    FORM_CHOICES,
    SiteWalk,
    captured_logs,
    failing_function,
    site_walk,
)

__all__ = ["captured_logs", "site_walk"]  # fixtures
FIND_PERSON_PATH = "/admin/consultations/tombstone/person/"
DATA_REQUEST_PATH = "/your-data/"


@pytest.fixture(autouse=True)
def _data_directory(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"
    settings.BACKUP_PUBLIC_KEY = ""


def exercise_data_rights(walk: SiteWalk, admin_user: Any) -> bytes:
    """Request, view, correct and download data; export it as staff; make a backup and return it."""
    asked = walk.words["asked"]
    walk.send(DETAILS_PATH, asked | FORM_CHOICES | {"key": uuid4().hex})
    walk.note(walk.client.post(DATA_REQUEST_PATH, {"email": asked["email"]}))
    walk.note(walk.client.post(DATA_REQUEST_PATH, {"email": f"{asked['note']} {asked['email']}"}))
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
    walk.note(walk.staff.post(FIND_PERSON_PATH, {"contact": asked["email"]}))
    facts = {"contact": asked["phone"], "reason": "asked", "password": "a long quiet river"}
    walk.note(walk.staff.post(FIND_PERSON_PATH, facts | {"act": "erase"}))
    handed = walk.staff.post(FIND_PERSON_PATH, facts | {"act": "json"})
    assert json.loads(handed.content)["records"]
    walk.heads += [f"{name}: {value}" for name, value in handed.headers.items()]
    call_command("worker", "--once")
    if connection.vendor != "sqlite":
        return b""
    with open(create.create_backup(now=NOW).file, "rb") as backup:
        return backup.read()


def test_marked_words_never_appear_in_plaintext(site_walk, admin_user, capfd) -> None:
    backup = exercise_data_rights(site_walk, admin_user)
    words = {
        name: word
        for name, word in site_walk.all_marked_words().items()
        if name.startswith("asked")
    }
    assert find_words(words, site_walk.database()) == []
    assert find_words(words, {"backup": backup}) == []
    assert find_words(words, email_places(site_walk.folder)) == []
    assert find_words(words, site_walk.logs.places()) == []
    assert find_words(words, site_walk.response_metadata()) == []
    entries = "\n".join(str(vars(entry)) for entry in AuditEntry.objects.all())
    assert "exported" in entries
    assert find_words(words, {"audit": entries.encode()}) == []
    out, err = capfd.readouterr()
    assert find_words(words, {"stdout": out.encode(), "stderr": err.encode()}) == []


def test_erasure_removes_ciphertext(site_walk, admin_user) -> None:
    exercise_data_rights(site_walk, admin_user)
    row = Consultation.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, note FROM {Consultation._meta.db_table}")
        sealed = [bytes(cell) for cell in cursor.fetchone()]
    assert any(cell in content for cell in sealed for content in site_walk.database().values())
    own = DataLink.objects.get().get_absolute_url()
    assert site_walk.client.post(own, {"act": "erase-all"}).status_code == 303
    places = site_walk.database()
    assert [name for name, content in places.items() if any(c in content for c in sealed)] == []
    listed = tombstones.tombstone_path().read_bytes()
    assert listed
    words = {
        name: word
        for name, word in site_walk.all_marked_words().items()
        if name.startswith("asked")
    }
    assert find_words(words | {"row": str(row.pk)}, {"tombstones": listed}) == []


BROKEN_FUNCTIONS = [
    ("consultations.data_rights.workflow.send_link", "ask"),
    ("consultations.data_rights.export.collect_records", "own"),
    ("consultations.data_rights.workflow.erase_person", "erase"),
    ("consultations.data_rights.views.build_export_response", "json"),
]


@pytest.mark.parametrize(("breaks", "act"), BROKEN_FUNCTIONS)
def test_broken_view_leaks_nothing(site_walk, monkeypatch, capfd, breaks, act) -> None:
    asked = site_walk.words["asked"]
    site_walk.send(DETAILS_PATH, asked | FORM_CHOICES | {"key": uuid4().hex})
    site_walk.client.post(DATA_REQUEST_PATH, {"email": asked["email"]})
    own = DataLink.objects.get().get_absolute_url()
    monkeypatch.setattr(breaks, failing_function(asked["note"]))
    site_walk.client.raise_request_exception = False
    response = {
        "ask": lambda: site_walk.client.post(DATA_REQUEST_PATH, {"email": asked["email"]}),
        "own": lambda: site_walk.client.get(own),
        "erase": lambda: site_walk.client.post(own, {"act": "erase-all"}),
        "json": lambda: site_walk.client.post(own, {"act": "json"}),
    }[act]()
    assert response.status_code == 500
    secrets = site_walk.all_marked_words() | {"token": own.split("/")[2]}
    assert find_words({"note": asked["note"]}, site_walk.logs.default_format_places())
    assert find_words(secrets, site_walk.logs.places()) == []
    assert (
        find_words(secrets, {"page": response.content, "head": str(response.headers).encode()})
        == []
    )
    out, err = capfd.readouterr()
    assert find_words(secrets, {"stdout": out.encode(), "stderr": err.encode()}) == []
    assert re.search("988", response.content.decode())
