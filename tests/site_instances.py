"""Run management commands of a site with its own data directory and database."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.db import connection

from tests.served_site import MANAGE_COMMAND, PROJECT

FIELD_KEYS = "1:" + "YWFh" * 10 + "YWE="


class SiteInstance:
    """A site with its own data directory and, on PostgreSQL, its own database."""

    def __init__(self, data: Path, url: str, keys: str = FIELD_KEYS) -> None:
        self.data = data
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.env = {
            **kept,
            "SITE_MODE": "demo",
            "DATA_DIR": str(data),
            "DATABASE_URL": url,
            "FIELD_KEYS": keys,
            "DJANGO_SETTINGS_MODULE": "practice_site.settings",
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MANAGE_COMMAND, *arguments],
            cwd=PROJECT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )

    def manage(self, *arguments: str) -> str:
        """Run a command that has to succeed and return its output."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run_script(self, script: str) -> str:
        """Run Python code inside the site and return its output."""
        return self.manage("shell", "-v", "0", "-c", script)

    def read_json(self, script: str) -> dict:
        return json.loads(self.run_script(script))

    def refused(self, *arguments: str) -> str:
        """Run a command that has to fail with one line on standard error; return that line."""
        done = self.run(*arguments)
        assert done.returncode == 1, (done.stdout, done.stderr)
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr


@contextmanager
def site_factory(tmp_path: Path) -> Iterator[Callable[..., SiteInstance]]:
    """Yield a function that makes an empty site under the given name."""
    databases: list[str] = []

    def make_site(name: str, **options: str) -> SiteInstance:
        (tmp_path / name).mkdir()
        if connection.vendor == "sqlite":
            return SiteInstance(tmp_path / name, "", **options)
        database = f"drill_{uuid4().hex[:12]}"
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{database}"')
        databases.append(database)
        url = re.sub(r"/[^/]*$", f"/{database}", os.environ["DATABASE_URL"])
        return SiteInstance(tmp_path / name, url, **options)

    yield make_site
    for database in databases:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
