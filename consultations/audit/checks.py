"""System check: the database guards the audit log."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from consultations.audit import triggers


@register(Tags.database)
def database_guards_the_log(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Run by ``check --database default`` and, before anything else, by migrate."""
    if not databases:
        return []
    try:
        gone = triggers.missing()
    except DatabaseError:
        return []
    if not gone:
        return []
    return [
        Error(
            f"The database would let the audit log be changed: {', '.join(gone)} missing.",
            hint="manage.py prepare makes the triggers again.",
            id="audit.E001",
        )
    ]
