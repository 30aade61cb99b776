"""Common headers, trusted proxies, and limits of request bodies."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from practice_site.middleware import (
    RequestLimitsMiddleware,
    ResponseHeadersMiddleware,
    TrustedProxyMiddleware,
)

STRANGER, PROXY, INNER = "198.51.100.9", "10.0.0.1", "10.0.0.2"
CASES = [
    # REMOTE_ADDR, X-Forwarded-For, resulting address
    (STRANGER, "", STRANGER),
    (STRANGER, "203.0.113.5", STRANGER),
    (PROXY, "203.0.113.5", "203.0.113.5"),
    (PROXY, "1.2.3.4, 203.0.113.5", "203.0.113.5"),
    (PROXY, f"1.2.3.4, 203.0.113.5, {INNER}", "203.0.113.5"),
    (PROXY, "2001:db8::7", "2001:db8::7"),
    (PROXY, "nonsense", PROXY),
    (PROXY, "203.0.113.5, nonsense", PROXY),
    (PROXY, "", PROXY),
    (PROXY, f"{INNER}", INNER),
    ("", "203.0.113.5", ""),
]


@pytest.mark.parametrize(("sender", "forwarded", "address"), CASES)
def test_forwarded_addresses_are_trusted_only_from_own_proxies(
    settings, sender, forwarded, address
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    seen: list[HttpRequest] = []

    def get_response(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    middleware = TrustedProxyMiddleware(get_response)
    headers = {"X-Forwarded-Proto": "https"} | ({"X-Forwarded-For": forwarded} if forwarded else {})
    middleware(RequestFactory().get("/", headers=headers, REMOTE_ADDR=sender))
    meta = seen[0].META
    assert meta["REMOTE_ADDR"] == address
    assert ("HTTP_X_FORWARDED_PROTO" in meta) is sender.startswith("10.")
    assert "HTTP_X_FORWARDED_FOR" not in meta


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/nowhere/", "/consultation/", "/admin/login/", "/healthz"])
def test_security_headers_are_on_every_response(client, path) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("status", "cache_control", "expected"),
    [
        (200, None, "no-store, private"),
        (200, "public, max-age=0", "public, max-age=0"),
        (404, "public, max-age=0", "no-store, private"),
        (500, None, "no-store, private"),
    ],
)
def test_errors_and_uncached_responses_are_not_stored(status, cache_control, expected) -> None:
    response = HttpResponse(status=status)
    if cache_control:
        response["Cache-Control"] = cache_control
    result = ResponseHeadersMiddleware(lambda request: response)(RequestFactory().get("/"))
    assert result.headers["Cache-Control"] == expected


def post_with_limits(settings, path: str = "/x", *, length: str = "5", charset: str = "") -> int:
    settings.VISITOR_BODY_MAX_BYTES, settings.STAFF_BODY_MAX_BYTES = 1000, 5000
    kind = "application/x-www-form-urlencoded" + (f"; charset={charset}" if charset else "")
    body = b"x" * int(length) if length.isdigit() and len(length) < 6 else b""
    request = RequestFactory().generic("POST", path, body, content_type=kind)
    request.META["CONTENT_LENGTH"] = length
    return RequestLimitsMiddleware(lambda request: HttpResponse())(request).status_code


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/x", "1000", 200),
        ("/x", "1001", 413),
        ("/admin/x", "5000", 200),
        ("/admin/x", "5001", 413),
        ("/x", "9" * 5000, 413),
        ("/x", "", 200),
    ],
)
def test_oversized_body_is_refused(settings, path, length, status) -> None:
    assert post_with_limits(settings, path, length=length) == status


@pytest.mark.parametrize(
    ("charset", "status"),
    [("", 200), ("utf-8", 200), ('"UTF-8"', 200), ("us-ascii", 200), ("utf-16", 400),
     ("utf-7", 400), ("idna", 400), ("nonsense", 400)],
)  # fmt: skip
def test_unsupported_charset_is_refused(settings, charset, status) -> None:
    assert post_with_limits(settings, charset=charset) == status
