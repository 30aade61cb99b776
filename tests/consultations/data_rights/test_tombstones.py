"""Tombstones: erased data stays erased after an older database has been restored."""

import json
from datetime import timedelta
from typing import Any

import pytest

from consultations.backups import create
from consultations.backups.errors import BackupError
from consultations.booking.models import Consultation
from consultations.comments.models import Comment
from consultations.data_rights import tombstones, workflow
from consultations.data_rights.models import Tombstone
from consultations.data_rights.people import Person, person_with_email
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import rotation
from consultations.privacy.models import DurableKey
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import NOW, make_comment, make_consultation
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
ADA = person_with_email("ada@mail.example")
LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"
    settings.BACKUP_PUBLIC_KEY = ""
    make_practice()
    tombstones.ensure_key()


def erase_and_write_file(person: Person = ADA, now=NOW) -> None:
    workflow.erase_person(person, by=None, now=now)
    tombstones.write_tombstone_file(now=now)


def restore_old_rows(*rows) -> None:
    """Imitate a restored backup: the rows are back, the tombstones in the database are not."""
    Tombstone.objects.all().delete()
    for row in rows:
        row._state.adding = True
        row.save(force_insert=True)


def test_tombstones_hold_only_hashes() -> None:
    make_consultation(email="ada@mail.example", name="Ada Visitor")
    erase_and_write_file()
    text = tombstones.tombstone_path().read_text()
    # Whole words: "ada" alone can occur in a hash by chance.
    assert [word for word in ("ada@", "visitor", "mail.example") if word in text.lower()] == []
    lines = [json.loads(line) for line in text.splitlines()]
    assert set(lines[0]) == {"key"}
    assert {tuple(sorted(line)) for line in lines[1:]} == {("at", "digest", "kind")}
    kinds = sorted(Tombstone.objects.values_list("kind", flat=True))
    assert kinds == ["address", "record", "record"]  # the consultation and its email


def test_replay_erases_restored_rows_of_erased_people_only() -> None:
    row = Consultation.objects.get(pk=make_consultation(email="ada@mail.example").pk)
    names = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    other = make_consultation(email="ben@mail.example")
    erase_and_write_file()
    assert list(Consultation.objects.all()) == [other]
    restore_old_rows(Consultation(**names))
    assert Consultation.objects.count() == 2
    assert tombstones.replay_tombstones(now=LATER) == 1
    assert list(Consultation.objects.all()) == [other]
    assert tombstones.replay_tombstones(now=LATER) == 0


def test_replay_erases_older_records_of_the_same_address() -> None:
    """These had been purged before the erasure, and are back after a restore."""
    erase_and_write_file()
    make_consultation(email="Ada@mail.example", now=NOW - timedelta(days=200))
    make_comment(email="ada@mail.example", now=NOW - timedelta(days=3))
    assert tombstones.replay_tombstones(now=LATER) >= 2
    assert not Consultation.objects.exists()
    assert not Comment.objects.exists()
    assert not OutgoingEmail.objects.filter(message="consultation_received").exists()


def test_replay_keeps_records_written_after_erasure() -> None:
    erase_and_write_file()
    make_consultation(email="ada@mail.example", now=LATER)
    assert tombstones.replay_tombstones(now=LATER) == 0
    assert Consultation.objects.exists()


def test_replay_matches_person_without_email_by_record() -> None:
    facts: Any = {"email": "", "phone": "+15035550142", "channel": "call", "kind": "call_back"}
    row = Consultation.objects.get(pk=make_consultation(name="Cem", **facts).pk)
    names = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    housemate = make_consultation(name="Dora", **facts)
    erase_and_write_file(Person(phone="+15035550142", name="cem"))
    restore_old_rows(Consultation(**names))
    tombstones.replay_tombstones(now=LATER)
    assert list(Consultation.objects.all()) == [housemate]


def test_tombstones_survive_key_rotation(settings) -> None:
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    DurableKey.objects.all().delete()
    tombstones.ensure_key()
    erase_and_write_file()
    settings.FIELD_KEYS = [(2, b"b" * 32), (1, b"a" * 32)]
    rotation.rotate_keys()
    settings.FIELD_KEYS = [(2, b"b" * 32)]
    make_consultation(email="ada@mail.example", now=NOW - timedelta(days=3))
    restore_old_rows()
    assert tombstones.replay_tombstones(now=LATER) >= 1
    assert not Consultation.objects.exists()


def test_file_under_another_key_is_refused() -> None:
    erase_and_write_file()
    restore_old_rows()
    DurableKey.objects.filter(purpose="erased").delete()
    tombstones.ensure_key()
    with pytest.raises(tombstones.KeyMismatch):
        tombstones.replay_tombstones(now=LATER)


def test_file_keeps_entries_missing_from_the_database() -> None:
    erase_and_write_file()
    first = tombstones.tombstone_path().read_text()
    restore_old_rows()
    tombstones.write_tombstone_file(now=LATER)
    assert tombstones.tombstone_path().read_text() == first


def test_entries_expire_after_erasure_retention(settings) -> None:
    settings.ERASURE_RETENTION_DAYS = 400
    erase_and_write_file()
    Tombstone.objects.all().delete()
    tombstones.write_tombstone_file(now=NOW + timedelta(days=401))
    assert "digest" not in tombstones.tombstone_path().read_text()


def test_second_erasure_updates_the_date() -> None:
    erase_and_write_file()
    erase_and_write_file(now=LATER)
    tombstone = Tombstone.objects.get(kind="address")
    assert tombstone.at == LATER


@pytest.mark.parametrize("lost", ["gone", "damaged"])
def test_erasure_works_without_the_tombstone_key(lost, caplog) -> None:
    make_consultation(email="ben@mail.example")
    erase_and_write_file(person_with_email("ben@mail.example"))
    before = tombstones.tombstone_path().read_text()
    make_consultation(email="ada@mail.example")
    key = DurableKey.objects.get(purpose="erased")
    if lost == "gone":
        key.delete()
    else:
        tamper(key, "secret")
    erase_and_write_file()
    assert not Consultation.objects.exists()
    assert "the key of the list cannot be opened" in caplog.text
    assert tombstones.tombstone_path().read_text() == before
    with pytest.raises(BackupError, match="key of the list of the erased"):
        create.create_backup(now=NOW)
