"""A few hundred odd requests over whatever the pages offer; `make fuzz` asks thousands."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from practice_site import wsgi
from tests.factories.consultations import (
    make_comment,
    make_consultation,
    make_consultation_in,
    make_staff,
)
from tests.factories.pages import make_whole_site
from tests.hostile import HEADERS
from tools.fuzz.checks import NOT_FUZZED, PUBLIC_STARTS, ask_all
from tools.fuzz.crawler import crawl, shape
from tools.fuzz.http_client import Ask, Reply, in_process
from tools.fuzz.mutate import Spoiler

SEED = 20261126
SOUND = {name.lower(): "x" for name in HEADERS}
HTML = {**SOUND, "content-type": "text/html; charset=utf-8"}


@pytest.fixture
def site(db, settings, monkeypatch):
    # As behind the server, whose requests survive a codec that is none for text.
    monkeypatch.setattr("django.test.client.WSGIRequest", wsgi.Request)
    settings.RATE_LIMIT_SCALE = 0
    article, now = make_whole_site(), timezone.now()
    make_comment(article=article, approved=True, now=now)
    make_comment(article=article, now=now)
    make_consultation(now=now)
    make_consultation_in("confirmed", now=now, start_at=now + timedelta(days=2))


def faults(client: Client, starts: list[str], *, inside: str, avoid: str, most: int, count: int):
    send = in_process(client)
    surface = crawl(send, starts, inside=inside, avoid=avoid, most=most)
    assert len(surface.addresses) >= most // 2
    assert len(surface.forms) >= 4
    asks = Spoiler(surface, SEED).asks(count)
    found = ask_all(send, asks, home="http://testserver", staff_pages="/admin/")
    assert found.asked == count
    assert found.statuses[200] > count // 5
    return [*surface.faults, *found.faults]


def test_nothing_that_a_stranger_sends_makes_the_site_stumble(site):
    client = Client(raise_request_exception=False)
    assert (
        faults(client, PUBLIC_STARTS, inside="/", avoid=f"/admin/|{NOT_FUZZED}", most=50, count=240)
        == []
    )


def test_nothing_that_staff_send_makes_the_site_stumble(site):
    client = Client(raise_request_exception=False)
    client.force_login(make_staff())
    assert faults(client, ["/admin/"], inside="/admin/", avoid=NOT_FUZZED, most=60, count=160) == []


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(500, SOUND), "answered 500"),
        (Reply(0), "answered 0"),
        (Reply(200, {}), "no Content-Security-Policy"),
        (Reply(404, {**SOUND, "cache-control": "public"}), "404 may be kept"),
        (Reply(200, SOUND, cookies={"a": "b"}), "a cookie for a visitor"),
        (Reply(302, {**SOUND, "location": "//evil.example/"}), "leads to //evil.example/"),
        (Reply(302, {**SOUND, "location": "https://evil.example/"}), "leads to https://evil"),
        (Reply(200, HTML, b"<p><script>alert(1)</script>"), "says back"),
        (Reply(200, HTML, b"Traceback (most recent call last)"), "tells 'Traceback"),
    ],
)
def test_each_fault_would_have_been_seen(reply, fault):
    found = ask_all(lambda ask: reply, [Ask("GET", "/")], home="http://x", staff_pages="/admin/")
    assert any(line.startswith(fault) for line in found.faults)


def test_one_seed_gives_the_same_requests(site):
    surface = crawl(in_process(Client()), PUBLIC_STARTS, inside="/", avoid="/admin/", most=12)
    first, again = (list(Spoiler(surface, 3).asks(200)) for _ in range(2))
    assert first == again
    assert first != list(Spoiler(surface, 4).asks(200))
    assert {ask.method for ask in first} > {"GET", "POST", "PUT"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/c/73909c72-aa8c-407e-83b6-f9d4a150df9d/", "/c/ad5daf40-1d3e-4ec9-aabd-6c8daa136065/"),
        ("/articles/2025/", "/articles/2026/"),
        ("/about/?page=1&a=", "/about/?a=2&page=x"),
    ],
)
def test_addresses_that_differ_by_numbers_have_one_shape(one, other):
    assert shape(one) == shape(other) != shape("/about/")
