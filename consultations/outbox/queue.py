"""Put emails into the outbox, and cancel or delete them there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr, quote
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from consultations.outbox.colors import email_colors
from consultations.outbox.models import OutgoingEmail
from pages.practice.models import PracticeProfile


@dataclass(frozen=True)
class RenderedEmail:
    """What an email says."""

    subject: str
    text: str
    html: str


def render_templates(message: str, context: Mapping[str, object]) -> RenderedEmail:
    """Render subject, text and HTML in ``templates/emails/<message>/``."""
    folder, values = f"emails/{message}", dict(context)
    return RenderedEmail(
        subject=" ".join(render_to_string(f"{folder}/subject.txt", values).split()),
        text=render_to_string(f"{folder}/body.txt", values).strip() + "\n",
        html=render_to_string(f"{folder}/body.html", values),
    )


Renderer = Callable[[str, Mapping[str, object]], RenderedEmail]


@dataclass(frozen=True)
class EmailDraft:
    """An email that is rendered and queued, once per key."""

    message: str
    key: str
    to: str
    about: UUID
    context: dict[str, object]
    calendar: bytes = b""
    calendar_method: str = ""
    unsubscribe: str = ""
    send_at: datetime | None = None
    renderer: Renderer = render_templates
    wording: str = ""  # which text the renderer takes, if it is not called like the message


def enqueue(
    message: str,
    *,
    key: str,
    to: str,
    about: UUID,
    context: dict[str, object],
    now: datetime,
    unsubscribe: str = "",
    send_at: datetime | None = None,
    renderer: Renderer = render_templates,
) -> bool:
    """Render an email and queue it; False if the key was used before.

    It is sent from ``send_at``, by default as soon as possible. See `enqueue_all`.
    """
    draft = EmailDraft(
        message,
        key,
        to,
        about,
        context,
        unsubscribe=unsubscribe,
        send_at=send_at,
        renderer=renderer,
    )
    return bool(enqueue_all([draft], now=now))


def enqueue_all(drafts: Iterable[EmailDraft], *, now: datetime) -> int:
    """Render and queue emails; return how many had an address and an unused key.

    Raises TransactionManagementError outside a transaction: an email about a row that was never
    stored must not be sent.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("enqueue belongs in the row's transaction")
    drafts = [draft for draft in drafts if draft.to]
    if not drafts:
        return 0
    keys = [draft.key for draft in drafts]
    used = set(OutgoingEmail.objects.filter(key__in=keys).values_list("key", flat=True))
    rows = [_render(draft, now) for draft in drafts if draft.key not in used]
    OutgoingEmail.objects.bulk_create(rows)
    return len(rows)


def shared_context() -> dict[str, object]:
    """Return what every email's templates use: the practice, our address and the colors."""
    light, dark = email_colors()
    return {
        "practice": PracticeProfile.load(),
        "site_url": settings.SITE_URL,
        "light": light,
        "dark": dark,
    }


def _render(draft: EmailDraft, now: datetime) -> OutgoingEmail:
    practice = PracticeProfile.load()
    context = {**shared_context(), **draft.context}
    rendered = draft.renderer(draft.wording or draft.message, context)
    email = OutgoingEmail(
        key=draft.key,
        message=draft.message,
        about=draft.about,
        to=draft.to,
        sender=sender_address(practice),
        reply_to=practice.email,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        calendar=draft.calendar.decode("utf-8"),
        calendar_method=draft.calendar_method,
        unsubscribe=draft.unsubscribe,
        next_at=draft.send_at or now,
        created_at=now,
    )
    email.renew_fingerprints()  # bulk_create() does not call save(), which does it otherwise
    return email


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
