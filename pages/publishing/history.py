"""Compare two versions of a page, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from django.db import models
from django.utils.translation import gettext as _

from pages.publishing import diff, snapshots
from pages.text.fields import CleanHTMLField


@dataclass(frozen=True)
class FieldChange:
    label: str
    rows: list[diff.DiffRow]


def field_changes(
    model: type[models.Model], old: snapshots.Content, new: snapshots.Content
) -> list[FieldChange]:
    """Return the fields that differ, in the order of the model."""
    return [
        FieldChange(str(field.verbose_name), diff.condense_rows(rows))
        for field, rows in _compare_fields(model, old, new)
        if diff.has_changes(rows)
    ]


def _compare_fields(
    model: type[models.Model], old: snapshots.Content, new: snapshots.Content
) -> Iterator[tuple[models.Field, list[diff.DiffRow]]]:
    for field in snapshots.content_fields(model):
        before, after = old.get(field.name), new.get(field.name)
        if before == after:
            continue
        if isinstance(field, CleanHTMLField):
            yield field, diff.compare_html(before or "", after or "")
        else:
            pair = (_display_value(field, before), _display_value(field, after))
            yield field, diff.compare_text(*pair)


def _display_value(field: models.Field, value: object) -> str:
    if value is None or value == "" or value == []:
        return _("(empty)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.is_relation:
        numbers = value if isinstance(value, list) else [value]
        rows = cast("type[models.Model]", field.related_model)._default_manager.filter(
            pk__in=numbers
        )
        return ", ".join(sorted(str(row) for row in rows)) or _("(no longer there)")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return str(value)
