"""Serve /.well-known/security.txt (RFC 9116), and warn before it expires."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from pages.caching import cacheable_page
from pages.practice.profile import get_practice_facts
from pages.seo.metadata import absolute_url

RENEWAL_NOTICE_PERIOD = timedelta(days=30)


@cacheable_page
def security_txt(request: HttpRequest) -> HttpResponse:
    """Name the practice as contact: only they can protect the clients who wrote to them."""
    expires = datetime.combine(settings.SECURITY_TXT_EXPIRES, time.min, UTC)
    email = get_practice_facts().practice.email
    lines = [
        *([f"Contact: mailto:{quote(email, safe='@+')}"] if email else []),
        f"Contact: {absolute_url(reverse('pages:contact'))}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {settings.LANGUAGE_CODE}",
        f"Canonical: {absolute_url(request.path)}",
    ]
    text = "".join(f"{line}\n" for line in lines)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@register(Tags.security, deploy=True)
def check_security_txt_expiry(**options: object) -> list[CheckMessage]:
    return expiry_warnings(datetime.now(UTC).date())


def expiry_warnings(today: date) -> list[CheckMessage]:
    """Warn from 30 days before the expiry date; CI fails on the warning."""
    if settings.SECURITY_TXT_EXPIRES - today > RENEWAL_NOTICE_PERIOD:
        return []
    return [
        Warning(
            "security.txt expires within 30 days, or has expired.",
            hint="Read SECURITY.md once more, then move SECURITY_TXT_EXPIRES on by a year at most.",
            id="pages.W001",
        )
    ]
