"""Django's door to the models of every room; code imports the room itself."""

from consultations.booking.models import Consultation, ConsultationEvent
from consultations.comments.models import Comment
from consultations.demo.models import DemoRow
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.models import KeyCanary
from consultations.screening.models import RateCount

__all__ = [
    "Comment",
    "Consultation",
    "ConsultationEvent",
    "DemoRow",
    "KeyCanary",
    "OutgoingEmail",
    "RateCount",
]
