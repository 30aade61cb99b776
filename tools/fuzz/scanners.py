"""wapiti, sqlmap and the rules of Mozilla's Observatory on a copy served as in production."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.hostile import COMMENT, CONSULTATION, DETAILS
from tests.served import running_site
from tools.fuzz.checks import PUBLIC_STARTS
from tools.fuzz.crawler import shape
from tools.fuzz.fuzzing import signed_in, stumbles
from tools.fuzz.secure_copy import SecureCopy, secure_copy
from tools.fuzz.tools import Tools, fetch

ARTICLE = "/articles/how-to-choose-a-therapist/"
BEST = 130  # of the Observatory, without being in the browsers' preload list
# Left out, each for its reason: ssrf, xxe, log4shell, spring4shell (they need a server of theirs
# on the internet), brute_login_form, buster, nikto, wapp, cms (lists from there), ssl (the copy's
# certificate is our own), csrf (wants a token in forms that hold no authority: decision 1), ldap
# (the site asks no directory; it compares whole pages, and the signed time in a form changes).
MODULES = (
    "backup,cookieflags,crlf,csp,exec,file,htaccess,http_headers,https_redirect,methods,"
    "permanentxss,redirect,shellshock,sql,timesql,upload,xss"
)
SQLMAP = [
    *("--batch", "--flush-session", "--disable-coloring", "--level", "1", "--threads", "2"),
    *("--technique", "BEUS", "--timeout", "15", "--retries", "1"),
    *("--ignore-code", "400,403,404,409,422"),
]


@dataclass(frozen=True)
class Target:
    """One address for sqlmap, with what is posted to it."""

    path: str
    body: str = ""
    fields: str = ""  # the names that reach a query; empty: all


TARGETS = [
    Target("/search/?q=calm"),
    Target("/articles/?page=2"),
    Target("/articles/2026/"),
    Target("/consultation/?type=free-call&practitioner=x&zone=Europe/Berlin&from=2026-12-07"),
    Target(f"{ARTICLE}?reply=0123456789abcdef01234567"),
    Target(DETAILS, urlencode(CONSULTATION), "email,key,practitioner,kind,preferred"),
    Target(f"{ARTICLE}comments/", urlencode(COMMENT), "email,parent,text"),
    Target("/your-data/", "email=ann@example.com"),
]
STAFF_TARGETS = [
    Target("/admin/pages/article/?q=calm&o=1&status__exact=draft"),
    Target("/admin/consultations/consultation/?q=HC-7K4M2&group=all"),
    Target("/admin/consultations/comment/?status=waiting&pick=all"),
    Target("/admin/consultations/auditentry/?action=listed&o=1"),
]


def scan(scratch: Path, *, seconds: int) -> int:
    """The number of findings; each module of wapiti and each target of sqlmap has ``seconds``."""
    tools = fetch(scratch)
    for name in tools.missing:
        print(f"{name}: could not be fetched, so it says nothing")
    faults = len(tools.missing)
    with secure_copy(scratch / "public") as copy:
        faults += report("Observatory", by_observatory(tools, copy))
        faults += report("wapiti", by_wapiti(tools, scratch, copy.url, seconds=seconds))
        faults += report("sqlmap", by_sqlmap(tools, scratch, copy.url, TARGETS, seconds=seconds))
        faults += report("log", stumbles(copy.site))
    with running_site(scratch / "staff") as demo:
        cookie = "; ".join(f"{name}={value}" for name, value in signed_in(demo).cookies.items())
        url, staff = demo.env["SITE_URL"], ("--cookie", cookie)
        found = by_sqlmap(tools, scratch, url, STAFF_TARGETS, *staff, seconds=seconds)
        faults += report("sqlmap as the owner", found)
        faults += report("log", stumbles(demo))
    return faults


def report(name: str, findings: Iterator[str] | list[str]) -> int:
    begun, count = time.monotonic(), 0
    for finding in findings:
        count += 1
        print(f"    {finding[:600]}", flush=True)
    print(f"{name}: {count} findings ({time.monotonic() - begun:.0f} s)", flush=True)
    return count


def by_observatory(tools: Tools, copy: SecureCopy) -> Iterator[str]:
    if tools.observatory is None:
        return
    script = Path(__file__).with_name("observatory.mjs")
    host = urlsplit(copy.url).netloc
    paths = public_pages(copy)
    done = subprocess.run(
        ["node", script, tools.observatory, host, *paths],
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(copy.certificate)},
        capture_output=True,
        text=True,
    )
    results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    worst = min((result["score"] for result in results), default=0)
    print(f"Observatory: {len(results)} pages, the lowest score {worst}")
    if len(results) != len(paths):
        yield f"only {len(results)} of {len(paths)} pages were judged: {done.stderr[-300:]}"
    for result in results:
        if result["score"] < BEST or result["failed"]:
            yield f"{result['path']}: {result['score']} {' '.join(result['failed'])}"


def public_pages(copy: SecureCopy) -> list[str]:
    """One page of each shape that the sitemap leads to, and those that it leaves out."""
    listed = copy.get("/sitemap.xml").split("<loc>")[1:]
    paths = [urlsplit(part.partition("<")[0]).path for part in listed]
    folders: dict[str, str] = {}
    for path in paths:
        folders.setdefault(f"{shape(path).rsplit('/', 2)[0]}/{path.count('/')}", path)
    single = [path for path in paths if path.count("/") == 2]
    return sorted({*folders.values(), *single, *PUBLIC_STARTS[:-1], "/admin/login/"})


def by_wapiti(tools: Tools, scratch: Path, url: str, *, seconds: int) -> Iterator[str]:
    if tools.wapiti is None:
        return
    out = scratch / "wapiti.json"
    starts = [part for path in PUBLIC_STARTS for part in ("-s", url + path)]
    # Files and staff pages are looked at by the fuzz and by sqlmap.
    left_out = [part for path in ("static", "media", "admin") for part in ("-x", f"{url}/{path}/*")]
    size = [
        "--depth",
        "6",
        "--max-links-per-page",
        "60",
        "--max-files-per-dir",
        "15",
        "--tasks",
        "4",
        "--timeout",
        "15",
    ]
    times = ["--max-scan-time", str(4 * seconds), "--max-attack-time", str(seconds)]
    kept = ["--store-session", scratch / "wapiti", "--store-config", scratch / "wapiti-config"]
    told = ["--no-bugreport", "--flush-session", "-f", "json", "-o", out]
    command = [
        tools.wapiti,
        "-u",
        f"{url}/",
        *starts,
        *left_out,
        "--verify-ssl",
        "0",
        "-m",
        MODULES,
    ]
    limited(command + size + times + kept + told, seconds=40 * seconds)
    if not out.exists():
        yield "wapiti wrote no report"
        return
    said = json.loads(out.read_text(encoding="utf-8"))
    for kind in ("vulnerabilities", "anomalies"):
        for name, rows in said[kind].items():
            yield from (f"{name}: {row['info']} ({row['method']} {row['path']})" for row in rows)


def by_sqlmap(
    tools: Tools, scratch: Path, url: str, targets: list[Target], *more: str, seconds: int
) -> Iterator[str]:
    if tools.sqlmap is None:
        return
    for target in targets:
        data = ["--data", target.body] if target.body else []
        data += ["-p", target.fields] if target.fields else []
        options = [*SQLMAP, *data, *more, "--output-dir", scratch / "sqlmap"]
        command = [tools.sqlmap, "-u", url + target.path, *options]
        said = limited(command, seconds=seconds)
        if "identified the following injection point" in said:
            yield f"sqlmap can inject into {target}"
        elif "do not appear to be injectable" not in said and "time limit" not in said:
            yield f"sqlmap came to no end at {target}: {said[-300:]}"


def limited(command: list[Any], *, seconds: int) -> str:
    """What it said until it ended, or until its time was over."""
    text = [str(part) for part in command]
    try:
        done = subprocess.run(
            text, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as over:
        said = over.stdout or b""
        return f"{said.decode() if isinstance(said, bytes) else said}\n(time limit)"
    return done.stdout + done.stderr
