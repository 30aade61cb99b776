"""Copies of the emails that a client was sent, for staff to read on the consultation's page.

A copy is encrypted, has no address and no private link, and goes with its consultation.
"""

import logging
import re
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking.models import Consultation
from consultations.email_texts.catalog import find_kind
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fields import EncryptedTextField, PrivateModel

log = logging.getLogger(__name__)


class SentEmail(PrivateModel):
    """One email as it left. ``key`` is the outbox's: an email sent twice by a crash is one copy."""

    consultation = models.ForeignKey(
        Consultation, verbose_name=_("consultation"), on_delete=models.CASCADE, related_name="sent"
    )
    key = models.CharField(_("key"), max_length=120, unique=True)
    message = models.CharField(_("message"), max_length=60)
    subject = EncryptedTextField(_("subject"), label="sent_email.subject")
    text = EncryptedTextField(_("text"), label="sent_email.text")
    created_at = models.DateTimeField(_("sent at"))

    class Meta(PrivateModel.Meta):
        verbose_name = _("sent email")
        verbose_name_plural = _("sent emails")
        ordering = ["created_at"]


def keep_copy(
    sender: type[OutgoingEmail], mail: OutgoingEmail, now: datetime, **kwargs: object
) -> None:
    """Store a copy of an email about a consultation that has just been sent to the client.

    A copy that cannot be stored is given up: the email has left, and must not be sent again.
    """
    if not is_to_client(mail.message):
        return
    try:
        with transaction.atomic():
            # Locked, so that it cannot be erased between this query and the insert.
            row = Consultation.objects.select_for_update().filter(pk=mail.about).only("pk").first()
            if row is None or SentEmail.objects.filter(key=mail.key).exists():
                return
            SentEmail.objects.create(
                consultation=row,
                key=mail.key,
                message=mail.message,
                subject=mail.subject,
                text=blank_links(mail.text),
                created_at=now,
            )
    except (DatabaseError, DecryptionError) as error:
        log.warning("copy of a sent mail not stored: error=%s", type(error).__name__)


def is_to_client(message: str) -> bool:
    """Whether a message goes to the client; some of them have several texts."""
    return message.startswith("consultation_") and (
        find_kind(message) is not None or message == "consultation_declined"
    )


def blank_links(text: str) -> str:
    """Replace every link to this site, except those that are the same for everybody."""
    public = {
        settings.SITE_URL,
        f"{settings.SITE_URL}/",
        settings.SITE_URL + reverse("pages:crisis"),
        settings.SITE_URL + reverse("booking:consultation"),
    }
    link = re.compile(rf"{re.escape(settings.SITE_URL)}[^\s<>\"]*")
    private = _g("(private link)")
    return link.sub(lambda found: found[0] if found[0] in public else private, text)
