"""Startup checks and messages of `serve`."""

import json
import socket
from typing import Any, cast

import pytest
from django.core.management import CommandError, call_command

from consultations.management.commands import serve
from consultations.management.processes import ChildExited, ChildProcess


@pytest.mark.parametrize(
    ("mode", "flag"), [("production", "--demo"), ("development", "--demo"), ("production", "--dev")]
)
def test_demo_and_dev_require_matching_site_mode(settings, mode, flag):
    settings.SITE_MODE = mode
    with pytest.raises(CommandError) as caught:
        call_command("serve", flag)
    assert caught.value.returncode == 2


@pytest.mark.parametrize("port", ["", "web", "0", "70000", "-1"])
def test_invalid_port_is_refused(settings, port):
    settings.PORT = port
    with pytest.raises(CommandError, match="PORT must be a number") as caught:
        call_command("serve", "--demo")
    assert caught.value.returncode == 2


def test_port_in_use_is_reported_in_one_line(settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings.PORT = str(port)
        with pytest.raises(CommandError) as caught:
            call_command("serve", "--demo")
    assert str(caught.value) == (
        f"Port {port} is in use. Stop what uses it, or choose another: PORT={port + 1}"
    )
    assert caught.value.returncode == 1


def test_startup_message_lists_urls_login_and_emails(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.SITE_URL = "http://127.0.0.1:8000"
    settings.ADMIN_PATH = "desk/"
    settings.EMAIL_BACKEND = "consultations.outbox.eml_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    (tmp_path / "keys").mkdir()
    login = {"username": "owner", "password": "word of the demo"}
    (tmp_path / "keys" / "demo_login.json").write_text(json.dumps(login))
    rows = [line.split(maxsplit=1) for line in serve.startup_message(is_demo=True).splitlines()]
    said = {row[0]: row[-1] for row in rows if row}
    assert said["Staff"] == "http://127.0.0.1:8000/desk/"
    assert (said["Name"], said["Password"]) == ("owner", "word of the demo")
    assert said["Mails"] == f"{tmp_path}/mail/*.eml"
    assert "word of the demo" not in serve.startup_message(is_demo=False)


def test_exit_message_names_the_process_and_its_log(tmp_path):
    ended = ChildExited(ChildProcess("worker", cast(Any, None), tmp_path / "worker.log"), 3)
    assert serve.exit_message(ended) == (
        f"The worker stopped by itself (exit 3). Its log: {tmp_path}/worker.log"
    )
