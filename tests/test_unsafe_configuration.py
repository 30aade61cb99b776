"""Production refuses to start with an unsafe configuration: one line and exit code 78."""

import base64
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.served_site import PROJECT, free_port

SAFE_ENVIRONMENT = {
    "SITE_MODE": "production",
    "SITE_URL": "https://www.example.com",
    "ALLOWED_HOSTS": "www.example.com",
    "SECRET_KEY": "0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijKLMN",
    "FIELD_KEYS": f"1:{base64.b64encode(b'k' * 32).decode()}",
    "EMAIL_URL": "smtp+tls://name:word@mail.example.com:587",
}
UNSAFE_CHANGES = [
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
MANAGE_COMMAND = [sys.executable, "manage.py", "migrate", "--plan"]
GUNICORN_COMMAND = [sys.executable, "-m", "gunicorn", "-c", "practice_site/gunicorn_conf.py"]
GUNICORN_COMMAND += ["practice_site.wsgi:application"]


def run_in_production(
    command: list[str], data: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {
        **inherited,
        **SAFE_ENVIRONMENT,
        "DATA_DIR": str(data),
        "PORT": str(free_port()),
        **variables,
    }
    return subprocess.run(
        command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=120
    )


def assert_refused(done: subprocess.CompletedProcess[str], what: object) -> None:
    assert done.returncode == 78, (what, done.stderr)
    assert done.stdout == "", what
    assert done.stderr.startswith("practice site: not started: "), what
    assert done.stderr.count("\n") == 1, (what, done.stderr)


@pytest.mark.slow
def test_unsafe_configuration_is_refused_with_one_line(tmp_path) -> None:
    assert run_in_production(MANAGE_COMMAND, tmp_path).returncode == 0
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(
            lambda changes: run_in_production(MANAGE_COMMAND, tmp_path, **changes), UNSAFE_CHANGES
        )
        for changes, refusal in zip(UNSAFE_CHANGES, done, strict=True):
            assert_refused(refusal, changes)


@pytest.mark.slow
def test_gunicorn_exits_on_unsafe_configuration(tmp_path) -> None:
    assert_refused(run_in_production(GUNICORN_COMMAND, tmp_path, ALLOWED_HOSTS="*"), "gunicorn")


@pytest.mark.slow
def test_core_dumps_are_disabled(tmp_path) -> None:
    """A core dump would contain the keys and what visitors wrote."""
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    done = run_in_production(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code], tmp_path
    )
    assert done.stdout.strip() == "(0, 0)"
