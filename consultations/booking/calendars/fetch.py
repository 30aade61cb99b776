"""One calendar from an address that staff gave us, without letting it lead us anywhere else.

The address is a stranger's text: it may name a machine of our own network, send us on to one, or
never stop answering. So each hop is looked up once, every address found has to be public, and the
connection goes to exactly the address that was checked. One deadline covers everything.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from time import monotonic
from urllib.parse import urljoin

from consultations.booking.calendars.busy_reasons import FetchProblem
from consultations.booking.calendars.fetch_address import (
    Address,
    addresses_of,
    read_address,
    refuse_private,
)
from consultations.booking.calendars.fetch_body import read_body
from consultations.booking.calendars.fetch_connection import Deadline, connect
from consultations.booking.calendars.fetch_error import FetchError

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_MARK = 200  # characters of an ETag or date; a longer one is not sent back


@dataclass(frozen=True)
class Limits:
    connect_seconds: float = 5.0
    total_seconds: float = 20.0
    most_bytes: int = 5_000_000  # after unpacking


@dataclass(frozen=True)
class Fetched:
    """``body`` is None when nothing has changed since the marks that were sent."""

    body: bytes | None
    etag: str = ""
    last_modified: str = ""


def fetch(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    limits: Limits = Limits(),
    look_up: Callable[[str, int, float], list[str]] = addresses_of,
    tls: ssl.SSLContext | None = None,
    loopback_is_allowed: bool = False,
) -> Fetched:
    """The calendar's bytes. Raises FetchError with a problem that staff can be told.

    ``look_up``, ``tls`` and ``loopback_is_allowed`` are for tests, which have no public server.
    """
    deadline = Deadline(monotonic() + limits.total_seconds, limits.connect_seconds)
    tls = tls or ssl.create_default_context()
    marks = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    marks = {name: value for name, value in marks.items() if is_mark(value)}
    address = read_address(url)
    try:
        for _hop in range(MOST_REDIRECTS + 1):
            found = look_up(address.host, address.port, deadline.for_connecting())
            refuse_private(found, loopback_is_allowed=loopback_is_allowed)
            with connect(address, found, tls, deadline) as connection:
                answer = connection.get(address, marks)
                if answer.status not in REDIRECTS:
                    return taken(answer, limits, marks)
                address = next_address(address, answer.headers)
    except TimeoutError:
        # Also a server that sends a byte now and then, for as long as we listen.
        raise FetchError(FetchProblem.TOO_SLOW) from None
    except (OSError, HTTPException, ValueError):
        # Their messages can hold the address, which is a secret of its owner.
        raise FetchError(FetchProblem.GARBLED) from None
    raise FetchError(FetchProblem.TOO_MANY_REDIRECTS)


def taken(answer: HTTPResponse, limits: Limits, marks: dict[str, str]) -> Fetched:
    if answer.status == 304 and marks:
        return Fetched(None, marks.get("If-None-Match", ""), marks.get("If-Modified-Since", ""))
    if answer.status != 200:
        raise FetchError(FetchProblem.REFUSED)
    body = read_body(answer, limits.most_bytes)
    return Fetched(body, mark(answer.headers, "ETag"), mark(answer.headers, "Last-Modified"))


def mark(headers: HTTPMessage, name: str) -> str:
    """A value to send back next time; an odd one is as good as none."""
    value = headers.get(name, "").strip()
    return value if is_mark(value) else ""


def is_mark(value: str) -> bool:
    return 0 < len(value) <= LONGEST_MARK and value.isascii() and value.isprintable()


def next_address(address: Address, headers: HTTPMessage) -> Address:
    """Where the server sends us. Not from https to http: the address itself is the secret."""
    following = read_address(urljoin(address.url, headers.get("Location", "")))
    if address.is_secure and not following.is_secure:
        raise FetchError(FetchProblem.BAD_ADDRESS)
    return following
