"""Django's door to the admin of every room."""

from consultations.booking.admin import ConsultationAdmin
from consultations.comments.admin import CommentAdmin
from consultations.outbox.admin import OutgoingEmailAdmin

__all__ = ["CommentAdmin", "ConsultationAdmin", "OutgoingEmailAdmin"]
