"""Database triggers that refuse changes to the audit log, by our code, a shell or a bug.

The only change they allow is to remove rows that a checkpoint covers. On SQLite, a migration that
rebuilds a table loses its triggers, so they are created again after every migration, and a system
check reports missing ones.
"""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection

from consultations.audit.models import AuditCheckpoint, AuditEntry, AuditHead

APPEND_ONLY_ERROR = "the audit log is added to, never changed"
ENTRY_TABLE = AuditEntry._meta.db_table
HEAD_TABLE = AuditHead._meta.db_table
CHECKPOINT_TABLE = AuditCheckpoint._meta.db_table
# Trigger name: (table, refused statement, condition for refusing, "" for always).
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
    """Create all triggers, replacing existing ones; safe to run at any time."""
    drop_triggers()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTION)
        for name, (table, statement, condition) in TRIGGERS.items():
            cursor.execute(trigger_sql(name, table, statement, condition))
        if connection.vendor == "postgresql":
            for table in PROTECTED_TABLES:
                cursor.execute(
                    f"CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
                )


def drop_triggers() -> None:
    """Drop all triggers: before creating them again, and in tests that empty the tables."""
    with connection.cursor() as cursor:
        for name, (table, _statement, _condition) in TRIGGERS.items():
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
        if connection.vendor == "postgresql":
            for table in PROTECTED_TABLES:
                cursor.execute(f"DROP TRIGGER IF EXISTS audit_no_truncate ON {table}")


def trigger_sql(name: str, table: str, statement: str, condition: str) -> str:
    """Return the CREATE TRIGGER statement for the current database."""
    head = f"CREATE TRIGGER {name} BEFORE {statement} ON {table} FOR EACH ROW"
    if connection.vendor == "postgresql":
        # PostgreSQL allows no query in a trigger's condition, so the function makes it.
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
    """Return the names of missing triggers; none before the first migration."""
    if ENTRY_TABLE not in connection.introspection.table_names():
        return []
    return sorted(set(expected_triggers()) - installed_triggers())


def expected_triggers() -> list[str]:
    """Return the names of the triggers that the current database should have."""
    return [*TRIGGERS, *(["audit_no_truncate"] if connection.vendor == "postgresql" else [])]


def installed_triggers() -> set[str]:
    """Return the names of the triggers that are there and switched on."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        # A disabled trigger counts as missing.
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall()}


def create_triggers_after_migrate(sender: AppConfig, **kwargs: object) -> None:
    """Create the triggers. Connected to ``post_migrate`` of this app."""
    if ENTRY_TABLE in connection.introspection.table_names():
        create_triggers()


@register(Tags.database)
def check_audit_triggers(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: object,
) -> list[CheckMessage]:
    """Report missing triggers. Run by ``check --database default`` and before each migration."""
    if not databases:
        return []
    try:
        missing = missing_triggers()
    except DatabaseError:
        return []
    if not missing:
        return []
    return [
        Error(
            f"The database would let the audit log be changed: {', '.join(missing)} missing.",
            hint="manage.py prepare makes the triggers again.",
            id="audit.E001",
        )
    ]
