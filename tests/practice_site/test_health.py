"""What /healthz and /readyz say, and what they keep to themselves."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from consultations.outbox.models import OutgoingEmail
from practice_site import health


@pytest.fixture(autouse=True)
def _fresh_look():
    health.recent_look.forget()
    yield
    health.recent_look.forget()


def mail(**values):
    fields = {"key": "k", "message": "m", "to": "a@example.com", "sender": "b@example.com"}
    fields |= {"about": "00000000-0000-0000-0000-000000000001", "subject": "s", "text": "t"}
    now = timezone.now()
    return OutgoingEmail.objects.create(**(fields | {"next_at": now, "created_at": now} | values))


def test_alive_answers_without_a_database(client, django_assert_num_queries):
    # Without the db mark any query would raise.
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_all_is_well(client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.django_db
def test_ready_leaves_nothing_behind(client):
    before = MigrationRecorder.Migration.objects.count()
    client.get("/readyz")
    assert MigrationRecorder.Migration.objects.count() == before


@pytest.mark.django_db
def test_strangers_learn_one_word_and_the_log_the_reason(client, monkeypatch, caplog):
    def broken():
        raise DatabaseError("secret words of the database")

    monkeypatch.setitem(health.CHECKS, "keys", broken)
    with caplog.at_level("WARNING", logger="practice_site.health"):
        response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"status": "not ready"})
    assert "not ready: keys" in caplog.messages
    assert "secret words" not in caplog.text


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_health_is_only_read(client, method):
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
def test_mail_that_waits_for_an_hour_is_a_fault(state, age, is_fine):
    mail(state=state, created_at=timezone.now() - age)
    assert health.mail_is_leaving() is is_fine


@pytest.mark.parametrize(("free", "is_fine"), [(4, False), (5, False), (6, True)])
def test_a_full_disk_is_a_fault(monkeypatch, free, is_fine):
    usage = SimpleNamespace(total=100, free=free)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: usage)
    assert health.disk_has_room() is is_fine


@pytest.mark.django_db
def test_a_missing_migration_is_a_fault():
    MigrationRecorder.Migration.objects.filter(app="consultations").delete()
    assert health.migrations_are_applied() is False


@pytest.mark.django_db
def test_a_wrong_key_is_a_fault(monkeypatch):
    assert health.faults() == []
    monkeypatch.setitem(health.CHECKS, "keys", lambda: False)
    assert health.faults() == ["keys"]


def test_one_look_serves_all_askers_for_a_while(monkeypatch):
    looks: list[int] = []
    now = [100.0]

    def look_around() -> list[str]:
        looks.append(1)
        return []

    monkeypatch.setattr(health, "faults", look_around)
    monkeypatch.setattr(health.time, "monotonic", lambda: now[0])
    look = health.RecentLook()
    assert [look.is_ready(), look.is_ready()] == [True, True]
    assert len(looks) == 1
    now[0] += health.ANSWER_KEPT_SECONDS
    look.is_ready()
    assert len(looks) == 2
