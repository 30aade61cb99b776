"""Middleware for every request and response, including static files and error pages."""

import secrets
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import cast
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    UnreadablePostError,
)
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from pages.practice import error_pages
from pages.publishing import redirects
from pages.site_pages.models import find_canonical_url

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)
ACCEPTED_CHARSETS = ("utf-8", "utf8", "us-ascii")


class ReferencedRequest(HttpRequest):
    """A request that has passed ResponseHeadersMiddleware."""

    reference: str  # shown on the error page and in the log line


class ResponseHeadersMiddleware:
    """Sets the common headers, and ``no-store`` on responses that do not set Cache-Control.

    Also gives each request a reference that connects an error page with its log line.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        cast(ReferencedRequest, request).reference = secrets.token_hex(4)
        response = self.get_response(request)
        if not is_staff_page(request):
            # Django renews or deletes a broken staff cookie on public pages too.
            response.cookies.clear()
        headers = response.headers
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        if response.status_code >= 400 or not response.has_header("Cache-Control"):
            # A response without Cache-Control may be personal; its view must say otherwise.
            del headers["Cache-Control"]
            patch_cache_control(response, no_store=True, private=True)
        return response


def is_staff_page(request: HttpRequest) -> bool:
    """Return whether the path is below ADMIN_PATH."""
    return request.path_info.startswith(f"/{settings.ADMIN_PATH}")


class TrustedProxyMiddleware:
    """Trusts ``X-Forwarded-*`` from TRUSTED_PROXIES only, and sets REMOTE_ADDR to the visitor's.

    Anybody can send these headers. If we trusted them from everybody, one person could use a
    thousand addresses, or make HTTP look like HTTPS.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.networks = [ip_network(value, strict=False) for value in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        if not self.is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
            return self.get_response(request)
        # Read from the right: each proxy appends the address it saw. The first address that is not
        # a trusted proxy is the visitor's.
        for address in (part.strip() for part in reversed(forwarded.split(","))):
            if not is_ip_address(address):
                break
            request.META["REMOTE_ADDR"] = address
            if not self.is_trusted(address):
                break
        return self.get_response(request)

    def is_trusted(self, address: str) -> bool:
        return is_ip_address(address) and any(ip_address(address) in net for net in self.networks)


def is_ip_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


class RequestLimitsMiddleware:
    """Refuses bodies that are too large (413), have no stated length (411), or are incomplete or in
    an unsupported charset (400)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self.declared_body_bytes(request) > self.max_body_bytes(request):
            # Checked here because Django itself responds with 400 to a body that is too large.
            return HttpResponse(error_pages.error_page(413), status=413)
        if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
            # Django would read the body as empty, and the visitor's text would be lost silently.
            return HttpResponse(error_pages.error_page(400), status=411)
        charset = request.content_params.get("charset", "utf-8") if request.content_params else ""
        if charset and charset.strip("\"' ").lower() not in ACCEPTED_CHARSETS:
            # Django would decode the form with it, and its own error page fails with utf-16.
            return HttpResponse(error_pages.error_page(400), status=400)
        if charset:
            # Django accepts only one spelling of the charset's name.
            request.encoding = "utf-8"
        if not is_staff_page(request) and self.is_incomplete(request):
            # The connection was lost: half an email address must not be taken for a whole one.
            return HttpResponse(error_pages.error_page(400), status=400)
        return self.get_response(request)

    def is_incomplete(self, request: HttpRequest) -> bool:
        """Return whether the body ended before its declared length."""
        try:
            return len(request.body) < self.declared_body_bytes(request)
        except UnreadablePostError:
            return True

    def declared_body_bytes(self, request: HttpRequest) -> int:
        raw = request.META.get("CONTENT_LENGTH") or "0"
        # Limited to 20 digits, because int() raises for a number of thousands of digits.
        return int(raw[:20]) if raw.isascii() and raw.isdigit() else 0

    def max_body_bytes(self, request: HttpRequest) -> int:
        if is_staff_page(request):
            return settings.STAFF_BODY_MAX_BYTES
        return settings.VISITOR_BODY_MAX_BYTES


class RedirectMiddleware:
    """Redirects old addresses that answer nothing any more.

    Looks up `/?p=12` before the home page, and everything else only after a 404.

    An existing page always wins, so a wrong redirect cannot hide it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_reading = request.method in ("GET", "HEAD") and not is_staff_page(request)
        query = request.META.get("QUERY_STRING", "")
        if is_reading and query and request.path_info in redirects.FRONT_PAGE_PATHS:
            new = _find_redirect(request.path_info, query)
            if new:
                return _permanent_redirect(new)
        response = self.get_response(request)
        if not is_reading or response.status_code != 404:
            return response
        new = _find_redirect(request.path_info, query) or _find_canonical_path(request.path_info)
        return _permanent_redirect(new) if new else response


def _find_redirect(path: str, query: str) -> str:
    try:
        return redirects.find_redirect(path, query)
    except DatabaseError:
        return ""


def _find_canonical_path(path: str) -> str:
    """Find a free page that was requested without its slash or in other capitals."""
    try:
        right = find_canonical_url(path)
    except DatabaseError:
        return ""
    return right if right != path else ""


def _permanent_redirect(path: str) -> HttpResponsePermanentRedirect:
    return HttpResponsePermanentRedirect(quote(path, safe="/%?#=&+;:,@!$'()*~-._"))
