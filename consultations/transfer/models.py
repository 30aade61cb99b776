"""Model of a WordPress import that staff start in the admin."""

import json
import uuid
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from pages.wordpress.report import ReportData


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("waits to be looked at")
    LOOKING = "looking", _("is being looked at")
    LOOKED = "looked", _("waits for your yes")
    CONFIRMED = "confirmed", _("waits to be taken over")
    RUNNING = "running", _("is being taken over")
    DONE = "done", _("taken over")
    REFUSED = "refused", _("could not be read")
    FAILED = "failed", _("stopped by a fault")


WAITING_STATES = {
    ImportState.UPLOADED: ImportState.LOOKING,
    ImportState.CONFIRMED: ImportState.RUNNING,
}
WORKING_STATES = {
    ImportState.LOOKING: ImportState.UPLOADED,
    ImportState.RUNNING: ImportState.CONFIRMED,
}


class WordPressImportQuerySet(models.QuerySet["WordPressImport"]):
    def waiting(self) -> Self:
        return self.filter(state__in=WAITING_STATES)

    def working(self) -> Self:
        return self.filter(state__in=WORKING_STATES)


class WordPressImport(models.Model):
    """An export uploaded by staff: checked first, imported once they confirm."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=ImportState.choices,
        default=ImportState.UPLOADED,
        editable=False,
    )
    fetches_pictures = models.BooleanField(_("fetch pictures from the old site"), default=False)
    # TextField, because SQLite with trusted_schema off rejects a JSONField's check constraint.
    authors = models.TextField(blank=True, editable=False)
    report = models.TextField(blank=True, editable=False)
    problem = models.CharField(max_length=20, blank=True, editable=False)
    done = models.PositiveIntegerField(default=0, editable=False)
    total = models.PositiveIntegerField(default=0, editable=False)
    # Heartbeat of the worker; an import without a recent one is taken over by another worker.
    alive_at = models.DateTimeField(null=True, editable=False)
    uploaded_at = models.DateTimeField(_("handed in at"), editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("handed in by"),
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )

    objects = WordPressImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("move from WordPress")
        verbose_name_plural = _("moves from WordPress")
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} #{str(self.uuid)[:8]}".capitalize()

    @property
    def path(self) -> Path:
        """Path of the uploaded file, outside the media folder: it contains commenters' emails."""
        return Path(settings.DATA_DIR) / "imports" / f"{self.uuid.hex}.xml"

    @property
    def report_data(self) -> ReportData:
        """The stored report, or an empty dict."""
        return json.loads(self.report) if self.report else {}

    @property
    def chosen_authors(self) -> dict[str, str]:
        return json.loads(self.authors) if self.authors else {}

    @property
    def is_in_progress(self) -> bool:
        return self.state in WAITING_STATES or self.state in WORKING_STATES
