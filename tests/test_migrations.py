"""The squashed migrations make the same database as the migrations they replace.

A database from before the squash, complete or halfway, keeps its rows and comes up to date.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tests.site_instances import site_factory

PAGES_SQUASH = ("pages", "0001_squashed_0015_praise_permission")
CONSULTATIONS_SQUASH = ("consultations", "0001_squashed_0017_held_forms")
SQUASHES = (PAGES_SQUASH, CONSULTATIONS_SQUASH)
LAST_REPLACED = [("pages", "0015_praise_permission"), ("consultations", "0017_held_forms")]
HALFWAY = [("pages", "0006_pictures"), ("consultations", "0006_data_rights")]

# A backup as version 0.1.0 made it, with SQLite, FIELD_KEYS as in tests.site_instances and nothing
# but the rows that SEED_ROWS_SCRIPT makes.
OLD_BACKUP = Path(__file__).parent / "consultations" / "backups" / "old_practice.backup"
OLD_BACKUP_KEY = "eFfbw/hDjm/shI4GYV8JiA+RaRC25uNU5joy50sm/0o="

IS_PG_DUMP_MISSING = connection.vendor == "postgresql" and not shutil.which("pg_dump")

# Runs the replaced migrations by name, as a version before the squash did, and forgets that the
# squash was found to be complete by them.
RUN_OLD_MIGRATIONS = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
executor = MigrationExecutor(connection)
executor.loader = MigrationLoader(connection, replace_migrations=False)
state = executor.migrate({targets})
for key in {squashes}:
    MigrationRecorder(connection).record_unapplied(*key)
"""

SEED_HALFWAY_SCRIPT = """
from django.utils import timezone
now = timezone.now()
practitioner = state.apps.get_model("pages", "Practitioner").objects.create(
    slug="theo", name="Theo", updated_at=now)
state.apps.get_model("consultations", "Consultation").objects.create(
    public_id="abc", reference="HC-W-1", idempotency_key="k1", kind="waitlist", status="requested",
    visitor_zone="UTC", channel="email", consent_version="1", consent_at=now, reply_by=now,
    created_at=now, practitioner=practitioner)
"""

READ_HALFWAY_SCRIPT = """
import json
from consultations.booking.models import Consultation
row = Consultation.objects.get(reference="HC-W-1")
print(json.dumps({"wanted": row.wanted_practitioner.name, "kind": row.kind}))
"""

SEED_ROWS_SCRIPT = """
from datetime import UTC, datetime
from consultations.booking.models import Consultation
from consultations.comments.models import Comment
from django.db import connection
from pages.articles.models import Article, Category
# The tables of that time lack the columns that were added since.
for model in (Category, Article, Consultation, Comment):
    with connection.cursor() as cursor:
        table = model._meta.db_table
        known = {c.name for c in connection.introspection.get_table_description(cursor, table)}
    model._meta.local_fields = [f for f in model._meta.local_fields if f.column in known]
    model._meta._expire_cache()
at = datetime(2026, 11, 28, 17, tzinfo=UTC)
category = Category.objects.create(name="Rest", slug="rest")
article = Article.objects.create(title="Slow mornings", slug="slow-mornings",
    body="<p>Tea first.</p>", published_at=at, category=category)
for n in range(3):
    Consultation.objects.create(
        reference=f"HC-S-{n}", idempotency_key=f"seed{n}", kind="call_back", visitor_zone="UTC",
        channel="email", consent_version="1", consent_at=at, reply_by=at, created_at=at,
        name=f"Zwetschgenkompott {n}", email=f"p{n}@mail.example", note="Zwetschgenkompott",
    )
Comment.objects.create(article=article, name="Zwetschgenkompott", email="p0@mail.example",
    text="Zwetschgenkompott", created_at=at, status_changed_at=at)
"""

READ_ROWS_SCRIPT = """
import json
from consultations.booking.models import Consultation
from consultations.comments.models import Comment
from pages.articles.models import Article
print(json.dumps({
    "names": [row.name for row in Consultation.objects.order_by("reference")],
    "emails": [row.email for row in Consultation.objects.order_by("reference")],
    "comments": [[row.text, row.article.slug] for row in Comment.objects.all()],
    "articles": [[row.slug, row.body] for row in Article.objects.all()],
}))
"""

SEEDED_ROWS = {
    "names": [f"Zwetschgenkompott {n}" for n in range(3)],
    "emails": [f"p{n}@mail.example" for n in range(3)],
    "comments": [["Zwetschgenkompott", "slow-mornings"]],
    "articles": [["slow-mornings", "<p>Tea first.</p>"]],
}

READ_SCHEMA_SCRIPT = r"""
import json
from django.db import connection

def split_columns(sql):
    # The order of columns says in which order they were added, and nothing else.
    if not sql.startswith("CREATE TABLE"):
        return [sql]
    head, _, body = sql.partition("(")
    parts, depth = [""], 0
    for letter in body.rpartition(")")[0]:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [head.strip(), *sorted(part.strip() for part in parts)]

QUERIES = {
    "columns": "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,"
        " column_default, is_identity, collation_name FROM information_schema.columns"
        " WHERE table_schema = 'public' ORDER BY 1, 2",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " ORDER BY 1, 2",
    "constraints": "SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE NOT tgisinternal ORDER BY 1, 2",
    "functions": "SELECT proname, prosrc FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
}
with connection.cursor() as cursor:
    if connection.vendor == "sqlite":
        cursor.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
        schema = {f"{kind} {name}": split_columns(sql or "") for kind, name, sql in cursor}
    else:
        schema = {}
        for name, query in QUERIES.items():
            cursor.execute(query)
            schema[name] = [[str(value) for value in row] for row in cursor.fetchall()]
print(json.dumps(schema))
"""


def old_migrations(targets: list[tuple[str, str]]) -> str:
    return RUN_OLD_MIGRATIONS.format(targets=targets, squashes=SQUASHES)


def without_expressions(schema: dict[str, list]) -> dict[str, list]:
    """PostgreSQL writes the expression of a restored constraint or index with other casts."""
    shortened: dict[str, list] = {
        kind: [row[:2] for row in schema[kind]]
        for kind in ("constraints", "indexes")
        if kind in schema
    }
    return {**schema, **shortened}


@pytest.fixture
def make_site(tmp_path, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), site_factory(tmp_path) as make:
        yield make


def consistent_histories() -> Iterator[set[tuple[str, str]]]:
    """Yield every set of replaced migrations that a database can have run."""
    graph = MigrationLoader(None, replace_migrations=False).graph
    names = {
        app: [key for key in graph.forwards_plan(last) if key[0] == app]
        for app, last in zip(("pages", "consultations"), LAST_REPLACED, strict=True)
    }
    for in_pages in range(len(names["pages"]) + 1):
        for in_consultations in range(len(names["consultations"]) + 1):
            applied = {*names["pages"][:in_pages], *names["consultations"][:in_consultations]}
            needed = {
                parent.key
                for key in applied
                for parent in graph.node_map[key].parents
                if parent.key[0] in names
            }
            if needed <= applied:
                yield applied


@pytest.mark.django_db
def test_every_old_history_has_a_complete_plan(monkeypatch) -> None:
    replaced = {key for name in SQUASHES for key in get_replaced_migrations(name)}
    histories = list(consistent_histories())
    assert set() in histories
    assert replaced in histories
    others = {
        key: row
        for key, row in MigrationRecorder(connection).applied_migrations().items()
        if key[0] not in ("pages", "consultations")
    }
    for applied in histories:
        recorded = {**others, **dict.fromkeys(applied)}
        monkeypatch.setattr(
            MigrationRecorder, "applied_migrations", lambda self, rows=recorded: dict(rows)
        )
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        planned = [
            key
            for migration, _is_backwards in plan
            for key in (migration.replaces or [(migration.app_label, migration.name)])
        ]
        assert len(planned) == len(set(planned))
        assert set(planned) & replaced == replaced - applied
        assert any((m.app_label, m.name) in SQUASHES for m, _ in plan) == (
            not all(applied & set(get_replaced_migrations(name)) for name in SQUASHES)
        )


def get_replaced_migrations(name: tuple[str, str]) -> list[tuple[str, str]]:
    return list(MigrationLoader(None).disk_migrations[name].replaces)


def test_no_migration_is_missing_from_the_squash() -> None:
    for app, squash in (("pages", PAGES_SQUASH), ("consultations", CONSULTATIONS_SQUASH)):
        last = get_replaced_migrations(squash)[-1]
        graph = MigrationLoader(None, replace_migrations=False).graph
        before = [key for key in graph.forwards_plan(last) if key[0] == app]
        assert get_replaced_migrations(squash) == before


@pytest.mark.slow
def test_squashed_and_old_migrations_make_the_same_schema(make_site) -> None:
    new = make_site("new")
    new.manage("prepare", "--no-static")
    old = make_site("old")
    old.run_script(old_migrations(LAST_REPLACED))
    old.manage("prepare", "--no-static")
    wanted, found = new.read_json(READ_SCHEMA_SCRIPT), old.read_json(READ_SCHEMA_SCRIPT)
    assert len(json.dumps(wanted)) > 20_000
    assert "audit_entry_no_update" in json.dumps(wanted)
    assert found == wanted


@pytest.mark.slow
@pytest.mark.skipif(IS_PG_DUMP_MISSING, reason="pg_dump is not here")
def test_complete_old_database_and_its_backup_keep_their_rows(make_site, tmp_path) -> None:
    old = make_site("old")
    old.run_script(old_migrations(LAST_REPLACED))
    old.run_script(SEED_ROWS_SCRIPT)
    old.manage("prepare", "--no-static")
    assert old.read_json(READ_ROWS_SCRIPT) == SEEDED_ROWS
    old.manage("migrate", "--check")
    assert "[X] 0001_squashed" in old.manage("showmigrations", "pages")

    # Back to what a version before the squash had recorded.
    old.run_script(
        "from django.db.migrations.recorder import MigrationRecorder\n"
        "MigrationRecorder.Migration.objects.filter(name__contains='_squashed_').delete()"
    )
    backup = json.loads(old.manage("backup", "--json"))
    new = make_site("restored")
    key = old.data / "keys" / "backup_key"
    new.manage("restore", backup["file"], "--key", str(key))
    new.manage("migrate", "--check")
    new.manage("prepare", "--no-static")
    assert new.read_json(READ_ROWS_SCRIPT) == SEEDED_ROWS
    wanted, found = old.read_json(READ_SCHEMA_SCRIPT), new.read_json(READ_SCHEMA_SCRIPT)
    assert without_expressions(found) == without_expressions(wanted)


@pytest.mark.slow
def test_half_migrated_database_comes_up_to_date(make_site) -> None:
    site = make_site("halfway")
    site.run_script(old_migrations(HALFWAY) + SEED_HALFWAY_SCRIPT)
    site.manage("prepare", "--no-static")
    site.manage("migrate", "--check")
    # Migration 0007 fills this column, so the replaced migrations did run.
    assert site.read_json(READ_HALFWAY_SCRIPT) == {"wanted": "Theo", "kind": "waitlist"}
    new = make_site("new")
    new.manage("prepare", "--no-static")
    assert site.read_json(READ_SCHEMA_SCRIPT) == new.read_json(READ_SCHEMA_SCRIPT)


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the backup is of a SQLite database")
def test_backup_made_before_the_squash_restores(make_site, tmp_path) -> None:
    key = tmp_path / "key"
    key.write_text(OLD_BACKUP_KEY)
    site = make_site("restored")
    restored = json.loads(site.manage("restore", str(OLD_BACKUP), "--key", str(key), "--json"))
    assert restored["media_files"] == 1
    site.manage("migrate", "--check")
    assert "[X] 0001_squashed" in site.manage("showmigrations", "consultations")
    assert site.read_json(READ_ROWS_SCRIPT) == SEEDED_ROWS
    site.manage("prepare", "--no-static")
    new = make_site("new")
    new.manage("prepare", "--no-static")
    assert site.read_json(READ_SCHEMA_SCRIPT) == new.read_json(READ_SCHEMA_SCRIPT)
