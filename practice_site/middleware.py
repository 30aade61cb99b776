"""Middleware of the project, in the order of settings.MIDDLEWARE.

The first three classes see every request and response, also of static files and error pages.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import cast
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import logout
from django.db import DatabaseError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    JsonResponse,
    UnreadablePostError,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import urlencode

from consultations.accounts import browsers, sessions
from pages.practice import error_pages
from pages.publishing import redirects
from pages.site_pages.models import find_canonical_url
from pages.staff_pages import get_staff_user

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
EDITING_PAGE_PREFIXES = ("pages_article_", "pages_freepage_", "pages_sitepage_")
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


# Staff sessions.


class StaffSessionMiddleware:
    """Checks on every staff page that the session is valid and the second factor is set up.

    Public pages pass untouched: nothing there may look at a session.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if is_staff_page(request):
            browsers.set_browser_cookie(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, options: object
    ) -> HttpResponseBase | None:
        """Check here, not in ``__call__``, because the CSRF check has passed by now."""
        return self.get_redirect(request) if is_staff_page(request) else None

    def get_redirect(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return the redirect to the login or the setup page, or None to show the page."""
        if not request.user.is_authenticated:
            return None
        now = timezone.now()
        session = sessions.get_current_session(request)
        if reason := sessions.session_end_reason(session, now):
            return redirect_to_login(request, reason, now)
        assert session is not None
        if not is_auto_refresh(request):
            sessions.record_activity(session.row, now)
        if is_account_setup_page(request):
            return None
        if settings.SECOND_FACTOR_REQUIRED and not session.has_second_factor:
            return HttpResponseRedirect(reverse("mfa_index"))
        return None


def is_auto_refresh(request: HttpRequest) -> bool:
    """Recognize requests of a self-refreshing page: auto-refresh does not count as activity."""
    return "renewed" in request.GET


def is_editing_page(request: HttpRequest) -> bool:
    """Tell whether a page has the text editor: an article, a free page or a fixed page."""
    match = request.resolver_match
    name = match.url_name or "" if match else ""
    return name.endswith(("_add", "_change")) and name.startswith(EDITING_PAGE_PREFIXES)


def is_account_setup_page(request: HttpRequest) -> bool:
    """Tell whether staff without a second factor may open this page."""
    prefixes = (reverse("mfa_index"), reverse("admin:logout"), reverse("admin:jsi18n"))
    return request.path_info.startswith(prefixes)


def redirect_to_login(request: HttpRequest, reason: str, now: datetime) -> HttpResponse:
    """Sign the user out, keep what they posted, and bring them back after the next sign-in.

    ``reason`` is one of ``sessions.session_end_reason``.
    """
    if request.headers.get("Accept") == "application/json":
        # A script asked: the page it belongs to still has the text.
        logout(request)
        return JsonResponse({"ended": reason}, status=401)
    next_url = request.get_full_path() if request.method == "GET" else ""
    # Somebody else may have ended a stolen session. Then only a text is kept, as a draft.
    is_text = is_editing_page(request)
    if request.method == "POST" and (reason in ("idle", "long") or is_text):
        as_draft = reason == "ended"
        row = sessions.hold_form(request, get_staff_user(request), now, as_draft=as_draft)
        next_url = reverse("account_held_form", args=[row.pk]) if row else ""
    logout(request)
    query = {"ended": reason, **({"next": next_url} if next_url else {})}
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode(query)}")


# Old addresses.


class RedirectMiddleware:
    """Look up `/?p=12` before the home page, and everything else only after a 404.

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
