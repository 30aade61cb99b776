"""Rows whose words visitors may search for: whoever changes them, on whatever way, says so.

The index lies in a room above; it listens. Each write and the telling of it are one transaction,
so that neither can be there without the other.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.dispatch import Signal

# Sent with `pks` of rows of the sending model.
searchable_text_changed = Signal()


class SearchableQuerySet(models.QuerySet[Any]):
    """Also for the ways that send no signal of Django's own."""

    def update(self, **values: Any) -> int:
        # bulk_update() comes this way too.
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
    # Columns that the index reads, and those that decide whether a row is public.
    searched_fields: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        # Django sends post_save inside, and on its own would have the row committed by then.
        with transaction.atomic(using=kwargs.get("using")):
            super().save_base(*args, **kwargs)
