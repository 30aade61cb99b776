"""Records of what earlier imports wrote, used to detect edits made since."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportedKind(models.TextChoices):
    ARTICLE = "article", _("article")
    PAGE = "page", _("page")
    CATEGORY = "category", _("category")
    TAG = "tag", _("tag")
    PICTURE = "picture", _("picture")
    COMMENT = "comment", _("comment")


class ImportedItemQuerySet(models.QuerySet["ImportedItem"]):
    def of(self, source: str, *kinds: str) -> Self:
        """Filter to items imported from one site."""
        return self.filter(source=source, kind__in=kinds)


class ImportedItem(models.Model):
    """One item imported from WordPress, and the object it became here.

    The row is kept when that object is deleted, so that a second import does not restore it.
    """

    source = models.CharField(_("from"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=ImportedKind.choices)
    # The WordPress ID; for a picture its path under the uploads folder, for a term its slug.
    key = models.CharField(_("number there"), max_length=250)
    object_key = models.CharField(_("key here"), max_length=40)
    # Digest of the values written, to detect whether staff have changed them since.
    digest = models.CharField(max_length=64, blank=True)
    imported_at = models.DateTimeField(_("taken at"))

    objects = ImportedItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("imported item")
        verbose_name_plural = _("imported items")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "key"], name="imported_item_taken_once"
            )
        ]
        indexes = [models.Index(fields=["kind", "object_key"], name="imported_item_here")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class ImportLedger:
    """The imported items of one site: read once, updated as items are imported.

    With `writes=False` (a dry run) nothing is stored.
    """

    def __init__(self, source: str, now: datetime, *, writes: bool = True) -> None:
        self.source = source
        self.now = now
        self.writes = writes
        rows = ImportedItem.objects.filter(source=source).exclude(kind="comment")
        self._rows = {(row.kind, row.key): row for row in rows}

    def find(self, kind: str, key: object) -> ImportedItem | None:
        return self._rows.get((kind, str(key)))

    def remember(self, kind: str, key: object, here: object, digest: str = "") -> None:
        """Record that the item `key` became the object `here`; do nothing in a dry run."""
        if not self.writes:
            return
        row, _made = ImportedItem.objects.update_or_create(
            source=self.source,
            kind=kind,
            key=str(key)[:250],
            defaults={"object_key": str(here), "digest": digest, "imported_at": self.now},
        )
        self._rows[kind, row.key] = row


def content_digest(values: Mapping[str, object]) -> str:
    """Return a SHA-256 of the values, to detect changes without storing the text twice."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
