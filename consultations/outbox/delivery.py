"""Send what is due: claim, send, and record; try again later when the server cannot take it."""

import logging
import smtplib
from collections import Counter
from datetime import datetime, timedelta
from email import policy
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from hashlib import sha256
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Q, QuerySet

from consultations.outbox.models import OutgoingEmail
from consultations.privacy.encryption import DecryptionError

State = OutgoingEmail.State
log = logging.getLogger(__name__)

LEASE_DURATION = timedelta(minutes=5)  # then another worker may claim
# Leases are counted from the round's beginning: a round against a slow server ends long before the
# first of them does, however many mails are left.
MAX_ROUND_SECONDS = 60.0
FIRST_RETRY_DELAY = timedelta(minutes=1)
MAX_RETRY_DELAY = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(hours=72)
BATCH_SIZE = 50


def deliver_due(now: datetime) -> Counter[str]:
    """Send up to a batch of due mails. Counts what became of them, by state."""
    outcome: Counter[str] = Counter()
    connection: BaseEmailBackend | None = None
    begun = monotonic()
    try:
        for mail in due_emails(now):
            if monotonic() - begun > MAX_ROUND_SECONDS:
                break
            if not claim_email(mail, now):
                continue  # another worker was quicker
            try:
                connection = connection or open_connection()
                build_message(mail, connection).send()
            except (OSError, smtplib.SMTPException, DecryptionError, ValueError) as error:
                outcome[record_failure(mail, error, now)] += 1
                # After a failure the conversation's state is unknown: begin a new one.
                close_connection(connection)
                connection = None
            else:
                record_sent(mail, now)
                outcome[State.SENT] += 1
    finally:
        close_connection(connection)
    return outcome


def due_emails(now: datetime) -> list[OutgoingEmail]:
    """Mails whose time has come, and those whose sender died on the way."""
    rows = OutgoingEmail.objects.filter(
        Q(state=State.WAITING, next_at__lte=now) | Q(state=State.SENDING, lease_until__lte=now)
    )
    return list(rows.order_by("next_at")[:BATCH_SIZE])


def claim_email(mail: OutgoingEmail, now: datetime) -> bool:
    """Compare and swap on (state, attempts): of two workers exactly one gets the mail."""
    mine = OutgoingEmail.objects.filter(pk=mail.pk, state=mail.state, attempts=mail.attempts)
    changed = mine.update(
        state=State.SENDING, attempts=mail.attempts + 1, lease_until=now + LEASE_DURATION
    )
    if changed:
        mail.state, mail.attempts = State.SENDING, mail.attempts + 1
    return bool(changed)


def record_sent(mail: OutgoingEmail, now: datetime) -> None:
    _claimed_rows(mail).update(state=State.SENT, sent_at=now, lease_until=None, last_error="")


def record_failure(mail: OutgoingEmail, error: Exception, now: datetime) -> str:
    """Back off, or give up on an address that was refused for good; returns the new state."""
    hopeless = is_permanent_failure(error) or now - mail.created_at >= GIVE_UP_AFTER
    state = State.DEAD if hopeless else State.WAITING
    _claimed_rows(mail).update(
        state=state,
        next_at=now + retry_delay(mail.attempts),
        lease_until=None,
        last_error=describe_error(error),
    )
    log.warning("mail not delivered: message=%s error=%s", mail.message, describe_error(error))
    return state


def retry_delay(attempts: int) -> timedelta:
    return min(FIRST_RETRY_DELAY * 2 ** min(max(attempts - 1, 0), 20), MAX_RETRY_DELAY)


def is_permanent_failure(error: Exception) -> bool:
    """The server refused this recipient or this mail for good (5xx).

    A refused login or sender is our own configuration: mails wait until it is mended.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return 500 <= error.smtp_code < 600
    return isinstance(error, DecryptionError)


def describe_error(error: Exception) -> str:
    """Kind and code of a failure. Not its words: they may quote the mail or the address."""
    code: object = getattr(error, "smtp_code", "") or getattr(error, "errno", None) or ""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = ",".join(sorted({str(code) for code, _ in error.recipients.values()}))
    return f"{type(error).__name__} {code}".strip()[:80]


class UnfoldedHeader(UnstructuredHeader, BaseHeader):
    def fold(self, *, policy: Any) -> str:
        return f"{self.name}: {self}{policy.linesep}"


HEADER_REGISTRY = HeaderRegistry()
HEADER_REGISTRY.map_to_type("list-unsubscribe", UnfoldedHeader)


class OutgoingMessage(EmailMultiAlternatives):
    def message(self, **options: Any) -> Any:
        # Python, which writes the headers from Django 6 on, cuts a link longer than a line into
        # encoded words, and the button of a mail program would lead nowhere.
        if django.VERSION >= (6,):
            options["policy"] = options.get("policy", policy.default).clone(
                header_factory=HEADER_REGISTRY
            )
        return super().message(**options)


def build_message(mail: OutgoingEmail, connection: BaseEmailBackend) -> EmailMultiAlternatives:
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
        # Last of the alternatives, with the method in its type (RFC 6047), and once more as a
        # file for programs that read only those.
        kind = f"text/calendar; method={mail.calendar_method}"
        message.attach_alternative(mail.calendar, kind)
        message.attach("invite.ics", mail.calendar, kind)
    return message


def build_headers(mail: OutgoingEmail) -> dict[str, str]:
    # The id is the same at every attempt: a mail sent twice after a crash can be told as one.
    headers = {"Message-ID": message_id(mail.key), "Auto-Submitted": "auto-generated"}
    if mail.unsubscribe:
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def message_id(key: str) -> str:
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
