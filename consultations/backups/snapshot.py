"""Write a consistent snapshot of a database in use, and check its integrity."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from consultations.backups.errors import BackupError
from consultations.privacy import canary, encryption
from consultations.privacy.models import KeyCanary

SQLITE_FILENAME, POSTGRES_FILENAME = "db.sqlite3", "db.dump"


@dataclass(frozen=True)
class SnapshotFacts:
    """The format and row counts of a snapshot, to compare a restore with."""

    database: str  # file name: SQLITE_FILENAME or POSTGRES_FILENAME
    rows: dict[str, int]


def take_snapshot(folder: Path) -> SnapshotFacts:
    """Write a snapshot into ``folder`` and check its integrity. Raises BackupError."""
    if connection.vendor == "sqlite":
        target = folder / SQLITE_FILENAME
        with connection.cursor() as cursor:
            # Consistent even during concurrent writes, unlike a copy of the file.
            cursor.execute("VACUUM INTO %s", [str(target)])
        os.chmod(target, 0o600)
        return SnapshotFacts(SQLITE_FILENAME, check_sqlite(target))
    return SnapshotFacts(POSTGRES_FILENAME, _dump_postgres(folder / POSTGRES_FILENAME))


def check_sqlite(file: Path) -> dict[str, int]:
    """Check a SQLite file and return the number of rows in each table.

    Raises BackupError if the file is damaged or FIELD_KEYS cannot decrypt its values.
    """
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as sqlite:
            if sqlite.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise BackupError("the database in it is damaged")
            if sqlite.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise BackupError("the database in it has rows that point to nothing")
            names = [
                name
                for (name,) in sqlite.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
                )
                if not name.startswith("sqlite_")
            ]
            rows = {
                name: sqlite.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
                for name in names
            }
            table = KeyCanary._meta.db_table
            query = f'SELECT words FROM "{table}" WHERE uuid = ?'  # noqa: S608
            row = sqlite.execute(query, [canary.CANARY_UUID.hex]).fetchone()
    except sqlite3.Error as error:
        raise BackupError("the database in it cannot be read") from error
    check_canary(row[0] if row else None)
    return rows


def has_tables(database: Path) -> bool:
    """Return whether a SQLite file has tables; merely connecting creates a file without any."""
    if not database.exists() or database.stat().st_size == 0:
        return False
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as sqlite:
            return sqlite.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
    except sqlite3.Error:
        return True  # not a SQLite database, so it must not be overwritten


def read_canary_from_dump(dump: Path) -> bytes | None:
    """Return the encrypted canary from a PostgreSQL dump without restoring it."""
    table = KeyCanary._meta.db_table
    text = run_postgres_tool("pg_restore", "--data-only", f"--table={table}", "--file=-", str(dump))
    names: list[str] = []
    for line in text.splitlines():
        if line.startswith("COPY ") and f".{table} (" in line:
            names = line.partition("(")[2].partition(")")[0].split(", ")
        elif names and line == "\\.":
            break
        elif names:
            cells = dict(zip(names, line.split("\t"), strict=True))
            if cells["uuid"] == str(canary.CANARY_UUID) and cells["words"].startswith("\\\\x"):
                return bytes.fromhex(cells["words"][3:])
    return None


def check_canary(sealed: bytes | None) -> None:
    """Raise BackupError unless FIELD_KEYS decrypt the canary.

    A backup is useless without the keys for its encrypted values.
    """
    if sealed is None:
        raise BackupError("the database in it holds no key canary")
    field = KeyCanary._meta.get_field("words")
    associated_data = f"{getattr(field, 'label')}:{UUID(int=canary.CANARY_UUID.int)}"  # noqa: B009
    try:
        text = encryption.decrypt(bytes(sealed), associated_data=associated_data)
    except encryption.DecryptionError:
        text = ""
    if text != canary.CANARY_TEXT:
        raise BackupError("FIELD_KEYS cannot open it: give the keys that were in use, newest first")


def _dump_postgres(target: Path) -> dict[str, int]:
    """Run pg_dump and return the row counts of the same snapshot. Raises BackupError."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        moment = cursor.fetchone()[0]
        tables = sorted(connection.introspection.table_names(cursor))
        rows = {}
        for name in tables:
            cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608
            rows[name] = cursor.fetchone()[0]
        row = KeyCanary.objects.filter(uuid=canary.CANARY_UUID).first()
        if row is None or not canary.verify_keys():
            raise BackupError("FIELD_KEYS cannot open this database")
        run_postgres_tool(
            "pg_dump",
            "--format=custom",
            "--compress=0",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={moment}",
            f"--file={target}",
        )
    os.chmod(target, 0o600)
    return rows


def run_postgres_tool(program: str, *arguments: str) -> str:
    """Run a PostgreSQL program on our database and return its output. Raises BackupError.

    The password is passed in the environment, because any user can read a process's arguments.
    """
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is not installed on this machine")
    known = connection.get_connection_params()
    names = {
        "PGHOST": known.get("host"),
        "PGPORT": known.get("port"),
        "PGUSER": known.get("user"),
        "PGPASSWORD": known.get("password"),
        "PGDATABASE": known.get("dbname"),
    }
    env = {**os.environ, **{name: str(value) for name, value in names.items() if value}}
    done = subprocess.run(  # noqa: S603
        [path, *arguments], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BackupError(f"{program} failed: {last[:200]}")
    return done.stdout


def count_rows() -> dict[str, int]:
    """Return the number of rows in each table of the connected database."""
    with connection.cursor() as cursor:
        counts = {}
        for name in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608
            counts[name] = cursor.fetchone()[0]
        return counts
