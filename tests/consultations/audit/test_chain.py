"""The audit log: nobody changes it unseen, not even with the database in hand."""

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
COLUMNS = {
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


def record(**facts) -> None:
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


def record_some(number: int = 4, **facts) -> None:
    by = make_staff()
    for _ in range(number):
        record(by=by, **facts)


def as_a_thief():
    """Somebody with the database and no keys, who has switched the guards off."""
    triggers.drop()


def broken_at() -> int | None:
    triggers.create()
    return chain.verify().broken_at


def test_a_row_holds_names_of_fields_and_a_cut_address() -> None:
    by = make_staff()
    record(by=by)
    row = AuditEntry.objects.get()
    assert (row.number, row.staff_id, row.staff_name) == (1, by.pk, by.username)
    assert row.fields == ["email", "phone"]
    assert row.network == "203.0.113.0/24"
    assert len(row.mac) == 64


def test_a_whole_chain_is_whole() -> None:
    assert chain.verify().is_whole  # also before the first row
    record_some()
    verdict = chain.verify()
    assert verdict.is_whole
    assert (verdict.entries, verdict.last) == (4, 4)


@pytest.mark.parametrize("column", COLUMNS)
def test_any_changed_cell_shows_where(column) -> None:
    record_some()
    as_a_thief()
    assert AuditEntry.objects.filter(number=2).update(**{column: COLUMNS[column]}) == 1
    assert broken_at() == 2


def test_the_columns_above_are_all_there_are() -> None:
    assert {field.name for field in AuditEntry._meta.fields} == {*COLUMNS, "number"}


def test_a_row_taken_out_shows() -> None:
    record_some()
    as_a_thief()
    AuditEntry.objects.filter(number=2).delete()
    assert broken_at() == 2


def test_a_row_put_in_shows() -> None:
    record_some()
    as_a_thief()
    AuditEntry.objects.create(number=5, at=NOW, action="read", model="x", mac="1" * 64)
    AuditHead.objects.update(number=5)
    assert broken_at() == 5


def test_two_rows_swapped_show() -> None:
    record_some()
    as_a_thief()
    for old, new in ((2, 99), (3, 2), (99, 3)):
        AuditEntry.objects.filter(number=old).update(number=new)
    assert broken_at() == 2


def test_rows_cut_off_the_end_show() -> None:
    record_some()
    as_a_thief()
    AuditEntry.objects.filter(number__gt=2).delete()
    assert broken_at() == 3
    triggers.drop()
    AuditHead.objects.update(number=2)
    assert broken_at() == 3


def test_everything_gone_shows() -> None:
    record_some()
    as_a_thief()
    AuditEntry.objects.all().delete()
    assert broken_at() == 1


def test_a_chain_outlives_a_change_of_keys(settings) -> None:
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    record_some(2)
    settings.FIELD_KEYS = [(2, b"b" * 32), (1, b"a" * 32)]
    record_some(2)
    rotation.rotate()
    settings.FIELD_KEYS = [(2, b"b" * 32)]
    record_some(2)
    assert chain.verify().is_whole
    assert chain.verify().last == 6


def test_with_strange_keys_nothing_is_signed_and_the_work_goes_on(settings) -> None:
    settings.FIELD_KEYS = [(1, b"a" * 32)]
    record_some(2)
    tamper(DurableKey.objects.get(), "secret")
    record_some(1)
    assert AuditEntry.objects.get(number=3).mac == ""
    verdict = chain.verify()
    assert (verdict.broken_at, verdict.reason) == (0, "the key of the log cannot be opened")


def test_a_key_that_is_gone_is_not_made_anew() -> None:
    record_some(2)
    DurableKey.objects.all().delete()
    record_some(1)
    assert not DurableKey.objects.exists()
    assert chain.verify().reason == "the key of the log is gone"


# --- the guards in the database ---
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
def test_the_database_refuses(statement) -> None:
    record_some(2, now=NOW - timedelta(days=800))
    record_some(1)
    assert workflow.purge(now=NOW) == 2
    tables = {
        "entry": triggers.ENTRIES, "head": triggers.HEAD, "checkpoint": triggers.CHECKPOINTS
    }  # fmt: skip
    with pytest.raises(DatabaseError, match="added to, never changed"), transaction.atomic():
        connection.cursor().execute(statement.format(**tables))


def test_python_refuses_too() -> None:
    record_some(1)
    row = AuditEntry.objects.get()
    with pytest.raises(RuntimeError):
        row.save()
    with pytest.raises(RuntimeError):
        row.delete()


def test_a_missing_guard_is_told_and_made_again_by_prepare() -> None:
    from django.core.checks import run_checks

    def told() -> bool:
        return "audit.E001" in {problem.id for problem in run_checks(databases=["default"])}

    record_some(1)
    assert not told()
    on = f" ON {triggers.ENTRIES}" if connection.vendor == "postgresql" else ""
    connection.cursor().execute(f"DROP TRIGGER audit_entry_no_update{on}")
    assert told()
    assert "does not guard" in chain.verify().reason
    call_command("migrate", verbosity=0)
    assert not told()


# --- months that go ---
def test_an_empty_log_of_a_new_site_misses_no_key(caplog) -> None:
    assert workflow.purge(now=NOW) == 0
    assert (caplog.records, DurableKey.objects.count()) == ([], 0)


def test_whole_months_go_and_a_signed_checkpoint_stays(settings) -> None:
    settings.AUDIT_RETENTION_DAYS = 365
    # NOW is in May 2026: up to 30 April 2025 goes.
    for months_ago, days in ((14, 430), (12.2, 371), (12, 360)):
        record(now=NOW - timedelta(days=days), action=f"m{months_ago}")
    record()
    dry = workflow.purge(now=NOW, dry_run=True)
    assert dry == workflow.purge(now=NOW) == 2
    assert [row.number for row in AuditEntry.objects.order_by("number")] == [3, 4]
    assert AuditCheckpoint.objects.get().up_to == 2
    assert chain.verify().is_whole
    record()
    assert chain.verify().is_whole
    assert workflow.purge(now=NOW) == 0


def test_each_entry_says_when_it_goes_and_goes_then(settings) -> None:
    settings.AUDIT_RETENTION_DAYS = 365
    for day in (1, 31):
        record(now=datetime(2026, 1, day, 12, tzinfo=UTC))
    (ends,) = {workflow.deleted_at(entry) for entry in AuditEntry.objects.all()}
    assert f"{ends:%Y-%m-%d}" == "2027-02-01"
    assert workflow.purge(now=ends - timedelta(seconds=1)) == 0
    assert workflow.purge(now=ends) == 2


def test_after_everything_went_the_chain_goes_on_from_the_checkpoint() -> None:
    record_some(2, now=NOW - timedelta(days=500))
    assert workflow.purge(now=NOW) == 2
    record_some(1)
    record_some(1, now=NOW + timedelta(days=600))
    assert workflow.purge(now=NOW + timedelta(days=600)) == 1
    assert AuditEntry.objects.get().number == 4
    assert chain.verify().is_whole


def test_a_forged_checkpoint_shows() -> None:
    record_some(3)
    AuditCheckpoint.objects.create(up_to=2, up_to_at=NOW, mac="", made_at=NOW, seal="0" * 64)
    AuditEntry.objects.filter(number__lte=2).delete()
    assert (chain.verify().broken_at, chain.verify().reason) == (2, "a checkpoint was changed")


# --- the command ---
def test_the_command_names_the_first_broken_link(capsys) -> None:
    record_some(3)
    call_command("audit", "verify", "--json")
    assert json.loads(capsys.readouterr().out)["ok"] is True
    as_a_thief()
    AuditEntry.objects.filter(number__gte=2).update(action="x")
    triggers.create()
    with pytest.raises(SystemExit) as stop:
        call_command("audit", "verify", "--json")
    assert stop.value.code == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["broken_at"]) == (False, 2)
    with pytest.raises(SystemExit):
        call_command("audit", "verify")
    assert "broken at number 2" in capsys.readouterr().out
