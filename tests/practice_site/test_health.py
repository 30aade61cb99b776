"""/healthz and /readyz: what they report, and what they hide."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from consultations.outbox.models import OutgoingEmail
from practice_site import health


@pytest.fixture(autouse=True)
def _clear_cache():
    health.cached_readiness.forget()
    yield
    health.cached_readiness.forget()


def make_email(**values):
    fields = {"key": "k", "message": "m", "to": "a@example.com", "sender": "b@example.com"}
    fields |= {"about": "00000000-0000-0000-0000-000000000001", "subject": "s", "text": "t"}
    now = timezone.now()
    return OutgoingEmail.objects.create(**(fields | {"next_at": now, "created_at": now} | values))


def test_healthz_answers_without_database(client, django_assert_num_queries):
    # Without the django_db mark any query raises.
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readyz_reports_ready(client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.django_db
def test_readyz_leaves_no_rows_behind(client):
    before = MigrationRecorder.Migration.objects.count()
    client.get("/readyz")
    assert MigrationRecorder.Migration.objects.count() == before


@pytest.mark.django_db
def test_readyz_hides_the_reason_and_logs_it(client, monkeypatch, caplog):
    def broken():
        raise DatabaseError("secret words of the database")

    monkeypatch.setitem(health.CHECKS, "keys", broken)
    with caplog.at_level("WARNING", logger="practice_site.health"):
        response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"status": "not ready"})
    assert "not ready: keys" in caplog.messages
    assert "secret words" not in caplog.text


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_readyz_refuses_other_methods(client, method):
    assert getattr(client, method)("/readyz").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "age", "is_fine"),
    [
        ("waiting", timedelta(minutes=59), True),
        ("waiting", timedelta(minutes=61), False),
        ("sending", timedelta(minutes=61), False),
        ("sent", timedelta(days=2), True),
        ("dead", timedelta(days=4), True),
        ("void", timedelta(days=4), True),
    ],
)
def test_email_waiting_over_an_hour_fails_readiness(state, age, is_fine):
    make_email(state=state, created_at=timezone.now() - age)
    assert health.is_email_being_sent() is is_fine


@pytest.mark.parametrize(("free", "is_fine"), [(4, False), (5, False), (6, True)])
def test_full_disk_fails_readiness(monkeypatch, free, is_fine):
    usage = SimpleNamespace(total=100, free=free)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: usage)
    assert health.has_free_disk() is is_fine


@pytest.mark.django_db
def test_missing_migration_fails_readiness():
    MigrationRecorder.Migration.objects.filter(app="consultations").delete()
    assert health.has_all_migrations() is False


@pytest.mark.django_db
def test_wrong_key_fails_readiness(monkeypatch):
    assert health.failed_checks() == []
    monkeypatch.setitem(health.CHECKS, "keys", lambda: False)
    assert health.failed_checks() == ["keys"]


def test_readiness_result_is_cached(monkeypatch):
    checks: list[float] = []
    now = [100.0]

    def record_check() -> list[str]:
        checks.append(now[0])
        return []

    monkeypatch.setattr(health, "failed_checks", record_check)
    monkeypatch.setattr(health.time, "monotonic", lambda: now[0])
    readiness = health.CachedReadiness()
    assert [readiness.is_ready(), readiness.is_ready()] == [True, True]
    assert len(checks) == 1
    now[0] += health.CACHE_SECONDS
    readiness.is_ready()
    assert len(checks) == 2
