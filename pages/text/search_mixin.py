"""Notify the search index of every change to searchable rows.

The index is in `pages.search`, which this package must not import, so it listens to a signal. Each
write and its signal share one transaction, so the data and the index can't diverge.
"""

from collections.abc import Iterable
from typing import Any, TypedDict, Unpack

from django.db import models, transaction
from django.db.models.base import ModelBase
from django.dispatch import Signal

# Sent with `pks`, the primary keys of changed rows of the sending model.
searchable_text_changed = Signal()


class SaveOptions(TypedDict, total=False):
    """The arguments of ``Model.save()``, for models that do more than Django when saved."""

    force_insert: bool | tuple[ModelBase, ...]
    force_update: bool
    using: str | None
    update_fields: Iterable[str] | None


class SaveBaseOptions(SaveOptions, total=False):
    raw: bool


class SearchableQuerySet(models.QuerySet[Any]):
    """Send the signal for bulk operations, for which Django sends none."""

    def update(self, **values: object) -> int:
        # bulk_update() calls this too.
        if not self.model.searched_fields & values.keys():
            return super().update(**values)
        with transaction.atomic(using=self.db):
            pks = list(self.order_by().values_list("pk", flat=True))
            changed = super().update(**values)
            searchable_text_changed.send(self.model, pks=pks)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        with transaction.atomic(using=self.db):
            rows = super().bulk_create(objs, *args, **kwargs)
            searchable_text_changed.send(
                self.model, pks=[row.pk for row in rows if row.pk is not None]
            )
        return rows

    bulk_create.alters_data = True  # type: ignore[attr-defined]


class Searchable(models.Model):
    """Base class of searchable models.

    `searched_fields` names the columns that the index reads or that decide whether a row is public.
    """

    searched_fields: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    def save_base(self, *args: Any, **kwargs: Unpack[SaveBaseOptions]) -> None:
        # Django sends post_save in here, and without this the row would already be committed.
        with transaction.atomic(using=kwargs.get("using")):
            super().save_base(*args, **kwargs)
