"""The canary that tells right keys from wrong ones."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.privacy.fields import EncryptedTextField, PrivateModel


class KeyCanary(PrivateModel):
    """The one row by which start-up checks FIELD_KEYS."""

    words = EncryptedTextField(_("words"), label="canary.words")
    written_at = models.DateTimeField(_("written at"), auto_now_add=True)

    class Meta(PrivateModel.Meta):
        verbose_name = _("key canary")
        verbose_name_plural = _("key canaries")
