"""What is kept of a sign-in, and of one that failed: a row of the audit log each.

The same for known and unknown names, so that neither answer nor time tells which exist.
"""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from consultations.access import browsers, emails
from consultations.audit import workflow as audit

MODEL = "auth.user"


def note(request: HttpRequest, action: str, user: User | None, *, fields: Any = ()) -> None:
    audit.record(
        action=action,
        by=user,
        model=MODEL,
        uuid=None,
        fields=fields,
        network=request.META.get("REMOTE_ADDR", ""),
        now=timezone.now(),
    )


def note_failure(request: HttpRequest) -> None:
    """The account's name where there is one; never what was typed."""
    note(request, "sign_in_failed", getattr(request, "tried_account", None))


def note_success(request: HttpRequest, user: User) -> None:
    with transaction.atomic():
        row, is_new, is_first = browsers.remember(request, user, timezone.now())
        if is_new and not is_first:
            # The very first one is where the person set the login up.
            emails.new_browser(row)
        note(request, "signed_in", user, fields=["new browser"] if is_new else [])
