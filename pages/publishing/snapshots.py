"""Serialize the content of a page to JSON, and apply it to an instance."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import models

from pages.publishing.revisions import Subject, pending_revision
from pages.text.cleaning import clean_html
from pages.text.fields import CleanHTMLField

# Restoring an older text must not change whether a page is public.
NON_CONTENT_FIELDS = {"id", "status", "published_at", "created_at", "updated_at"}
# Values are what JSON holds: None, texts, numbers, and lists of numbers.
Content = dict[str, Any]


def content_fields(model: type[models.Model]) -> Iterator[models.Field]:
    """Yield the fields that a revision holds."""
    for field in (*model._meta.concrete_fields, *model._meta.local_many_to_many):
        if field.editable and field.name not in NON_CONTENT_FIELDS:
            yield field


def take_snapshot(
    subject: models.Model, related: Mapping[str, list[models.Model]] | None = None
) -> str:
    """Return the editable fields as JSON; `related` are many-to-many values not stored yet."""
    return json.dumps(extract_content(subject, related or {}), ensure_ascii=False)


def extract_content(subject: models.Model, related: Mapping[str, list[models.Model]]) -> Content:
    """Return the editable fields as values that JSON can hold."""
    content: Content = {}
    for field in content_fields(type(subject)):
        if field.many_to_many:
            rows = (
                related[field.name] if field.name in related else _related_rows(subject, field.name)
            )
            content[field.name] = sorted(row.pk for row in rows)
            continue
        value = field.value_from_object(subject)
        if isinstance(field, CleanHTMLField):
            value = clean_html(value or "")
        simple = value is None or isinstance(value, (str, bool, int))
        content[field.name] = value if simple else field.value_to_string(subject)
    return content


def _related_manager(field: models.Field) -> models.Manager[models.Model]:
    manager: models.Manager[models.Model] = cast(
        "type[models.Model]", field.related_model
    )._default_manager
    return manager


def _related_rows(subject: models.Model, name: str) -> list[models.Model]:
    return list(getattr(subject, name).all()) if subject.pk else []


def read_snapshot(snapshot: str) -> Content:
    return dict(json.loads(snapshot))


def apply_content(subject: Subject, content: Content) -> dict[str, list[models.Model]]:
    """Set the attributes of an instance without saving it; return the many-to-many rows.

    Values that no longer exist (a deleted category, a removed field) are skipped.
    """
    related: dict[str, list[models.Model]] = {}
    cache = getattr(subject, "_prefetched_objects_cache", {})
    for field in content_fields(type(subject)):
        if field.name not in content:
            continue
        value = content[field.name]
        if field.many_to_many:
            rows = _related_manager(field).filter(pk__in=value)
            related[field.name] = list(rows)
            cache[field.name] = rows
        elif field.is_relation:
            _set_relation(subject, field, value)
        else:
            setattr(subject, field.attname, _to_python(field, value))
    subject._prefetched_objects_cache = cache
    return related


def apply_draft_change(subject: Subject) -> dict[str, list[models.Model]]:
    """Apply the draft change of a page, if it has one, as `apply_content` does."""
    pending = pending_revision(subject)
    return apply_content(subject, read_snapshot(pending.snapshot)) if pending else {}


def _set_relation(subject: models.Model, field: models.Field, value: object) -> None:
    if value is None:
        if field.null:
            setattr(subject, field.attname, None)
        return
    target = _related_manager(field).filter(pk=value).first()
    if target is not None:
        setattr(subject, field.name, target)


def _to_python(field: models.Field, value: object) -> object:
    if isinstance(field, CleanHTMLField):
        return clean_html(cast("str", value or ""))
    try:
        return field.to_python(value)
    except ValidationError:
        return field.get_default()
