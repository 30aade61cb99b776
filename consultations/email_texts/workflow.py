"""Save the wording of an email, return to the default, and send a test."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from consultations.email_texts.catalog import EmailKind
from consultations.email_texts.models import EmailText
from consultations.email_texts.rendering import render_text
from consultations.email_texts.samples import sample_context
from consultations.outbox import queue
from consultations.outbox.queue import RenderedEmail

TEST_MESSAGE = "email_text_test"


class TextConflict(Exception):
    """Somebody else has saved the text since it was opened."""


def save_text(kind: EmailKind, *, subject: str, body: str, version: int, now: datetime) -> None:
    """Store a text; ``version`` is 0 for the default. Raises TextConflict."""
    values = {"subject": subject, "body": body, "changed_at": now}
    with transaction.atomic():
        if version:
            rows = EmailText.objects.filter(key=kind.key, version=version)
            saved = rows.update(version=version + 1, **values)
        else:
            _row, saved = EmailText.objects.get_or_create(key=kind.key, defaults=values)
        if not saved:
            raise TextConflict


def restore_default(kind: EmailKind) -> bool:
    """Delete the practice's own text; False if the default was used already."""
    deleted, _by_model = EmailText.objects.filter(key=kind.key).delete()
    return bool(deleted)


def send_test(kind: EmailKind, *, subject: str, body: str, to: str, now: datetime) -> None:
    """Queue the email with made-up values, as it would look in an inbox."""
    rendered = render_text(subject, body, sample_context(now))

    def render(message: str, context: object) -> RenderedEmail:
        return rendered

    test_id = uuid4()
    with transaction.atomic():
        queue.enqueue(
            TEST_MESSAGE,
            key=f"{TEST_MESSAGE}:{test_id}",
            to=to,
            about=test_id,
            context={},
            now=now,
            renderer=render,
        )
