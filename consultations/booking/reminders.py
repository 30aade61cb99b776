"""Queue reminders that are due. A reminder is one row of the outbox."""

from datetime import datetime, timedelta

from django.db import transaction

from consultations.booking import emails
from consultations.booking.models import PLACE_CHANGED, Consultation, ConsultationEvent
from consultations.booking.states import Status
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import PracticeProfile

FIRST_REMINDER = ("consultation_reminder_24", timedelta(hours=24))
SECOND_REMINDER = ("consultation_reminder_2", timedelta(hours=2))


def send_due_reminders(*, now: datetime) -> int:
    """Queue due reminders and return their number; the email's key prevents duplicates.

    Skipped are calls that were booked or moved after the reminder was due, and calls that have
    begun.
    """
    reminded = 0
    for message, ahead in enabled_reminders():
        soon = Consultation.objects.filter(
            status=Status.CONFIRMED, start_at__gt=now, start_at__lte=now + ahead
        )
        for consultation in soon.select_related("practitioner", "type"):
            if consultation.start_at is None or was_confirmed_after(
                consultation, consultation.start_at - ahead
            ):
                continue
            with transaction.atomic():
                # Again under the lock: it may have been cancelled or moved since the query above.
                still = Consultation.objects.select_for_update().filter(
                    pk=consultation.pk,
                    status=Status.CONFIRMED,
                    sequence=consultation.sequence,
                )
                if still.exists():
                    reminded += _send_reminder(consultation, message, now)
    return reminded


def _send_reminder(consultation: Consultation, message: str, now: datetime) -> bool:
    try:
        return emails.send_reminder(consultation, message, now=now)
    except DecryptionError:
        return False  # the address cannot be decrypted; the other reminders still go out


def enabled_reminders() -> list[tuple[str, timedelta]]:
    return (
        [FIRST_REMINDER, SECOND_REMINDER]
        if PracticeProfile.load().reminds_twice
        else [FIRST_REMINDER]
    )


def was_confirmed_after(consultation: Consultation, moment: datetime) -> bool:
    """Whether a consultation was confirmed or moved, or got a new link, after a moment."""
    return ConsultationEvent.objects.filter(
        consultation=consultation, after__in=[Status.CONFIRMED, PLACE_CHANGED], at__gt=moment
    ).exists()
