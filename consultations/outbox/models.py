"""Mails that wait to be sent, written in the same transaction as the row they speak of."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.privacy.fields import EncryptedTextField, PrivateModel
from consultations.privacy.fingerprints import email_fingerprint


class OutgoingEmail(PrivateModel):
    """One mail to one person. ``key`` makes it one: a second enqueue under it changes nothing."""

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
    # Keyed hash of the address: to find the mails of a person on demand.
    to_fingerprint = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    reply_to = EncryptedTextField(_("reply to"), label="mail.reply_to")
    sender = EncryptedTextField(_("from"), label="mail.sender", blank=False)
    subject = EncryptedTextField(_("subject"), label="mail.subject", blank=False)
    text = EncryptedTextField(_("text"), label="mail.text", blank=False)
    html = EncryptedTextField(_("HTML"), label="mail.html")
    # A calendar file and what it asks of the program that opens it: REQUEST or CANCEL.
    calendar = EncryptedTextField(_("calendar file"), label="mail.calendar")
    calendar_method = models.CharField(max_length=10, blank=True)
    # Where one press ends such mails, for the mail program's own button (RFC 8058).
    unsubscribe = EncryptedTextField(_("no more of these"), label="mail.unsubscribe")
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt at"))
    lease_until = models.DateTimeField(_("being sent until"), null=True, blank=True)
    # The kind of failure and its code, never the server's words: those may quote the mail.
    last_error = models.CharField(_("last failure"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("written at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta(PrivateModel.Meta):
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "next_at"], name="outgoing_mail_due")]

    def save(self, *args: Any, **options: Any) -> None:
        names = options.get("update_fields")
        if names is None or "to" in names:
            self.renew_fingerprints()
            if names is not None:
                options["update_fields"] = {*names, "to_fingerprint"}
        super().save(*args, **options)

    @property
    def deleted_at(self) -> datetime:
        """Counted from when it was written: it waits for three days at most."""
        return self.created_at + timedelta(days=settings.OUTBOX_RETENTION_DAYS)

    def renew_fingerprints(self) -> list[str]:
        self.to_fingerprint = email_fingerprint(self.to)
        return ["to_fingerprint"]
