"""docs/privacy.md lists every database column, and says truly how each one is stored."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from consultations.accounts.models import HeldForm, Invitation
from consultations.booking.calendars.models import BusySource
from consultations.booking.email_copies import SentEmail
from consultations.booking.models import Consultation, ConsultationEvent
from consultations.comments.models import Comment
from consultations.data_rights.models import DataLink
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.fields import EncryptedTextField
from consultations.privacy.models import DurableKey, KeyCanary
from tests.factories.pages import make_article, make_practitioner

PRIVACY_DOC = (Path(__file__).parents[1] / "docs" / "privacy.md").read_text(encoding="utf-8")
# Proxy models have no columns of their own.
MODELS = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
MARKED_TEXT = "Wort, das niemand sonst schreibt"


def parse_documented_columns() -> dict[str, str]:
    """Map column names, such as ``Comment.text`` or ``User.*``, to the documented storage."""
    columns: dict[str, str] = {}
    for line in PRIVACY_DOC.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`(\w+\.[\w*]+)`", cells[0]) if line.startswith("| `") else []:
            assert name not in columns, f"{name} is listed twice"
            assert all(cells), f"{name}: an empty cell"
            columns[name] = cells[1]
    return columns


DOCUMENTED_COLUMNS = parse_documented_columns()


def model_columns() -> dict[str, Any]:
    """Return each column of consultations, and one entry per model for everything else."""
    columns: dict[str, Any] = {}
    for model in MODELS:
        name = model.__name__
        if model._meta.app_label == "consultations":
            columns |= {f"{name}.{field.name}": field for field in model._meta.concrete_fields}
        else:
            columns[f"{name}.*"] = model
    return columns


def test_privacy_doc_lists_exactly_the_existing_columns():
    assert sorted(set(model_columns()) - set(DOCUMENTED_COLUMNS)) == []
    assert sorted(set(DOCUMENTED_COLUMNS) - set(model_columns())) == []


def test_documented_encrypted_columns_are_encrypted_fields():
    documented = {name for name, stored in DOCUMENTED_COLUMNS.items() if stored == "encrypted"}
    encrypted = {
        name for name, field in model_columns().items() if isinstance(field, EncryptedTextField)
    }
    assert documented == encrypted
    assert len(encrypted) >= 10


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
    """Create one row of each encrypted model, with the marker in every encrypted column."""
    now = timezone.now()
    values: dict[Any, dict[str, Any]] = {
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
        SentEmail: {"created_at": now, "key": "a"},
        BusySource: {"label": "Own"},
        KeyCanary: {},
        DurableKey: {"purpose": "test"},
        DataLink: {"created_at": now, "expires_at": now},
        Invitation: {"created_at": now, "expires_at": now},
        HeldForm: {"kept_at": now, "path": "/admin/"},
    }
    rows: list[Any] = []
    for model, plain in values.items():
        encrypted = [f.name for f in model._meta.fields if isinstance(f, EncryptedTextField)]
        row = model(**plain, **dict.fromkeys(encrypted, MARKED_TEXT))
        if isinstance(row, ConsultationEvent | SentEmail):
            row.consultation = rows[0]
        if isinstance(row, HeldForm):
            row.user = User.objects.create(username="holder")
        if isinstance(row, BusySource):
            row.practitioner = make_practitioner()
        if isinstance(row, Comment):
            row.article = make_article()
        row.save()
        rows.append(row)
    return rows


@pytest.mark.django_db
def test_encrypted_columns_store_no_plaintext():
    models = {type(row) for row in make_example_rows()}
    assert {
        name.split(".")[0] for name, stored in DOCUMENTED_COLUMNS.items() if stored == "encrypted"
    } == {model.__name__ for model in models}
    for model in models:
        assert columns_containing(model, MARKED_TEXT) == []


@pytest.mark.django_db
def test_plaintext_search_detects_missing_encryption(monkeypatch):
    monkeypatch.setattr(
        "consultations.privacy.encryption.encrypt",
        lambda plaintext, *, associated_data: plaintext.encode(),
    )
    make_example_rows()
    assert "note" in columns_containing(Consultation, MARKED_TEXT)
    assert "text" in columns_containing(Comment, MARKED_TEXT)


def columns_containing(model: type[Model], text: str) -> list[str]:
    """Return the columns of the raw table that contain the text, without Django's fields."""
    columns = []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table}")
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            for name, value in zip(names, row, strict=True):
                raw = value if isinstance(value, bytes | memoryview) else str(value).encode()
                if text.encode() in bytes(raw):
                    columns.append(name)
    return columns
