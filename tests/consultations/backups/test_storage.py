"""How old the newest good backup is, and which ones go."""

import os
from datetime import timedelta

import pytest
import time_machine

from consultations import tasks
from consultations.backups import create, storage
from consultations.backups.storage import BackupError
from practice_site import health
from tests.factories.consultations import NOW, make_staff
from tests.factories.pages import make_practice


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"
    settings.BACKUP_PUBLIC_KEY = ""
    settings.BACKUP_RETENTION_DAYS = 35


def made(age: timedelta) -> None:
    storage.record_last_backup({"at": (NOW - age).isoformat(), "file": "practice-x.backup"})


def test_nobody_is_woken_where_none_was_asked_for() -> None:
    assert storage.is_backup_fresh(NOW)
    assert not storage.is_backup_due(NOW)


@pytest.mark.parametrize(
    ("hours", "due", "fresh"), [(1, False, True), (24, True, True), (26, True, False)]
)
def test_once_a_key_is_set_one_a_day_is_due(settings, hours, due, fresh) -> None:
    settings.BACKUP_PUBLIC_KEY = "k"
    assert storage.is_backup_due(NOW)
    assert not storage.is_backup_fresh(NOW)
    made(timedelta(hours=hours))
    assert (storage.is_backup_due(NOW), storage.is_backup_fresh(NOW)) == (due, fresh)


def test_a_broken_note_counts_as_none(settings) -> None:
    settings.BACKUP_PUBLIC_KEY = "k"
    storage.record_last_backup({"at": "yesterday"})
    assert storage.read_last_backup() is None
    assert storage.is_backup_due(NOW)


def test_readiness_asks_for_it(settings, monkeypatch) -> None:
    settings.BACKUP_PUBLIC_KEY = "k"
    assert not health.backup_is_fresh()
    assert "backup" in health.CHECKS


def test_the_worker_makes_it_when_it_is_due(settings, monkeypatch) -> None:
    seen = []

    def make(*, now):
        seen.append(now)
        return create.BackupResult("x", 1, "", 1, 0, [])

    monkeypatch.setattr(create, "create_backup", make)
    tasks.back_up(NOW)
    assert seen == []
    settings.BACKUP_PUBLIC_KEY = "k"
    tasks.back_up(NOW)
    assert seen == [NOW]
    assert tasks.back_up in tasks.HOURLY


def test_those_past_their_time_go_and_the_newest_stays() -> None:
    storage.backup_dir().mkdir()
    for name, days in (("a", 36), ("b", 34), ("c", 90)):
        file = storage.backup_dir() / f"{storage.BACKUP_PREFIX}{name}{storage.BACKUP_SUFFIX}"
        for path in (file, file.with_suffix(".sha256")):
            path.write_text("x")
            at = (NOW - timedelta(days=days)).timestamp()
            os.utime(path, (at, at))
    assert storage.delete_expired_backups(NOW) == ["practice-a.backup"]
    assert sorted(path.name for path in storage.backup_dir().iterdir()) == [
        "practice-b.backup", "practice-b.sha256", "practice-c.backup", "practice-c.sha256"
    ]  # fmt: skip


def test_production_needs_to_be_told_for_whom(settings) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(BackupError, match="BACKUP_PUBLIC_KEY"):
        storage.load_public_key()
    assert not storage.private_key_path().exists()


def test_elsewhere_a_pair_is_made_once_and_kept_for_its_owner(settings) -> None:
    settings.IS_PRODUCTION = False
    assert storage.load_public_key() == storage.load_public_key()
    assert storage.private_key_path().stat().st_mode & 0o077 == 0
    assert storage.load_private_key()


def test_a_key_that_is_not_there_is_told(tmp_path) -> None:
    with pytest.raises(BackupError, match="missing"):
        storage.load_private_key()
    with pytest.raises(BackupError, match="cannot be read"):
        storage.load_private_key(str(tmp_path / "none"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "age", "words"),
    [
        ("", None, "No backups are made by themselves"),
        ("k", None, "There is no good backup yet"),
        ("k", timedelta(hours=3), "The newest good backup is 3"),
        ("k", timedelta(hours=30), "Look at the worker"),
    ],
)
def test_the_first_page_of_the_admin_says_how_old_it_is(client, settings, key, age, words) -> None:
    settings.BACKUP_PUBLIC_KEY = key
    make_practice()
    if age is not None:
        made(age)
    with time_machine.travel(NOW, tick=False):
        client.force_login(make_staff())
        assert words in client.get("/admin/").content.decode()
        client.force_login(make_staff("view_comment"))
        assert "ackup" not in client.get("/admin/").content.decode()
