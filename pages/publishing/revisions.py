"""Versions of pages, who has a page open for editing, and keys of preview links."""

import uuid
from datetime import datetime
from typing import Any, Self, TypeVar

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _

# An article, a free page or a fixed page. Their models are defined in packages above this one.
Subject = Any


def subject_label(subject: models.Model) -> str:
    """Return the model name that rows here are stored with: `article`, `sitepage`, `freepage`."""
    return subject._meta.model_name or ""


RowT = TypeVar("RowT", bound=models.Model, covariant=True)


class SubjectQuerySet(models.QuerySet[RowT]):
    def of(self, subject: models.Model) -> Self:
        return self.filter(subject=subject_label(subject), subject_pk=subject.pk or 0)


class Revision(models.Model):
    """A page as it was after a save, publication or restore: one row each."""

    class Kind(models.TextChoices):
        SAVED = "saved", _("Saved")
        CHANGE = "change", _("Draft change")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Taken back")
        RESTORED = "restored", _("Restored")
        DROPPED = "dropped", _("Draft change dropped")
        BASELINE = "baseline", _("Before the first change")
        AUTOSAVED = "autosaved", _("Saved while writing")

    subject = models.CharField(max_length=40)
    subject_pk = models.BigIntegerField()
    kind = models.CharField(_("what happened"), max_length=10, choices=Kind.choices)
    # A draft change: readers see the page without it until it is published.
    is_pending = models.BooleanField(default=False)
    snapshot = models.TextField()
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )

    # Draft changes may use pictures that no stored page uses yet.
    pending_texts = {"snapshot": {"is_pending": True}}

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["subject", "subject_pk", "-id"], name="revision_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_pk}: {self.get_kind_display()}"

    def page(self) -> models.Model | None:
        rows = apps.get_model(self.subject)._default_manager.filter(pk=self.subject_pk)
        return rows.first()


class OpenPage(models.Model):
    """A user who recently opened the editing page of something."""

    subject = models.CharField(max_length=40)
    subject_pk = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    objects = SubjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "subject_pk", "by"], name="one_open_page_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_pk}"


class PreviewKey(models.Model):
    """What preview links of a page are signed for; raising the version revokes all links."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    subject = models.CharField(max_length=40)
    subject_pk = models.BigIntegerField()
    version = models.PositiveIntegerField(default=1)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "subject_pk"], name="one_key_a_subject")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_pk}"


def latest_revision(subject: models.Model) -> Revision | None:
    """Return the newest revision of a page, with its user, or None."""
    return Revision.objects.of(subject).select_related("by").first()


def pending_revision(subject: models.Model) -> Revision | None:
    """Return the draft change of a page, which is always its latest revision, or None."""
    latest = latest_revision(subject)
    return latest if latest and latest.is_pending else None


def version_token(subject: models.Model) -> str:
    """Return a token that changes whenever the page is saved, in the admin or elsewhere.

    It contains the time of the latest revision too, because autosaving rewrites that row.
    """
    newest = Revision.objects.of(subject).first()
    saved: datetime | None = getattr(subject, "updated_at", None)
    times = [at.timestamp() if at else 0 for at in (newest.at if newest else None, saved)]
    return f"{newest.pk if newest else 0}-{times[0]:.6f}-{times[1]:.6f}"


def connect_cleanup(*senders: type[models.Model]) -> None:
    """Delete versions, preview keys and open pages together with a row of these models."""
    for model in senders:
        name = f"leftovers.{model.__name__}"
        post_delete.connect(_delete_related_rows, sender=model, dispatch_uid=name)


def _delete_related_rows(
    sender: type[models.Model], instance: models.Model, **_kwargs: object
) -> None:
    Revision.objects.of(instance).delete()
    OpenPage.objects.of(instance).delete()
    PreviewKey.objects.of(instance).delete()
