"""Ask, and judge every answer by what the site promises of all of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.hostile import ACTIVE, HEADERS
from tools.fuzz.http_client import Ask, Reply, Send

PUBLIC_STARTS = [
    *("/", "/search/", "/consultation/", "/consultation/details/", "/your-data/", "/sitemap.xml"),
]
# Who signs out, or takes the rights of the account that asks, learns nothing more.
NOT_FUZZED = r"/[^/]+/(logout/|auth/user/[0-9]+/(delete|change|password)/)|.*/accounts/logout/"
# What must never come back as it was sent.
MARKUP = [text for text in ACTIVE if text.startswith("<") and "alert(" in text and '"' in text]
MARKUP += ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>"]
TRACES = ("Traceback (most recent call last)", "django.core.", "site-packages")


@dataclass
class Findings:
    """How many answers of which status, and what was wrong with which."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    sent_to_sign_in: int = 0

    @property
    def asked(self) -> int:
        return self.statuses.total()

    def line(self) -> str:
        spread = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        return f"{self.asked} requests ({spread}), {len(self.faults)} faults"


def ask_all(send: Send, asks: Iterable[Ask], *, home: str, staff_pages: str) -> Findings:
    found = Findings()
    for ask in asks:
        reply = send(ask)
        found.statuses[reply.status] += 1
        found.sent_to_sign_in += "/login/" in reply.headers.get("location", "")
        found.faults += [f"{fault}: {ask}" for fault in faults_of(ask, reply, home, staff_pages)]
    return found


def faults_of(ask: Ask, reply: Reply, home: str, staff_pages: str) -> list[str]:
    """All that no answer may be, whatever was asked."""
    found = []
    if reply.status >= 500 or reply.status == 0:
        found.append(f"answered {reply.status}")
    if is_by_server(reply):
        return found
    found += [f"no {name}" for name in HEADERS if name.lower() not in reply.headers]
    cache = reply.headers.get("cache-control", "")
    if reply.status >= 400 and "no-store" not in cache:
        found.append(f"{reply.status} may be kept: {cache}")
    if reply.cookies and not ask.target.startswith(staff_pages):
        found.append("a cookie for a visitor")
    # Django's own "view on site" names the host that it was asked under.
    location = reply.headers.get("location", "").removeprefix(home)
    if location and (not location.startswith("/") or location.startswith(("//", "/\\"))):
        found.append(f"leads to {location[:100]}")
    if "set-cookie" in location.lower() or "evil.example" in reply.headers.get("vary", ""):
        found.append("a header of the asker's own")
    if reply.is_html:
        found += [f"says back {text!r}" for text in MARKUP if text in reply.text]
        found += [f"tells {word!r}" for word in TRACES if word in reply.text]
    return found


def is_by_server(reply: Reply) -> bool:
    """gunicorn refuses what is no HTTP in words of its own, which no header of ours reaches."""
    return reply.status in (400, 414, 417, 431) and "content-security-policy" not in reply.headers
