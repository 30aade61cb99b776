from django.db import models
from django.utils.translation import gettext_lazy as _

from pages.search import synonyms


class SearchEntry(models.Model):
    """One public thing as the search sees it: plain words, and from when on they are public.

    On SQLite the full-text table `pages_search` reads its words from here (see `sqlite_index`);
    on PostgreSQL a column `vector` beside these holds them (see `postgres_index`).
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
    """Words that mean the same to somebody who searches; one row, or the shipped list."""

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
        row = cls.objects.filter(pk=1).first()
        return row.groups if row else synonyms.DEFAULT_SYNONYMS
