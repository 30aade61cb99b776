"""Import every room's admin classes, because Django looks for them in this module."""

from consultations.accounts.admin import InvitationAdmin, StaffAdmin
from consultations.audit.admin import AuditEntryAdmin
from consultations.booking.staff.admin import ConsultationAdmin
from consultations.booking.staff.busy_admin import BusySourceAdmin
from consultations.booking.staff.hours_admin import ConsultationTypeAdmin, PractitionerHoursAdmin
from consultations.comments.moderation.admin import CommentAdmin
from consultations.data_rights.admin import DataRequestAdmin
from consultations.email_texts.admin import EmailTextAdmin
from consultations.outbox.admin import OutgoingEmailAdmin
from consultations.screening.admin import ScreeningSettingsAdmin
from consultations.transfer.admin import WordPressImportAdmin

__all__ = [
    "AuditEntryAdmin",
    "BusySourceAdmin",
    "CommentAdmin",
    "ConsultationAdmin",
    "ConsultationTypeAdmin",
    "DataRequestAdmin",
    "EmailTextAdmin",
    "InvitationAdmin",
    "OutgoingEmailAdmin",
    "PractitionerHoursAdmin",
    "ScreeningSettingsAdmin",
    "StaffAdmin",
    "WordPressImportAdmin",
]
