"""docs/privacy.md is the data map: every column is on it, and stored the way it says."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from consultations.accounts.models import HeldForm, Invitation
from consultations.booking.calendars.models import BusySource
from consultations.booking.models import Consultation, ConsultationEvent
from consultations.comments.models import Comment
from consultations.data_rights.models import DataLink
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.fields import EncryptedTextField
from consultations.privacy.models import DurableKey, KeyCanary
from tests.factories.pages import make_article, make_practitioner

PRIVACY_DOC = (Path(__file__).parents[1] / "docs" / "privacy.md").read_text(encoding="utf-8")
# A proxy has no columns of its own.
MODELS = [one for one in apps.get_models(include_auto_created=True) if not one._meta.proxy]
MARKED_TEXT = "Wort, das niemand sonst schreibt"


def parse_documented_columns() -> dict[str, str]:
    """Column name, such as ``Comment.text`` or ``User.*``, to how the map says it is stored."""
    found: dict[str, str] = {}
    for line in PRIVACY_DOC.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`(\w+\.[\w*]+)`", cells[0]) if line.startswith("| `") else []:
            assert name not in found, f"{name} is listed twice"
            assert all(cells), f"{name}: an empty cell"
            found[name] = cells[1]
    return found


DOCUMENTED_COLUMNS = parse_documented_columns()


def model_columns() -> dict[str, Any]:
    """Each column of what visitors tell us by itself, everything else by its model."""
    found: dict[str, Any] = {}
    for model in MODELS:
        name = model.__name__
        if model._meta.app_label == "consultations":
            found |= {f"{name}.{field.name}": field for field in model._meta.concrete_fields}
        else:
            found[f"{name}.*"] = model
    return found


def test_privacy_doc_lists_exactly_the_existing_columns():
    assert sorted(set(model_columns()) - set(DOCUMENTED_COLUMNS)) == []
    assert sorted(set(DOCUMENTED_COLUMNS) - set(model_columns())) == []


def test_documented_encrypted_columns_are_encrypted_fields():
    said = {name for name, stored in DOCUMENTED_COLUMNS.items() if stored == "encrypted"}
    real = {
        name for name, field in model_columns().items() if isinstance(field, EncryptedTextField)
    }
    assert said == real
    assert len(real) >= 10


def test_documented_hash_columns_have_hash_names_and_length():
    for name, stored in DOCUMENTED_COLUMNS.items():
        if stored == "keyed hash":
            field = model_columns()[name]
            assert name.endswith(("fingerprint", "RateCount.key", ".mac", ".seal", ".digest"))
            assert field.max_length == 64


def test_storage_descriptions_use_known_terms():
    known = {"encrypted", "keyed hash", "random", "clear"}
    assert {stored.partition(",")[0] for stored in DOCUMENTED_COLUMNS.values()} == known


@pytest.mark.parametrize(("days", "name"), re.findall(r"([0-9]+) days\s+\(`(\w+)`\)", PRIVACY_DOC))
def test_documented_retention_days_match_settings(days, name):
    assert int(days) == getattr(settings, name)


def test_privacy_doc_names_every_retention_setting():
    names = {name for name in dir(settings) if name.endswith("_RETENTION_DAYS")}
    assert names
    assert names - set(re.findall(r"`(\w+)`", PRIVACY_DOC)) == set()


def make_example_rows() -> list[Any]:
    """One row of each model, with the marker in every encrypted column."""
    now = timezone.now()
    facts: dict[Any, dict[str, Any]] = {
        Consultation: {
            "reference": "HC-TEST1",
            "idempotency_key": "k" * 32,
            "kind": "call_back",
            "visitor_zone": "UTC",
            "channel": "email",
            "consent_version": "1",
            "consent_at": now,
            "reply_by": now,
            "created_at": now,
        },
        Comment: {"created_at": now, "status_changed_at": now},
        OutgoingEmail: {"about": "0" * 32, "next_at": now, "created_at": now, "key": "a"},
        ConsultationEvent: {"at": now, "actor": "visitor", "after": "requested"},
        BusySource: {"label": "Own"},
        KeyCanary: {},
        DurableKey: {"purpose": "test"},
        DataLink: {"created_at": now, "expires_at": now},
        Invitation: {"created_at": now, "expires_at": now},
        HeldForm: {"kept_at": now, "path": "/admin/"},
    }
    made: list[Any] = []
    for model, known in facts.items():
        sealed = [f.name for f in model._meta.fields if isinstance(f, EncryptedTextField)]
        row = model(**known, **dict.fromkeys(sealed, MARKED_TEXT))
        if isinstance(row, ConsultationEvent):
            row.consultation = made[0]
        if isinstance(row, HeldForm):
            row.user = User.objects.create(username="holder")
        if isinstance(row, BusySource):
            row.practitioner = make_practitioner()
        if isinstance(row, Comment):
            row.article = make_article()
        row.save()
        made.append(row)
    return made


@pytest.mark.django_db
def test_encrypted_columns_store_no_plaintext():
    private = {type(row) for row in make_example_rows()}
    assert {f.split(".")[0] for f, how in DOCUMENTED_COLUMNS.items() if how == "encrypted"} == {
        model.__name__ for model in private
    }
    for row in private:
        assert columns_containing(row, MARKED_TEXT) == []


@pytest.mark.django_db
def test_plaintext_search_detects_missing_encryption(monkeypatch):
    monkeypatch.setattr(
        "consultations.privacy.encryption.encrypt", lambda clear, *, cell: clear.encode()
    )
    make_example_rows()
    assert "note" in columns_containing(Consultation, MARKED_TEXT)
    assert "text" in columns_containing(Comment, MARKED_TEXT)


def columns_containing(model, words: str) -> list[str]:
    """Columns of the bare table, past every field of Django's, that hold the words."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table}")
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            for name, value in zip(names, row, strict=True):
                raw = value if isinstance(value, bytes | memoryview) else str(value).encode()
                if words.encode() in bytes(raw):
                    found.append(name)
    return found
