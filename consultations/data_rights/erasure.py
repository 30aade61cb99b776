"""How one record of each kind is erased. Live calls are called off first: their times get free."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from consultations.booking import workflow as booking
from consultations.booking.models import Consultation
from consultations.booking.states import Status
from consultations.booking.transitions import CutoffPassed, TransitionNotAllowed
from consultations.comments import workflow as comments
from consultations.comments.models import Comment
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.encryption import DecryptionError

CANCELABLE_STATUSES = (Status.REQUESTED, Status.HELD, Status.CONFIRMED)
# Time and reference, no word of the person: the practitioner must know that nobody will call.
PRACTICE_MESSAGES = ("consultation_called_off", "consultation_taken_back")


def erase_consultation(row: Consultation, *, by: User | None, now: datetime) -> None:
    """Whole, with its history, its claims and all mails but the one that tells the practice."""
    if row.status in CANCELABLE_STATUSES:
        # What cannot be called off (over already, or damaged) is erased all the same.
        with suppress(TransitionNotAllowed, DecryptionError), transaction.atomic():
            _cancel_consultation(row, by=by, now=now)
    mails = OutgoingEmail.objects.filter(about=row.uuid)
    told = mails.filter(message__in=PRACTICE_MESSAGES, state=OutgoingEmail.State.WAITING)
    mails.exclude(pk__in=list(told.values_list("pk", flat=True))).delete()
    Consultation.objects.filter(pk=row.pk).delete()


def _cancel_consultation(row: Consultation, *, by: User | None, now: datetime) -> None:
    try:
        booking.withdraw_consultation(row, now=now)
    except CutoffPassed:
        # The hours before a call are closed to changes by link; the right to be forgotten is not.
        booking.cancel_consultation(row, by=by, now=now)


def erase_comment(row: Comment, *, by: User | None, now: datetime) -> None:
    """Name, address and words go; a comment that was answered leaves an empty place, so that
    the answers of others stay where they are."""
    # As it is now: staff may have acted since it was listed, and it goes all the same.
    current = Comment.objects.select_for_update().filter(pk=row.pk).first()
    if current is not None:
        with suppress(comments.NotAllowed):
            comments.erase_comment(current, by=by, now=now)
    if not row.replies.exists():
        Comment.objects.filter(pk=row.pk).delete()
    OutgoingEmail.objects.filter(about=row.uuid).delete()


def erase_row(row: Any, *, by: User | None, now: datetime) -> None:
    type(row).objects.filter(pk=row.pk).delete()
