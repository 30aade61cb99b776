"""All consultations as a CSV file, for owners."""

from collections.abc import Iterator

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from consultations.accounts.csv_export import export_page, heading, read_cell
from consultations.booking.choices import format_preferred_times
from consultations.booking.models import Consultation
from consultations.booking.staff.display import ENCRYPTED_FIELDS
from consultations.booking.staff.suggestions import read_wishes

PLAIN_COLUMNS = ("reference", "kind", "status", "practitioner", "type", "created_at", "reply_by")
TIME_COLUMNS = ("start_at", "end_at", "visitor_zone", "meeting", "channel", "voicemail")
ANSWER_COLUMNS = ("location", "service", "audience")
LAST_COLUMNS = ("assignee", "outcome", "decline_reason", "closed_at")
CHUNK_ROWS = 500


def export_consultations(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    return export_page(
        model_admin,
        request,
        name="consultations",
        title=_("Consultations as CSV"),
        fields=ENCRYPTED_FIELDS,
        rows=consultation_rows,
    )


def consultation_rows() -> Iterator[list[object]]:
    """Yield the headings and one row for each consultation, newest first."""
    plain = (*PLAIN_COLUMNS, *TIME_COLUMNS, *ANSWER_COLUMNS, *LAST_COLUMNS)
    names = [*plain, *ENCRYPTED_FIELDS]
    yield [heading(Consultation, name) for name in names]
    rows = Consultation.objects.select_related("practitioner", "type", "assignee")
    for row in rows.order_by("-created_at").iterator(CHUNK_ROWS):
        yield [
            *(_plain_value(row, name) for name in plain),
            *(_text(row, n) for n in ENCRYPTED_FIELDS),
        ]


def _plain_value(row: Consultation, name: str) -> object:
    display = getattr(row, f"get_{name}_display", None)
    return display() if display else getattr(row, name)


def _text(row: Consultation, name: str) -> str:
    if name == "preferred_times" and (wishes := read_wishes(row)):
        return "; ".join(format_preferred_times(wishes))
    return "" if name == "preferred_times" else read_cell(row, name)
