"""Run the site under gunicorn, and send it raw requests that no browser would send."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from consultations.management.processes import ProcessGroup

PROJECT = Path(__file__).parents[1]
FORM_HEADER = b"Content-Type: application/x-www-form-urlencoded"
MANAGE_COMMAND = [sys.executable, "manage.py"]


@dataclass(frozen=True)
class RawResponse:
    """The bytes of a response; ``status`` is 0 when there was none."""

    raw: bytes

    @property
    def status(self) -> int:
        found = re.match(rb"HTTP/1\.[01] ([0-9]{3}) ", self.raw)
        return int(found[1]) if found else 0

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0].lower()

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    def header(self, name: str) -> str:
        found = re.search(rb"\r\n" + name.lower().encode() + rb": *([^\r]*)", self.head)
        return found[1].decode("latin-1") if found else ""


@dataclass
class ServedSite:
    """A running copy of the site with its own data directory."""

    port: int
    data: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.data / "log" / "web.log"

    @property
    def database(self) -> Path:
        return self.data / "db.sqlite3"

    def manage(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MANAGE_COMMAND, *arguments],
            cwd=PROJECT,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
        )

    def send_raw(self, request: bytes, *, shut_down: bool = False) -> RawResponse:
        """Send bytes unchanged and read until the server closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            received = b""
            # A server may respond and close before it has read the whole request.
            try:
                connection.sendall(request)
                if shut_down:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            try:
                while part := connection.recv(65_536):
                    received += part
            except ConnectionError:
                pass
        return RawResponse(received)

    def request(
        self,
        method: str,
        path: str | bytes,
        *headers: bytes,
        body: bytes = b"",
        host: bytes | None = None,
        length: bytes | None = None,
    ) -> RawResponse:
        target = path.encode() if isinstance(path, str) else path
        lines = [
            method.encode() + b" " + target + b" HTTP/1.1",
            b"Host: " + (f"127.0.0.1:{self.port}".encode() if host is None else host),
            b"Connection: close",
            *headers,
        ]
        if length is None and body:
            length = str(len(body)).encode()
        if length is not None:
            lines.append(b"Content-Length: " + length)
        return self.send_raw(b"\r\n".join(lines) + b"\r\n\r\n" + body)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_site(data: Path, **variables: str) -> Iterator[ServedSite]:
    """Prepare and start a site with the demo practice; stop it at the end of the block."""
    port = free_port()
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {
        **inherited,
        "SITE_MODE": "demo",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DATA_DIR": str(data),
        "DATABASE_URL": "",
        "PORT": str(port),
        "RATE_LIMIT_SCALE": "0",
        "WEB_CONCURRENCY": "2",
        "DJANGO_SETTINGS_MODULE": "practice_site.settings",
        **variables,
    }
    site = ServedSite(port, data, env)
    site.manage("prepare")
    site.manage("load_demo")
    processes = ProcessGroup()
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "practice_site/gunicorn_conf.py"]
    processes.start(
        "web", [*gunicorn, "practice_site.wsgi:application"], cwd=PROJECT, env=env, log=site.log
    )
    try:
        assert processes.wait_until(lambda: is_site_up(site), seconds=60), site.log.read_text()
        yield site
    finally:
        processes.stop()


def is_site_up(site: ServedSite) -> bool:
    try:
        return site.request("GET", "/healthz").status == 200
    except OSError:
        return False
