"""Records as a person reads them, for the page and the HTML file; the JSON file keeps the columns.

Times are in the time zone of the visitor where we know it, else in the practice's.
"""

from datetime import datetime

from django.db.models import Field, Model
from django.utils.functional import Promise
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consultations.booking.choices import Interest
from consultations.booking.email_copies import SentEmail
from consultations.booking.local_time import format_datetime_in_zone, format_zone_with_offset
from consultations.booking.models import Consultation, ConsultationEvent
from consultations.booking.states import Status
from consultations.booking.zones import resolve_zone
from consultations.comments.models import Actor, Comment, CommentEvent
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import consent
from consultations.privacy.encryption import DecryptionError
from pages.practice.profile import get_practice_facts

# Columns that repeat another one, or mean something to programs only.
NOT_FOR_READING = frozenset(
    {"reference", "message", "promised_time", "next_at", "status_changed_at"}
)
# What a status means to the person; the labels of `Status` are for staff.
STATUS_WORDS: dict[str, str | Promise] = {
    Status.REQUESTED: _("Received; we’ll answer"),
    Status.HELD: _("Time held"),
    Status.CONFIRMED: _("Confirmed"),
    Status.DECLINED: _("Declined"),
    Status.CANCELLED_BY_VISITOR: _("Canceled"),
    Status.CANCELLED_BY_STAFF: _("Canceled"),
    Status.EXPIRED: _("Expired"),
    Status.COMPLETED: _("Completed"),
    Status.NO_SHOW: _("Didn’t take place"),
}
LABELS: dict[str, str | Promise] = {
    "channel": _("How to reach you"),
    "voicemail": _("Voicemail"),
    "location": _("Where you’ll be"),
    "service": _("Interested in"),
    "audience": _("Who it’s for"),
    "meeting": _("How we meet"),
    "preferred_times": _("Times that work for you"),
    "is_adult": _("18 or older, or a parent or guardian"),
    "consent_version": _("What you agreed to"),
    "consent_at": _("Agreed on"),
    "visitor_zone": _("Your time zone"),
    "practitioner": _("With"),
    "reply_by": _("We answer by"),
    "hold_expires_at": _("Held until"),
    "hold_for": _("Waiting for"),
    "created_at": _("Received"),
    "closed_at": _("Closed"),
    "text": _("Text"),
    "redacted_text": _("Text as published"),
    "parent": _("In reply to"),
    "wants_notice": _("Email me when it’s published or answered"),
    "to": _("To"),
    "calendar": _("Attachment"),
    "state": _("Status"),
    "sent_at": _("Sent"),
}


def record_title(row: Model) -> str:
    """Name a record in a heading, by what its owner knows of it."""
    if isinstance(row, Consultation):
        return gettext("Request %(reference)s") % {"reference": row.reference}
    if isinstance(row, Comment):
        return gettext("Comment on “%(title)s”") % {"title": row.article.title}
    if isinstance(row, OutgoingEmail):
        return _decrypted(row, "subject") or gettext("An email to you")
    return gettext("Link to this page")


def field_label(field: Field) -> str:
    if field.model is SentEmail and field.name == "created_at":
        return str(LABELS["sent_at"])
    return str(LABELS.get(field.name, capfirst(str(field.verbose_name))))


def field_words(row: Model, field: Field, raw: object) -> str:
    """Return the value of a field as text for people; "" if there is nothing to read."""
    if raw is None or raw == "" or raw == [] or field.name in NOT_FOR_READING:
        return ""
    if isinstance(raw, bool):
        return gettext("yes") if raw else gettext("no")
    if isinstance(raw, datetime):
        return format_datetime_in_zone(raw, reader_zone(row))
    if special := _special_words(row, field.name, str(raw)):
        return special
    if field.is_relation:
        return _related_words(getattr(row, field.name))
    if field.choices:
        return str(dict(field.flatchoices).get(raw, raw))
    return ", ".join(raw) if isinstance(raw, list) else str(raw)


def reader_zone(row: Model) -> str:
    """Return the time zone in which the owner of a record reads it."""
    about = row.consultation if isinstance(row, ConsultationEvent | SentEmail) else row
    zone = str(getattr(about, "visitor_zone", ""))
    return resolve_zone(zone) or get_practice_facts().practice.time_zone


def history_line(event: Model) -> str:
    """Say in one line when what happened, and who did it."""
    if isinstance(event, ConsultationEvent):
        what = str(STATUS_WORDS.get(event.after, event.after.replace("_", " ")))
        if event.old_start_at and event.new_start_at != event.old_start_at:
            old = format_datetime_in_zone(event.old_start_at, reader_zone(event))
            what = gettext("Moved; before, it was on %(time)s") % {"time": old}
        note = _decrypted(event, "note")
        is_own = event.actor == Actor.VISITOR
    elif isinstance(event, CommentEvent):
        what, note = event.get_act_display(), ""
        is_own = event.actor == Actor.VISITOR
    else:
        return ""
    who = gettext("you") if is_own else event.get_actor_display()
    line = gettext("%(time)s: %(what)s (%(who)s)") % {
        "time": format_datetime_in_zone(event.at, reader_zone(event)),
        "what": what,
        "who": who,
    }
    return f"{line}. “{note}”" if note else line


def _special_words(row: Model, name: str, raw: str) -> str:
    """Return the words of a column whose value is a key of some kind; "" for other columns."""
    if name == "status" and isinstance(row, Consultation):
        return str(STATUS_WORDS.get(raw, raw))
    if name == "consent_version":
        return consent.consent_text(raw) or raw
    if name == "service":
        return str(dict(Interest.choices).get(raw, capfirst(raw.replace("-", " "))))
    if name == "location":
        licences = get_practice_facts().licences
        places = {licence.jurisdiction_code: licence.jurisdiction for licence in licences}
        return places.get(raw, raw)
    if name == "visitor_zone" and resolve_zone(raw) and isinstance(row, Consultation):
        return format_zone_with_offset(raw, row.start_at or row.created_at)
    if name == "calendar":
        return gettext("A calendar file (.ics); it is in the data file.")
    return ""


def _related_words(related: Model | None) -> str:
    if isinstance(related, Comment):
        return gettext("another comment")
    return "" if related is None else str(related)


def _decrypted(row: Model, name: str) -> str:
    try:
        return Truncator(str(getattr(row, name))).chars(300)
    except DecryptionError:
        return gettext("cannot be read")
