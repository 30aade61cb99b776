"""System checks: the keys open what is stored."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from consultations.privacy import canary
from pages.practice.models import PracticeProfile

ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1", "")


@register(Tags.database)
def keys_open_the_canary(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Run by migrate and by ``check --database default``: never start on with a wrong key."""
    if not databases:
        return []
    try:
        if canary.check():
            return []
    except DatabaseError:
        return []  # no table yet: the first migration is about to make it
    return [
        Error(
            "FIELD_KEYS cannot open what is stored in this database.",
            hint="Give the keys that were in use, newest first; see docs/operations.md.",
            id="privacy.E003",
        )
    ]


@register(Tags.database)
def mails_of_a_covered_entity_are_encrypted_on_their_way(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """HIPAA: what leaves the machine leaves by TLS. A warning, so that the switch stops no site."""
    if not databases or not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return []
    by_tls = getattr(settings, "EMAIL_USE_TLS", False) or getattr(settings, "EMAIL_USE_SSL", False)
    if by_tls or settings.EMAIL_HOST in ON_THIS_MACHINE:
        return []
    try:
        is_covered = PracticeProfile.load().covered_entity
    except DatabaseError:
        return []
    if not is_covered:
        return []
    return [
        Warning(
            "Mails of a HIPAA covered entity would leave without encryption.",
            hint="Use smtp+tls:// or smtp+ssl:// in EMAIL_URL.",
            id="privacy.W004",
        )
    ]
