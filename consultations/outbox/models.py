"""The outbox: emails to be sent, stored in the same transaction as the row they are about."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.privacy import fingerprints
from consultations.privacy.fields import EncryptedTextField, PrivateModel


class OutgoingEmail(PrivateModel):
    """One email to one person. ``key`` is unique, so that enqueueing it twice sends it once."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DEAD = "dead", _("Could not be delivered")
        VOID = "void", _("Not needed any more")

    key = models.CharField(_("key"), max_length=120, unique=True)
    message = models.CharField(_("message"), max_length=60)
    about = models.UUIDField(_("about"), db_index=True)
    to = EncryptedTextField(_("to"), label="mail.to", blank=False)
    # Keyed hash of the address, to find a person's emails on request.
    to_fingerprint = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    reply_to = EncryptedTextField(_("reply to"), label="mail.reply_to")
    sender = EncryptedTextField(_("from"), label="mail.sender", blank=False)
    subject = EncryptedTextField(_("subject"), label="mail.subject", blank=False)
    text = EncryptedTextField(_("text"), label="mail.text", blank=False)
    html = EncryptedTextField(_("HTML"), label="mail.html")
    # The calendar file and its iTIP method, REQUEST or CANCEL.
    calendar = EncryptedTextField(_("calendar file"), label="mail.calendar")
    calendar_method = models.CharField(max_length=10, blank=True)
    # URL for one-click unsubscribe, which mail programs offer as a button (RFC 8058).
    unsubscribe = EncryptedTextField(_("no more of these"), label="mail.unsubscribe")
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt at"))
    lease_until = models.DateTimeField(_("being sent until"), null=True, blank=True)
    # The exception's name and code, never the server's message: that may quote the email.
    last_error = models.CharField(_("last failure"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("written at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    fingerprinted = {"to": fingerprints.email_fingerprint}

    class Meta(PrivateModel.Meta):
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "next_at"], name="outgoing_mail_due")]

    @property
    def deleted_at(self) -> datetime:
        """When it is purged, counted from ``created_at`` (delivery gives up after three days)."""
        return self.created_at + timedelta(days=settings.OUTBOX_RETENTION_DAYS)
