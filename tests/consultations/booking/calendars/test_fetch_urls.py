"""Which URLs and IP addresses may be fetched."""

import threading

import pytest

from consultations.booking.calendars import fetch as calendars_fetch
from consultations.booking.calendars.errors import FetchProblem
from consultations.booking.calendars.fetch import fetch_calendar, is_public, parse_url, resolve_host
from tests.consultations.booking.calendars.calendar_server import fetch_problem

PRIVATE_ADDRESSES = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "100::1",
    "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "3fff::1", "5f00::1",
    "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "nonsense",
]  # fmt: skip


@pytest.mark.parametrize("ip", PRIVATE_ADDRESSES)
def test_private_addresses_are_not_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize(
    "ip", ["8.8.8.8", "192.0.1.1", "172.32.0.1", "2606:4700::1", "2a00:1450::1"]
)
def test_public_addresses_are_public(ip: str) -> None:
    assert is_public(ip)


def test_dns_lookup_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(
        calendars_fetch.socket, "getaddrinfo", lambda *a, **o: released.wait() and []
    )
    assert fetch_problem(lambda: resolve_host("slow.test", 80, 0.05)) == FetchProblem.TOO_SLOW
    released.set()


@pytest.mark.parametrize(
    "url",
    ["", "calendar", "/a.ics", "ftp://a.test/", "file:///etc/passwd", "gopher://a.test/",
     "http://", "http://a.test:99999/", "http://a b.test/", "http://a.test/\r\nX: y",
     "http://a.test\\@b.test/", "http://me@a.test/", "http://[::1", "http://a..test/",
     "https://" + "a" * 2_000 + ".test/", "javascript:alert(1)"],
)  # fmt: skip
def test_invalid_url_is_rejected_without_lookup(url: str) -> None:
    def look_up(*_asked: object) -> list[str]:
        raise AssertionError("asked for")

    assert fetch_problem(lambda: fetch_calendar(url, look_up=look_up)) == FetchProblem.BAD_ADDRESS


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("webcal://p1.calendar.test/a b", "https://p1.calendar.test/a%20b"),
        ("HTTPS://Calendar.Test:443/ä?x=%2F", "https://calendar.test/%C3%A4?x=%2F"),
        (" http://bücher.test:8080 ", "http://xn--bcher-kva.test:8080/"),
        ("https://[2001:0db8::1]/a#part", "https://[2001:db8::1]/a"),
    ],
)
def test_urls_are_normalized_like_in_browsers(url: str, read: str) -> None:
    assert parse_url(url).url == read
