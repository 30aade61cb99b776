"""Links to a person's own data, and tombstones of what was erased."""

from datetime import datetime
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultations.privacy import control_links, fingerprints
from consultations.privacy.fields import (
    EncryptedTextField,
    PrivateModel,
    PrivateQuerySet,
)

LINK_PURPOSE = "your-data"


class DataLinkQuerySet(PrivateQuerySet):
    def unexpired(self, now: datetime) -> Self:
        return self.filter(expires_at__gt=now)


class DataLink(PrivateModel):
    """A link sent to an email address; for an hour it shows the data we hold under it.

    The row stores the address so that the link does not have to.
    """

    public_id = models.CharField(
        max_length=24, unique=True, default=control_links.new_public_id, editable=False
    )
    email = EncryptedTextField(_("email"), label="data_link.email", blank=False)
    email_fingerprint = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    created_at = models.DateTimeField(_("asked at"))
    expires_at = models.DateTimeField(_("good until"))

    fingerprinted = {"email": fingerprints.email_fingerprint}

    objects = models.Manager.from_queryset(DataLinkQuerySet)()  # type: ignore[misc]

    class Meta(PrivateModel.Meta):
        verbose_name = _("link to one’s own data")
        verbose_name_plural = _("links to one’s own data")

    @property
    def token(self) -> str:
        """The signed part of the link."""
        return control_links.make_token(LINK_PURPOSE, self.public_id, 0)

    def get_absolute_url(self) -> str:
        """Return the secret link; it belongs only in the email to this address."""
        return reverse("data_rights:records", args=[self.token])


class Tombstone(models.Model):
    """A mark that something was erased, so that a restored backup does not bring it back.

    ``digest`` is a keyed hash of the record's id or of the email address.
    """

    class Kind(models.TextChoices):
        RECORD = "record", _("a record")
        ADDRESS = "address", _("an address")

    digest = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(_("what was erased"), max_length=10, choices=Kind.choices)
    at = models.DateTimeField(_("erased at"), db_index=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("a person’s data")
        ordering = ["-at"]
        permissions = [("handle_person", _("Can see, export and erase all data of one person"))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.digest[:8]}"
