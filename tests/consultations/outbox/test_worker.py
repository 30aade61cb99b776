"""The worker: its tasks, one round for cron, the endless loop, and emails written as files."""

import signal
import stat
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.core import mail as django_mail
from django.core.management import call_command
from django.utils import timezone

from consultations import tasks
from consultations.accounts.models import HeldForm, KnownBrowser, ResetLink, StaffSession
from consultations.management.commands import worker
from consultations.outbox import eml_files
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import make_email, make_staff

ALL_TASKS = (*tasks.EVERY_ROUND_TASKS, *tasks.HOURLY_TASKS, *tasks.DAILY_TASKS)


@pytest.mark.django_db
@pytest.mark.parametrize("task", ALL_TASKS, ids=lambda task: task.__name__)
def test_task_runs_on_an_empty_site(task, settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path
    task(timezone.now())


@pytest.mark.django_db
def test_hourly_cleanup_purges_expired_account_data() -> None:
    user, now = make_staff(), timezone.now()
    StaffSession.objects.create(user=user, began_at=now, seen_at=now)
    KnownBrowser.objects.create(user=user, token_fingerprint="f", first_at=now, last_at=now)
    HeldForm.objects.create(user=user, path="/admin/", fields="[]", kept_at=now)
    ResetLink.objects.create(user=user, created_at=now, expires_at=now + timedelta(hours=1))
    models = (StaffSession, KnownBrowser, HeldForm, ResetLink)
    tasks.run_hourly_cleanup(now + timedelta(minutes=30))
    assert [model.objects.count() for model in models] == [1, 1, 1, 1]
    tasks.run_hourly_cleanup(now + timedelta(hours=25))
    assert [model.objects.count() for model in models] == [0, 1, 0, 0]
    tasks.run_hourly_cleanup(now + timedelta(days=181))
    assert [model.objects.count() for model in models] == [0, 0, 0, 0]


@pytest.mark.django_db
def test_once_delivers_runs_hourly_tasks_and_exits(monkeypatch) -> None:
    hourly_runs: list[object] = []
    monkeypatch.setattr(tasks, "HOURLY_TASKS", (hourly_runs.append,))
    make_email(now=timezone.now())
    call_command("worker", once=True)
    assert OutgoingEmail.objects.get().state == "sent"
    assert len(django_mail.outbox) == len(hourly_runs) == 1


@pytest.fixture
def loop(monkeypatch):
    """Run the endless loop and stop it, as a signal does, after a number of rounds."""
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0)

    def run(rounds: int, every_round, hourly=()) -> None:
        command, rounds_run = worker.Command(), []

        def stop_after_rounds(now) -> None:
            rounds_run.append(now)
            if len(rounds_run) >= rounds:
                command.stop(signal.SIGTERM, None)

        monkeypatch.setattr(tasks, "EVERY_ROUND_TASKS", (*every_round, stop_after_rounds))
        monkeypatch.setattr(tasks, "HOURLY_TASKS", tuple(hourly))
        command.handle(once=False)

    return run


@pytest.mark.django_db
def test_failing_task_does_not_stop_the_loop(loop, caplog) -> None:
    later_runs: list[object] = []

    def fail(now) -> None:
        raise RuntimeError("ada@mail.example")

    loop(3, [fail, later_runs.append])
    assert len(later_runs) == 3
    assert caplog.text.count("task failed: fail") == 3


@pytest.mark.django_db
def test_hourly_tasks_run_at_start_and_then_hourly(loop) -> None:
    hourly_runs: list[object] = []
    loop(5, [], [hourly_runs.append])
    assert len(hourly_runs) == 1


@pytest.mark.django_db
def test_file_backend_writes_one_file_per_email(settings, tmp_path) -> None:
    settings.EMAIL_BACKEND = "consultations.outbox.eml_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    now = timezone.now()
    make_email(now=now, to="ada@mail.example", subject="Grüße", text="Zeile\n")
    make_email(now=now)
    tasks.deliver_email(now)
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700
    messages = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    message = next(message for message in messages if message["To"] == "ada@mail.example")
    assert message["Subject"] == "Grüße"
    assert message.get_body(("plain",)).get_content() == "Zeile\n"  # type: ignore[union-attr]


def test_unwritable_email_folder_raises(settings, tmp_path) -> None:
    (tmp_path / "mail").write_text("in the way")
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    with pytest.raises(OSError):
        eml_files.EmailBackend().send_messages([])
