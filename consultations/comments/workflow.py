"""Every change of a comment: one function a verb, one transaction each, an event with each.

All of them raise NotAllowed when the comment has moved since its row was read.
"""

from consultations.comments.moves import NotAllowed
from consultations.comments.staff_acts import (
    approve_comment,
    erase_comment,
    mark_as_spam,
    redact_comment,
    reply_to_comment,
    restore_comment,
    settle_reports,
    trash_comment,
    undo,
)
from consultations.comments.visitor_acts import (
    Duplicate,
    edit_comment,
    report_comment,
    sent_just_now,
    stop_notices,
    submit_comment,
    want_notices,
    withdraw_comment,
)

__all__ = [
    "Duplicate",
    "NotAllowed",
    "approve_comment",
    "edit_comment",
    "erase_comment",
    "mark_as_spam",
    "redact_comment",
    "reply_to_comment",
    "report_comment",
    "restore_comment",
    "sent_just_now",
    "settle_reports",
    "stop_notices",
    "submit_comment",
    "trash_comment",
    "undo",
    "want_notices",
    "withdraw_comment",
]
