"""Erase one record of each kind. Open consultations are canceled first, to free their slot."""

from contextlib import suppress
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from consultations.booking.models import Consultation
from consultations.booking.states import Status
from consultations.booking.transitions import CutoffPassed, TransitionNotAllowed
from consultations.booking.workflow import cancel_consultation, withdraw_consultation
from consultations.comments import workflow as comments
from consultations.comments.models import Comment
from consultations.data_rights.models import DataLink
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.encryption import DecryptionError

CANCELABLE_STATUSES = (Status.REQUESTED, Status.HELD, Status.CONFIRMED)
# These hold time and reference, nothing the person wrote: the practitioner must learn that the
# call is off.
PRACTICE_MESSAGES = ("consultation_called_off", "consultation_taken_back")


def erase_consultation(row: Consultation, *, by: User | None, now: datetime) -> None:
    """Delete a consultation with its history, claims and emails.

    An unsent message to the practice that the call is off stays.
    """
    if row.status in CANCELABLE_STATUSES:
        # One that cannot be canceled (already over, or corrupt) is erased all the same.
        with suppress(TransitionNotAllowed, DecryptionError), transaction.atomic():
            _cancel_consultation(row, by=by, now=now)
    emails = OutgoingEmail.objects.filter(about=row.uuid)
    to_practice = emails.filter(message__in=PRACTICE_MESSAGES, state=OutgoingEmail.State.WAITING)
    emails.exclude(pk__in=list(to_practice.values_list("pk", flat=True))).delete()
    Consultation.objects.filter(pk=row.pk).delete()


def _cancel_consultation(row: Consultation, *, by: User | None, now: datetime) -> None:
    try:
        withdraw_consultation(row, now=now)
    except CutoffPassed:
        # The cutoff before a call limits changes by link; the right to erasure has no cutoff.
        cancel_consultation(row, by=by, now=now)


def erase_comment(row: Comment, *, by: User | None, now: datetime) -> None:
    """Delete a comment, or empty it if it has replies: they keep their place in the thread."""
    # Read again: staff may have changed it since it was listed.
    current = Comment.objects.select_for_update().filter(pk=row.pk).first()
    if current is not None:
        with suppress(comments.NotAllowed):
            comments.erase_content(current, by=by, now=now)
    if not row.replies.exists():
        Comment.objects.filter(pk=row.pk).delete()
    OutgoingEmail.objects.filter(about=row.uuid).delete()


def erase_row(row: OutgoingEmail | DataLink, *, by: User | None, now: datetime) -> None:
    """Delete a record that nothing else depends on."""
    type(row).objects.filter(pk=row.pk).delete()
