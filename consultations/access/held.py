"""Nothing typed is lost when a sign-in runs out: the form waits, sealed, for the same person."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest

from consultations.access.models import HeldForm
from consultations.privacy.encryption import CannotOpen

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


def of(user: User, which: UUID, now: datetime) -> tuple[HeldForm, Pairs] | None:
    row = HeldForm.objects.filter(pk=which, user=user, kept_at__gt=now - KEPT).first()
    if row is None:
        return None
    try:
        return row, [(str(name), str(value)) for name, value in json.loads(row.fields)]
    except CannotOpen:
        return None


def tidy(now: datetime) -> int:
    return HeldForm.objects.filter(kept_at__lte=now - KEPT).delete()[0]
