"""Which addresses we may ask: web addresses whose every IP address is public."""

import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Thread
from urllib.parse import quote, urlsplit

from consultations.booking.calendars.busy_reasons import FetchProblem
from consultations.booking.calendars.fetch_error import FetchError

PORTS = {"http": 80, "https": 443}
LONGEST_URL = 2_000
# What the ipaddress module of some Python versions takes for public, though it leads elsewhere.
SPECIAL_V4 = [IPv4Network(net) for net in ("192.88.99.0/24", "192.0.0.0/24", "100.64.0.0/10")]
PUBLIC_V6 = IPv6Network("2000::/3")
# Inside it: Teredo and its like, 6to4 (both carry an IPv4 address), documentation.
SPECIAL_V6 = [IPv6Network(n) for n in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


@dataclass(frozen=True)
class Address:
    """A web address in parts that may be written into a request as they are."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def named_host(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.named_host}{self.target}"


def read_address(url: str) -> Address:
    """Calendar programs hand out ``webcal:``, which is https by another name."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        scheme = "https" if parts.scheme in ("webcal", "webcals") else parts.scheme
        port = parts.port or PORTS[scheme]
        host = host_of(parts.hostname or "")
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
        query = quote(parts.query, safe="/?%:@!$&'()*+,;=~")
    except (ValueError, KeyError):
        raise FetchError(FetchProblem.BAD_ADDRESS) from None
    if len(url) > LONGEST_URL or not url.isprintable() or "\\" in url or "@" in parts.netloc:
        raise FetchError(FetchProblem.BAD_ADDRESS)
    return Address(scheme, host, port, f"{target}?{query}" if query else target)


def host_of(name: str) -> str:
    if ":" in name:
        return str(IPv6Address(name))
    host = name.encode("idna").decode("ascii").lower()
    if not host.strip(".") or not all(one.isalnum() or one in "-._" for one in host):
        raise ValueError("not a host name")
    return host


def addresses_of(host: str, port: int, seconds: float) -> list[str]:
    """Looked up once per hop; what is checked is what is connected to."""
    found: list[str] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(str(row[4][0]) for row in rows)

    # The system's look-up knows no time limit, so it is left behind when it takes too long.
    thread = Thread(target=look_up, name="calendar-look-up", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise FetchError(FetchProblem.TOO_SLOW)
    return list(dict.fromkeys(found))


def refuse_private(found: Collection[str], *, loopback_is_allowed: bool = False) -> None:
    """One private address among public ones is enough: nobody publishes such a name by accident."""
    if not found:
        raise FetchError(FetchProblem.NOT_FOUND)
    for text in found:
        if not is_public(text) and not (loopback_is_allowed and is_loopback(text)):
            raise FetchError(FetchProblem.NOT_PUBLIC)


def is_public(text: str) -> bool:
    """Not private, loopback, link-local, multicast or reserved, nor an IPv4 address in disguise.

    Of IPv6 only the range that is given out: mapped, translated (NAT64) and old forms lie outside.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_V4)
    return address in PUBLIC_V6 and not any(address in network for network in SPECIAL_V6)


def is_loopback(text: str) -> bool:
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
