"""Fetching a calendar from a real server on this machine, friendly and otherwise."""

import gzip
import ssl
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consultations.booking.calendars import fetch as calendars_fetch
from consultations.booking.calendars.errors import FetchProblem
from consultations.booking.calendars.fetch import Fetched, Limits, fetch
from tests.consultations.booking.calendars.calendar_server import (
    Handler,
    Site,
    problem_of,
    serving,
    write_certificate,
)

CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
SHORT = Limits(connect_seconds=2.0, total_seconds=0.5, most_bytes=100_000)


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serving()


def test_a_calendar_arrives_with_its_marks(site: Site) -> None:
    site.routes["/a.ics"] = lambda to: to.answer(CALENDAR, ETag='"1"', Last_Modified="Mon")
    assert site.fetch("/a.ics?key=a%2Fb&c=d") == Fetched(CALENDAR, '"1"', "Mon")
    [(path, headers)] = site.asked
    assert path == "/a.ics?key=a%2Fb&c=d"
    assert headers["Host"] == f"127.0.0.1:{site.port}"
    assert "If-None-Match" not in headers
    assert "Cookie" not in headers


def test_an_unchanged_calendar_is_not_sent_again(site: Site) -> None:
    def only_if_changed(to: Handler) -> None:
        same = to.headers["If-None-Match"] == '"1"' and to.headers["If-Modified-Since"] == "Mon"
        to.answer(status=304) if same else to.answer(CALENDAR, ETag='"2"')

    site.routes["/a.ics"] = only_if_changed
    assert site.fetch("/a.ics", etag='"1"', last_modified="Mon") == Fetched(None, '"1"', "Mon")
    assert site.fetch("/a.ics", etag='"0"').body == CALENDAR


def test_not_changed_without_having_been_asked_is_no_answer(site: Site) -> None:
    site.routes["/a.ics"] = lambda to: to.answer(status=304)
    assert problem_of(lambda: site.fetch("/a.ics")) == FetchProblem.REFUSED


@pytest.mark.parametrize("mark", ['"1"\r\nX-Evil: 1', "ü", "a" * 201])
def test_an_odd_mark_is_never_sent(site: Site, mark: str) -> None:
    site.routes["/a.ics"] = lambda to: to.answer(CALENDAR)
    assert site.fetch("/a.ics", etag=mark).body == CALENDAR
    assert {"If-None-Match", "X-Evil"}.isdisjoint(site.asked[0][1])


def test_a_packed_calendar_is_unpacked(site: Site) -> None:
    site.routes["/a.ics"] = lambda to: to.answer(gzip.compress(CALENDAR), Content_Encoding="gzip")
    assert site.fetch("/a.ics").body == CALENDAR


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_moved_calendar_is_followed(site: Site, status: int) -> None:
    site.routes["/old"] = lambda to: to.answer(status=status, Location="/new?a=b")
    site.routes["/new"] = lambda to: to.answer(CALENDAR)
    assert site.fetch("/old").body == CALENDAR


def test_going_on_and_on_ends(site: Site) -> None:
    site.routes["/a"] = lambda to: to.answer(status=302, Location="/a")
    assert problem_of(lambda: site.fetch("/a")) == FetchProblem.TOO_MANY_REDIRECTS
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]"]
)
def test_this_machine_is_never_asked_by_whatever_name(site: Site, host: str) -> None:
    problem = problem_of(lambda: fetch(site.url("/", host)))
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
def test_being_sent_to_a_private_place_is_refused(
    site: Site, target: str, problem: FetchProblem
) -> None:
    site.routes["/a"] = lambda to: to.answer(status=302, Location=target)
    assert problem_of(lambda: site.fetch("/a")) == problem
    assert len(site.asked) == 1


def test_one_private_address_among_public_ones_is_enough() -> None:
    def look_up(*_asked: object) -> list[str]:
        return ["93.184.215.14", "10.0.0.1"]

    found = problem_of(lambda: fetch("https://calendar.test/", look_up=look_up))
    assert found == FetchProblem.NOT_PUBLIC


def test_a_name_is_looked_up_once_and_that_very_address_is_asked(site: Site) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    site.routes["/a"] = lambda to: to.answer(CALENDAR)
    found = fetch(
        site.url("/a", "calendar.test"),
        look_up=lambda *_asked: next(answers),
        loopback_is_allowed=True,
    )
    assert found.body == CALENDAR
    assert site.asked[0][1]["Host"] == f"calendar.test:{site.port}"
    assert list(answers) == [["10.0.0.1"]]


def test_each_hop_is_looked_up_anew(site: Site) -> None:
    hosts = {"one.test": ["127.0.0.1"], "two.test": ["10.0.0.1"]}
    site.routes["/a"] = lambda to: to.answer(status=302, Location=site.url("/b", "two.test"))
    found = problem_of(
        lambda: fetch(
            site.url("/a", "one.test"),
            look_up=lambda host, *_asked: hosts[host],
            loopback_is_allowed=True,
        )
    )
    assert found == FetchProblem.NOT_PUBLIC


def test_a_name_without_an_address_is_not_found() -> None:
    found = problem_of(lambda: fetch("https://calendar.test/", look_up=lambda *_asked: []))
    assert found == FetchProblem.NOT_FOUND


@pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 410, 429, 500, 503])
def test_anything_but_the_calendar_is_a_refusal(site: Site, status: int) -> None:
    site.routes["/a"] = lambda to: to.answer(b"" if status == 204 else CALENDAR, status=status)
    assert problem_of(lambda: site.fetch("/a")) == FetchProblem.REFUSED


def endless(to: Handler) -> None:
    to.send_response(200)
    to.end_headers()
    while not to.server.site.released.is_set():
        to.wfile.write(b"x" * 65_536)


def chunked_without_end(to: Handler) -> None:
    to.send_response(200)
    to.send_header("Transfer-Encoding", "chunked")
    to.end_headers()
    while not to.server.site.released.is_set():
        to.wfile.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


def announced_as_a_gigabyte(to: Handler) -> None:
    to.send_response(200)
    to.send_header("Content-Length", str(1 << 30))
    to.end_headers()
    to.server.site.released.wait()


def gzip_bomb(to: Handler) -> None:
    to.answer(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")


@pytest.mark.parametrize(
    "route", [endless, chunked_without_end, announced_as_a_gigabyte, gzip_bomb]
)
def test_too_much_is_cut_off(site: Site, route: Callable[[Handler], None]) -> None:
    site.routes["/a"] = route
    limits = Limits(most_bytes=100_000)
    assert problem_of(lambda: site.fetch("/a", limits=limits)) == FetchProblem.TOO_LARGE


def test_a_bomb_is_never_unpacked_beyond_the_limit(site: Site) -> None:
    packed = gzip.compress(bytes(20_000_000))
    site.routes["/a"] = lambda to: to.answer(packed, Content_Encoding="gzip")
    tracemalloc.start()
    try:
        found = problem_of(lambda: site.fetch("/a", limits=Limits(most_bytes=100_000)))
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == FetchProblem.TOO_LARGE
    assert most < 5_000_000


@pytest.mark.parametrize("packed", [False, True])
def test_the_limit_itself_is_allowed(site: Site, packed: bool) -> None:
    body = b"x" * 1_000
    headers: dict[str, Any] = {"Content_Encoding": "gzip"} if packed else {}
    site.routes["/a"] = lambda to: to.answer(gzip.compress(body) if packed else body, **headers)
    assert site.fetch("/a", limits=Limits(most_bytes=1_000)).body == body
    found = problem_of(lambda: site.fetch("/a", limits=Limits(most_bytes=999)))
    assert found == FetchProblem.TOO_LARGE


def silent(to: Handler) -> None:
    to.server.site.released.wait()


def dripping_head(to: Handler) -> None:
    to.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not to.server.site.released.wait(0.02):
        to.wfile.write(b"x")


def dripping_body(to: Handler) -> None:
    to.send_response(200)
    to.end_headers()
    while not to.server.site.released.wait(0.02):
        to.wfile.write(b"x")


@pytest.mark.parametrize("route", [silent, dripping_head, dripping_body])
def test_a_slow_server_is_left_however_it_is_slow(
    site: Site, route: Callable[[Handler], None]
) -> None:
    site.routes["/a"] = route
    assert problem_of(lambda: site.fetch("/a", limits=SHORT)) == FetchProblem.TOO_SLOW


def cut_short(to: Handler) -> None:
    to.answer(CALENDAR, Content_Length=str(len(CALENDAR) + 10))
    to.close_connection = True


def cut_short_when_packed(to: Handler) -> None:
    to.answer(gzip.compress(CALENDAR)[:-4], Content_Encoding="gzip")


def not_packed_at_all(to: Handler) -> None:
    to.answer(CALENDAR, Content_Encoding="gzip")


def packed_in_an_unknown_way(to: Handler) -> None:
    to.answer(CALENDAR, Content_Encoding="br")


def rubbish(to: Handler) -> None:
    to.wfile.write(b"\x00\x01 what?\r\n\r\n")
    to.close_connection = True


def hung_up(to: Handler) -> None:
    to.close_connection = True


@pytest.mark.parametrize(
    "route",
    [
        cut_short, cut_short_when_packed, not_packed_at_all, packed_in_an_unknown_way, rubbish,
        hung_up,
    ],
)  # fmt: skip
def test_half_a_calendar_is_none(site: Site, route: Callable[[Handler], None]) -> None:
    site.routes["/a"] = route
    assert problem_of(lambda: site.fetch("/a")) == FetchProblem.GARBLED


def test_nobody_there_is_said(site: Site) -> None:
    # Bound and never listened on, so nothing else can answer at this port meanwhile.
    with calendars_fetch.socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        found = problem_of(lambda: fetch(url, loopback_is_allowed=True))
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
    yield from serving(server_side)


def fetch_securely(site: Site, host: str, trusted: ssl.SSLContext) -> Fetched:
    return fetch(
        site.url("/a", host, "https"),
        look_up=lambda *_asked: ["127.0.0.1"],
        tls=trusted,
        loopback_is_allowed=True,
    )


def test_the_certificate_is_checked_against_the_name(secure_site: Site, certificate: Path) -> None:
    secure_site.routes["/a"] = lambda to: to.answer(CALENDAR)
    trusting = ssl.create_default_context(cafile=str(certificate))
    assert fetch_securely(secure_site, "calendar.test", trusting).body == CALENDAR
    wrong_name = problem_of(lambda: fetch_securely(secure_site, "other.test", trusting))
    unknown = problem_of(
        lambda: fetch_securely(secure_site, "calendar.test", ssl.create_default_context())
    )
    assert (wrong_name, unknown) == (FetchProblem.UNTRUSTED, FetchProblem.UNTRUSTED)


def test_a_secret_address_is_not_repeated_in_clear(
    secure_site: Site, certificate: Path, site: Site
) -> None:
    site.routes["/a"] = lambda to: to.answer(CALENDAR)
    secure_site.routes["/a"] = lambda to: to.answer(status=302, Location=site.url("/a"))
    trusting = ssl.create_default_context(cafile=str(certificate))
    found = problem_of(lambda: fetch_securely(secure_site, "calendar.test", trusting))
    assert found == FetchProblem.BAD_ADDRESS
    assert site.asked == []
