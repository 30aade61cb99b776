"""How long a sign-in lasts: half an hour without an act, twelve hours in all.

For those who take in requests a quarter of an hour: they sit where others pass by.
"""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from consultations.accounts import browsers, roles
from consultations.accounts.models import HeldForm, StaffSession
from consultations.privacy.encryption import DecryptionError

SESSION_KEY = "staff_session"
IDLE_TIMEOUT = timedelta(minutes=30)
INTAKE_IDLE_TIMEOUT = timedelta(minutes=15)
MAX_SESSION_AGE = timedelta(hours=12)
# Rows that are over stay for some hours more: by them a page that was left open is told why it
# ended, and what was typed there is kept.
ENDED_SESSION_RETENTION = timedelta(hours=24)
# Not written at each request: a write for each page would make reading wait for writing.
ACTIVITY_UPDATE_INTERVAL = timedelta(seconds=60)


def start_session_on_login(
    sender: Any, request: HttpRequest | None, user: User, **kwargs: Any
) -> None:
    """Connected to Django's ``user_logged_in``: every way in makes a row."""
    session = getattr(request, "session", None)
    if request is None or session is None:
        return
    now = timezone.now()
    row = StaffSession.objects.create(
        user=user, began_at=now, seen_at=now, browser=browsers.browser_label(request)
    )
    session[SESSION_KEY] = str(row.uuid)
    # Who has just shown everything need not show it again for the next five minutes.
    record_authentication(request, user, "sign-in", reauthenticated=True)


def end_session_on_logout(
    sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any
) -> None:
    """Connected to ``user_logged_out``."""
    if row := current_session_id(request):
        StaffSession.objects.filter(uuid=row).delete()


def current_session_id(request: HttpRequest | None) -> UUID | None:
    session = getattr(request, "session", None)
    try:
        return UUID(session[SESSION_KEY]) if session else None
    except (KeyError, ValueError):
        return None


def get_current_session(request: HttpRequest) -> StaffSession | None:
    """The row of this session with what its limits hang on, in one query."""
    intake = Group.objects.filter(user=OuterRef("user_id"), name=roles.INTAKE.group_name)
    factors = Authenticator.objects.filter(user=OuterRef("user_id"))
    factors = factors.exclude(type=Authenticator.Type.RECOVERY_CODES)
    own, user = current_session_id(request), request.user
    if own is None or user.pk is None:
        return None
    rows = StaffSession.objects.filter(uuid=own, user_id=user.pk)
    return rows.annotate(is_intake=Exists(intake), has_second_factor=Exists(factors)).first()


def session_end_reason(row: StaffSession | None, now: datetime) -> str:
    """ "" while it lasts, else ``ended``, ``long`` or ``idle``."""
    if row is None:
        return "ended"
    if now - row.began_at > MAX_SESSION_AGE:
        return "long"
    return "idle" if now - row.seen_at > idle_timeout(row) else ""


def idle_timeout(row: StaffSession | None) -> timedelta:
    return INTAKE_IDLE_TIMEOUT if getattr(row, "is_intake", False) else IDLE_TIMEOUT


def active_sessions(user: User, idle: timedelta, now: datetime) -> QuerySet[StaffSession]:
    """Where somebody is signed in now."""
    rows = StaffSession.objects.filter(user=user)
    return rows.filter(began_at__gte=now - MAX_SESSION_AGE, seen_at__gte=now - idle)


def record_activity(row: StaffSession, now: datetime) -> None:
    if now - row.seen_at > ACTIVITY_UPDATE_INTERVAL:
        StaffSession.objects.filter(pk=row.pk).update(seen_at=now)


def end_sessions(user: User, *, which: UUID | None = None, but: UUID | None = None) -> int:
    """End all sign-ins of somebody, one of them, or all but one."""
    rows = StaffSession.objects.filter(user=user)
    if which is not None:
        rows = rows.filter(uuid=which)
    if but is not None:
        rows = rows.exclude(uuid=but)
    return rows.delete()[0]


def purge_sessions(now: datetime) -> int:
    """Rows of sign-ins that are over, and Django's own sessions that nobody can open any more."""
    Session.objects.filter(expire_date__lt=now).delete()
    return StaffSession.objects.filter(began_at__lt=now - ENDED_SESSION_RETENTION).delete()[0]


# Nothing typed is lost when a sign-in runs out: the form waits, sealed, for the same person.

HELD_FORM_LIFETIME = timedelta(hours=1)
MAX_HELD_FORM_CHARS = 1_000_000
FieldPairs = list[tuple[str, str]]


def hold_form(request: HttpRequest, user: User, now: datetime) -> HeldForm | None:
    """Passwords and codes are not kept, and files cannot be."""
    pairs = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if isinstance(value, str) and not is_secret_field(name)
    ]
    text, path = json.dumps(pairs), request.get_full_path()
    if not pairs or len(text) > MAX_HELD_FORM_CHARS or len(path) > 500:
        return None
    return HeldForm.objects.create(
        user=user, path=path, fields=text, had_files=bool(request.FILES), kept_at=now
    )


def is_secret_field(name: str) -> bool:
    return name in ("csrfmiddlewaretoken", "code", "credential") or "password" in name


def get_held_form(user: User, which: UUID, now: datetime) -> tuple[HeldForm, FieldPairs] | None:
    row = HeldForm.objects.filter(pk=which, user=user, kept_at__gt=now - HELD_FORM_LIFETIME).first()
    if row is None:
        return None
    try:
        return row, [(str(name), str(value)) for name, value in json.loads(row.fields)]
    except DecryptionError:
        return None


def purge_held_forms(now: datetime) -> int:
    return HeldForm.objects.filter(kept_at__lte=now - HELD_FORM_LIFETIME).delete()[0]
