"""A model field for a list of short texts in one column."""

import json
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression


class TextListField(models.TextField):
    """Store a list of strings as JSON text.

    Django's JSONField adds a JSON_VALID() check constraint to the table, which SQLite rejects under
    ``trusted_schema=OFF``.
    """

    # Tells the type checker what the attribute holds.
    _pyi_private_set_type: list[str]  # type: ignore[assignment]
    _pyi_private_get_type: list[str]  # type: ignore[assignment]

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("default", list)
        options.setdefault("blank", True)
        super().__init__(*args, **options)

    def from_db_value(
        self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> list[str]:
        return self.to_python(value)

    def to_python(self, value: Iterable[str] | None) -> list[str]:
        if isinstance(value, str):
            return list(json.loads(value)) if value else []
        return list(value or [])

    def get_prep_value(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(list(value or []))

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj))
