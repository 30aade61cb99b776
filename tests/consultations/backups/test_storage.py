"""Tests for backup age, schedule, keys and retention."""

import os
from datetime import timedelta

import pytest
import time_machine

from consultations import tasks
from consultations.backups import create, storage
from consultations.backups.errors import BackupError
from practice_site import health
from tests.factories.consultations import NOW, make_staff
from tests.factories.pages import make_practice

TURN_ON = "Ask whoever runs your server to turn them on."
LOOK = "Ask whoever runs your server to look at it."


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"
    settings.BACKUP_PUBLIC_KEY = ""
    settings.BACKUP_RETENTION_DAYS = 35


def record_backup_aged(age: timedelta) -> None:
    storage.record_last_backup({"at": (NOW - age).isoformat(), "file": "practice-x.backup"})


def test_no_backup_is_overdue_when_none_is_scheduled() -> None:
    assert not storage.is_backup_overdue(NOW)
    assert not storage.is_backup_due(NOW)


@pytest.mark.parametrize(
    ("hours", "due", "overdue"), [(1, False, False), (24, True, False), (26, True, True)]
)
def test_daily_backup_is_due_once_a_key_is_set(settings, hours, due, overdue) -> None:
    settings.BACKUP_PUBLIC_KEY = "k"
    assert storage.is_backup_due(NOW)
    assert storage.is_backup_overdue(NOW)
    record_backup_aged(timedelta(hours=hours))
    assert (storage.is_backup_due(NOW), storage.is_backup_overdue(NOW)) == (due, overdue)


def test_invalid_last_backup_file_counts_as_missing(settings) -> None:
    settings.BACKUP_PUBLIC_KEY = "k"
    storage.record_last_backup({"at": "yesterday"})
    assert storage.read_last_backup() is None
    assert storage.is_backup_due(NOW)


def test_readiness_includes_backup_age(settings, monkeypatch) -> None:
    settings.BACKUP_PUBLIC_KEY = "k"
    assert not health.is_backup_fresh()
    assert "backup" in health.CHECKS


def test_worker_creates_due_backup(settings, monkeypatch) -> None:
    seen = []

    def make(*, now):
        seen.append(now)
        return create.BackupResult("x", 1, "", 1, 0, [])

    monkeypatch.setattr(create, "create_backup", make)
    tasks.create_backup_when_due(NOW)
    assert seen == []
    settings.BACKUP_PUBLIC_KEY = "k"
    tasks.create_backup_when_due(NOW)
    assert seen == [NOW]
    assert tasks.create_backup_when_due in tasks.HOURLY_TASKS


def test_expired_backups_are_deleted_except_the_newest() -> None:
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


def test_production_requires_a_public_key(settings) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(BackupError, match="BACKUP_PUBLIC_KEY"):
        storage.load_public_key()
    assert not storage.private_key_path().exists()


def test_key_pair_is_created_once_outside_production(settings) -> None:
    settings.IS_PRODUCTION = False
    assert storage.load_public_key() == storage.load_public_key()
    assert storage.private_key_path().stat().st_mode & 0o077 == 0
    assert storage.load_private_key()


def test_missing_private_key_is_reported(tmp_path) -> None:
    with pytest.raises(BackupError, match="missing"):
        storage.load_private_key()
    with pytest.raises(BackupError, match="cannot be read"):
        storage.load_private_key(str(tmp_path / "none"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "age", "text", "advice"),
    [
        ("", None, "Automatic backups are off.", TURN_ON),
        ("k", None, "There is no backup yet.", LOOK),
        ("k", timedelta(hours=3), "The newest backup is 3\xa0hours old.", ""),
        ("k", timedelta(hours=30), "The newest backup is 1\xa0day old.", LOOK),
    ],
)
def test_admin_index_shows_backup_age(client, settings, key, age, text, advice) -> None:
    settings.BACKUP_PUBLIC_KEY = key
    make_practice()
    if age is not None:
        record_backup_aged(age)
    with time_machine.travel(NOW, tick=False):
        client.force_login(make_staff())
        page = client.get("/admin/").content.decode()
        # What is wrong stands out, with what to do about it.
        shown = f"<strong>{text}</strong> {advice}</p>" if advice else f">{text} </p>"
        assert shown in page
        client.force_login(make_staff("view_comment"))
        assert "ackup" not in client.get("/admin/").content.decode()
