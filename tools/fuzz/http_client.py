"""Requests and responses of the fuzz, sent in process or through sockets."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from tests.served_site import ServedSite

FORM = "application/x-www-form-urlencoded"
HEADER = re.compile(r"\r\n([^:\r\n]+): *([^\r\n]*)")


@dataclass(frozen=True)
class Request:
    """A request; ``target`` and headers may hold any byte, written as latin-1."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def __str__(self) -> str:
        headers = "".join(f" | {name}: {value[:80]!r}" for name, value in self.headers)
        body = f" | {self.body[:400]!r}" if self.body else ""
        return f"{self.method} {self.target[:300]!r}{headers}{body}"


@dataclass(frozen=True)
class Response:
    """An answer; header names in lower case, status 0 when none came."""

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


Send = Callable[[Request], Response]


def in_process(client: Client) -> Send:
    """Send through Django's test client: quick, and an error keeps its traceback."""

    def send(request: Request) -> Response:
        content_type, extra = "text/plain", dict[str, Any]()
        for name, value in request.headers:
            if name == "Content-Type":
                content_type = value
            elif name != "Cookie":  # the client has its own
                extra[f"HTTP_{name.upper().replace('-', '_')}"] = value
        answer: Any = client.generic(
            request.method, request.target, request.body, content_type=content_type, **extra
        )
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        headers = {name.lower(): value for name, value in answer.headers.items()}
        cookies = {name: morsel.value for name, morsel in answer.cookies.items()}
        return Response(answer.status_code, headers, body, cookies)

    return send


@dataclass
class HttpClient:
    """Send through sockets to a running site, with the cookies collected so far."""

    site: ServedSite
    cookies: dict[str, str] = field(default_factory=dict)

    def __call__(self, request: Request) -> Response:
        headers = dict(request.headers)
        host = headers.pop("Host", None)
        if self.cookies:
            headers.setdefault("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        answer = self.site.request(
            request.method,
            to_bytes(request.target),
            *(to_bytes(f"{name}: {value}") for name, value in headers.items()),
            body=request.body,
            host=None if host is None else to_bytes(host),
        )
        pairs = HEADER.findall(answer.raw.partition(b"\r\n\r\n")[0].decode("latin-1"))
        cookies = [value.partition(";")[0] for name, value in pairs if name.lower() == "set-cookie"]
        return Response(
            answer.status,
            {name.lower(): value for name, value in pairs},
            answer.body,
            dict(pair.split("=", 1) for pair in cookies if "=" in pair),
        )

    def follow(self, request: Request) -> tuple[Response, str]:
        """Follow redirects and keep their cookies; return the last response and its address."""
        for _ in range(6):
            response = self(request)
            self.cookies.update(response.cookies)
            if response.status not in (301, 302, 303):
                return response, request.target
            request = Request("GET", response.headers["location"])
        raise RuntimeError("too many redirects")


def to_bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")
