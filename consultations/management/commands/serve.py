"""Run the whole site with one command: prepare it, then start the web server and the worker."""

import json
import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict, Unpack
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from consultations.management.processes import (
    ChildExited,
    ChildProcess,
    ProcessGroup,
    StopRequested,
    is_responding,
)

START_TIMEOUT_SECONDS = 60
USAGE_EXIT_CODE = 2


class Options(TypedDict):
    """The options of this command."""

    demo: bool
    dev: bool


class Command(BaseCommand):
    help = "Prepare the data directory, then run the web server and the worker until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--demo", action="store_true", help="with the demo practice")
        kind.add_argument("--dev", action="store_true", help="reload when a file changes")

    def handle(self, *args: object, **options: Unpack[Options]) -> None:
        check_site_mode(options)
        port = read_port()
        address = "127.0.0.1" if options["demo"] or options["dev"] else bind_address()
        check_port_is_free(address, port)
        os.umask(0o077)  # keep the database and emails private to this user
        try:
            with ProcessGroup() as children:
                call_command("prepare", no_static=options["dev"])
                if options["demo"]:
                    call_command("load_demo", verbosity=0)
                self.run(children, address, port, options)
        except StopRequested:
            self.stdout.write("\nStopped.")
        except ChildExited as ended:
            raise CommandError(exit_message(ended)) from None

    def run(self, children: ProcessGroup, address: str, port: int, options: Options) -> None:
        base, python = Path(settings.BASE_DIR), sys.executable
        logs = settings.DATA_DIR / "log" if options["demo"] else None
        manage = [python, str(base / "manage.py")]
        env = {"BIND": address, "PORT": str(port)}
        if options["dev"]:
            web = [*manage, "runserver", f"{address}:{port}"]
        else:
            config = str(base / "practice_site" / "gunicorn_conf.py")
            web = [python, "-m", "gunicorn", "-c", config, "practice_site.wsgi:application"]
        children.start("web server", web, cwd=base, env=env, log=logs and logs / "web.log")
        worker = [*manage, "worker"]
        children.start("worker", worker, cwd=base, env=env, log=logs and logs / "worker.log")

        if not children.wait_until(
            lambda: is_site_up(address, port), seconds=START_TIMEOUT_SECONDS
        ):
            where = f" Its log: {logs / 'web.log'}" if logs else ""
            raise CommandError(
                f"The site did not answer within {START_TIMEOUT_SECONDS} seconds.{where}"
            )
        self.stdout.write(startup_message(is_demo=options["demo"]))
        self.stdout.flush()
        children.wait()


def check_site_mode(options: Mapping[str, object]) -> None:
    for flag, mode in (("demo", "demo"), ("dev", "development")):
        if options[flag] and mode != settings.SITE_MODE:
            # The demo prints a password, so it must never run on real data.
            raise CommandError(f"--{flag} needs SITE_MODE={mode}", returncode=USAGE_EXIT_CODE)


def read_port() -> int:
    try:
        port = int(settings.PORT)
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise CommandError("PORT must be a number from 1 to 65535", returncode=USAGE_EXIT_CODE)
    return port


def bind_address() -> str:
    return (os.environ.get("BIND") or "127.0.0.1").strip("[]")


def is_site_up(address: str, port: int) -> bool:
    """Return whether the site answers at this address; wildcard addresses are tried on loopback."""
    reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104
    return is_responding(address=reach, port=port, host=urlsplit(settings.SITE_URL).netloc)


def check_port_is_free(address: str, port: int) -> None:
    """Fail with one line if the port cannot be bound, before gunicorn starts and keeps retrying."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        # Like gunicorn, ignore connections in TIME_WAIT after the last stop.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            raise CommandError(
                f"Port {port} needs more rights than we have. Another one: PORT={port + 8000}"
            ) from None
        except OSError:
            raise CommandError(
                f"Port {port} is in use. Stop what uses it, or choose another: PORT={port + 1}"
            ) from None


def exit_message(ended: ChildExited) -> str:
    child: ChildProcess = ended.child
    what = f"The {child.name} stopped by itself (exit {ended.code})."
    return f"{what} Its log: {child.log}" if child.log else what


def startup_message(*, is_demo: bool) -> str:
    site = settings.SITE_URL
    rows = [("The site", f"{site}/"), ("Staff", f"{site}/{settings.ADMIN_PATH}")]
    if is_demo:
        rows += demo_login_rows()
    if settings.EMAIL_FILE_PATH and "smtp" not in settings.EMAIL_BACKEND:
        rows.append(("Mails", f"{settings.EMAIL_FILE_PATH}/*.eml"))
    rows += [("Data", str(settings.DATA_DIR)), ("Stop", "Ctrl-C")]
    return "\n" + "\n".join(f"  {label:<10} {value}" for label, value in rows) + "\n"


def demo_login_rows() -> list[tuple[str, str]]:
    """Return the login that load_demo created for this data directory."""
    file = settings.DATA_DIR / "keys" / "demo_login.json"
    try:
        login = json.loads(file.read_text(encoding="utf-8"))
        return [("Name", str(login["username"])), ("Password", str(login["password"]))]
    except (OSError, ValueError, KeyError, TypeError):
        return [("Login", f"as you set it ({file.name} is not there)")]
