"""`prepare` creates what is missing and keeps what exists."""

import os
import stat

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from consultations.management.commands import prepare
from consultations.privacy import canary


@pytest.fixture
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    return tmp_path


def file_mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.django_db
def test_only_error_pages_are_readable_by_the_proxy(data_dir):
    call_command("prepare", no_static=True)
    assert file_mode(data_dir / "errors") == 0o755
    for name in ("keys", "mail", "log", "media", "backups"):
        assert file_mode(data_dir / name) == 0o700
    assert (data_dir / "errors" / "503.html").exists()


def test_static_files_are_collected_only_after_a_change(data_dir, settings, monkeypatch):
    source = data_dir / "source"
    source.mkdir()
    (source / "a.css").write_text("a{}")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    (data_dir / "run").mkdir()
    runs = []

    def collect(name, **options):
        runs.append(name)
        (data_dir / "static").mkdir(exist_ok=True)
        (data_dir / "static" / "staticfiles.json").touch()

    monkeypatch.setattr(prepare, "call_command", collect)
    prepare.collect_static_if_changed()
    prepare.collect_static_if_changed()
    assert runs == ["collectstatic"]
    os.utime(source / "a.css", (1, 1))
    prepare.collect_static_if_changed()
    assert runs == ["collectstatic"] * 2
    (data_dir / "static" / "staticfiles.json").unlink()
    prepare.collect_static_if_changed()
    assert runs == ["collectstatic"] * 3


def test_interrupted_collectstatic_is_repeated(data_dir, settings, monkeypatch):
    settings.STATICFILES_DIRS = []
    (data_dir / "run").mkdir()

    def fail(name, **options):
        raise OSError("disk full")

    monkeypatch.setattr(prepare, "call_command", fail)
    with pytest.raises(OSError, match="disk full"):
        prepare.collect_static_if_changed()
    assert not (data_dir / "run" / "static.sha256").exists()


@pytest.mark.django_db
def test_wrong_keys_are_refused_before_migrating(data_dir, monkeypatch):
    called = []
    monkeypatch.setattr(canary, "verify_keys", lambda: False)
    monkeypatch.setattr(prepare, "call_command", lambda *names, **options: called.append(names))
    with pytest.raises(CommandError, match="FIELD_KEYS cannot open") as caught:
        prepare.Command().handle(no_static=True)
    assert (caught.value.returncode, called) == (78, [])


@pytest.mark.django_db
def test_database_is_readable_by_its_owner_only(data_dir, settings, monkeypatch):
    file = data_dir / "db.sqlite3"
    monkeypatch.setattr(connection, "vendor", "sqlite")
    for end in ("", "-wal"):
        (data_dir / f"db.sqlite3{end}").write_bytes(b"")
        (data_dir / f"db.sqlite3{end}").chmod(0o644)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    prepare.restrict_database_permissions()
    assert [file_mode(data_dir / f"db.sqlite3{end}") for end in ("", "-wal")] == [0o600, 0o600]
