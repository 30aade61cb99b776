"""Whatever is asked and however it ends: the same headers, the right word for caches, no cookie."""

from typing import Any

import pytest
from django.test import Client

from pages.publishing import redirects
from practice_site.health import recent_look
from tests.factories.consultations import make_consultation
from tests.factories.pages import make_whole_site
from tests.factories.pictures import make_picture
from tests.hostile_inputs import DETAILS, HEADERS

ASKED_AGAIN = "public, max-age=0, must-revalidate"
NEVER = "no-store, private"
FOR_GOOD = "public, max-age=31536000, immutable"
FORM = "application/x-www-form-urlencoded"
FOREIGN = {"headers": {"Sec-Fetch-Site": "cross-site"}}
LARGE = {"data": b"a=" + b"x" * 1_000_001, "content_type": FORM}
CHARSET = {"data": b"a=b", "content_type": f"{FORM}; charset=utf-7"}
CHUNKED = {"headers": {"Transfer-Encoding": "chunked"}}
OTHER_HOST = {"headers": {"Host": "evil.example"}}
RANGE = {"headers": {"Range": "bytes=0-9"}}
# method, address, what else, status, Cache-Control (None: nothing is promised)
ANSWERS: list[tuple[str, str, dict[str, Any], int, str | None]] = [
    ("GET", "/", {}, 200, ASKED_AGAIN),
    ("HEAD", "/", {}, 200, ASKED_AGAIN),
    ("GET", "/", RANGE, 200, ASKED_AGAIN),
    ("POST", "/", {}, 405, NEVER),
    ("OPTIONS", "/", {}, 405, NEVER),
    ("TRACE", "/", {}, 405, NEVER),
    ("GET", "/", OTHER_HOST, 400, NEVER),
    ("GET", "/articles/reading-2/", {}, 200, ASKED_AGAIN),
    ("GET", "/articles/feed/rss/", {}, 200, ASKED_AGAIN),
    ("GET", "/sitemap.xml", {}, 200, ASKED_AGAIN),
    ("GET", "/.well-known/security.txt", {}, 200, ASKED_AGAIN),
    ("GET", "/search/?q=reading", {}, 200, None),
    ("GET", "/articles", {}, 301, NEVER),
    ("GET", "/old-page/", {}, 301, NEVER),
    ("GET", "/nowhere/", {}, 404, NEVER),
    # Named like a file, so that a cache in front might keep it: nothing personal stands there.
    ("GET", "/about/x.css", {}, 404, NEVER),
    ("GET", "/articles/reading-2/x.css", {}, 404, NEVER),
    ("GET", f"{DETAILS}x.css", {}, 404, NEVER),
    ("GET", "{own}x.css", {}, 404, NEVER),
    ("GET", "{own};x.css", {}, 404, NEVER),
    ("GET", "{own}%2fx.css", {}, 404, NEVER),
    ("GET", "/admin/x.css", {}, 302, NEVER),
    ("GET", "/consultation/", {}, 200, NEVER),
    ("GET", f"{DETAILS}?kind=call_back", {}, 200, NEVER),
    ("POST", DETAILS, {}, 422, NEVER),
    ("POST", DETAILS, FOREIGN, 403, NEVER),
    ("POST", DETAILS, LARGE, 413, NEVER),
    ("POST", DETAILS, CHARSET, 400, NEVER),
    ("POST", DETAILS, CHUNKED, 411, NEVER),
    ("PUT", DETAILS, {}, 405, NEVER),
    ("POST", "/articles/reading-2/comments/", {}, 422, NEVER),
    ("GET", "{own}", {}, 200, NEVER),
    ("GET", "{own}calendar.ics", {}, 404, NEVER),
    ("GET", "/c/wrong/", {}, 404, NEVER),
    ("GET", "/comments/manage/wrong/", {}, 404, NEVER),
    ("GET", "/your-data/", {}, 200, NEVER),
    ("GET", "/your-data/wrong/", {}, 404, NEVER),
    ("GET", "/preview/wrong/", {}, 404, NEVER),
    ("GET", "/calendar/wrong.ics", {}, 404, NEVER),
    ("GET", "/admin/", {}, 302, NEVER),
    ("GET", "/admin/login/", {}, 200, NEVER),
    ("GET", "/healthz", {}, 200, "no-store"),
    ("GET", "/static/css/site.css", {}, 200, None),
    ("HEAD", "/static/css/site.css", {}, 200, None),
    ("GET", "/static/css/site.css", RANGE, 206, None),
    ("GET", "/static/css/site.css", {"headers": {"Range": "bytes=9999999-"}}, 416, NEVER),
    ("POST", "/static/css/site.css", {}, 405, NEVER),
    ("GET", "/static/none.css", {}, 404, NEVER),
    ("GET", "/static/../manage.py", {}, 404, NEVER),
    ("GET", "/static/%2e%2e/manage.py", {}, 404, NEVER),
    ("GET", "{picture}", {}, 200, FOR_GOOD),
    ("HEAD", "{picture}", {}, 200, FOR_GOOD),
    ("GET", "{picture}", RANGE, 200, FOR_GOOD),
    ("POST", "{picture}", {}, 405, NEVER),
]


@pytest.mark.django_db
def test_every_answer_is_headed_alike_and_says_who_may_keep_it(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.RATE_LIMIT_SCALE = 0
    make_whole_site()
    redirects.leave("/old-page/", "/about/")
    places = {"own": make_consultation().get_absolute_url(), "picture": make_picture().first_url}
    client, wrong = Client(raise_request_exception=False), []
    for method, address, more, status, cache in ANSWERS:
        path = address.format(**places)
        facts = {"data": b"", "content_type": FORM, **more}
        answer = client.generic(method, path, **facts)
        headers, said = answer.headers, f"{method} {address} {more.get('headers', '')}"
        if answer.status_code != status:
            wrong.append(f"{said}: {answer.status_code}")
        kept = headers.get("Cache-Control", "")
        if cache and kept != cache and not (cache == NEVER and "no-store" in kept):
            wrong.append(f"{said}: {kept}")
        wrong += [f"{said}: no {name}" for name in HEADERS if name not in headers]
        if answer.cookies and address != "/admin/login/":
            wrong.append(f"{said}: a cookie")
        if "Cookie" in headers.get("Vary", "") and not address.startswith("/admin/"):
            wrong.append(f"{said}: differs by cookie")
        client.cookies.clear()
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/static/css/site.css", "{picture}"])
def test_an_answer_that_nothing_changed_is_headed_too(settings, tmp_path, client, address) -> None:
    settings.MEDIA_ROOT = tmp_path
    make_whole_site()
    path = address.format(picture=make_picture().first_url)
    first = client.get(path)
    tag = {"If-None-Match": first.headers.get("ETag", "")}
    again = client.get(path, headers=tag if tag["If-None-Match"] else {
        "If-Modified-Since": first.headers["Last-Modified"]
    })  # fmt: skip
    assert again.status_code == 304
    assert [name for name in HEADERS if name not in again.headers] == []


@pytest.mark.django_db
def test_an_error_of_ours_is_headed_and_not_kept(monkeypatch) -> None:
    def fail() -> bool:
        raise RuntimeError("a secret of the site")

    monkeypatch.setattr(recent_look, "is_good", fail)
    answer = Client(raise_request_exception=False).get("/readyz")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (500, NEVER)
    assert [name for name in HEADERS if name not in answer.headers] == []
    assert b"a secret" not in answer.content
