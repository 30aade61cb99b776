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

PAGE = (Path(__file__).parents[1] / "docs" / "privacy.md").read_text(encoding="utf-8")
# A proxy has no columns of its own.
MODELS = [one for one in apps.get_models(include_auto_created=True) if not one._meta.proxy]
MARKER = "Wort, das niemand sonst schreibt"


def rows() -> dict[str, str]:
    """Column name, such as ``Comment.text`` or ``User.*``, to how the map says it is stored."""
    found: dict[str, str] = {}
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`(\w+\.[\w*]+)`", cells[0]) if line.startswith("| `") else []:
            assert name not in found, f"{name} is listed twice"
            assert all(cells), f"{name}: an empty cell"
            found[name] = cells[1]
    return found


LISTED = rows()


def columns() -> dict[str, Any]:
    """Each column of what visitors tell us by itself, everything else by its model."""
    found: dict[str, Any] = {}
    for model in MODELS:
        name = model.__name__
        if model._meta.app_label == "consultations":
            found |= {f"{name}.{field.name}": field for field in model._meta.concrete_fields}
        else:
            found[f"{name}.*"] = model
    return found


def test_every_column_is_on_the_map_and_nothing_else():
    assert sorted(set(columns()) - set(LISTED)) == []
    assert sorted(set(LISTED) - set(columns())) == []


def test_what_the_map_calls_encrypted_is_an_encrypted_field():
    said = {name for name, stored in LISTED.items() if stored == "encrypted"}
    real = {name for name, field in columns().items() if isinstance(field, EncryptedTextField)}
    assert said == real
    assert len(real) >= 10


def test_what_the_map_calls_a_hash_is_named_so_and_has_its_length():
    for name, stored in LISTED.items():
        if stored == "keyed hash":
            field = columns()[name]
            assert name.endswith(("fingerprint", "RateCount.key", ".mac", ".seal", ".digest"))
            assert field.max_length == 64


def test_stored_words_mean_something():
    known = {"encrypted", "keyed hash", "random", "clear"}
    assert {stored.partition(",")[0] for stored in LISTED.values()} == known


@pytest.mark.parametrize(("days", "name"), re.findall(r"([0-9]+) days\s+\(`(\w+)`\)", PAGE))
def test_days_are_those_of_the_settings(days, name):
    assert int(days) == getattr(settings, name)


def test_the_page_names_every_retention_setting():
    names = {name for name in dir(settings) if name.endswith("_RETENTION_DAYS")}
    assert names
    assert names - set(re.findall(r"`(\w+)`", PAGE)) == set()


def examples() -> list[Any]:
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
        row = model(**known, **dict.fromkeys(sealed, MARKER))
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
def test_encrypted_columns_hold_no_clear_text_in_the_database():
    private = {type(row) for row in examples()}
    assert {f.split(".")[0] for f, how in LISTED.items() if how == "encrypted"} == {
        model.__name__ for model in private
    }
    for row in private:
        assert cells_with(row, MARKER) == []


@pytest.mark.django_db
def test_the_search_for_clear_text_would_find_it(monkeypatch):
    monkeypatch.setattr(
        "consultations.privacy.encryption.seal", lambda clear, *, cell: clear.encode()
    )
    examples()
    assert "note" in cells_with(Consultation, MARKER)
    assert "text" in cells_with(Comment, MARKER)


def cells_with(model, words: str) -> list[str]:
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
