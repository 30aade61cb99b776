"""The key canary, and the keys that survive a rotation of FIELD_KEYS."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.privacy.fields import EncryptedTextField, PrivateModel


class KeyCanary(PrivateModel):
    """The single row that the system check decrypts to verify FIELD_KEYS; see ``canary``."""

    words = EncryptedTextField(_("words"), label="canary.words")
    written_at = models.DateTimeField(_("written at"), auto_now_add=True)

    class Meta(PrivateModel.Meta):
        verbose_name = _("key canary")
        verbose_name_plural = _("key canaries")


class DurableKey(PrivateModel):
    """A random key, stored encrypted under FIELD_KEYS; see ``durable_keys``."""

    purpose = models.CharField(_("purpose"), max_length=20, unique=True)
    secret = EncryptedTextField(_("secret"), label="durable_key.secret")
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta(PrivateModel.Meta):
        verbose_name = _("durable key")
        verbose_name_plural = _("durable keys")
