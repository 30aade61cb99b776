"""Send due emails: claim, send, record the outcome, and retry later after a failure."""

import logging
import smtplib
from collections import Counter
from datetime import datetime, timedelta
from email import policy
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from hashlib import sha256
from time import monotonic
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q, QuerySet
from django.dispatch import Signal

from consultations.outbox.models import OutgoingEmail
from consultations.privacy.encryption import DecryptionError

State = OutgoingEmail.State
log = logging.getLogger(__name__)

# Sent once for each email that left, in the transaction that records it. Arguments: mail, now.
email_sent = Signal()

LEASE_DURATION = timedelta(minutes=5)  # afterwards another worker may claim the email
# Leases count from the start of the round. A round against a slow server ends long before the first
# lease does, however many emails are left.
MAX_ROUND_SECONDS = 60.0
FIRST_RETRY_DELAY = timedelta(minutes=1)
MAX_RETRY_DELAY = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(hours=72)
BATCH_SIZE = 50


def deliver_due(now: datetime) -> Counter[str]:
    """Send up to a batch of due emails; return how many ended in which state."""
    outcome: Counter[str] = Counter()
    connection: BaseEmailBackend | None = None
    begun = monotonic()
    try:
        for mail in due_emails(now):
            if monotonic() - begun > MAX_ROUND_SECONDS:
                break
            if not claim_email(mail, now):
                continue  # another worker has claimed it
            try:
                connection = connection or open_connection()
                build_message(mail, connection).send()
            except (OSError, smtplib.SMTPException, DecryptionError, ValueError) as error:
                outcome[record_failure(mail, error, now)] += 1
                # After a failure the state of the SMTP session is unknown: open a new one.
                close_connection(connection)
                connection = None
            else:
                record_sent(mail, now)
                outcome[State.SENT] += 1
    finally:
        close_connection(connection)
    return outcome


def due_emails(now: datetime) -> list[OutgoingEmail]:
    """Return emails that are due, and those whose worker died while sending."""
    rows = OutgoingEmail.objects.filter(
        Q(state=State.WAITING, next_at__lte=now) | Q(state=State.SENDING, lease_until__lte=now)
    )
    return list(rows.order_by("next_at")[:BATCH_SIZE])


def claim_email(mail: OutgoingEmail, now: datetime) -> bool:
    """Claim an email by compare-and-swap on (state, attempts); False if another worker has it."""
    unclaimed = OutgoingEmail.objects.filter(pk=mail.pk, state=mail.state, attempts=mail.attempts)
    changed = unclaimed.update(
        state=State.SENDING, attempts=mail.attempts + 1, lease_until=now + LEASE_DURATION
    )
    if changed:
        mail.state, mail.attempts = State.SENDING, mail.attempts + 1
    return bool(changed)


def record_sent(mail: OutgoingEmail, now: datetime) -> None:
    """Mark a claimed email as sent, and let other rooms keep a copy of it."""
    with transaction.atomic():
        if _claimed_rows(mail).update(
            state=State.SENT, sent_at=now, lease_until=None, last_error=""
        ):
            email_sent.send(sender=OutgoingEmail, mail=mail, now=now)


def record_failure(mail: OutgoingEmail, error: Exception, now: datetime) -> str:
    """Schedule a retry, or give up on a permanent or old failure; return the new state."""
    give_up = is_permanent_failure(error) or now - mail.created_at >= GIVE_UP_AFTER
    state = State.DEAD if give_up else State.WAITING
    _claimed_rows(mail).update(
        state=state,
        next_at=now + retry_delay(mail.attempts),
        lease_until=None,
        last_error=describe_error(error),
    )
    log.warning("mail not delivered: message=%s error=%s", mail.message, describe_error(error))
    return state


def retry_delay(attempts: int) -> timedelta:
    """Return the pause after this many attempts: it doubles, up to ``MAX_RETRY_DELAY``."""
    return min(FIRST_RETRY_DELAY * 2 ** min(max(attempts - 1, 0), 20), MAX_RETRY_DELAY)


def is_permanent_failure(error: Exception) -> bool:
    """Tell whether the server refused this recipient or this email permanently (5xx).

    A refused login or sender is a fault of our configuration: emails wait until it is fixed.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return 500 <= error.smtp_code < 600
    return isinstance(error, DecryptionError)


def describe_error(error: Exception) -> str:
    """Return the exception's name and code, not its message: that may quote the email."""
    code: object = getattr(error, "smtp_code", "") or getattr(error, "errno", None) or ""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = ",".join(sorted({str(code) for code, _ in error.recipients.values()}))
    return f"{type(error).__name__} {code}".strip()[:80]


class UnfoldedHeader(UnstructuredHeader, BaseHeader):
    """A header that is never folded into several lines."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


HEADER_REGISTRY = HeaderRegistry()
HEADER_REGISTRY.map_to_type("list-unsubscribe", UnfoldedHeader)


class OutgoingMessage(EmailMultiAlternatives):
    """An email whose unsubscribe link stays on one line."""

    def message(self, **options: "EmailPolicy[EmailMessage]") -> EmailMessage:  # type: ignore[override]
        # From Django 6 on, Python writes the headers. It folds a link longer than a line into
        # encoded words, which breaks the unsubscribe button of mail programs.
        if django.VERSION >= (6,):
            options["policy"] = options.get("policy", policy.default).clone(
                header_factory=HEADER_REGISTRY
            )
        return super().message(**options)


def build_message(mail: OutgoingEmail, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    """Return the message to send, with its HTML version and calendar file."""
    message = OutgoingMessage(
        subject=mail.subject,
        body=mail.text,
        from_email=mail.sender,
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers=build_headers(mail),
        connection=connection,
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    if mail.calendar:
        # The last alternative, with the method in its content type (RFC 6047), and again as an
        # attachment for programs that only read those.
        kind = f"text/calendar; method={mail.calendar_method}"
        message.attach_alternative(mail.calendar, kind)
        message.attach("invite.ics", mail.calendar, kind)
    return message


def build_headers(mail: OutgoingEmail) -> dict[str, str]:
    """Return the headers that Django does not set itself."""
    # The id is the same at every attempt: mail programs can merge an email sent twice by a crash.
    headers = {"Message-ID": message_id(mail.key), "Auto-Submitted": "auto-generated"}
    if mail.unsubscribe:
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def message_id(key: str) -> str:
    """Return a Message-ID that depends only on the email's key."""
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{urlsplit(settings.SITE_URL).hostname}>"


def open_connection() -> BaseEmailBackend:
    connection = get_connection()
    connection.open()
    return connection


def close_connection(connection: BaseEmailBackend | None) -> None:
    if connection is not None:
        try:
            connection.close()
        except (OSError, smtplib.SMTPException):
            log.info("the mail server had already hung up")


def _claimed_rows(mail: OutgoingEmail) -> QuerySet[OutgoingEmail]:
    # Only while the claim is still ours: after a lost lease another worker records the outcome.
    return OutgoingEmail.objects.filter(pk=mail.pk, state=State.SENDING, attempts=mail.attempts)
