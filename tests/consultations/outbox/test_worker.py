"""The worker: one round for cron, a loop beside the site, and mails as files."""

import signal
import stat
from email import message_from_bytes, policy

import pytest
from django.core import mail as django_mail
from django.core.management import call_command
from django.utils import timezone

from consultations import tasks
from consultations.management.commands import worker
from consultations.outbox import eml_files
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import make_email


@pytest.mark.django_db
def test_once_delivers_runs_hourly_tasks_and_exits(monkeypatch) -> None:
    tidied: list[object] = []
    monkeypatch.setattr(tasks, "HOURLY_TASKS", (tidied.append,))
    make_email(now=timezone.now())
    call_command("worker", once=True)
    assert OutgoingEmail.objects.get().state == "sent"
    assert len(django_mail.outbox) == len(tidied) == 1


@pytest.fixture
def loop(monkeypatch):
    """The endless loop, stopped as a signal would after a number of rounds."""
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0)

    def run(rounds: int, every_round, hourly=()) -> None:
        command, count = worker.Command(), []

        def counted(now) -> None:
            count.append(now)
            if len(count) >= rounds:
                command.stop(signal.SIGTERM, None)

        monkeypatch.setattr(tasks, "EVERY_ROUND_TASKS", (*every_round, counted))
        monkeypatch.setattr(tasks, "HOURLY_TASKS", tuple(hourly))
        command.handle(once=False)

    return run


@pytest.mark.django_db
def test_failing_task_does_not_stop_the_loop(loop, caplog) -> None:
    done: list[object] = []

    def fail(now) -> None:
        raise RuntimeError("ada@mail.example")

    loop(3, [fail, done.append])
    assert len(done) == 3
    assert caplog.text.count("task failed: fail") == 3


@pytest.mark.django_db
def test_hourly_tasks_run_at_start_and_then_hourly(loop) -> None:
    tidied: list = []
    loop(5, [], [tidied.append])
    assert len(tidied) == 1


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
    found = next(message for message in messages if message["To"] == "ada@mail.example")
    assert found["Subject"] == "Grüße"
    assert found.get_body(("plain",)).get_content() == "Zeile\n"  # type: ignore[union-attr]


def test_unwritable_email_folder_raises(settings, tmp_path) -> None:
    (tmp_path / "mail").write_text("in the way")
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    with pytest.raises(OSError):
        eml_files.EmailBackend().send_messages([])
