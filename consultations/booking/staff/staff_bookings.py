"""Staff's own bookings: by hand, once more, and at another time. Each ends in ``bookings``."""

import json
from datetime import datetime

from django.contrib.auth.models import User

from consultations.booking import bookings, local_time
from consultations.booking.choices import Kind
from consultations.booking.hours import ConsultationType
from consultations.booking.models import Consultation
from consultations.booking.states import FINAL
from consultations.booking.submission import Details, Sending
from consultations.booking.transitions import NotAllowed
from pages.practice.models import Practitioner


def move(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
) -> None:
    bookings.move_consultation(
        consultation,
        start_at=start_at,
        promised_time=local_time.words(start_at, consultation.visitor_zone),
        people=[practitioner],
        by=by,
        now=now,
    )


def book_again(
    consultation: Consultation,
    *,
    start_at: datetime,
    practitioner: Practitioner,
    by: User,
    now: datetime,
) -> Consultation:
    """A new row with the answers of one that is closed, which stays as it is."""
    kind = consultation.type or ConsultationType.objects.active().first()
    if not consultation.is_final or kind is None:
        raise NotAllowed("only what is closed is booked again")
    # The same press twice is one booking; the same time once more, after that one was closed, is
    # another.
    closed = Consultation.objects.filter(rebooked_from=consultation, status__in=FINAL).count()
    key = f"again-{consultation.public_id}-{int(start_at.timestamp())}-{closed}"
    return bookings.add_by_staff(
        _details_of(consultation),
        Sending(key=key, consent_version=""),
        type=kind,
        practitioner=practitioner,
        start_at=start_at,
        promised_time=local_time.words(start_at, consultation.visitor_zone),
        by=by,
        now=now,
        rebooked_from=consultation,
    )


def _details_of(consultation: Consultation) -> Details:
    return Details(
        kind=Kind.SLOT,
        name=consultation.name,
        channel=consultation.channel,
        email=consultation.email,
        phone=consultation.phone,
        voicemail=consultation.voicemail,
        location=consultation.location,
        service=consultation.service,
        audience=consultation.audience,
        meeting=consultation.meeting,
        note=consultation.note,
        access_needs=consultation.access_needs,
        preferred=json.loads(consultation.preferred_times or "[]"),
        is_adult=consultation.is_adult,
        zone=consultation.visitor_zone,
    )
