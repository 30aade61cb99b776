"""Staff sessions: time limits, ending them, and forms held when a session has expired.

A session ends after half an hour without activity and after twelve hours in all. With the intake
role it ends after a quarter of an hour, because their screens may be visible to others.

A form posted after its session has expired is stored encrypted for an hour, so that nothing typed
is lost; only the same person can open it, after signing in again.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from consultations.accounts import browsers, roles
from consultations.accounts.allauth_compat import record_authentication
from consultations.accounts.models import HeldForm, StaffSession
from consultations.privacy.encryption import DecryptionError

SESSION_KEY = "staff_session"
IDLE_TIMEOUT = timedelta(minutes=30)
INTAKE_IDLE_TIMEOUT = timedelta(minutes=15)
MAX_SESSION_AGE = timedelta(hours=12)
# Expired rows stay for some hours: they tell a page left open why its session ended, so that typed
# text is not lost.
ENDED_SESSION_RETENTION = timedelta(hours=24)
# Activity is not written at every request: a write for each page would make reads wait for writes.
ACTIVITY_UPDATE_INTERVAL = timedelta(seconds=60)

HELD_FORM_LIFETIME = timedelta(hours=1)
MAX_HELD_FORM_CHARS = 1_000_000
# What on an editing page decides what readers see, and the button that saves a draft.
PUBLISHING_FIELDS = {"status", "_publish", "_unpublish", "_save", "_continue"}
DRAFT_BUTTON = ("_draft_change", "1")
FieldPairs = list[tuple[str, str]]


def start_session_on_login(
    sender: object, request: HttpRequest | None, user: User, **kwargs: object
) -> None:
    """Create the session's row. Connected to ``user_logged_in``, which every way in sends."""
    session = getattr(request, "session", None)
    if request is None or session is None:
        return
    now = timezone.now()
    row = StaffSession.objects.create(
        user=user, began_at=now, seen_at=now, browser=browsers.browser_label(request)
    )
    session[SESSION_KEY] = str(row.uuid)
    # Signing in counts as a recent authentication for the next five minutes.
    record_authentication(request, user, "sign-in", reauthenticated=True)


def end_session_on_logout(
    sender: object, request: HttpRequest | None, user: User | None, **kwargs: object
) -> None:
    """Delete the session's row. Connected to ``user_logged_out``."""
    if session_id := current_session_id(request):
        StaffSession.objects.filter(uuid=session_id).delete()


def current_session_id(request: HttpRequest | None) -> UUID | None:
    """Return the id that the Django session carries, whether or not its row still exists."""
    session = getattr(request, "session", None)
    try:
        return UUID(session[SESSION_KEY]) if session else None
    except (KeyError, ValueError):
        return None


@dataclass(frozen=True)
class CurrentSession:
    """A session's row, and what the pages must know about its user."""

    row: StaffSession
    is_intake: bool
    has_second_factor: bool


def get_current_session(request: HttpRequest) -> CurrentSession | None:
    """Return the session of this request. One query, made for every staff page."""
    intake = Group.objects.filter(user=OuterRef("user_id"), name=roles.INTAKE.group_name)
    factors = Authenticator.objects.filter(user=OuterRef("user_id"))
    factors = factors.exclude(type=Authenticator.Type.RECOVERY_CODES)
    session_id, user = current_session_id(request), request.user
    if session_id is None or user.pk is None:
        return None
    rows = StaffSession.objects.filter(uuid=session_id, user_id=user.pk)
    row = rows.annotate(is_intake=Exists(intake), has_second_factor=Exists(factors)).first()
    return CurrentSession(row, row.is_intake, row.has_second_factor) if row else None


def session_end_reason(session: CurrentSession | None, now: datetime) -> str:
    """Return ``ended``, ``long`` or ``idle``, or "" while the session is valid."""
    if session is None:
        return "ended"
    if now - session.row.began_at > MAX_SESSION_AGE:
        return "long"
    return "idle" if now - session.row.seen_at > idle_timeout(session) else ""


def idle_timeout(session: CurrentSession | None) -> timedelta:
    """Return how long a session may be idle."""
    return INTAKE_IDLE_TIMEOUT if session and session.is_intake else IDLE_TIMEOUT


def active_sessions(user: User, idle: timedelta, now: datetime) -> QuerySet[StaffSession]:
    """Return the sessions of a user that have not expired."""
    rows = StaffSession.objects.filter(user=user)
    return rows.filter(began_at__gte=now - MAX_SESSION_AGE, seen_at__gte=now - idle)


def record_activity(row: StaffSession, now: datetime) -> None:
    """Note that the session was used, at most once a minute."""
    if now - row.seen_at > ACTIVITY_UPDATE_INTERVAL:
        StaffSession.objects.filter(pk=row.pk).update(seen_at=now)


def end_sessions(
    user: User, *, session_id: UUID | None = None, except_id: UUID | None = None
) -> int:
    """End all sessions of a user, only one of them, or all except one; return how many."""
    rows = StaffSession.objects.filter(user=user)
    if session_id is not None:
        rows = rows.filter(uuid=session_id)
    if except_id is not None:
        rows = rows.exclude(uuid=except_id)
    return rows.delete()[0]


def purge_sessions(now: datetime) -> int:
    """Delete ended staff sessions and Django's expired sessions; return how many of the former."""
    Session.objects.filter(expire_date__lt=now).delete()
    return StaffSession.objects.filter(began_at__lt=now - ENDED_SESSION_RETENTION).delete()[0]


def hold_form(
    request: HttpRequest, user: User, now: datetime, *, as_draft: bool = False
) -> HeldForm | None:
    """Store the posted fields, without passwords, codes and files.

    With `as_draft`, sending the form of an editing page again can only save a draft. Returns None
    for a form without fields or with more than ``MAX_HELD_FORM_CHARS``.
    """
    pairs = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if isinstance(value, str)
        and not is_secret_field(name)
        and not (as_draft and name in PUBLISHING_FIELDS)
    ]
    if as_draft:
        pairs.append(DRAFT_BUTTON)
    text, path = json.dumps(pairs), request.get_full_path()
    if not pairs or len(text) > MAX_HELD_FORM_CHARS or len(path) > 500:
        return None
    return HeldForm.objects.create(
        user=user, path=path, fields=text, had_files=bool(request.FILES), kept_at=now
    )


def is_secret_field(name: str) -> bool:
    """Tell whether a posted field may hold a password, a code or a token."""
    return name in ("csrfmiddlewaretoken", "code", "credential") or "password" in name


def get_held_form(
    user: User, held_form_id: UUID, now: datetime
) -> tuple[HeldForm, FieldPairs] | None:
    """Return a form this user left and its fields, unless it has expired or cannot be decrypted."""
    rows = HeldForm.objects.filter(user=user, kept_at__gt=now - HELD_FORM_LIFETIME)
    row = rows.filter(pk=held_form_id).first()
    if row is None:
        return None
    try:
        return row, [(str(name), str(value)) for name, value in json.loads(row.fields)]
    except DecryptionError:
        return None


def purge_held_forms(now: datetime) -> int:
    """Delete held forms that are past their hour; return how many."""
    return HeldForm.objects.filter(kept_at__lte=now - HELD_FORM_LIFETIME).delete()[0]
