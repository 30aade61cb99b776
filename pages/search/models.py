"""Models of the search: the entries of the index and the synonyms."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from pages.search import synonyms


class SearchEntry(models.Model):
    """The plain text of one searchable object, and the time from which it is public.

    On SQLite the full-text table `pages_search` reads its content from here (see `sqlite_index`).
    On PostgreSQL the column `vector` of this table holds the index (see `postgres_index`).
    """

    kind = models.CharField(max_length=12)
    object_id = models.CharField(max_length=40)
    public_from = models.DateTimeField()
    title = models.TextField()
    summary = models.TextField()
    body = models.TextField()

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="search_entry_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class SearchSynonyms(models.Model):
    """The synonyms entered by staff. One row; without it the default list applies."""

    groups = models.TextField(
        _("words that mean the same"),
        blank=True,
        help_text=_("One group a line, the words set apart by commas."),
    )

    class Meta:
        verbose_name = _("synonyms of the search")
        verbose_name_plural = _("synonyms of the search")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def load(cls) -> str:
        """Return the synonyms as text, one group per line."""
        row = cls.objects.filter(pk=1).first()
        return row.groups if row else synonyms.DEFAULT_SYNONYMS
