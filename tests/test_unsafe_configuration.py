"""Production with an unsafe configuration does not start: one line, exit 78, in any process."""

import base64
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.served_site import PROJECT, free_port

GOOD = {
    "SITE_MODE": "production",
    "SITE_URL": "https://www.example.com",
    "ALLOWED_HOSTS": "www.example.com",
    "SECRET_KEY": "0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijKLMN",
    "FIELD_KEYS": f"1:{base64.b64encode(b'k' * 32).decode()}",
    "EMAIL_URL": "smtp+tls://name:word@mail.example.com:587",
}
UNSAFE = [
    {"SITE_MODE": "prod"},
    {"DEBUG": "1"},
    {"SITE_URL": ""},
    {"SITE_URL": "http://www.example.com"},
    {"SECRET_KEY": ""},
    {"SECRET_KEY": "short"},
    {"SECRET_KEY": f"django-insecure-{'abcdefghij' * 5}"},
    {"FIELD_KEYS": ""},
    {"FIELD_KEYS": "1:abc"},
    {"ALLOWED_HOSTS": ""},
    {"ALLOWED_HOSTS": "*"},
    {"ALLOWED_HOSTS": "www.example.com,*"},
    {"ALLOWED_HOSTS": "other.example.com"},
    {"RATE_LIMIT_SCALE": "0"},
    {"RATE_LIMIT_SCALE": "0", "BIND": "0.0.0.0"},
    {"TRUSTED_PROXIES": "0.0.0.0/0"},
    {"TRUSTED_PROXIES": "proxy"},
    {"ADMIN_PATH": "/"},
    {"EMAIL_URL": "smtp://name:word@mail.example.com:25"},
    {"DATABASE_URL": "mysql://a:b@127.0.0.1/c"},
    {"LOG_LEVEL": "LOUD"},
    {"SECRET_KEY": "", "SECRET_KEY_FILE": "/no/such/file"},
]
MANAGE = [sys.executable, "manage.py", "migrate", "--plan"]
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "practice_site/gunicorn_conf.py"]
GUNICORN += ["practice_site.wsgi:application"]


def start(command: list[str], data: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**kept, **GOOD, "DATA_DIR": str(data), "PORT": str(free_port()), **variables}
    return subprocess.run(
        command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=120
    )


def assert_refused(done: subprocess.CompletedProcess[str], what: object) -> None:
    assert done.returncode == 78, (what, done.stderr)
    assert done.stdout == "", what
    assert done.stderr.startswith("practice site: not started: "), what
    assert done.stderr.count("\n") == 1, (what, done.stderr)


@pytest.mark.slow
def test_each_unsafe_configuration_is_refused_in_one_line(tmp_path) -> None:
    assert start(MANAGE, tmp_path).returncode == 0
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(lambda facts: start(MANAGE, tmp_path, **facts), UNSAFE)
        for facts, refusal in zip(UNSAFE, done, strict=True):
            assert_refused(refusal, facts)


@pytest.mark.slow
def test_the_server_refuses_at_once_instead_of_starting_workers_for_ever(tmp_path) -> None:
    assert_refused(start(GUNICORN, tmp_path, ALLOWED_HOSTS="*"), "gunicorn")


@pytest.mark.slow
def test_no_process_may_leave_a_core_dump(tmp_path) -> None:
    """The parts of a process that crashed would be its keys and what visitors wrote."""
    said = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    done = start([sys.executable, "manage.py", "shell", "-v", "0", "-c", said], tmp_path)
    assert done.stdout.strip() == "(0, 0)"
