"""The emails to a client, on the consultation's page: as they were sent, or what became of them."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking.email_copies import is_to_client
from consultations.booking.models import Consultation
from consultations.booking.staff import display
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.encryption import DecryptionError

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

# Emails that have not left: what staff should know about each.
UNSENT_STATES: dict[str, "_StrOrPromise"] = {
    OutgoingEmail.State.WAITING: _("on its way"),
    OutgoingEmail.State.SENDING: _("on its way"),
    OutgoingEmail.State.DEAD: _("couldn’t be delivered"),
}


def format_sent_emails(row: Consultation) -> SafeString | str:
    """Return a list of the emails to the client, oldest first."""
    zone = display.staff_zone_for_row(row)
    lines = [
        format_html("<li>{}</li>", _format_copy(copy.created_at, copy, zone))
        for copy in row.sent.all()
    ]
    lines += [
        format_html("<li>{}: {}</li>", _decrypted(mail, "subject"), UNSENT_STATES[mail.state])
        for mail in OutgoingEmail.objects.filter(
            about=row.pk, state__in=list(UNSENT_STATES)
        ).order_by("created_at")
        if is_to_client(mail.message)
    ]
    if not lines:
        return _g("None yet.")
    return format_html(
        '<ul class="sent-emails">{}</ul>',
        format_html_join("", "{}", ((line,) for line in lines)),
    )


def _format_copy(at: datetime, copy: object, zone: str) -> SafeString:
    with timezone.override(zone):
        when = formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
    return format_html(
        "<details><summary>{}, {}</summary><pre>{}</pre></details>",
        _decrypted(copy, "subject"),
        when,
        _decrypted(copy, "text"),
    )


def _decrypted(row: object, name: str) -> str:
    try:
        return str(getattr(row, name))
    except DecryptionError:
        return _g("cannot be read")
