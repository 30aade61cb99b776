"""A practitioner's connected calendars, and the busy times read from them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.privacy.fields import EncryptedTextField, PrivateModel
from pages.practice.models import Practitioner


class BusySource(PrivateModel):
    """A connected calendar. Its URL gives access to that calendar, so it is stored encrypted."""

    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, related_name="busy_sources"
    )
    label = models.CharField(_("name"), max_length=60)
    address = EncryptedTextField(
        _("private address (ICS)"), label="busy_source.address", blank=False
    )
    is_on = models.BooleanField(_("used"), default=True)
    etag = models.CharField(max_length=200, blank=True, editable=False)
    last_modified = models.CharField(max_length=200, blank=True, editable=False)
    # How far recurrences were expanded; an unchanged file is read again before that runs out.
    read_until = models.DateTimeField(null=True, blank=True, editable=False)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True, editable=False)
    good_at = models.DateTimeField(_("last read"), null=True, blank=True, editable=False)
    fault = models.CharField(_("last failure"), max_length=80, blank=True, editable=False)
    skipped = models.PositiveIntegerField(_("entries left out"), default=0, editable=False)
    skipped_reasons = models.TextField(_("why"), blank=True, editable=False)

    class Meta(PrivateModel.Meta):
        verbose_name = _("other calendar")
        verbose_name_plural = _("other calendars")


class BusyInterval(models.Model):
    """A busy time: no title, place or people."""

    source = models.ForeignKey(BusySource, on_delete=models.CASCADE, related_name="intervals")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    uid_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_at__gt=models.F("start_at")), name="busy_end_after_start"
            )
        ]
        indexes = [models.Index(fields=["source", "end_at"], name="busy_by_end")]

    def __str__(self) -> str:
        return f"{self.start_at:%Y-%m-%d %H:%M}"
