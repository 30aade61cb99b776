"""What every request and every answer has to respect, static files and error pages included."""

import secrets
from collections.abc import Callable
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from pages.practice import error_pages

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


class ResponseHeadersMiddleware:
    """Headers that are the same for every answer; ``no-store`` for whatever is not a page.

    Each request gets a reference, which leads from an error page to the line in the log.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.reference = secrets.token_hex(4)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if not is_staff_page(request):
            # A broken staff cookie makes Django renew or delete it, on a reader's page too.
            response.cookies.clear()
        headers = response.headers
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        if response.status_code >= 400 or not response.has_header("Cache-Control"):
            # An answer that says nothing about caching is personal until its view says otherwise.
            del headers["Cache-Control"]
            patch_cache_control(response, no_store=True, private=True)
        return response


def is_staff_page(request: HttpRequest) -> bool:
    return request.path_info.startswith(f"/{settings.ADMIN_PATH}")


class TrustedProxyMiddleware:
    """Believe ``X-Forwarded-*`` from TRUSTED_PROXIES only; afterwards REMOTE_ADDR is the visitor.

    Anybody can send these headers: believed from strangers, they would let one person have
    a thousand addresses, or call http https.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.networks = [ip_network(value, strict=False) for value in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        if not self.is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
            return self.get_response(request)
        # From the right: each proxy appends the address it saw; the first stranger is the visitor.
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
    """Refuse bodies that are too large (413), of no stated length (411), or that did not arrive
    whole or are in a charset that we do not read (400)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self.declared_body_bytes(request) > self.max_body_bytes(request):
            # Looked at here because Django alone answers 400 to a body that is too large.
            return HttpResponse(error_pages.error_page(413), status=413)
        if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
            # Django would read it as empty, and every word would be gone without a hint.
            return HttpResponse(error_pages.error_page(400), status=411)
        charset = request.content_params.get("charset", "utf-8") if request.content_params else ""
        if charset and charset.strip("\"' ").lower() not in ACCEPTED_CHARSETS:
            # Django would decode the form with it, and utf-16 makes its own error page fail.
            return HttpResponse(error_pages.error_page(400), status=400)
        if charset:
            # Django takes a form in one spelling of the name only.
            request.encoding = "utf-8"
        if not is_staff_page(request) and self.is_cut(request):
            # A lost connection: half an email address must not be taken for a whole one.
            return HttpResponse(error_pages.error_page(400), status=400)
        return self.get_response(request)

    def is_cut(self, request: HttpRequest) -> bool:
        try:
            return len(request.body) < self.declared_body_bytes(request)
        except UnreadablePostError:
            return True

    def declared_body_bytes(self, request: HttpRequest) -> int:
        raw = request.META.get("CONTENT_LENGTH") or "0"
        # Cut, as Python refuses to read a number of thousands of digits.
        return int(raw[:20]) if raw.isascii() and raw.isdigit() else 0

    def max_body_bytes(self, request: HttpRequest) -> int:
        if is_staff_page(request):
            return settings.STAFF_BODY_MAX_BYTES
        return settings.VISITOR_BODY_MAX_BYTES
