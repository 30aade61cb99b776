"""Send requests and check every response for what no response may be."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.hostile_inputs import ACTIVE_MARKUP, SECURITY_HEADERS
from tools.fuzz.http_client import Request, Response, Send

PUBLIC_STARTS = [
    *("/", "/search/", "/consultation/", "/consultation/details/", "/your-data/", "/sitemap.xml"),
]
# Signing out, or changing the account in use, would end the run.
NOT_FUZZED = r"/[^/]+/(logout/|auth/user/[0-9]+/(delete|change|password)/)|.*/accounts/logout/"
# Must never come back unescaped.
MARKUP = [
    text for text in ACTIVE_MARKUP if text.startswith("<") and "alert(" in text and '"' in text
]
MARKUP += ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>"]
TRACES = ("Traceback (most recent call last)", "django.core.", "site-packages")


@dataclass
class Results:
    """Number of responses by status, and what was wrong with which."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    sent_to_sign_in: int = 0

    @property
    def total(self) -> int:
        return self.statuses.total()

    def summary(self) -> str:
        spread = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        return f"{self.total} requests ({spread}), {len(self.faults)} faults"


def send_all(send: Send, requests: Iterable[Request], *, home: str, staff_pages: str) -> Results:
    results = Results()
    for request in requests:
        response = send(request)
        results.statuses[response.status] += 1
        results.sent_to_sign_in += "/login/" in response.headers.get("location", "")
        results.faults += [
            f"{fault}: {request}" for fault in find_faults(request, response, home, staff_pages)
        ]
    return results


def find_faults(request: Request, response: Response, home: str, staff_pages: str) -> list[str]:
    """Return what is wrong with a response, whatever the request was."""
    faults = []
    if response.status >= 500 or response.status == 0:
        faults.append(f"answered {response.status}")
    if is_from_gunicorn(response):
        return faults
    faults += [f"no {name}" for name in SECURITY_HEADERS if name.lower() not in response.headers]
    cache = response.headers.get("cache-control", "")
    if response.status >= 400 and "no-store" not in cache:
        faults.append(f"{response.status} may be cached: {cache}")
    if response.cookies and not request.target.startswith(staff_pages):
        faults.append("a cookie for a visitor")
    # Django's own "view on site" names the requested host.
    location = response.headers.get("location", "").removeprefix(home)
    if location and (not location.startswith("/") or location.startswith(("//", "/\\"))):
        faults.append(f"leads to {location[:100]}")
    if "set-cookie" in location.lower() or "evil.example" in response.headers.get("vary", ""):
        faults.append("a header taken from the request")
    if response.is_html:
        faults += [f"echoes {text!r}" for text in MARKUP if text in response.text]
        faults += [f"shows {word!r}" for word in TRACES if word in response.text]
    return faults


def is_from_gunicorn(response: Response) -> bool:
    """Tell whether gunicorn itself refused a malformed request; our headers are not on those."""
    return (
        response.status in (400, 414, 417, 431)
        and "content-security-policy" not in response.headers
    )
