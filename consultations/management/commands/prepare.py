"""Bring the database and static files up to date with this version of the code."""

import fcntl
import hashlib
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypedDict, Unpack

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from consultations.management import key_check
from pages.practice import error_pages

# Arbitrary, but not used by anything else on the database server.
ADVISORY_LOCK = 7_202_611


class Options(TypedDict):
    """The options of this command."""

    no_static: bool


class Command(BaseCommand):
    help = "Migrate, create the cache table, collect static files. Safe to run twice at once."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-static", action="store_true", help="the static files are built elsewhere"
        )

    def handle(self, *args: object, **options: Unpack[Options]) -> None:
        create_directories()
        with exclusive_lock():
            require_matching_keys_if_migrated()
            call_command("migrate", interactive=False, verbosity=0)
            require_matching_keys_if_migrated()
            call_command("createcachetable", verbosity=0)
            restrict_database_permissions()
            if not options["no_static"]:
                collect_static_if_changed()
            # After the static files, because the pages link to the current stylesheet.
            error_pages.write_error_pages()


def create_directories() -> None:
    for name in ("media", "mail", "log", "keys", "backups", "run"):
        (settings.DATA_DIR / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    # The reverse proxy serves these while the site is down.
    errors = settings.DATA_DIR / "errors"
    errors.mkdir(exist_ok=True)
    errors.chmod(0o755)


def restrict_database_permissions() -> None:
    """Make the SQLite files private, even if they were created by hand with default permissions."""
    if connection.vendor != "sqlite":
        return
    for end in ("", "-wal", "-shm"):
        with suppress(OSError):  # missing, or owned by another user, who can keep it private
            Path(f"{connection.settings_dict['NAME']}{end}").chmod(0o600)


def require_matching_keys_if_migrated() -> None:
    """Check the keys, unless the database is new.

    Called before migrating, because a migration may write encrypted values, and again after,
    because then the canary has a table.
    """
    try:
        key_check.require_matching_keys()
    except DatabaseError:
        return  # a new database


@contextmanager
def exclusive_lock() -> Iterator[None]:
    """Hold a lock so that two containers starting together do not both migrate; one waits."""
    if connection.vendor == "postgresql":
        # A separate connection: migrations may close theirs, which would release the lock.
        keeper = connection.copy()
        try:
            with keeper.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
            yield
        finally:
            keeper.close()
    else:
        with (settings.DATA_DIR / "run" / "prepare.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def collect_static_if_changed() -> None:
    """Collect static files only if a source file changed, since it is the slowest step."""
    note = settings.DATA_DIR / "run" / "static.sha256"
    wanted = static_fingerprint()
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists() and note.exists() and note.read_text(encoding="ascii") == wanted:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    note.write_text(wanted, encoding="ascii")


def static_fingerprint() -> str:
    """Return a digest of everything that determines the collected static files."""
    digest = hashlib.sha256(f"{django.__version__} {settings.STATIC_ROOT}".encode())
    storage = Path(settings.BASE_DIR) / "practice_site" / "storage.py"
    if storage.exists():
        digest.update(storage.read_bytes())
    for finder in get_finders():
        for path, found_in in finder.list([]):
            stat = Path(found_in.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
