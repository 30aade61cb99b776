"""Factories for consultation types, weekly hours and bookings."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from consultations.booking import bookings, local_time, slot_choice
from consultations.booking.claims import TimeClaim, cells_between
from consultations.booking.hours import ConsultationType, WeeklyWindow
from consultations.booking.models import Consultation
from consultations.booking.submission import RequestedSlot
from pages.practice.models import Practitioner
from tests.factories.consultations import (
    NOW,
    START,
    consultation_form_data,
    make_details,
    make_submission_meta,
)
from tests.factories.pages import make_practitioner

NINE_AM_MIN, EIGHT_HOURS_MIN = 9 * 60, 8 * 60
_numbers = count(1)


def make_type(**facts: Any) -> ConsultationType:
    """Create a consultation type with the model defaults.

    20 minutes, starting every 15, with a buffer of 15 minutes after, 24 hours of notice and cutoff.
    """
    number = next(_numbers)
    defaults: dict[str, Any] = {"slug": f"kind-{number}", "name": f"Call {number}"}
    return ConsultationType.objects.create(**{**defaults, **facts})


def make_open_practitioner(**facts: Any) -> Practitioner:
    """Create a practitioner open Monday to Friday, 9:00 to 17:00 in their own time zone."""
    practitioner = make_practitioner(**facts)
    for weekday in range(5):
        make_window(practitioner, weekday)
    return practitioner


def make_window(
    practitioner: Practitioner,
    weekday: int,
    start_min: int = NINE_AM_MIN,
    length_min: int = EIGHT_HOURS_MIN,
    **facts: Any,
) -> WeeklyWindow:
    return WeeklyWindow.objects.create(
        practitioner=practitioner,
        weekday=weekday,
        start_min=start_min,
        length_min=length_min,
        **facts,
    )


def make_booking(
    type: ConsultationType,
    practitioners: Sequence[Practitioner],
    start_at: datetime = START,
    *,
    now: datetime = NOW,
    key: str = "",
    suspicions: list[str] | None = None,
    **facts: Any,
) -> Consultation:
    """Book a slot the way the form does."""
    answers = make_details(**{"kind": "slot", **facts})
    return bookings.book_slot(
        answers,
        make_submission_meta(key=key, suspicions=suspicions),
        RequestedSlot(
            type=type,
            practitioners=practitioners,
            start_at=start_at,
            promised_time=local_time.format_datetime_in_zone(start_at, answers.zone),
        ),
        now=now,
    )


def slot_form_data(
    type: ConsultationType, start_at: datetime = START, **answers: Any
) -> dict[str, Any]:
    """Return the data that a browser posts from the slot form."""
    return consultation_form_data(
        **{
            "kind": "slot",
            "type": type.slug,
            "start": slot_choice.format_start(start_at),
            "practitioner": "",
            "meeting": "video",
            "preferred": [],
            **answers,
        }
    )


def claimed_cells(row: Consultation) -> list[int]:
    """Return the five-minute cells claimed by a consultation, in order."""
    return list(
        TimeClaim.objects.filter(consultation=row).order_by("cell").values_list("cell", flat=True)
    )


def required_cells(row: Consultation) -> list[int]:
    """Return the cells that a consultation's time and buffers require."""
    assert row.start_at is not None
    assert row.end_at is not None
    return list(cells_between(row.start_at, row.end_at, row.before_min, row.after_min))
