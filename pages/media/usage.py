"""Find where pictures are used: as covers, as portraits and in stored text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from pages.media.models import Picture
from pages.media.rendering import find_picture_ids
from pages.text.fields import CleanHTMLField

ModelField = models.Field
UUID_RE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class PictureUse:
    """One place that uses a picture."""

    kind: str  # such as "article"
    title: str
    place: str  # such as "cover"
    url: str  # of the row's admin page; empty if it has none
    row: models.Model


def find_picture_uses(picture: Picture) -> list[PictureUse]:
    """Return all uses of a picture, including in unpublished changes."""
    uses = list(_find_pending_uses(picture))
    for model, links, texts in _models_with_pictures():
        where = Q()
        for link in links:
            where |= Q(**{link.name: picture})
        for text in texts:
            where |= Q(**{f"{text.name}__contains": str(picture.pk)})
        for row in model._default_manager.filter(where):
            uses += [
                PictureUse(
                    str(model._meta.verbose_name),
                    str(row),
                    str(field.verbose_name),
                    _admin_url(row),
                    row,
                )
                for field in (*links, *texts)
                if _refers_to(row, field, picture.pk)
            ]
    return uses


def find_used_pictures() -> set[UUID]:
    """Return the UUIDs of all pictures in use, with one pass over the texts that contain any."""
    used: set[UUID] = set()
    for model, links, texts in _models_with_pictures():
        rows = model._default_manager.all()
        for link in links:
            used |= set(
                rows.exclude(**{link.name: None}).values_list(link.attname, flat=True).distinct()
            )
        for text in texts:
            naming = rows.filter(**{f"{text.name}__contains": "data-file="})
            for html in naming.values_list(text.name, flat=True).iterator():
                used |= set(find_picture_ids(html))
    for rows, name in _pending_texts():
        for text in rows.values_list(name, flat=True).iterator():
            used |= {UUID(value) for value in UUID_RE.findall(text)}
    return used


def _find_pending_uses(picture: Picture) -> Iterator[PictureUse]:
    """Find uses in changes to a page that are not published yet."""
    for rows, name in _pending_texts():
        for row in rows.filter(**{f"{name}__contains": str(picture.pk)}):
            if (page := row.page()) is not None:
                place = gettext("in a change that is not published yet")
                yield PictureUse(
                    str(page._meta.verbose_name), str(page), place, _admin_url(page), page
                )


def _pending_texts() -> Iterator[tuple[models.QuerySet, str]]:
    for model in apps.get_models():
        for name, where in getattr(model, "pending_texts", {}).items():
            yield model._default_manager.filter(**where), name


def _models_with_pictures() -> Iterator[
    tuple[type[models.Model], list[ModelField], list[ModelField]]
]:
    """Yield each model that has any, with its foreign keys to pictures and its rich text fields."""
    for model in apps.get_models():
        if model._meta.proxy:
            continue
        fields = model._meta.concrete_fields
        links: list[ModelField] = [field for field in fields if field.related_model is Picture]
        texts: list[ModelField] = [field for field in fields if isinstance(field, CleanHTMLField)]
        if links or texts:
            yield model, links, texts


def _refers_to(row: models.Model, field: ModelField, picture: UUID) -> bool:
    value = getattr(row, field.attname)
    return picture in find_picture_ids(value) if isinstance(value, str) else value == picture


def _admin_url(row: models.Model) -> str:
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""
