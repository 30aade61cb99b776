"""Django's door to the admin of every room."""

from consultations.booking.admin import ConsultationAdmin
from consultations.booking.busy_admin import BusySourceAdmin
from consultations.booking.hours_admin import HoursAdmin
from consultations.booking.type_admin import ConsultationTypeAdmin
from consultations.comments.admin import CommentAdmin
from consultations.outbox.admin import OutgoingEmailAdmin

__all__ = [
    "BusySourceAdmin",
    "CommentAdmin",
    "ConsultationAdmin",
    "ConsultationTypeAdmin",
    "HoursAdmin",
    "OutgoingEmailAdmin",
]
