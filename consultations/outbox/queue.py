"""Put emails into the outbox, and cancel or delete them there."""

from datetime import datetime
from email.utils import formataddr, quote
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from consultations.outbox.models import OutgoingEmail
from pages.practice.models import PracticeProfile


def enqueue(
    message: str,
    *,
    key: str,
    to: str,
    about: UUID,
    context: dict[str, object],
    now: datetime,
    calendar: bytes = b"",
    calendar_method: str = "",
    unsubscribe: str = "",
    send_at: datetime | None = None,
) -> bool:
    """Render ``templates/emails/<message>/`` and store it; False if the key was used before.

    Raises TransactionManagementError outside a transaction: an email about a row that was never
    stored must not be sent. It is sent from ``send_at``, by default as soon as possible.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("enqueue belongs in the row's transaction")
    if not to or OutgoingEmail.objects.filter(key=key).exists():
        return False
    practice = PracticeProfile.load()
    context = {"practice": practice, "site_url": settings.SITE_URL, **context}
    folder = f"emails/{message}"
    OutgoingEmail.objects.create(
        key=key,
        message=message,
        about=about,
        to=to,
        sender=sender_address(practice),
        reply_to=practice.email,
        subject=" ".join(render_to_string(f"{folder}/subject.txt", context).split()),
        text=render_to_string(f"{folder}/body.txt", context).strip() + "\n",
        html=render_to_string(f"{folder}/body.html", context),
        calendar=calendar.decode("utf-8"),
        calendar_method=calendar_method,
        unsubscribe=unsubscribe,
        next_at=send_at or now,
        created_at=now,
    )
    return True


def void_emails(*, about: UUID, messages: list[str] | None = None) -> None:
    """Cancel unsent emails about a row, all of them or only these messages."""
    waiting = OutgoingEmail.objects.filter(about=about, state=OutgoingEmail.State.WAITING)
    if messages is not None:
        waiting = waiting.filter(message__in=messages)
    waiting.update(state=OutgoingEmail.State.VOID)


def delete_emails(*, about: UUID, messages: list[str]) -> None:
    """Delete emails about a row, sent or not, because their recipient is being erased."""
    OutgoingEmail.objects.filter(about=about, message__in=messages).delete()


def void_emails_by_key(*, keys: list[str]) -> None:
    """Cancel unsent emails that are no longer true; ``requeue_voided_email`` can restore them."""
    waiting = OutgoingEmail.objects.filter(key__in=keys, state=OutgoingEmail.State.WAITING)
    waiting.update(state=OutgoingEmail.State.VOID)


def requeue_voided_email(*, key: str, send_at: datetime) -> bool:
    """Restore a canceled email that is true again; False if there is none with this key."""
    voided = OutgoingEmail.objects.filter(key=key, state=OutgoingEmail.State.VOID)
    return bool(voided.update(state=OutgoingEmail.State.WAITING, next_at=send_at))


def sender_address(practice: PracticeProfile) -> str:
    """Return the From header, with a discreet name because others may see a lock screen."""
    # Without line breaks, which Django refuses in a header.
    name = " ".join(practice.sender_name.split())
    address = practice.email or settings.DEFAULT_FROM_EMAIL
    if name.isascii():
        return formataddr((name, address))
    # Not encoded by formataddr(): on Django 6, Python decodes such a name and writes it again
    # without quotes, so that text in brackets within the name would become the address.
    return f'"{quote(name)}" <{address}>'
