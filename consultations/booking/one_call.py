"""One call to come for each address, where a practice wants no more.

Only where a link in our mail confirms a time: there every answer on the screen is "look into your
mail", so nobody learns what somebody else has arranged. The mail goes to the one whose address it
is, and may say it.
"""

from datetime import datetime

from consultations.booking import timing
from consultations.booking.models import Consultation
from consultations.booking.states import HoldFor, Status
from consultations.booking.transitions import NotAllowed
from consultations.privacy.fingerprints import email_fingerprints
from pages.practice.models import Practitioner


class HasOneAlready(NotAllowed):
    """This address has a call to come."""


def other_call(consultation: Consultation, *, now: datetime) -> Consultation | None:
    """The call to come of the same address; None where there is none, or the practice minds not."""
    kind = consultation.type
    if kind is None or not kind.one_per_address or consultation.address_is_lost:
        return None
    if not consultation.email:
        return None
    rows = Consultation.objects.upcoming(now).filter(
        email_fingerprint__in=email_fingerprints(consultation.email)
    )
    return rows.exclude(pk=consultation.pk).order_by("start_at").first()


def check(consultation: Consultation, *, now: datetime) -> None:
    """Under a lock of everybody, since two holds of one address may lie with two people."""
    kind = consultation.type
    if kind is None or not kind.one_per_address or consultation.hold_for != HoldFor.EMAIL:
        return
    timing.lock(Practitioner.objects.all())
    if consultation.status in (Status.HELD, Status.EXPIRED) and other_call(consultation, now=now):
        raise HasOneAlready
