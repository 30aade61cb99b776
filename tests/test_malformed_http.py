"""Malformed HTTP through raw sockets to gunicorn, which Django's test client cannot send."""

import json
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from tests.hostile_inputs import COMMENT_DATA, CONSULTATION_DATA, DETAILS_PATH, SECURITY_HEADERS
from tests.served_site import FORM_HEADER, RawResponse, ServedSite, running_site

pytestmark = pytest.mark.slow
COMMENTS_PATH = "/articles/how-to-choose-a-therapist/comments/"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("served")) as site:
        yield site


def assert_client_error_or_success(response: RawResponse, *, by_gunicorn: bool = False) -> None:
    """Check status, cookies and headers; gunicorn's own refusals do not carry our headers."""
    assert 200 <= response.status < 500, response.raw[:200]
    assert b"\r\nset-cookie:" not in response.head
    if not by_gunicorn:
        assert [name for name in SECURITY_HEADERS if not response.header(name)] == []


UNSUPPORTED_CHARSETS = (
    "utf-16 utf-7 utf-32 idna punycode unicode_escape hex rot13 nonexistent iso-8859-1"
)


@pytest.mark.parametrize("path", [DETAILS_PATH, COMMENTS_PATH])
@pytest.mark.parametrize(
    "charset", [*UNSUPPORTED_CHARSETS.split(), "utf-8; charset=utf-16", "\xff"]
)
def test_unsupported_charset_is_refused(served, path, charset):
    header = FORM_HEADER + b"; charset=" + charset.encode("latin-1")
    response = served.request(
        "POST", path, header, b"Cookie: staff-form=" + b"a" * 32, body=b"name=Ann"
    )
    assert_client_error_or_success(response)
    assert response.status == 400


@pytest.mark.parametrize("charset", [b"utf-8", b"UTF8", b'"utf-8"', b"us-ascii", b""])
def test_utf8_charset_spellings_are_accepted(served, charset):
    header = FORM_HEADER + b"; charset=" + charset
    response = served.request("POST", DETAILS_PATH, header, body=b"name=K%C3%A4the")
    assert response.status == 422
    assert "Käthe".encode() in response.body


def multipart_body(*parts: str) -> bytes:
    return "".join(f"--x\r\nContent-Disposition: form-data; {part}\r\n" for part in parts).encode()


BODY_VARIANTS = [
    (b"Content-Type: application/json", b'{"name": "Ann"}'),
    (b"Content-Type: application/json", b"{"),
    (b"Content-Type: multipart/form-data", b"name"),
    (b"Content-Type: multipart/form-data; boundary=", b"name"),
    (b"Content-Type: multipart/form-data; boundary=" + b"x" * 300, b"name"),
    (b"Content-Type: multipart/form-data; boundary=\xff\xfe", b"name"),
    (b"Content-Type: multipart/form-data; boundary=x", b"--y\r\nno end"),
    (b"Content-Type: multipart/form-data; boundary=x", multipart_body('name="name"\r\n\r\nAnn')),
    (
        b"Content-Type: multipart/form-data; boundary=x",
        multipart_body('name="text"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!!')
        + b"--x--\r\n",
    ),
    (
        b"Content-Type: multipart/form-data; boundary=x",
        multipart_body("name*=nonexistent''%ff\r\n\r\nAnn") + b"--x--\r\n",
    ),
    (
        b"Content-Type: multipart/form-data; boundary=x",
        multipart_body('name="name"; filename="../../a.py"\r\n\r\nAnn') + b"--x--\r\n",
    ),
    (
        b"Content-Type: multipart/form-data; boundary=x",
        multipart_body(*[f'name="f{n}"; filename="a"\r\n\r\nA' for n in range(60)]) + b"--x--\r\n",
    ),
    (b"Content-Type: text/plain", b"name=Ann"),
    (b"Content-Type: ;;==;", b"name=Ann"),
    (b"Content-Type: \xff\xff", b"name=Ann"),
    (b"X-No: type", b"name=Ann"),
]


@pytest.mark.parametrize("path", [DETAILS_PATH, COMMENTS_PATH])
@pytest.mark.parametrize(("header", "body"), BODY_VARIANTS)
def test_unexpected_body_types_get_client_errors(served, path, header, body):
    response = served.request("POST", path, header, body=body)
    assert_client_error_or_success(response)
    assert response.status in (400, 422)


@pytest.mark.parametrize("path", [DETAILS_PATH, COMMENTS_PATH])
def test_too_many_fields_and_large_bodies_are_refused(served, path):
    many = b"&".join(b"f%d=1" % number for number in range(10_000))
    fields = served.request("POST", path, FORM_HEADER, body=many)
    assert_client_error_or_success(fields)
    assert fields.status == 400
    large = served.request("POST", path, FORM_HEADER, body=b"text=" + b"x" * 5_000_000)
    assert_client_error_or_success(large)
    assert large.status == 413
    long_field = served.request("POST", path, FORM_HEADER, body=b"name=" + b"x" * 990_000)
    assert_client_error_or_success(long_field)
    assert long_field.status == 422


BAD_CONTENT_LENGTHS = [
    b"-1",
    b"abc",
    b"1e3",
    b"+5",
    b"0x10",
    b"5, 5",
    b"\xb2",
    b"",
    b"9" * 30,
    b"9" * 6000,
]


@pytest.mark.parametrize("length", BAD_CONTENT_LENGTHS)
def test_invalid_content_length_is_refused(served, length):
    response = served.request("POST", DETAILS_PATH, FORM_HEADER, body=b"name=Ann", length=length)
    assert_client_error_or_success(response, by_gunicorn=True)
    assert response.status in (400, 413)


def test_ambiguous_request_framing_is_refused(served):
    """Two servers that disagree on where a request ends allow request smuggling."""
    twice = served.request(
        "POST", DETAILS_PATH, FORM_HEADER, b"Content-Length: 4", body=b"name=Ann"
    )
    both = served.request(
        "POST", DETAILS_PATH, FORM_HEADER, b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"
    )
    assert (twice.status, both.status) == (400, 400)


def test_chunked_body_without_length_is_refused(served):
    chunks = b"4\r\nname\r\n4\r\n=Ann\r\n0\r\n\r\n"
    request = b"POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n%s\r\n"
    start = request % (DETAILS_PATH.encode(), served.port, FORM_HEADER)
    response = served.send_raw(start + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert_client_error_or_success(response)
    assert response.status == 411


def test_truncated_comment_is_not_stored(served):
    before = count_rows(served, "consultations_comment")
    body = urlencode({**COMMENT_DATA, "text": "Cut on the way"}).encode()
    request = b"POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n%s\r\n"
    start = request % (COMMENTS_PATH.encode(), served.port, FORM_HEADER)
    response = served.send_raw(
        start + b"Content-Length: %d\r\n\r\n" % (len(body) + 9) + body, shut_down=True
    )
    assert response.status == 400
    assert count_rows(served, "consultations_comment") == before
    complete = served.request("POST", COMMENTS_PATH, FORM_HEADER, body=body)
    assert complete.status == 303
    assert count_rows(served, "consultations_comment") == before + 1


PATHS = [
    "/",
    "/about/",
    "/articles/",
    "/articles/how-to-choose-a-therapist/",
    COMMENTS_PATH,
    "/consultation/",
    DETAILS_PATH,
    "/c/abc/",
    "/c/abc/cancel/",
    "/comments/manage/abc/",
    "/comments/manage/abc/withdraw/",
    "/search/",
    "/healthz",
    "/sitemap.xml",
    "/robots.txt",
    "/articles/feed/rss/",
    "/patterns/",
    "/static/css/site.css",
    "/nowhere/",
]


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "WRITE"])
def test_other_methods_are_answered_and_never_echo_headers(served, method):
    for place in PATHS:
        response = served.request(method, place, b"X-Echo: do-not-echo-this")
        assert_client_error_or_success(response)
        # A TRACE response that echoes the request would expose a staff cookie to a script.
        assert b"do-not-echo-this" not in response.raw


@pytest.mark.parametrize(
    "host", [b"evil.example", b"127.0.0.1@evil.example", b"a b", b"[::1", b"\xff", b"127.0.0.1:x"]
)
def test_unknown_host_is_refused(served, host):
    response = served.request("GET", "/articles", host=host)
    assert_client_error_or_success(response)
    assert response.status == 400
    assert b"evil" not in response.raw


@pytest.mark.parametrize(
    "path",
    [
        b"//evil.example/",
        b"//evil.example/articles",
        b"///evil.example//",
        b"/\\evil.example/articles",
        b"/%2f/evil.example/articles",
        b"/articles%0d%0aSet-Cookie:a=b",
        b"http://evil.example/articles",
        b"/..//evil.example",
    ],
)
def test_no_url_redirects_to_another_site(served, path):
    response = served.request("GET", path)
    assert_client_error_or_success(response)
    location = response.header("Location")
    assert location == "" or (location.startswith("/") and not location.startswith(("//", "/\\")))
    assert b"evil.example" not in response.raw


@pytest.mark.parametrize("path", [b"/\xff", b"/\x00", b"/" + b"a" * 4000, b"/" + b"a" * 90_000])
def test_malformed_paths_get_client_errors(served, path):
    assert_client_error_or_success(served.request("GET", path), by_gunicorn=True)


ODD_HEADERS = [
    b"Cookie: " + b"a" * 8000,
    b"Cookie: staff=garbage; staff-form=x",
    b"Cookie: staff=" + b"g" * 32 + b"; staff-form=" + b"z" * 64,
    b"Cookie: staff=\xff; messages=\xfe; ;;=;",
    b"X-Forwarded-For: 1.2.3.4",
    b"X-Forwarded-For: " + b"1," * 2000,
    b"X-Forwarded-Proto: https",
    b"X-Forwarded-Host: evil.example",
    b"Forwarded: for=1;host=evil.example",
    b"Range: bytes=9999999999999999999999-",
    b"If-Modified-Since: Sun, 99 Foo 99999",
    b"If-None-Match: \xff",
    b"Accept-Language: " + b"x," * 3000,
    b"Sec-Fetch-Site: \xff",
    b"Origin: http://[",
    b"Referer: http://[::1",
    b"Script_Name: /x",
    b"Upgrade: h2c",
]


@pytest.mark.parametrize("header", ODD_HEADERS)
def test_odd_headers_are_harmless(served, header):
    for place in (
        "/",
        DETAILS_PATH,
        "/articles/how-to-choose-a-therapist/",
        "/static/css/site.css",
    ):
        response = served.request("GET", place, header)
        assert_client_error_or_success(response)
        assert b"evil.example" not in response.raw
    assert_client_error_or_success(
        served.request("POST", DETAILS_PATH, FORM_HEADER, header, body=b"name=Ann")
    )


def test_oversized_cookie_is_refused(served):
    response = served.request("GET", "/", b"Cookie: " + b"a" * 100_000)
    assert_client_error_or_success(response, by_gunicorn=True)
    assert response.status in (400, 431)


def test_twenty_concurrent_requests_are_all_stored(served):
    keys = [uuid4().hex for _ in range(20)]
    bodies = [urlencode({**CONSULTATION_DATA, "key": key}).encode() for key in keys]
    with ThreadPoolExecutor(20) as pool:
        responses = list(
            pool.map(
                lambda body: served.request("POST", DETAILS_PATH, FORM_HEADER, body=body), bodies
            )
        )
    assert [response.status for response in responses] == [303] * 20
    assert len({response.header("Location") for response in responses}) == 20
    with sqlite3.connect(served.database) as database:
        rows = database.execute("select idempotency_key from consultations_consultation")
        stored = {key for (key,) in rows}
    assert set(keys) <= stored


def count_rows(site: ServedSite, table: str) -> int:
    with sqlite3.connect(site.database) as database:
        return database.execute(f"select count(*) from {table}").fetchone()[0]


def test_server_log_has_no_errors_or_visitor_data(served):
    """Runs last on purpose: it reads the log of all the tests above."""
    records = [json.loads(line) for line in served.log.read_text().splitlines()]
    assert records or served.request("GET", "/nowhere/").status == 404
    # An error that ended in a response below 500 was a refusal.
    unanswered = {"ERROR": 500, "CRITICAL": 500}
    assert [r for r in records if r.get("status", unanswered.get(r["level"], 0)) >= 500] == []
    assert not re.search(r"127\.0\.0\.1|evil|1\.2\.3\.4|Ann", served.log.read_text())
