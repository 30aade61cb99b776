"""What the columns of the admin are made of: cells that say so when they cannot be read."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consultations.booking.models import ADDRESS_CORRECTED, Consultation, ConsultationEvent
from consultations.privacy.encryption import CannotOpen

# What the page of one shows: the audit log names these, never what stands in them.
SEALED = ("name", "email", "phone", "note", "access_needs", "preferred_times", "staff_notes")


def opened(label: Any, read: Callable[[Consultation], Any]) -> Callable[..., Any]:
    """An admin column over an encrypted field: what cannot be read says so and breaks nothing."""

    def show(model_admin: admin.ModelAdmin, row: Consultation) -> Any:
        try:
            return read(row) or "–"
        except CannotOpen:
            return _("cannot be read")

    return admin.display(description=label)(show)


def without_a_form_for_notes(fieldsets: Any) -> list[Any]:
    """Shown instead of asked: a form would take damaged notes for empty ones, and saving it would
    lose them for good."""

    def names(fields: Any) -> tuple[str, ...]:
        return tuple("shown_notes" if name == "staff_notes" else name for name in fields)

    return [(title, {**has, "fields": names(has["fields"])}) for title, has in fieldsets]


def event_words(event: ConsultationEvent) -> str:
    at = timezone.localtime(event.at)
    who = str(event.by) if event.by else event.get_actor_display()
    steps = dict(Consultation._meta.get_field("status").flatchoices)
    steps[ADDRESS_CORRECTED] = _("The address was corrected")
    label = steps.get(event.after, event.after)
    try:
        note = f" – {event.note}" if event.note else ""
    except CannotOpen:
        note = f" – {_('cannot be read')}"
    return f"{at:%Y-%m-%d %H:%M} UTC: {label} ({who}){note}"
