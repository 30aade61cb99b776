"""The pictures of the media library."""

from pathlib import Path
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pages.media import files


class VariantState(models.TextChoices):
    DUE = "due", _("being prepared")
    MADE = "made", _("ready")
    BAD = "bad", _("could not be prepared")


class Focus(models.TextChoices):
    """The part of a picture to keep in view when it is cropped.

    There are only nine positions: an exact one would need an inline style, which our CSP forbids.
    """

    TOP_LEFT = "top-left", _("at the top left")
    TOP = "top", _("at the top")
    TOP_RIGHT = "top-right", _("at the top right")
    LEFT = "left", _("on the left")
    CENTRE = "centre", _("in the middle")
    RIGHT = "right", _("on the right")
    BOTTOM_LEFT = "bottom-left", _("at the bottom left")
    BOTTOM = "bottom", _("at the bottom")
    BOTTOM_RIGHT = "bottom-right", _("at the bottom right")


class PictureQuerySet(models.QuerySet["Picture"]):
    def needing_variants(self) -> Self:
        return self.filter(variants=VariantState.DUE)


class Picture(models.Model):
    """A photo or drawing of the media library. Its files are stored in `MEDIA_ROOT`."""

    uuid = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(
        _("name"), max_length=120, help_text=_("For finding it here; readers do not see it.")
    )
    alt = models.CharField(
        _("description for those who do not see it"),
        max_length=300,
        blank=True,
        help_text=_("What the picture tells, in a sentence. Not “picture of”."),
    )
    is_decorative = models.BooleanField(
        _("decorative"),
        default=False,
        help_text=_("It tells nothing that the text does not say; screen readers pass over it."),
    )
    # Dropped into a text a moment ago: the alt text is asked for below the picture.
    awaits_alt = models.BooleanField(_("not described yet"), default=False, editable=False)
    caption = models.CharField(_("caption"), max_length=500, blank=True)
    credit = models.CharField(
        _("credit"), max_length=200, blank=True, help_text=_("Who took or drew it.")
    )
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    focus = models.CharField(
        _("what matters most is"),
        max_length=12,
        choices=Focus.choices,
        default=Focus.CENTRE,
        help_text=_("Kept in sight where a picture is cut to the shape of its place."),
    )
    variants = models.CharField(
        _("sizes"),
        max_length=4,
        choices=VariantState.choices,
        default=VariantState.DUE,
        editable=False,
    )
    # SHA-256 of the uploaded file, to recognize the same picture when it is uploaded again.
    digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    uploaded_at = models.DateTimeField(_("uploaded at"), editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = PictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-uploaded_at", "uuid"]
        indexes = [models.Index(fields=["variants"], name="picture_variants")]
        permissions = [
            ("change_everybodys_picture", _("Can change everybody’s pictures, not only own ones"))
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_decorative=True) | Q(awaits_alt=True) | ~Q(alt=""),
                name="picture_is_described",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def master_path(self) -> Path:
        """The path of the master that variants are made from. It is never served."""
        return files.picture_path(self.uuid, files.MASTER_FILE_NAME)

    @property
    def alt_text(self) -> str:
        """The `alt` of the `img`; empty for a decorative picture, which screen readers skip."""
        return "" if self.is_decorative else self.alt

    @property
    def first_url(self) -> str:
        """The URL of the one variant that exists right after the upload."""
        return self.url(f"{files.first_variant_width(self.width)}.jpg")

    @property
    def thumbnail_url(self) -> str:
        """The URL for lists in the admin: the smallest variant, or the first until that exists."""
        if self.variants != VariantState.MADE:
            return self.first_url
        return self.url(f"{files.variant_widths(self.width)[0]}.jpg")

    def url(self, name: str) -> str:
        """Return the URL of the variant with this name."""
        return reverse("pages:picture_file", args=[self.uuid.hex, name])
