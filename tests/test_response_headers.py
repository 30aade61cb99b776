"""Every response has the security headers, the right Cache-Control and no cookie."""

from typing import Any

import pytest
from django.test import Client

from pages.publishing import redirects
from practice_site.health import cached_readiness
from tests.factories.consultations import make_consultation
from tests.factories.pages import make_whole_site
from tests.factories.pictures import make_picture
from tests.hostile_inputs import DETAILS_PATH, SECURITY_HEADERS

REVALIDATE = "public, max-age=0, must-revalidate"
NO_STORE = "no-store, private"
IMMUTABLE = "public, max-age=31536000, immutable"
FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"
CROSS_SITE = {"headers": {"Sec-Fetch-Site": "cross-site"}}
TOO_LARGE = {"data": b"a=" + b"x" * 1_000_001, "content_type": FORM_CONTENT_TYPE}
UNSUPPORTED_CHARSET = {"data": b"a=b", "content_type": f"{FORM_CONTENT_TYPE}; charset=utf-7"}
CHUNKED = {"headers": {"Transfer-Encoding": "chunked"}}
OTHER_HOST = {"headers": {"Host": "evil.example"}}
RANGE_REQUEST = {"headers": {"Range": "bytes=0-9"}}
# method, path, extra, status, Cache-Control (None: not checked)
EXPECTED_RESPONSES: list[tuple[str, str, dict[str, Any], int, str | None]] = [
    ("GET", "/", {}, 200, REVALIDATE),
    ("HEAD", "/", {}, 200, REVALIDATE),
    ("GET", "/", RANGE_REQUEST, 200, REVALIDATE),
    ("POST", "/", {}, 405, NO_STORE),
    ("OPTIONS", "/", {}, 405, NO_STORE),
    ("TRACE", "/", {}, 405, NO_STORE),
    ("GET", "/", OTHER_HOST, 400, NO_STORE),
    ("GET", "/articles/reading-2/", {}, 200, REVALIDATE),
    ("GET", "/articles/feed/rss/", {}, 200, REVALIDATE),
    ("GET", "/sitemap.xml", {}, 200, REVALIDATE),
    ("GET", "/.well-known/security.txt", {}, 200, REVALIDATE),
    ("GET", "/search/?q=reading", {}, 200, None),
    ("GET", "/articles", {}, 301, NO_STORE),
    ("GET", "/old-page/", {}, 301, NO_STORE),
    ("GET", "/nowhere/", {}, 404, NO_STORE),
    # Named like a static file, which a cache in front might store: must hold nothing personal.
    ("GET", "/about/x.css", {}, 404, NO_STORE),
    ("GET", "/articles/reading-2/x.css", {}, 404, NO_STORE),
    ("GET", f"{DETAILS_PATH}x.css", {}, 404, NO_STORE),
    ("GET", "{own}x.css", {}, 404, NO_STORE),
    ("GET", "{own};x.css", {}, 404, NO_STORE),
    ("GET", "{own}%2fx.css", {}, 404, NO_STORE),
    ("GET", "/admin/x.css", {}, 302, NO_STORE),
    ("GET", "/consultation/", {}, 200, NO_STORE),
    ("GET", f"{DETAILS_PATH}?kind=call_back", {}, 302, NO_STORE),
    ("GET", f"{DETAILS_PATH}?kind=call_back&key=abc", {}, 200, NO_STORE),
    ("POST", DETAILS_PATH, {}, 422, NO_STORE),
    ("POST", DETAILS_PATH, CROSS_SITE, 403, NO_STORE),
    ("POST", DETAILS_PATH, TOO_LARGE, 413, NO_STORE),
    ("POST", DETAILS_PATH, UNSUPPORTED_CHARSET, 400, NO_STORE),
    ("POST", DETAILS_PATH, CHUNKED, 411, NO_STORE),
    ("PUT", DETAILS_PATH, {}, 405, NO_STORE),
    ("POST", "/articles/reading-2/comments/", {}, 422, NO_STORE),
    ("GET", "{own}", {}, 200, NO_STORE),
    ("GET", "{own}calendar.ics", {}, 404, NO_STORE),
    ("GET", "/c/wrong/", {}, 404, NO_STORE),
    ("GET", "/comments/manage/wrong/", {}, 404, NO_STORE),
    ("GET", "/your-data/", {}, 200, NO_STORE),
    ("GET", "/your-data/wrong/", {}, 404, NO_STORE),
    ("GET", "/preview/wrong/", {}, 404, NO_STORE),
    ("GET", "/calendar/wrong.ics", {}, 404, NO_STORE),
    ("GET", "/admin/", {}, 302, NO_STORE),
    ("GET", "/admin/login/", {}, 200, NO_STORE),
    ("GET", "/healthz", {}, 200, "no-store"),
    ("GET", "/static/css/site.css", {}, 200, None),
    ("HEAD", "/static/css/site.css", {}, 200, None),
    ("GET", "/static/css/site.css", RANGE_REQUEST, 206, None),
    ("GET", "/static/css/site.css", {"headers": {"Range": "bytes=9999999-"}}, 416, NO_STORE),
    ("POST", "/static/css/site.css", {}, 405, NO_STORE),
    ("GET", "/static/none.css", {}, 404, NO_STORE),
    ("GET", "/static/../manage.py", {}, 404, NO_STORE),
    ("GET", "/static/%2e%2e/manage.py", {}, 404, NO_STORE),
    ("GET", "{picture}", {}, 200, IMMUTABLE),
    ("HEAD", "{picture}", {}, 200, IMMUTABLE),
    ("GET", "{picture}", RANGE_REQUEST, 200, IMMUTABLE),
    ("POST", "{picture}", {}, 405, NO_STORE),
]


@pytest.mark.django_db
def test_every_response_has_security_and_cache_headers(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.RATE_LIMIT_SCALE = 0
    make_whole_site()
    redirects.add_redirect("/old-page/", "/about/")
    places = {"own": make_consultation().get_absolute_url(), "picture": make_picture().first_url}
    client, wrong = Client(raise_request_exception=False), []
    for method, address, more, status, cache in EXPECTED_RESPONSES:
        path = address.format(**places)
        facts = {"data": b"", "content_type": FORM_CONTENT_TYPE, **more}
        response = client.generic(method, path, **facts)
        headers, request = response.headers, f"{method} {address} {more.get('headers', '')}"
        if response.status_code != status:
            wrong.append(f"{request}: {response.status_code}")
        sent = headers.get("Cache-Control", "")
        if cache and sent != cache and not (cache == NO_STORE and "no-store" in sent):
            wrong.append(f"{request}: {sent}")
        wrong += [f"{request}: no {name}" for name in SECURITY_HEADERS if name not in headers]
        if response.cookies and address != "/admin/login/":
            wrong.append(f"{request}: a cookie")
        if "Cookie" in headers.get("Vary", "") and not address.startswith("/admin/"):
            wrong.append(f"{request}: differs by cookie")
        client.cookies.clear()
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/static/css/site.css", "{picture}"])
def test_not_modified_response_has_security_headers(settings, tmp_path, client, address) -> None:
    settings.MEDIA_ROOT = tmp_path
    make_whole_site()
    path = address.format(picture=make_picture().first_url)
    first = client.get(path)
    tag = {"If-None-Match": first.headers.get("ETag", "")}
    again = client.get(path, headers=tag if tag["If-None-Match"] else {
        "If-Modified-Since": first.headers["Last-Modified"]
    })  # fmt: skip
    assert again.status_code == 304
    assert [name for name in SECURITY_HEADERS if name not in again.headers] == []


@pytest.mark.django_db
def test_server_error_has_security_headers_and_is_not_cached(monkeypatch) -> None:
    def fail() -> bool:
        raise RuntimeError("a secret of the site")

    monkeypatch.setattr(cached_readiness, "is_ready", fail)
    response = Client(raise_request_exception=False).get("/readyz")
    assert (response.status_code, response.headers["Cache-Control"]) == (500, NO_STORE)
    assert [name for name in SECURITY_HEADERS if name not in response.headers] == []
    assert b"a secret" not in response.content
