"""In which browsers somebody has signed in before.

A long random cookie of its own, set below the admin's address only; of it a keyed hash is kept.
"""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from consultations.accounts import emails
from consultations.accounts.models import KnownBrowser
from consultations.audit import workflow as audit
from consultations.privacy.fingerprints import fingerprint, fingerprints

FINGERPRINT_PURPOSE = "staff-browser"
KNOWN_BROWSER_LIFETIME = timedelta(days=180)  # since the last sign-in
_TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")
# From the special to the general: Edge calls itself Chrome, and Chrome calls itself Safari.
BROWSER_NAMES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
OS_NAMES = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def read_browser_token(request: HttpRequest) -> str:
    """The cookie's value, or "" for none and for one that we would not have made."""
    found = request.COOKIES.get(settings.STAFF_BROWSER_COOKIE_NAME, "")
    return found if _TOKEN_PATTERN.fullmatch(found) else ""


def known_browser_fingerprint(request: HttpRequest, name: str) -> str:
    """The fingerprint of this browser, if whoever has this login or address signed in here."""
    value = read_browser_token(request)
    if not value:
        return ""
    rows = KnownBrowser.objects.filter(
        token_fingerprint__in=fingerprints(FINGERPRINT_PURPOSE, value)
    )
    row = rows.filter(Q(user__username=name) | Q(user__email__iexact=name)).first()
    return row.token_fingerprint if row else ""


def remember_browser(
    request: HttpRequest, user: User, now: datetime
) -> tuple[KnownBrowser, bool, bool]:
    """The row of this browser, whether it is new, and whether it is the very first of this person.

    The middleware sets the cookie.
    """
    value = read_browser_token(request)
    ours = KnownBrowser.objects.filter(
        token_fingerprint__in=fingerprints(FINGERPRINT_PURPOSE, value)
    )
    if not ours.exists():
        # One that somebody planted is not taken over: they would know it.
        value = secrets.token_urlsafe(32)
    request.staff_browser = value  # type: ignore[attr-defined]
    mine = KnownBrowser.objects.filter(user=user)
    row = mine.filter(token_fingerprint__in=fingerprints(FINGERPRINT_PURPOSE, value)).first()
    if row is not None:
        row.last_at, row.token_fingerprint = now, fingerprint(FINGERPRINT_PURPOSE, value)
        row.save(update_fields=["last_at", "token_fingerprint"])
        return row, False, False
    is_first = not mine.exists()
    row = KnownBrowser.objects.create(
        user=user,
        token_fingerprint=fingerprint(FINGERPRINT_PURPOSE, value),
        browser=browser_label(request),
        first_at=now,
        last_at=now,
    )
    return row, True, is_first


def set_browser_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    value = getattr(request, "staff_browser", "")
    if value:
        response.set_cookie(
            settings.STAFF_BROWSER_COOKIE_NAME,
            value,
            max_age=KNOWN_BROWSER_LIFETIME,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def browser_label(request: HttpRequest) -> str:
    """``Firefox, Windows``: enough to tell one's own browser, too little to tell a person."""
    agent = request.META.get("HTTP_USER_AGENT", "")[:400]
    program = next((name for mark, name in BROWSER_NAMES if mark in agent), "")
    system = next((name for mark, name in OS_NAMES if mark in agent), "")
    return ", ".join(filter(None, (program, system)))


def purge_known_browsers(now: datetime) -> int:
    return KnownBrowser.objects.filter(last_at__lt=now - KNOWN_BROWSER_LIFETIME).delete()[0]


# What is kept of a sign-in, and of one that failed: a row of the audit log each.
#
# The same for known and unknown names, so that neither answer nor time tells which exist.

AUDIT_MODEL = "auth.user"


def record_sign_in_event(
    request: HttpRequest, action: str, user: User | None, *, fields: Any = ()
) -> None:
    audit.record(
        action=action,
        by=user,
        model=AUDIT_MODEL,
        uuid=None,
        fields=fields,
        network=request.META.get("REMOTE_ADDR", ""),
        now=timezone.now(),
    )


def record_failed_sign_in(request: HttpRequest) -> None:
    """The account's name where there is one; never what was typed."""
    record_sign_in_event(request, "sign_in_failed", getattr(request, "tried_account", None))


def record_sign_in(request: HttpRequest, user: User) -> None:
    with transaction.atomic():
        row, is_new, is_first = remember_browser(request, user, timezone.now())
        if is_new and not is_first:
            # The very first one is where the person set the login up.
            emails.enqueue_new_browser_notice(row)
        record_sign_in_event(request, "signed_in", user, fields=["new browser"] if is_new else [])
