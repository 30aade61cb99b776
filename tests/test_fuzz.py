"""Send a few hundred malformed requests to every form and URL; `make fuzz` sends thousands."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from practice_site import wsgi
from tests.factories.consultations import (
    make_comment,
    make_consultation,
    make_consultation_with_status,
    make_staff,
)
from tests.factories.pages import make_whole_site
from tests.hostile_inputs import SECURITY_HEADERS
from tools.fuzz.checks import NOT_FUZZED, PUBLIC_STARTS, send_all
from tools.fuzz.crawler import crawl, url_pattern
from tools.fuzz.http_client import Request, Response, in_process
from tools.fuzz.mutate import Mutator

SEED = 20261126
GOOD_HEADERS = {name.lower(): "x" for name in SECURITY_HEADERS}
GOOD_HTML_HEADERS = {**GOOD_HEADERS, "content-type": "text/html; charset=utf-8"}


@pytest.fixture
def site(db, settings, monkeypatch):
    # As in production: our WSGI application refuses codecs that are not text encodings.
    monkeypatch.setattr("django.test.client.WSGIRequest", wsgi.Request)
    settings.RATE_LIMIT_SCALE = 0
    article, now = make_whole_site(), timezone.now()
    make_comment(article=article, approved=True, now=now)
    make_comment(article=article, now=now)
    make_consultation(now=now)
    make_consultation_with_status("confirmed", now=now, start_at=now + timedelta(days=2))


def fuzz_faults(
    client: Client, start_urls: list[str], *, inside: str, avoid: str, limit: int, count: int
):
    send = in_process(client)
    surface = crawl(send, start_urls, inside=inside, avoid=avoid, limit=limit)
    assert len(surface.addresses) >= limit // 2
    assert len(surface.forms) >= 4
    requests = Mutator(surface, SEED).requests(count)
    found = send_all(send, requests, home="http://testserver", staff_pages="/admin/")
    assert found.total == count
    assert found.statuses[200] > count // 5
    return [*surface.faults, *found.faults]


def test_public_pages_survive_malformed_requests(site):
    client = Client(raise_request_exception=False)
    avoid = f"/admin/|{NOT_FUZZED}"
    assert fuzz_faults(client, PUBLIC_STARTS, inside="/", avoid=avoid, limit=50, count=240) == []


def test_staff_pages_survive_malformed_requests(site):
    client = Client(raise_request_exception=False)
    client.force_login(make_staff())
    found = fuzz_faults(
        client, ["/admin/"], inside="/admin/", avoid=NOT_FUZZED, limit=60, count=160
    )
    assert found == []


@pytest.mark.parametrize(
    ("response", "fault"),
    [
        (Response(500, GOOD_HEADERS), "answered 500"),
        (Response(0), "answered 0"),
        (Response(200, {}), "no Content-Security-Policy"),
        (Response(404, {**GOOD_HEADERS, "cache-control": "public"}), "404 may be cached"),
        (Response(200, GOOD_HEADERS, cookies={"a": "b"}), "a cookie for a visitor"),
        (
            Response(302, {**GOOD_HEADERS, "location": "//evil.example/"}),
            "leads to //evil.example/",
        ),
        (
            Response(302, {**GOOD_HEADERS, "location": "https://evil.example/"}),
            "leads to https://evil",
        ),
        (Response(200, GOOD_HTML_HEADERS, b"<p><script>alert(1)</script>"), "echoes"),
        (
            Response(200, GOOD_HTML_HEADERS, b"Traceback (most recent call last)"),
            "shows 'Traceback",
        ),
    ],
)
def test_each_fault_is_detected(response, fault):
    found = send_all(
        lambda request: response, [Request("GET", "/")], home="http://x", staff_pages="/admin/"
    )
    assert any(line.startswith(fault) for line in found.faults)


def test_same_seed_gives_same_requests(site):
    surface = crawl(in_process(Client()), PUBLIC_STARTS, inside="/", avoid="/admin/", limit=12)
    first, again = (list(Mutator(surface, 3).requests(200)) for _ in range(2))
    assert first == again
    assert first != list(Mutator(surface, 4).requests(200))
    assert {request.method for request in first} > {"GET", "POST", "PUT"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/c/73909c72-aa8c-407e-83b6-f9d4a150df9d/", "/c/ad5daf40-1d3e-4ec9-aabd-6c8daa136065/"),
        ("/articles/2025/", "/articles/2026/"),
        ("/about/?page=1&a=", "/about/?a=2&page=x"),
    ],
)
def test_url_pattern_ignores_ids_and_values(one, other):
    assert url_pattern(one) == url_pattern(other) != url_pattern("/about/")
