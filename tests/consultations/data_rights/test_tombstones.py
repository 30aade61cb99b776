"""The erased stay erased, also when the database is put back as it was before."""

import json
from datetime import timedelta
from typing import Any

import pytest

from consultations.backups import create
from consultations.backups.storage import BackupError
from consultations.booking.models import Consultation
from consultations.comments.models import Comment
from consultations.data_rights import tombstones, workflow
from consultations.data_rights.models import Tombstone
from consultations.data_rights.people import Person, by_email
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import rotation
from consultations.privacy.models import DurableKey
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import NOW, make_comment, make_consultation
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
ADA = by_email("ada@mail.example")
LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"
    settings.BACKUP_PUBLIC_KEY = ""
    make_practice()
    tombstones.make_key()


def erase(person: Person = ADA, now=NOW) -> None:
    workflow.erase_person(person, by=None, now=now)
    tombstones.write_file(now=now)


def as_before(*rows) -> None:
    """What a restored backup does: the rows are back, the list in the database is not."""
    Tombstone.objects.all().delete()
    for row in rows:
        row._state.adding = True
        row.save(force_insert=True)


def test_they_hold_hashes_only() -> None:
    make_consultation(email="ada@mail.example", name="Ada Visitor")
    erase()
    text = tombstones.file().read_text()
    # Whole words: three letters from a to f turn up in a hash by chance.
    assert [word for word in ("ada@", "visitor", "mail.example") if word in text.lower()] == []
    lines = [json.loads(line) for line in text.splitlines()]
    assert set(lines[0]) == {"key"}
    assert {tuple(sorted(line)) for line in lines[1:]} == {("at", "digest", "kind")}
    kinds = sorted(Tombstone.objects.values_list("kind", flat=True))
    assert kinds == ["address", "record", "record"]  # the request, and the mail about it


def test_after_a_restore_they_are_erased_again_and_nobody_else() -> None:
    row = Consultation.objects.get(pk=make_consultation(email="ada@mail.example").pk)
    names = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    other = make_consultation(email="ben@mail.example")
    erase()
    assert list(Consultation.objects.all()) == [other]
    as_before(Consultation(**names))
    assert Consultation.objects.count() == 2
    assert tombstones.replay(now=LATER) == 1
    assert list(Consultation.objects.all()) == [other]
    assert tombstones.replay(now=LATER) == 0


def test_what_only_the_backup_still_knew_goes_too() -> None:
    """A record that retention had deleted before the person asked to be forgotten."""
    erase()
    make_consultation(email="Ada@mail.example", now=NOW - timedelta(days=200))
    make_comment(email="ada@mail.example", now=NOW - timedelta(days=3))
    assert tombstones.replay(now=LATER) >= 2
    assert not Consultation.objects.exists()
    assert not Comment.objects.exists()
    assert not OutgoingEmail.objects.filter(message="consultation_received").exists()


def test_who_writes_again_afterwards_is_not_erased() -> None:
    erase()
    make_consultation(email="ada@mail.example", now=LATER)
    assert tombstones.replay(now=LATER) == 0
    assert Consultation.objects.exists()


def test_somebody_without_an_address_is_found_by_the_record() -> None:
    facts: Any = {"email": "", "phone": "+15035550142", "channel": "call", "kind": "call_back"}
    row = Consultation.objects.get(pk=make_consultation(name="Cem", **facts).pk)
    names = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    housemate = make_consultation(name="Dora", **facts)
    erase(Person(phone="+15035550142", name="cem"))
    as_before(Consultation(**names))
    tombstones.replay(now=LATER)
    assert list(Consultation.objects.all()) == [housemate]


def test_they_outlive_a_change_of_keys(settings) -> None:
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    DurableKey.objects.all().delete()
    tombstones.make_key()
    erase()
    settings.FIELD_KEYS = [(2, b"b" * 32), (1, b"a" * 32)]
    rotation.rotate()
    settings.FIELD_KEYS = [(2, b"b" * 32)]
    make_consultation(email="ada@mail.example", now=NOW - timedelta(days=3))
    as_before()
    assert tombstones.replay(now=LATER) >= 1
    assert not Consultation.objects.exists()


def test_a_list_under_another_key_is_refused_aloud() -> None:
    erase()
    as_before()
    DurableKey.objects.filter(purpose="erased").delete()
    tombstones.make_key()
    with pytest.raises(tombstones.OtherKey):
        tombstones.replay(now=LATER)


def test_the_file_keeps_what_the_database_has_lost() -> None:
    erase()
    first = tombstones.file().read_text()
    as_before()
    tombstones.write_file(now=LATER)
    assert tombstones.file().read_text() == first


def test_it_is_forgotten_when_no_backup_can_be_left(settings) -> None:
    settings.ERASURE_RETENTION_DAYS = 400
    erase()
    Tombstone.objects.all().delete()
    tombstones.write_file(now=NOW + timedelta(days=401))
    assert "digest" not in tombstones.file().read_text()


def test_erased_twice_counts_from_the_later() -> None:
    erase()
    erase(now=LATER)
    stone = Tombstone.objects.get(kind="address")
    assert stone.at == LATER


@pytest.mark.parametrize("lost", ["gone", "damaged"])
def test_a_lost_key_of_the_list_keeps_nobody_from_being_erased(lost, caplog) -> None:
    make_consultation(email="ben@mail.example")
    erase(by_email("ben@mail.example"))
    listed = tombstones.file().read_text()
    make_consultation(email="ada@mail.example")
    key = DurableKey.objects.get(purpose="erased")
    if lost == "gone":
        key.delete()
    else:
        tamper(key, "secret")
    erase()
    assert not Consultation.objects.exists()
    assert "the key of the list cannot be opened" in caplog.text
    assert tombstones.file().read_text() == listed
    with pytest.raises(BackupError, match="key of the list of the erased"):
        create.create_backup(now=NOW)
