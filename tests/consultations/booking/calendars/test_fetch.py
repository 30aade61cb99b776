"""Fetch calendars from a local server, including slow, broken and hostile responses."""

import gzip
import ssl
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consultations.booking.calendars import fetch as calendars_fetch
from consultations.booking.calendars.errors import FetchProblem
from consultations.booking.calendars.fetch import FetchLimits, FetchResult, fetch_calendar
from tests.consultations.booking.calendars.calendar_server import (
    Handler,
    Site,
    fetch_problem,
    run_server,
    write_certificate,
)

CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
SHORT_LIMITS = FetchLimits(connect_seconds=2.0, total_seconds=0.5, max_bytes=100_000)


@pytest.fixture
def site() -> Iterator[Site]:
    yield from run_server()


def test_fetch_returns_body_and_validators(site: Site) -> None:
    site.routes["/a.ics"] = lambda to: to.answer(CALENDAR, ETag='"1"', Last_Modified="Mon")
    assert site.fetch("/a.ics?key=a%2Fb&c=d") == FetchResult(CALENDAR, '"1"', "Mon")
    [(path, headers)] = site.asked
    assert path == "/a.ics?key=a%2Fb&c=d"
    assert headers["Host"] == f"127.0.0.1:{site.port}"
    assert "If-None-Match" not in headers
    assert "Cookie" not in headers


def test_unchanged_calendar_returns_no_body(site: Site) -> None:
    def only_if_changed(to: Handler) -> None:
        same = to.headers["If-None-Match"] == '"1"' and to.headers["If-Modified-Since"] == "Mon"
        to.answer(status=304) if same else to.answer(CALENDAR, ETag='"2"')

    site.routes["/a.ics"] = only_if_changed
    assert site.fetch("/a.ics", etag='"1"', last_modified="Mon") == FetchResult(None, '"1"', "Mon")
    assert site.fetch("/a.ics", etag='"0"').body == CALENDAR


def test_unrequested_304_is_refused(site: Site) -> None:
    site.routes["/a.ics"] = lambda to: to.answer(status=304)
    assert fetch_problem(lambda: site.fetch("/a.ics")) == FetchProblem.REFUSED


@pytest.mark.parametrize("mark", ['"1"\r\nX-Evil: 1', "ü", "a" * 201])
def test_unsafe_validator_is_never_sent(site: Site, mark: str) -> None:
    site.routes["/a.ics"] = lambda to: to.answer(CALENDAR)
    assert site.fetch("/a.ics", etag=mark).body == CALENDAR
    assert {"If-None-Match", "X-Evil"}.isdisjoint(site.asked[0][1])


def test_gzip_response_is_decompressed(site: Site) -> None:
    site.routes["/a.ics"] = lambda to: to.answer(gzip.compress(CALENDAR), Content_Encoding="gzip")
    assert site.fetch("/a.ics").body == CALENDAR


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_followed(site: Site, status: int) -> None:
    site.routes["/old"] = lambda to: to.answer(status=status, Location="/new?a=b")
    site.routes["/new"] = lambda to: to.answer(CALENDAR)
    assert site.fetch("/old").body == CALENDAR


def test_too_many_redirects_fail(site: Site) -> None:
    site.routes["/a"] = lambda to: to.answer(status=302, Location="/a")
    assert fetch_problem(lambda: site.fetch("/a")) == FetchProblem.TOO_MANY_REDIRECTS
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]"]
)
def test_loopback_is_rejected_under_every_name(site: Site, host: str) -> None:
    problem = fetch_problem(lambda: fetch_calendar(site.url("/", host)))
    assert problem in (FetchProblem.NOT_PUBLIC, FetchProblem.NOT_FOUND)
    assert problem == FetchProblem.NOT_PUBLIC or host not in ("127.0.0.1", "localhost", "[::1]")
    assert site.asked == []


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("http://10.0.0.1/", FetchProblem.NOT_PUBLIC),
        ("http://169.254.169.254/latest/meta-data/", FetchProblem.NOT_PUBLIC),
        ("//192.168.0.1/", FetchProblem.NOT_PUBLIC),
        ("http://[::ffff:10.0.0.1]/", FetchProblem.NOT_PUBLIC),
        ("http://[64:ff9b::a00:1]/", FetchProblem.NOT_PUBLIC),
        ("file:///etc/passwd", FetchProblem.BAD_ADDRESS),
        ("ftp://example.org/", FetchProblem.BAD_ADDRESS),
        ("http://user:secret@example.org/", FetchProblem.BAD_ADDRESS),
    ],
)
def test_redirect_to_private_address_is_rejected(
    site: Site, target: str, problem: FetchProblem
) -> None:
    site.routes["/a"] = lambda to: to.answer(status=302, Location=target)
    assert fetch_problem(lambda: site.fetch("/a")) == problem
    assert len(site.asked) == 1


def test_host_with_any_private_address_is_rejected() -> None:
    def look_up(*_asked: object) -> list[str]:
        return ["93.184.215.14", "10.0.0.1"]

    found = fetch_problem(lambda: fetch_calendar("https://calendar.test/", look_up=look_up))
    assert found == FetchProblem.NOT_PUBLIC


def test_connection_uses_the_address_that_was_checked(site: Site) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    site.routes["/a"] = lambda to: to.answer(CALENDAR)
    found = fetch_calendar(
        site.url("/a", "calendar.test"),
        look_up=lambda *_asked: next(answers),
        loopback_is_allowed=True,
    )
    assert found.body == CALENDAR
    assert site.asked[0][1]["Host"] == f"calendar.test:{site.port}"
    assert list(answers) == [["10.0.0.1"]]


def test_each_redirect_is_resolved_and_checked(site: Site) -> None:
    hosts = {"one.test": ["127.0.0.1"], "two.test": ["10.0.0.1"]}
    site.routes["/a"] = lambda to: to.answer(status=302, Location=site.url("/b", "two.test"))
    found = fetch_problem(
        lambda: fetch_calendar(
            site.url("/a", "one.test"),
            look_up=lambda host, *_asked: hosts[host],
            loopback_is_allowed=True,
        )
    )
    assert found == FetchProblem.NOT_PUBLIC


def test_unresolvable_host_is_not_found() -> None:
    found = fetch_problem(
        lambda: fetch_calendar("https://calendar.test/", look_up=lambda *_asked: [])
    )
    assert found == FetchProblem.NOT_FOUND


@pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 410, 429, 500, 503])
def test_error_status_is_refused(site: Site, status: int) -> None:
    site.routes["/a"] = lambda to: to.answer(b"" if status == 204 else CALENDAR, status=status)
    assert fetch_problem(lambda: site.fetch("/a")) == FetchProblem.REFUSED


def endless_body(to: Handler) -> None:
    to.send_response(200)
    to.end_headers()
    while not to.server.site.released.is_set():
        to.wfile.write(b"x" * 65_536)


def endless_chunked_body(to: Handler) -> None:
    to.send_response(200)
    to.send_header("Transfer-Encoding", "chunked")
    to.end_headers()
    while not to.server.site.released.is_set():
        to.wfile.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


def gigabyte_content_length(to: Handler) -> None:
    to.send_response(200)
    to.send_header("Content-Length", str(1 << 30))
    to.end_headers()
    to.server.site.released.wait()


def gzip_bomb(to: Handler) -> None:
    to.answer(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")


@pytest.mark.parametrize(
    "route", [endless_body, endless_chunked_body, gigabyte_content_length, gzip_bomb]
)
def test_oversized_response_is_rejected(site: Site, route: Callable[[Handler], None]) -> None:
    site.routes["/a"] = route
    limits = FetchLimits(max_bytes=100_000)
    assert fetch_problem(lambda: site.fetch("/a", limits=limits)) == FetchProblem.TOO_LARGE


def test_gzip_bomb_uses_bounded_memory(site: Site) -> None:
    packed = gzip.compress(bytes(20_000_000))
    site.routes["/a"] = lambda to: to.answer(packed, Content_Encoding="gzip")
    tracemalloc.start()
    try:
        found = fetch_problem(lambda: site.fetch("/a", limits=FetchLimits(max_bytes=100_000)))
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == FetchProblem.TOO_LARGE
    assert most < 5_000_000


@pytest.mark.parametrize("packed", [False, True])
def test_response_of_exactly_max_bytes_is_allowed(site: Site, packed: bool) -> None:
    body = b"x" * 1_000
    headers: dict[str, Any] = {"Content_Encoding": "gzip"} if packed else {}
    site.routes["/a"] = lambda to: to.answer(gzip.compress(body) if packed else body, **headers)
    assert site.fetch("/a", limits=FetchLimits(max_bytes=1_000)).body == body
    found = fetch_problem(lambda: site.fetch("/a", limits=FetchLimits(max_bytes=999)))
    assert found == FetchProblem.TOO_LARGE


def silent_server(to: Handler) -> None:
    to.server.site.released.wait()


def slow_headers(to: Handler) -> None:
    to.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not to.server.site.released.wait(0.02):
        to.wfile.write(b"x")


def slow_body(to: Handler) -> None:
    to.send_response(200)
    to.end_headers()
    while not to.server.site.released.wait(0.02):
        to.wfile.write(b"x")


@pytest.mark.parametrize("route", [silent_server, slow_headers, slow_body])
def test_slow_server_times_out(site: Site, route: Callable[[Handler], None]) -> None:
    site.routes["/a"] = route
    assert fetch_problem(lambda: site.fetch("/a", limits=SHORT_LIMITS)) == FetchProblem.TOO_SLOW


def truncated_body(to: Handler) -> None:
    to.answer(CALENDAR, Content_Length=str(len(CALENDAR) + 10))
    to.close_connection = True


def truncated_gzip(to: Handler) -> None:
    to.answer(gzip.compress(CALENDAR)[:-4], Content_Encoding="gzip")


def invalid_gzip(to: Handler) -> None:
    to.answer(CALENDAR, Content_Encoding="gzip")


def unknown_encoding(to: Handler) -> None:
    to.answer(CALENDAR, Content_Encoding="br")


def invalid_http(to: Handler) -> None:
    to.wfile.write(b"\x00\x01 what?\r\n\r\n")
    to.close_connection = True


def closed_connection(to: Handler) -> None:
    to.close_connection = True


@pytest.mark.parametrize(
    "route",
    [
        truncated_body, truncated_gzip, invalid_gzip, unknown_encoding, invalid_http,
        closed_connection,
    ],
)  # fmt: skip
def test_incomplete_or_garbled_response_is_rejected(
    site: Site, route: Callable[[Handler], None]
) -> None:
    site.routes["/a"] = route
    assert fetch_problem(lambda: site.fetch("/a")) == FetchProblem.GARBLED


def test_refused_connection_is_unreachable(site: Site) -> None:
    # Bound but not listening, so nothing else can answer on this port in the meantime.
    with calendars_fetch.socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        found = fetch_problem(lambda: fetch_calendar(url, loopback_is_allowed=True))
    assert found == FetchProblem.UNREACHABLE


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "calendar.pem"
    write_certificate(path)
    return path


@pytest.fixture
def secure_site(certificate: Path) -> Iterator[Site]:
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate)
    yield from run_server(server_side)


def fetch_securely(site: Site, host: str, trusted: ssl.SSLContext) -> FetchResult:
    return fetch_calendar(
        site.url("/a", host, "https"),
        look_up=lambda *_asked: ["127.0.0.1"],
        tls=trusted,
        loopback_is_allowed=True,
    )


def test_certificate_is_verified_against_host_name(secure_site: Site, certificate: Path) -> None:
    secure_site.routes["/a"] = lambda to: to.answer(CALENDAR)
    trusting = ssl.create_default_context(cafile=str(certificate))
    assert fetch_securely(secure_site, "calendar.test", trusting).body == CALENDAR
    wrong_name = fetch_problem(lambda: fetch_securely(secure_site, "other.test", trusting))
    unknown = fetch_problem(
        lambda: fetch_securely(secure_site, "calendar.test", ssl.create_default_context())
    )
    assert (wrong_name, unknown) == (FetchProblem.UNTRUSTED, FetchProblem.UNTRUSTED)


def test_redirect_from_https_to_http_is_rejected(
    secure_site: Site, certificate: Path, site: Site
) -> None:
    site.routes["/a"] = lambda to: to.answer(CALENDAR)
    secure_site.routes["/a"] = lambda to: to.answer(status=302, Location=site.url("/a"))
    trusting = ssl.create_default_context(cafile=str(certificate))
    found = fetch_problem(lambda: fetch_securely(secure_site, "calendar.test", trusting))
    assert found == FetchProblem.BAD_ADDRESS
    assert site.asked == []
