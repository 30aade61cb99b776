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
from consultations.privacy.encryption import CannotOpen

KEY = "staff_session"
IDLE = timedelta(minutes=30)
IDLE_INTAKE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
# Rows that are over stay for some hours more: by them a page that was left open is told why it
# ended, and what was typed there is kept.
REMEMBERED = timedelta(hours=24)
# Not written at each request: a write for each page would make reading wait for writing.
NOTED_EVERY = timedelta(seconds=60)


def begin(sender: Any, request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """Connected to Django's ``user_logged_in``: every way in makes a row."""
    session = getattr(request, "session", None)
    if request is None or session is None:
        return
    now = timezone.now()
    row = StaffSession.objects.create(
        user=user, began_at=now, seen_at=now, browser=browsers.rough_name(request)
    )
    session[KEY] = str(row.uuid)
    # Who has just shown everything need not show it again for the next five minutes.
    record_authentication(request, user, "sign-in", reauthenticated=True)


def finish(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Connected to ``user_logged_out``."""
    if row := own_id(request):
        StaffSession.objects.filter(uuid=row).delete()


def own_id(request: HttpRequest | None) -> UUID | None:
    session = getattr(request, "session", None)
    try:
        return UUID(session[KEY]) if session else None
    except (KeyError, ValueError):
        return None


def look(request: HttpRequest) -> StaffSession | None:
    """The row of this session with what its limits hang on, in one query."""
    intake = Group.objects.filter(user=OuterRef("user_id"), name=roles.INTAKE.group_name)
    factors = Authenticator.objects.filter(user=OuterRef("user_id"))
    factors = factors.exclude(type=Authenticator.Type.RECOVERY_CODES)
    own, user = own_id(request), request.user
    if own is None or user.pk is None:
        return None
    rows = StaffSession.objects.filter(uuid=own, user_id=user.pk)
    return rows.annotate(is_intake=Exists(intake), has_second_factor=Exists(factors)).first()


def why_ended(row: StaffSession | None, now: datetime) -> str:
    """ "" while it lasts, else ``ended``, ``long`` or ``idle``."""
    if row is None:
        return "ended"
    if now - row.began_at > LONGEST:
        return "long"
    return "idle" if now - row.seen_at > idle_of(row) else ""


def idle_of(row: StaffSession | None) -> timedelta:
    return IDLE_INTAKE if getattr(row, "is_intake", False) else IDLE


def of(user: User, idle: timedelta, now: datetime) -> QuerySet[StaffSession]:
    """Where somebody is signed in now."""
    rows = StaffSession.objects.filter(user=user)
    return rows.filter(began_at__gte=now - LONGEST, seen_at__gte=now - idle)


def note_use(row: StaffSession, now: datetime) -> None:
    if now - row.seen_at > NOTED_EVERY:
        StaffSession.objects.filter(pk=row.pk).update(seen_at=now)


def end(user: User, *, which: UUID | None = None, but: UUID | None = None) -> int:
    """End all sign-ins of somebody, one of them, or all but one."""
    rows = StaffSession.objects.filter(user=user)
    if which is not None:
        rows = rows.filter(uuid=which)
    if but is not None:
        rows = rows.exclude(uuid=but)
    return rows.delete()[0]


def tidy(now: datetime) -> int:
    """Rows of sign-ins that are over, and Django's own sessions that nobody can open any more."""
    Session.objects.filter(expire_date__lt=now).delete()
    return StaffSession.objects.filter(began_at__lt=now - REMEMBERED).delete()[0]


# Nothing typed is lost when a sign-in runs out: the form waits, sealed, for the same person.

KEPT = timedelta(hours=1)
MOST_CHARACTERS = 1_000_000
Pairs = list[tuple[str, str]]


def keep(request: HttpRequest, user: User, now: datetime) -> HeldForm | None:
    """Passwords and codes are not kept, and files cannot be."""
    pairs = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if isinstance(value, str) and not is_secret(name)
    ]
    text, path = json.dumps(pairs), request.get_full_path()
    if not pairs or len(text) > MOST_CHARACTERS or len(path) > 500:
        return None
    return HeldForm.objects.create(
        user=user, path=path, fields=text, had_files=bool(request.FILES), kept_at=now
    )


def is_secret(name: str) -> bool:
    return name in ("csrfmiddlewaretoken", "code", "credential") or "password" in name


def of_of_held(user: User, which: UUID, now: datetime) -> tuple[HeldForm, Pairs] | None:
    row = HeldForm.objects.filter(pk=which, user=user, kept_at__gt=now - KEPT).first()
    if row is None:
        return None
    try:
        return row, [(str(name), str(value)) for name, value in json.loads(row.fields)]
    except CannotOpen:
        return None


def tidy_of_held(now: datetime) -> int:
    return HeldForm.objects.filter(kept_at__lte=now - KEPT).delete()[0]
