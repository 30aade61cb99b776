"""Fetch a calendar from a URL that staff entered, without reaching our own network.

The URL is untrusted input: it may name a machine on our network, redirect to one, or never stop
responding (SSRF). So each hop is resolved once, every address found must be public, and the
connection goes to exactly the address that was checked. One deadline covers everything.
"""

import io
import socket
import ssl
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urljoin, urlsplit

from consultations.booking.calendars.errors import FetchError, FetchProblem

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# --- URLs: every IP address of the host must be public --------------------------------------------

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_URL_CHARS = 2_000
# Reported as public by ipaddress in some Python versions, although they are not.
NON_PUBLIC_V4 = [IPv4Network(net) for net in ("192.88.99.0/24", "192.0.0.0/24", "100.64.0.0/10")]
PUBLIC_V6 = IPv6Network("2000::/3")
# Within 2000::/3: Teredo and similar, documentation, 6to4 (Teredo and 6to4 carry IPv4 addresses).
NON_PUBLIC_V6 = [IPv6Network(n) for n in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


@dataclass(frozen=True)
class CalendarUrl:
    """A URL in parts that can be written into a request unchanged."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def host_header(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host_header}{self.target}"


def parse_url(url: str) -> CalendarUrl:
    """Parse and quote a URL. Raises FetchError.

    Calendar programs give out ``webcal:`` URLs, which mean https.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        scheme = "https" if parts.scheme in ("webcal", "webcals") else parts.scheme
        port = parts.port or DEFAULT_PORTS[scheme]
        host = normalize_host(parts.hostname or "")
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
        query = quote(parts.query, safe="/?%:@!$&'()*+,;=~")
    except (ValueError, KeyError):
        raise FetchError(FetchProblem.BAD_ADDRESS) from None
    if len(url) > MAX_URL_CHARS or not url.isprintable() or "\\" in url or "@" in parts.netloc:
        raise FetchError(FetchProblem.BAD_ADDRESS)
    return CalendarUrl(scheme, host, port, f"{target}?{query}" if query else target)


def normalize_host(name: str) -> str:
    """Return an IDNA-encoded lower-case host name or an IPv6 address. Raises ValueError."""
    if ":" in name:
        return str(IPv6Address(name))
    host = name.encode("idna").decode("ascii").lower()
    if not host.strip(".") or not all(
        character.isalnum() or character in "-._" for character in host
    ):
        raise ValueError("not a host name")
    return host


def resolve_host(host: str, port: int, seconds: float) -> list[str]:
    """Return the IP addresses of a host; empty if not found. Raises FetchError on timeout.

    Called once per hop, so that the addresses checked are the addresses connected to.
    """
    addresses: list[str] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        addresses.extend(str(row[4][0]) for row in rows)

    # getaddrinfo() has no timeout, so the thread is abandoned if it takes too long.
    thread = Thread(target=look_up, name="calendar-look-up", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise FetchError(FetchProblem.TOO_SLOW)
    return list(dict.fromkeys(addresses))


def reject_private_addresses(
    addresses: Collection[str], *, loopback_is_allowed: bool = False
) -> None:
    """Raise FetchError unless all addresses are public.

    One private address among public ones is enough to refuse: no legitimate host has such a mix.
    """
    if not addresses:
        raise FetchError(FetchProblem.NOT_FOUND)
    for ip in addresses:
        if not is_public(ip) and not (loopback_is_allowed and is_loopback(ip)):
            raise FetchError(FetchProblem.NOT_PUBLIC)


def is_public(text: str) -> bool:
    """Whether an address is public: not private, loopback, link-local, multicast or reserved.

    Of IPv6 only 2000::/3, the range assigned for public use. That excludes mapped, translated
    (NAT64) and older forms of IPv4 addresses.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NON_PUBLIC_V4)
    return address in PUBLIC_V6 and not any(address in network for network in NON_PUBLIC_V6)


def is_loopback(text: str) -> bool:
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False


MAX_REDIRECTS = 5
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
MAX_VALIDATOR_CHARS = 200  # for an ETag or date; a longer one is not sent back


@dataclass(frozen=True)
class FetchLimits:
    connect_seconds: float = 5.0
    total_seconds: float = 20.0
    max_bytes: int = 5_000_000  # after decompression


@dataclass(frozen=True)
class FetchResult:
    """``body`` is None if nothing has changed since the validators that were sent."""

    body: bytes | None
    etag: str = ""
    last_modified: str = ""


def fetch_calendar(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    limits: FetchLimits = FetchLimits(),
    look_up: Callable[[str, int, float], list[str]] = resolve_host,
    tls: ssl.SSLContext | None = None,
    loopback_is_allowed: bool = False,
) -> FetchResult:
    """Return the calendar's bytes. Raises FetchError.

    ``look_up``, ``tls`` and ``loopback_is_allowed`` are for tests, which have no public server.
    """
    deadline = Deadline(monotonic() + limits.total_seconds, limits.connect_seconds)
    tls = tls or ssl.create_default_context()
    validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    validators = {name: value for name, value in validators.items() if is_safe_validator(value)}
    address = parse_url(url)
    try:
        for _hop in range(MAX_REDIRECTS + 1):
            addresses = look_up(address.host, address.port, deadline.connect_timeout())
            reject_private_addresses(addresses, loopback_is_allowed=loopback_is_allowed)
            with open_connection(address, addresses, tls, deadline) as connection:
                response = connection.get(address, validators)
                if response.status not in REDIRECT_STATUSES:
                    return read_response(response, limits, validators)
                address = redirect_target(address, response.headers)
    except TimeoutError:
        # Also for a server that keeps the connection open by sending a byte now and then.
        raise FetchError(FetchProblem.TOO_SLOW) from None
    except (OSError, HTTPException, ValueError):
        # Their messages can contain the URL, which is a secret.
        raise FetchError(FetchProblem.GARBLED) from None
    raise FetchError(FetchProblem.TOO_MANY_REDIRECTS)


def read_response(
    response: HTTPResponse, limits: FetchLimits, validators: dict[str, str]
) -> FetchResult:
    """Return body and validators of a response. Raises FetchError."""
    if response.status == 304 and validators:
        return FetchResult(
            None, validators.get("If-None-Match", ""), validators.get("If-Modified-Since", "")
        )
    if response.status != 200:
        raise FetchError(FetchProblem.REFUSED)
    body = read_body(response, limits.max_bytes)
    return FetchResult(
        body,
        read_validator(response.headers, "ETag"),
        read_validator(response.headers, "Last-Modified"),
    )


def read_validator(headers: HTTPMessage, name: str) -> str:
    """Return the header to send back next time; an unusual value counts as none."""
    value = headers.get(name, "").strip()
    return value if is_safe_validator(value) else ""


def is_safe_validator(value: str) -> bool:
    """Whether a value from the server can be sent back in a header."""
    return 0 < len(value) <= MAX_VALIDATOR_CHARS and value.isascii() and value.isprintable()


def redirect_target(address: CalendarUrl, headers: HTTPMessage) -> CalendarUrl:
    """Return the URL of a redirect. Raises FetchError for one from https to http.

    The URL itself is the secret, and http would expose it.
    """
    following = parse_url(urljoin(address.url, headers.get("Location", "")))
    if address.is_secure and not following.is_secure:
        raise FetchError(FetchProblem.BAD_ADDRESS)
    return following


# --- One request over a connection to a checked address, within the deadline ----------------------

# Neutral, so that calendar providers do not learn which site reads a calendar.
USER_AGENT = "calendar-reader"


@dataclass(frozen=True)
class Deadline:
    """When the whole fetch must be finished, on the monotonic clock."""

    stop_at: float
    connect_seconds: float

    def left(self) -> float:
        """Return the seconds that remain. Raises TimeoutError.

        A socket's own timeout starts again with every byte.
        """
        seconds = self.stop_at - monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def connect_timeout(self) -> float:
        """Return the seconds allowed for one step of connecting."""
        return min(self.connect_seconds, self.left())


class DeadlineReader(io.RawIOBase):
    """Read from a socket, and time out at the deadline however slowly the bytes arrive."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self.sock = sock
        self.deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self.sock.settimeout(self.deadline.left())
        return self.sock.recv_into(buffer)


@dataclass
class Connection:
    """An open socket that http.client can read a response from."""

    sock: socket.socket
    deadline: Deadline

    def makefile(self, *_args: object, **_options: object) -> io.BufferedReader:
        """Return a reader; http.client calls this to read the response."""
        return io.BufferedReader(DeadlineReader(self.sock, self.deadline))

    def get(self, address: CalendarUrl, headers: dict[str, str]) -> HTTPResponse:
        """Send a GET request and return the response with its headers read."""
        lines = {
            "Host": address.host_header,
            "User-Agent": USER_AGENT,
            "Accept": "text/calendar, */*;q=0.1",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.sock.settimeout(self.deadline.left())
        self.sock.sendall(f"GET {address.target} HTTP/1.1\r\n{head}\r\n".encode("ascii"))
        response = HTTPResponse(self, method="GET")  # type: ignore[arg-type]
        response.begin()
        return response

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.sock.close()


def open_connection(
    address: CalendarUrl, addresses: Collection[str], tls: ssl.SSLContext, deadline: Deadline
) -> Connection:
    """Connect to the first reachable address. Raises FetchError.

    Uses the addresses that were checked, never the name, which could resolve differently now.
    """
    problem = FetchProblem.UNREACHABLE
    for ip in addresses:
        try:
            sock = socket.create_connection((ip, address.port), deadline.connect_timeout())
        except TimeoutError:
            problem = FetchProblem.TOO_SLOW
        except OSError:
            problem = FetchProblem.UNREACHABLE
        else:
            return Connection(wrap_in_tls(sock, address, tls, deadline), deadline)
    raise FetchError(problem)


def wrap_in_tls(
    sock: socket.socket, address: CalendarUrl, tls: ssl.SSLContext, deadline: Deadline
) -> socket.socket:
    """Start TLS for https, and verify the certificate against the host name, not the IP.

    Raises FetchError and closes the socket on failure.
    """
    if not address.is_secure:
        return sock
    try:
        sock.settimeout(deadline.connect_timeout())
        return tls.wrap_socket(sock, server_hostname=address.host)
    except TimeoutError:
        problem = FetchProblem.TOO_SLOW
    except ssl.SSLError:
        problem = FetchProblem.UNTRUSTED
    except (OSError, ValueError):
        problem = FetchProblem.UNREACHABLE
    sock.close()
    raise FetchError(problem)


# --- Response body --------------------------------------------------------------------------------

CHUNK_BYTES = 64 * 1024
GZIP_WBITS = 16 + zlib.MAX_WBITS


def read_body(response: HTTPResponse, max_bytes: int) -> bytes:
    """Return the decompressed body. Raises FetchError rather than truncate it.

    Part of a calendar would show its owner as free.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise FetchError(FetchProblem.GARBLED)
    if response.length is not None and response.length > max_bytes:
        raise FetchError(FetchProblem.TOO_LARGE)
    packed = zlib.decompressobj(GZIP_WBITS) if "gzip" in encoding else None
    body = bytearray()
    while chunk := response.read(CHUNK_BYTES):
        # Allow one byte over the limit: a decompression bomb is detected and read no further.
        body += decompress_chunk(packed, chunk, max_bytes + 1 - len(body)) if packed else chunk
        if len(body) > max_bytes:
            raise FetchError(FetchProblem.TOO_LARGE)
        if packed and packed.eof:
            return bytes(body)
    # http.client reports a body shorter than its stated length only for read() without a size.
    if response.length or packed:
        raise FetchError(FetchProblem.GARBLED)
    return bytes(body)


def decompress_chunk(packed: "zlib._Decompress", chunk: bytes, max_bytes: int) -> bytes:
    """Decompress at most ``max_bytes`` bytes. Raises FetchError."""
    try:
        return packed.decompress(chunk, max_bytes)
    except zlib.error:
        raise FetchError(FetchProblem.GARBLED) from None
