"""Browsers in which a staff member has signed in before, and the audit rows of sign-ins.

A known browser carries a long random cookie, set on staff pages only. The database stores a keyed
hash of it. A sign-in from a new browser is reported to its owner by email.
"""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from consultations.accounts import emails
from consultations.accounts.backends import SignInRequest
from consultations.accounts.models import KnownBrowser
from consultations.audit import workflow as audit
from consultations.privacy.fingerprints import fingerprint, fingerprints

AUDIT_MODEL = "auth.user"
FINGERPRINT_PURPOSE = "staff-browser"
KNOWN_BROWSER_LIFETIME = timedelta(days=180)  # since the last sign-in
_TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")
# Most specific first: Edge also claims to be Chrome, and Chrome also claims to be Safari.
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
    """Return the cookie's value, or "" if it is missing or not in our format."""
    token = request.COOKIES.get(settings.STAFF_BROWSER_COOKIE_NAME, "")
    return token if _TOKEN_PATTERN.fullmatch(token) else ""


def known_browser_fingerprint(request: HttpRequest, name: str) -> str:
    """Return this browser's fingerprint if the person with this login or email signed in here.

    Otherwise "".
    """
    token = read_browser_token(request)
    if not token:
        return ""
    rows = KnownBrowser.objects.filter(
        token_fingerprint__in=fingerprints(FINGERPRINT_PURPOSE, token)
    )
    row = rows.filter(Q(user__username=name) | Q(user__email__iexact=name)).first()
    return row.token_fingerprint if row else ""


def remember_browser(
    request: HttpRequest, user: User, now: datetime
) -> tuple[KnownBrowser, bool, bool]:
    """Return this browser's row, whether it is new, and whether it is the user's first one.

    The middleware sets the cookie on the response.
    """
    token = read_browser_token(request)
    with_token = KnownBrowser.objects.filter(
        token_fingerprint__in=fingerprints(FINGERPRINT_PURPOSE, token)
    )
    if not with_token.exists():
        # Never adopt a token that somebody planted in the browser: they would know it.
        token = secrets.token_urlsafe(32)
    cast(SignInRequest, request).staff_browser = token
    of_user = KnownBrowser.objects.filter(user=user)
    row = of_user.filter(token_fingerprint__in=fingerprints(FINGERPRINT_PURPOSE, token)).first()
    if row is not None:
        row.last_at, row.token_fingerprint = now, fingerprint(FINGERPRINT_PURPOSE, token)
        row.save(update_fields=["last_at", "token_fingerprint"])
        return row, False, False
    is_first = not of_user.exists()
    row = KnownBrowser.objects.create(
        user=user,
        token_fingerprint=fingerprint(FINGERPRINT_PURPOSE, token),
        browser=browser_label(request),
        first_at=now,
        last_at=now,
    )
    return row, True, is_first


def set_browser_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """Set the cookie if this request signed somebody in."""
    token = getattr(request, "staff_browser", "")
    if token:
        response.set_cookie(
            settings.STAFF_BROWSER_COOKIE_NAME,
            token,
            max_age=KNOWN_BROWSER_LIFETIME,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def browser_label(request: HttpRequest) -> str:
    """Return a label such as ``Firefox, Windows``: enough to recognize one's own browser by.

    It is too coarse to identify a person, so the user agent itself is not stored.
    """
    agent = request.META.get("HTTP_USER_AGENT", "")[:400]
    browser = next((name for mark, name in BROWSER_NAMES if mark in agent), "")
    system = next((name for mark, name in OS_NAMES if mark in agent), "")
    return ", ".join(filter(None, (browser, system)))


def purge_known_browsers(now: datetime) -> int:
    """Delete browsers nobody signed in with for half a year; return how many."""
    return KnownBrowser.objects.filter(last_at__lt=now - KNOWN_BROWSER_LIFETIME).delete()[0]


def record_sign_in_event(
    request: HttpRequest, action: str, user: User | None, *, fields: Sequence[str] = ()
) -> None:
    """Add an audit row about a user's sign-in, with the request's network address."""
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
    """Record a failed attempt with the account's name, if there is one; never with what was typed.

    Known and unknown names cost the same work, so that response times do not tell them apart.
    """
    record_sign_in_event(request, "sign_in_failed", getattr(request, "tried_account", None))


def record_sign_in(request: HttpRequest, user: User) -> None:
    """Record a successful sign-in, and email the user if the browser is new."""
    with transaction.atomic():
        row, is_new, is_first = remember_browser(request, user, timezone.now())
        if is_new and not is_first:
            # No email about the first browser: that is where the person set up the login.
            emails.enqueue_new_browser_notice(row)
        record_sign_in_event(request, "signed_in", user, fields=["new browser"] if is_new else [])
