"""One question to the site and its answer, whichever way they travel."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from tests.served import Site

FORM = "application/x-www-form-urlencoded"
HEADER = re.compile(r"\r\n([^:\r\n]+): *([^\r\n]*)")


@dataclass(frozen=True)
class Ask:
    """A request; ``target`` and headers may hold any byte, written as latin-1."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def __str__(self) -> str:
        said = "".join(f" | {name}: {value[:80]!r}" for name, value in self.headers)
        body = f" | {self.body[:400]!r}" if self.body else ""
        return f"{self.method} {self.target[:300]!r}{said}{body}"


@dataclass(frozen=True)
class Reply:
    """What came back; header names in lower case, status 0 when nothing did."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def is_html(self) -> bool:
        return self.headers.get("content-type", "").startswith("text/html")

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


Send = Callable[[Ask], Reply]


def in_process(client: Client) -> Send:
    """Through Django's test client: quick, and an error shows where it was raised."""

    def send(ask: Ask) -> Reply:
        kind, extra = "text/plain", dict[str, Any]()
        for name, value in ask.headers:
            if name == "Content-Type":
                kind = value
            elif name != "Cookie":  # the client has its own
                extra[f"HTTP_{name.upper().replace('-', '_')}"] = value
        answer: Any = client.generic(ask.method, ask.target, ask.body, content_type=kind, **extra)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        headers = {name.lower(): value for name, value in answer.headers.items()}
        cookies = {name: morsel.value for name, morsel in answer.cookies.items()}
        return Reply(answer.status_code, headers, body, cookies)

    return send


@dataclass
class Visit:
    """By sockets to a running site, with the cookies that it gave."""

    site: Site
    cookies: dict[str, str] = field(default_factory=dict)

    def __call__(self, ask: Ask) -> Reply:
        headers = dict(ask.headers)
        host = headers.pop("Host", None)
        if self.cookies:
            headers.setdefault("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        answer = self.site.ask(
            ask.method,
            latin(ask.target),
            *(latin(f"{name}: {value}") for name, value in headers.items()),
            body=ask.body,
            host=None if host is None else latin(host),
        )
        pairs = HEADER.findall(answer.raw.partition(b"\r\n\r\n")[0].decode("latin-1"))
        given = [value.partition(";")[0] for name, value in pairs if name.lower() == "set-cookie"]
        return Reply(
            answer.status,
            {name.lower(): value for name, value in pairs},
            answer.body,
            dict(pair.split("=", 1) for pair in given if "=" in pair),
        )

    def follow(self, ask: Ask) -> tuple[Reply, str]:
        """The answer at the end of redirects, and where that was; cookies are kept."""
        for _ in range(6):
            reply = self(ask)
            self.cookies.update(reply.cookies)
            if reply.status not in (301, 302, 303):
                return reply, ask.target
            ask = Ask("GET", reply.headers["location"])
        raise RuntimeError("redirects in a circle")


def latin(text: str) -> bytes:
    return text.encode("latin-1", "replace")
