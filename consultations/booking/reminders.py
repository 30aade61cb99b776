"""Who is reminded when: a sweep over what is due. A reminder is one row of the outbox."""

from datetime import datetime, timedelta

from django.db import transaction

from consultations.booking import emails
from consultations.booking.models import Consultation, ConsultationEvent
from consultations.booking.states import Status
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import PracticeProfile

FIRST_REMINDER = ("consultation_reminder_24", timedelta(hours=24))
SECOND_REMINDER = ("consultation_reminder_2", timedelta(hours=2))


def send_due_reminders(*, now: datetime) -> int:
    """Enqueue what is due; the mail's key makes each reminder of each time one mail.

    Nobody is reminded of what they arranged or moved after the reminder would have left, nor of a
    call that has begun.
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
                # Again under the lock: it may have been cancelled or moved since the look above.
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
        return False  # one address that no key opens keeps nobody else from being reminded


def enabled_reminders() -> list[tuple[str, timedelta]]:
    return (
        [FIRST_REMINDER, SECOND_REMINDER]
        if PracticeProfile.load().reminds_twice
        else [FIRST_REMINDER]
    )


def was_confirmed_after(consultation: Consultation, moment: datetime) -> bool:
    """Was it confirmed or moved after a moment?"""
    return ConsultationEvent.objects.filter(
        consultation=consultation, after=Status.CONFIRMED, at__gt=moment
    ).exists()
