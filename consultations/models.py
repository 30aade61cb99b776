"""Import every room's models, because Django looks for them in this module.

Code imports a model from its own room, never from here.
"""

from consultations.accounts.models import (
    HeldForm,
    Invitation,
    KnownBrowser,
    ResetLink,
    StaffSession,
)
from consultations.audit.models import AuditCheckpoint, AuditEntry, AuditHead
from consultations.booking.calendars.models import BusyInterval, BusySource
from consultations.booking.claims import TimeClaim
from consultations.booking.email_copies import SentEmail
from consultations.booking.hours import (
    ConsultationType,
    DateOverride,
    OverrideWindow,
    PractitionerHours,
    TimeOff,
    WeeklyWindow,
)
from consultations.booking.models import Calendar, Consultation, ConsultationEvent
from consultations.comments.models import Comment, CommentEvent, CommentReport
from consultations.data_rights.models import DataLink, Tombstone
from consultations.demo.models import DemoRow
from consultations.email_texts.models import EmailText
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.models import DurableKey, KeyCanary
from consultations.rate_limits.models import RateCount
from consultations.screening.models import LearnedWord, Lesson, ScreeningSettings
from consultations.transfer.models import WordPressImport

__all__ = [
    "AuditCheckpoint",
    "AuditEntry",
    "AuditHead",
    "BusyInterval",
    "BusySource",
    "Calendar",
    "Comment",
    "CommentEvent",
    "CommentReport",
    "Consultation",
    "ConsultationEvent",
    "ConsultationType",
    "DataLink",
    "DateOverride",
    "DemoRow",
    "DurableKey",
    "EmailText",
    "HeldForm",
    "Invitation",
    "KeyCanary",
    "KnownBrowser",
    "LearnedWord",
    "Lesson",
    "OutgoingEmail",
    "OverrideWindow",
    "PractitionerHours",
    "RateCount",
    "ResetLink",
    "ScreeningSettings",
    "SentEmail",
    "StaffSession",
    "TimeClaim",
    "TimeOff",
    "Tombstone",
    "WeeklyWindow",
    "WordPressImport",
]
