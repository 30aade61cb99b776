"""What can be published or reviewed: base classes of articles and pages."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self, Unpack, cast

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pages.text.search_mixin import SaveOptions, Searchable, SearchableQuerySet


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class ReviewableQuerySet(SearchableQuerySet):
    def due_for_review(self, today: date) -> Self:
        return self.filter(review_on__lte=today)


class Reviewable(models.Model):
    """A page whose facts can become outdated: fees, licenses, insurance."""

    review_on = models.DateField(
        _("look at it again by"),
        null=True,
        blank=True,
        help_text=_("From this day on the first page of the admin reminds you. Nothing else."),
    )

    class Meta:
        abstract = True


class PublishableQuerySet(ReviewableQuerySet):
    def published(self, now: datetime | None = None) -> Self:
        """Return rows that are public at `now`; the query compares times, so no job has to run."""
        return self.filter(status=Status.PUBLISHED, published_at__lte=now or timezone.now())

    def scheduled(self, now: datetime | None = None) -> Self:
        return self.filter(status=Status.PUBLISHED, published_at__gt=now or timezone.now())


class Publishable(Searchable, Reviewable):
    """A page that is a draft, scheduled or public."""

    search_title = models.CharField(
        _("title for search engines"),
        max_length=120,
        blank=True,
        help_text=_("Left empty, the title. About 60 letters are shown."),
    )
    search_description = models.CharField(
        _("description for search engines"),
        max_length=200,
        blank=True,
        help_text=_("Left empty, the summary. About 150 letters are shown."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_(
            "Set a time in the future to schedule. Left empty, publishing sets the present time."
        ),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("saved at"), auto_now=True)

    class Meta(Reviewable.Meta):
        abstract = True

    def save(self, *args: object, **kwargs: Unpack[SaveOptions]) -> None:
        if self.status == Status.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {
                    *cast("Iterable[str]", kwargs["update_fields"]),
                    "published_at",
                }
        super().save(*args, **kwargs)

    def is_public(self, now: datetime | None = None) -> bool:
        if self.status != Status.PUBLISHED or self.published_at is None:
            return False
        return self.published_at <= (now or timezone.now())

    def is_scheduled(self, now: datetime) -> bool:
        return self.status == Status.PUBLISHED and not self.is_public(now)
