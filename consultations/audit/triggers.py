"""The database itself refuses to change the audit log, whoever asks: our code, a shell, a bug.

Only one thing is let through: removing rows that a checkpoint covers. A migration that rebuilds
a table loses its triggers (SQLite), so they are made again after every migration, and a system
check says when one is missing.
"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection

from consultations.audit.models import AuditCheckpoint, AuditEntry, AuditHead

APPEND_ONLY_ERROR = "the audit log is added to, never changed"
ENTRY_TABLE = AuditEntry._meta.db_table
HEAD_TABLE = AuditHead._meta.db_table
CHECKPOINT_TABLE = AuditCheckpoint._meta.db_table
# Name: (table, the statement it meets, and when it lets it through).
NOT_COVERED_CONDITION = f"OLD.number > COALESCE((SELECT MAX(up_to) FROM {CHECKPOINT_TABLE}), 0)"  # noqa: S608
TRIGGERS = {
    "audit_entry_no_update": (ENTRY_TABLE, "UPDATE", ""),
    "audit_entry_no_delete": (ENTRY_TABLE, "DELETE", NOT_COVERED_CONDITION),
    "audit_checkpoint_no_update": (CHECKPOINT_TABLE, "UPDATE", ""),
    "audit_checkpoint_no_delete": (CHECKPOINT_TABLE, "DELETE", ""),
    "audit_head_no_delete": (HEAD_TABLE, "DELETE", ""),
}
PROTECTED_TABLES = (ENTRY_TABLE, CHECKPOINT_TABLE, HEAD_TABLE)


def create_triggers() -> None:
    """Make them anew; safe to run at any time."""
    drop_triggers()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTION)
        for name, (table, act, condition) in TRIGGERS.items():
            cursor.execute(trigger_sql(name, table, act, condition))
        if connection.vendor == "postgresql":
            for table in PROTECTED_TABLES:
                cursor.execute(
                    f"CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
                )


def drop_triggers() -> None:
    """For tests that empty the tables, and before making them anew."""
    with connection.cursor() as cursor:
        for name, (table, _act, _condition) in TRIGGERS.items():
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
        if connection.vendor == "postgresql":
            for table in PROTECTED_TABLES:
                cursor.execute(f"DROP TRIGGER IF EXISTS audit_no_truncate ON {table}")


def trigger_sql(name: str, table: str, act: str, condition: str) -> str:
    head = f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW"
    if connection.vendor == "postgresql":
        # A condition of a trigger may hold no query there: the function asks it.
        arguments = "'covered'" if condition else ""
        return f"{head} EXECUTE FUNCTION audit_refuses({arguments})"
    when = f" WHEN {condition}" if condition else ""
    return f"{head}{when} BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY_ERROR}'); END"


POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_NARGS > 0 THEN
        IF OLD.number <= COALESCE((SELECT MAX(up_to) FROM {CHECKPOINT_TABLE}), 0) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '{APPEND_ONLY_ERROR}';
END
$$
"""  # noqa: S608


def missing_triggers() -> list[str]:
    """The guards that are not there; empty when all are, or before the first migration."""
    if ENTRY_TABLE not in connection.introspection.table_names():
        return []
    return sorted(set(expected_triggers()) - installed_triggers())


def expected_triggers() -> list[str]:
    return [*TRIGGERS, *(["audit_no_truncate"] if connection.vendor == "postgresql" else [])]


def installed_triggers() -> set[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        # One that was switched off is as good as gone.
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall()}


def create_triggers_after_migrate(sender: Any, **kwargs: Any) -> None:
    """Connected to post_migrate of this app."""
    if ENTRY_TABLE in connection.introspection.table_names():
        create_triggers()


# System check: the database guards the audit log.


@register(Tags.database)
def check_audit_triggers(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Run by ``check --database default`` and, before anything else, by migrate."""
    if not databases:
        return []
    try:
        gone = missing_triggers()
    except DatabaseError:
        return []
    if not gone:
        return []
    return [
        Error(
            f"The database would let the audit log be changed: {', '.join(gone)} missing.",
            hint="manage.py prepare makes the triggers again.",
            id="audit.E001",
        )
    ]
