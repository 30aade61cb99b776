"""The audit log: no change goes unnoticed, not even one made directly in the database."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from consultations.audit import chain, triggers, workflow
from consultations.audit.models import AuditCheckpoint, AuditEntry, AuditHead
from consultations.privacy import rotation
from consultations.privacy.models import DurableKey
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import NOW, make_staff

pytestmark = pytest.mark.django_db
CHANGED_VALUES = {
    "at": NOW - timedelta(days=1),
    "action": "nothing",
    "staff_id": 77,
    "staff_name": "somebody",
    "model": "consultations.comment",
    "row": uuid4(),
    "fields": ["name"],
    "network": "198.51.100.0/24",
    "mac": "0" * 64,
}


def record_entry(**facts) -> None:
    known = {
        "action": "read",
        "by": None,
        "model": "consultations.consultation",
        "uuid": uuid4(),
        "fields": ["phone", "email"],
        "network": "203.0.113.77",
        "now": NOW,
    }
    workflow.record(**{**known, **facts})


def record_several(number: int = 4, **facts) -> None:
    by = make_staff()
    for _ in range(number):
        record_entry(by=by, **facts)


def drop_protection():
    """Drop the triggers, like an attacker who has the database but no keys."""
    triggers.drop_triggers()


def first_broken_number() -> int | None:
    triggers.create_triggers()
    return chain.verify_chain().broken_at


def test_entry_stores_field_names_and_truncated_network() -> None:
    by = make_staff()
    record_entry(by=by)
    row = AuditEntry.objects.get()
    assert (row.number, row.staff_id, row.staff_name) == (1, by.pk, by.username)
    assert row.fields == ["email", "phone"]
    assert row.network == "203.0.113.0/24"
    assert len(row.mac) == 64


def test_untouched_chain_is_intact() -> None:
    assert chain.verify_chain().is_whole  # also without any entry
    record_several()
    verdict = chain.verify_chain()
    assert verdict.is_whole
    assert (verdict.entries, verdict.last) == (4, 4)


@pytest.mark.parametrize("column", CHANGED_VALUES)
def test_changed_column_is_located(column) -> None:
    record_several()
    drop_protection()
    assert AuditEntry.objects.filter(number=2).update(**{column: CHANGED_VALUES[column]}) == 1
    assert first_broken_number() == 2


def test_every_column_is_covered_by_the_change_test() -> None:
    assert {field.name for field in AuditEntry._meta.fields} == {*CHANGED_VALUES, "number"}


def test_deleted_row_is_detected() -> None:
    record_several()
    drop_protection()
    AuditEntry.objects.filter(number=2).delete()
    assert first_broken_number() == 2


def test_inserted_row_is_detected() -> None:
    record_several()
    drop_protection()
    AuditEntry.objects.create(number=5, at=NOW, action="read", model="x", mac="1" * 64)
    AuditHead.objects.update(number=5)
    assert first_broken_number() == 5


def test_swapped_rows_are_detected() -> None:
    record_several()
    drop_protection()
    for old, new in ((2, 99), (3, 2), (99, 3)):
        AuditEntry.objects.filter(number=old).update(number=new)
    assert first_broken_number() == 2


def test_truncated_log_is_detected() -> None:
    record_several()
    drop_protection()
    AuditEntry.objects.filter(number__gt=2).delete()
    assert first_broken_number() == 3
    triggers.drop_triggers()
    AuditHead.objects.update(number=2)
    assert first_broken_number() == 3


def test_emptied_log_is_detected() -> None:
    record_several()
    drop_protection()
    AuditEntry.objects.all().delete()
    assert first_broken_number() == 1


def test_chain_survives_field_key_rotation(settings) -> None:
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    record_several(2)
    settings.FIELD_KEYS = [(2, b"b" * 32), (1, b"a" * 32)]
    record_several(2)
    rotation.rotate_keys()
    settings.FIELD_KEYS = [(2, b"b" * 32)]
    record_several(2)
    assert chain.verify_chain().is_whole
    assert chain.verify_chain().last == 6


def test_unreadable_key_leaves_entries_unsigned(settings) -> None:
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    record_several(2)
    tamper(DurableKey.objects.get(), "secret")
    record_several(1)
    assert AuditEntry.objects.get(number=3).mac == ""
    verdict = chain.verify_chain()
    assert (verdict.broken_at, verdict.reason) == (0, "the key of the log cannot be opened")


def test_missing_key_is_not_recreated() -> None:
    record_several(2)
    DurableKey.objects.all().delete()
    record_several(1)
    assert not DurableKey.objects.exists()
    assert chain.verify_chain().reason == "the key of the log is gone"


# --- triggers ---
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {entry} SET action = 'x'",
        "DELETE FROM {entry}",
        "DELETE FROM {head}",
        "UPDATE {checkpoint} SET up_to = 99",
        "DELETE FROM {checkpoint}",
    ],
)
def test_database_refuses_changes(statement) -> None:
    record_several(2, now=NOW - timedelta(days=800))
    record_several(1)
    assert workflow.purge_expired_entries(now=NOW) == 2
    tables = {
        "entry": triggers.ENTRY_TABLE,
        "head": triggers.HEAD_TABLE,
        "checkpoint": triggers.CHECKPOINT_TABLE,
    }
    with pytest.raises(DatabaseError, match="added to, never changed"), transaction.atomic():
        connection.cursor().execute(statement.format(**tables))


def test_models_refuse_changes() -> None:
    record_several(1)
    row = AuditEntry.objects.get()
    with pytest.raises(RuntimeError):
        row.save()
    with pytest.raises(RuntimeError):
        row.delete()


def test_missing_trigger_is_reported_and_recreated_by_migrate() -> None:
    from django.core.checks import run_checks

    def is_reported() -> bool:
        return "audit.E001" in {problem.id for problem in run_checks(databases=["default"])}

    record_several(1)
    assert not is_reported()
    on = f" ON {triggers.ENTRY_TABLE}" if connection.vendor == "postgresql" else ""
    connection.cursor().execute(f"DROP TRIGGER audit_entry_no_update{on}")
    assert is_reported()
    assert "does not guard" in chain.verify_chain().reason
    call_command("migrate", verbosity=0)
    assert not is_reported()


# --- purging ---
def test_purging_an_empty_log_needs_no_key(caplog) -> None:
    assert workflow.purge_expired_entries(now=NOW) == 0
    assert (caplog.records, DurableKey.objects.count()) == ([], 0)


def test_purge_removes_whole_months_and_leaves_a_checkpoint(settings) -> None:
    settings.AUDIT_RETENTION_DAYS = 365
    # NOW is in May 2026: everything up to April 30, 2025 is purged.
    for months_ago, days in ((14, 430), (12.2, 371), (12, 360)):
        record_entry(now=NOW - timedelta(days=days), action=f"m{months_ago}")
    record_entry()
    dry = workflow.purge_expired_entries(now=NOW, dry_run=True)
    assert dry == workflow.purge_expired_entries(now=NOW) == 2
    assert [row.number for row in AuditEntry.objects.order_by("number")] == [3, 4]
    assert AuditCheckpoint.objects.get().up_to == 2
    assert chain.verify_chain().is_whole
    record_entry()
    assert chain.verify_chain().is_whole
    assert workflow.purge_expired_entries(now=NOW) == 0


def test_entry_is_purged_on_its_deletion_date(settings) -> None:
    settings.AUDIT_RETENTION_DAYS = 365
    for day in (1, 31):
        record_entry(now=datetime(2026, 1, day, 12, tzinfo=UTC))
    (ends,) = {workflow.deletion_date(entry) for entry in AuditEntry.objects.all()}
    assert f"{ends:%Y-%m-%d}" == "2027-02-01"
    assert workflow.purge_expired_entries(now=ends - timedelta(seconds=1)) == 0
    assert workflow.purge_expired_entries(now=ends) == 2


def test_chain_continues_from_checkpoint_after_full_purge() -> None:
    record_several(2, now=NOW - timedelta(days=500))
    assert workflow.purge_expired_entries(now=NOW) == 2
    record_several(1)
    record_several(1, now=NOW + timedelta(days=600))
    assert workflow.purge_expired_entries(now=NOW + timedelta(days=600)) == 1
    assert AuditEntry.objects.get().number == 4
    assert chain.verify_chain().is_whole


def test_forged_checkpoint_is_detected() -> None:
    record_several(3)
    AuditCheckpoint.objects.create(up_to=2, up_to_at=NOW, mac="", made_at=NOW, seal="0" * 64)
    AuditEntry.objects.filter(number__lte=2).delete()
    assert (chain.verify_chain().broken_at, chain.verify_chain().reason) == (
        2,
        "a checkpoint was changed",
    )


# --- the command ---
def test_command_reports_the_first_broken_link(capsys) -> None:
    record_several(3)
    call_command("audit", "verify", "--json")
    assert json.loads(capsys.readouterr().out)["ok"] is True
    drop_protection()
    AuditEntry.objects.filter(number__gte=2).update(action="x")
    triggers.create_triggers()
    with pytest.raises(SystemExit) as stop:
        call_command("audit", "verify", "--json")
    assert stop.value.code == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["broken_at"]) == (False, 2)
    with pytest.raises(SystemExit):
        call_command("audit", "verify")
    assert "broken at number 2" in capsys.readouterr().out
