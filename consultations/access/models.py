"""Who is signed in where: no network address, no page, no whole user agent."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffSession(models.Model):
    """One sign-in. Without its row a session opens nothing, so ending it is deleting the row."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("who"), related_name="sessions"
    )
    began_at = models.DateTimeField(_("signed in at"))
    seen_at = models.DateTimeField(_("last used at"))
    browser = models.CharField(_("browser"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"#{str(self.uuid)[:8]}"


class KnownBrowser(models.Model):
    """A browser in which somebody has signed in before; the cookie itself is not kept."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("who"), related_name="browsers"
    )
    token_fingerprint = models.CharField(max_length=64, db_index=True)
    browser = models.CharField(_("browser"), max_length=60, blank=True)
    first_at = models.DateTimeField(_("first seen at"))
    last_at = models.DateTimeField(_("last seen at"))

    class Meta:
        verbose_name = _("known browser")
        verbose_name_plural = _("known browsers")
        ordering = ["-last_at"]

    def __str__(self) -> str:
        return f"#{str(self.uuid)[:8]}"
