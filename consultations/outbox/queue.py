"""Put a mail into the outbox, inside the caller's transaction."""

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
    """Render ``templates/emails/<message>/`` and queue it; False under a key that was used.

    Outside a transaction this raises: a mail about a row that was never stored must not leave.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("enqueue belongs in the row's transaction")
    if not to or OutgoingEmail.objects.filter(key=key).exists():
        return False
    practice = PracticeProfile.load()
    everything = {"practice": practice, "site_url": settings.SITE_URL, **context}
    folder = f"emails/{message}"
    OutgoingEmail.objects.create(
        key=key,
        message=message,
        about=about,
        to=to,
        sender=sender_address(practice),
        reply_to=practice.email,
        subject=" ".join(render_to_string(f"{folder}/subject.txt", everything).split()),
        text=render_to_string(f"{folder}/body.txt", everything).strip() + "\n",
        html=render_to_string(f"{folder}/body.html", everything),
        calendar=calendar.decode("utf-8"),
        calendar_method=calendar_method,
        unsubscribe=unsubscribe,
        next_at=send_at or now,
        created_at=now,
    )
    return True


def void_emails(*, about: UUID, messages: list[str] | None = None) -> None:
    """Take back mails that have not been sent yet."""
    waiting = OutgoingEmail.objects.filter(about=about, state=OutgoingEmail.State.WAITING)
    if messages is not None:
        waiting = waiting.filter(message__in=messages)
    waiting.update(state=OutgoingEmail.State.VOID)


def delete_emails(*, about: UUID, messages: list[str]) -> None:
    """Forget mails altogether, sent or not: the person they went to is to be forgotten."""
    OutgoingEmail.objects.filter(about=about, message__in=messages).delete()


def void_emails_by_key(*, keys: list[str]) -> None:
    """Mails that have not left and are not true any more; ``revive`` knows them by their keys."""
    waiting = OutgoingEmail.objects.filter(key__in=keys, state=OutgoingEmail.State.WAITING)
    waiting.update(state=OutgoingEmail.State.VOID)


def requeue_voided_email(*, key: str, send_at: datetime) -> bool:
    """What a taken back mail says has become true again; False when there is no such mail."""
    taken_back = OutgoingEmail.objects.filter(key=key, state=OutgoingEmail.State.VOID)
    return bool(taken_back.update(state=OutgoingEmail.State.WAITING, next_at=send_at))


def sender_address(practice: PracticeProfile) -> str:
    """Who the mail is from: a discreet name, since others may see a phone's lock screen."""
    # On one line: with a line break in it no mail at all would leave.
    name = " ".join(practice.sender_name.split())
    address = practice.email or settings.DEFAULT_FROM_EMAIL
    if name.isascii():
        return formataddr((name, address))
    # Encoded beforehand, Python would write it anew without quotes (Django 6 lets it), and what
    # stands in brackets within the name would become the address.
    return f'"{quote(name)}" <{address}>'
