"""System checks: the keys open what is stored."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from consultations.privacy import canary


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
