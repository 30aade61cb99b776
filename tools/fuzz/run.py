"""Fuzz running copies of the site: thousands of malformed requests to every form and address.

    python -m tools.fuzz.run [--count N] [--seed N] [--sqlite | --postgresql]

The copies are throwaway and listen on the loopback address. Prints what was found and exits with 1
when that is anything. Run by ``make fuzz``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.served_site import ServedSite, running_site
from tools.fuzz.checks import NOT_FUZZED, PUBLIC_STARTS, Results, send_all
from tools.fuzz.crawler import Surface, crawl, parse_page
from tools.fuzz.http_client import HttpClient, Request
from tools.fuzz.mutate import Mutator

PROJECT = Path(__file__).resolve().parents[2]
DATABASES = ("sqlite", "postgresql")
SHOWN = 20  # faults printed for each user


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz running copies of the site.")
    parser.add_argument("--count", type=int, default=3000, help="requests as each user")
    parser.add_argument("--seed", type=int, default=1)
    only = parser.add_mutually_exclusive_group()
    for name in DATABASES:
        only.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        with tempfile.TemporaryDirectory(prefix="practice-fuzz.") as data:
            return 1 if fuzz(Path(data), count=options.count, seed=options.seed) else 0
    wanted = [name for name in DATABASES if getattr(options, name)] or list(DATABASES)
    return max(run_on(name) for name in wanted)


def run_on(database: str) -> int:
    """Start this module again with the environment of one database; return its exit code."""
    print(f"{database}:", flush=True)
    command = [sys.executable, "-m", "tools.fuzz.run", *sys.argv[1:], "--here"]
    if database == "postgresql":
        command = [str(PROJECT / "bin" / "postgres-for-tests"), "run", *command]
    with tempfile.TemporaryDirectory(prefix="practice-fuzz.") as data:
        names = ("PATH", "HOME", "LANG", "PG_BIN")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        return subprocess.run(command, cwd=PROJECT, env={**kept, "DATA_DIR": data}).returncode


def fuzz(data: Path, *, count: int, seed: int) -> int:
    """Send ``count`` requests each as a visitor and as the owner; return how many faults."""
    with running_site(data, DATABASE_URL=os.environ.get("DATABASE_URL", "")) as site:
        faults = fuzz_as("a visitor", site, HttpClient(site), count, seed)
        faults += fuzz_as("the owner", site, sign_in(site), count, seed)
        errors = logged_errors(site)
        for line in errors[:SHOWN]:
            print(f"    log: {line[:600]}")
    return faults + len(errors)


def fuzz_as(user: str, site: ServedSite, send: HttpClient, count: int, seed: int) -> int:
    began, is_staff = time.monotonic(), bool(send.cookies)
    start_urls, inside = (["/admin/"], "/admin/") if is_staff else (PUBLIC_STARTS, "/")
    avoid = NOT_FUZZED if is_staff else f"/admin/|{NOT_FUZZED}"
    surface = crawl(send, start_urls, inside=inside, avoid=avoid, limit=400)
    requests = Mutator(surface, seed).requests(count)
    results = send_all(send, requests, home=site.env["SITE_URL"], staff_pages="/admin/")
    report(user, surface, results, seconds=time.monotonic() - began)
    # A session that was lost on the way would only test the login page.
    is_signed_out = is_staff and results.sent_to_sign_in > count // 10
    if is_signed_out:
        print(f"    signed out: {results.sent_to_sign_in} of {count} were sent to the login")
    return len(surface.faults) + len(results.faults) + is_signed_out


def report(user: str, surface: Surface, results: Results, *, seconds: float) -> None:
    size = f"{len(surface.addresses)} addresses, {len(surface.forms)} forms"
    print(f"as {user}: {size}; {results.summary()} ({seconds:.0f} s)", flush=True)
    for fault in [*surface.faults, *results.faults][:SHOWN]:
        print(f"    {fault[:600]}")


def sign_in(site: ServedSite) -> HttpClient:
    """Sign in as the owner of the demo, through the login form."""
    send = HttpClient(site)
    login = json.loads((site.data / "keys" / "demo_login.json").read_text(encoding="utf-8"))
    response, address = send.follow(Request("GET", "/admin/"))
    form = next(form for form in parse_page(response, address).forms if form.is_login)
    typed = {"password": login["password"], "text": login["username"], "email": login["username"]}
    values = [
        (field.name, field.value or typed.get(field.kind, ""))
        for field in form.fields
        if field.kind not in ("submit", "checkbox")
    ]
    response, address = send.follow(form.request(values))
    if response.status != 200 or any(form.is_login for form in parse_page(response, address).forms):
        raise RuntimeError("the owner could not sign in")
    return send


def logged_errors(site: ServedSite) -> list[str]:
    """Return the log lines of errors that no answer below 500 accounts for."""
    return [line for line in site.log.read_text().splitlines() if is_error(line)]


def is_error(line: str) -> bool:
    """Tell whether a log line is an error; one that ended in an answer below 500 was a refusal."""
    if not line.startswith("{"):
        return True
    record = json.loads(line)
    return record.get("status", 500 if record["level"] in ("ERROR", "CRITICAL") else 0) >= 500


if __name__ == "__main__":
    sys.exit(main())
