"""Thousands of odd requests to a running copy, as a stranger and as the owner."""

import json
import time
from pathlib import Path

from tests.served import Site, running_site
from tools.fuzz.checks import NOT_FUZZED, PUBLIC_STARTS, Findings, ask_all
from tools.fuzz.crawler import Surface, crawl, read
from tools.fuzz.http_client import Ask, Visit
from tools.fuzz.mutate import Spoiler

SHOWN = 20  # faults of each kind of visit


def fuzz(data: Path, *, count: int, seed: int, database_url: str = "") -> int:
    """The number of faults; each kind of visit asks ``count`` times."""
    with running_site(data, DATABASE_URL=database_url) as site:
        faults = visit("a stranger", site, Visit(site), count, seed)
        faults += visit("the owner", site, signed_in(site), count, seed)
        noise = stumbles(site)
        for line in noise[:SHOWN]:
            print(f"    log: {line[:600]}")
    return faults + len(noise)


def visit(who: str, site: Site, send: Visit, count: int, seed: int) -> int:
    begun, is_staff = time.monotonic(), bool(send.cookies)
    starts, inside = (["/admin/"], "/admin/") if is_staff else (PUBLIC_STARTS, "/")
    avoid = NOT_FUZZED if is_staff else f"/admin/|{NOT_FUZZED}"
    surface = crawl(send, starts, inside=inside, avoid=avoid, most=400)
    asks = Spoiler(surface, seed).asks(count)
    found = ask_all(send, asks, home=site.env["SITE_URL"], staff_pages="/admin/")
    tell(who, surface, found, seconds=time.monotonic() - begun)
    # Signed out, the owner would only knock at one door.
    is_outside = is_staff and found.sent_to_sign_in > count // 10
    if is_outside:
        print(f"    signed out: {found.sent_to_sign_in} of {count} were sent to the login")
    return len(surface.faults) + len(found.faults) + is_outside


def tell(who: str, surface: Surface, found: Findings, *, seconds: float) -> None:
    size = f"{len(surface.addresses)} addresses, {len(surface.forms)} forms"
    print(f"as {who}: {size}; {found.line()} ({seconds:.0f} s)", flush=True)
    for fault in [*surface.faults, *found.faults][:SHOWN]:
        print(f"    {fault[:600]}")


def signed_in(site: Site) -> Visit:
    """As a person signs in: through the form that asks for a password."""
    send = Visit(site)
    login = json.loads((site.data / "keys" / "demo_login.json").read_text(encoding="utf-8"))
    reply, address = send.follow(Ask("GET", "/admin/"))
    form = next(form for form in read(reply, address).forms if form.asks_for_password)
    typed = {"password": login["password"], "text": login["username"], "email": login["username"]}
    values = [
        (field.name, field.value or typed.get(field.kind, ""))
        for field in form.fields
        if field.kind not in ("submit", "checkbox")
    ]
    reply, address = send.follow(form.ask(values))
    if reply.status != 200 or any(form.asks_for_password for form in read(reply, address).forms):
        raise RuntimeError("the owner could not sign in")
    return send


def stumbles(site: Site) -> list[str]:
    """Lines of the log about an error that nobody answered for."""
    return [line for line in site.log.read_text().splitlines() if is_error(line)]


def is_error(line: str) -> bool:
    """An error that ended in an answer below 500 was a refusal."""
    if not line.startswith("{"):
        return True
    record = json.loads(line)
    return record.get("status", 500 if record["level"] in ("ERROR", "CRITICAL") else 0) >= 500
