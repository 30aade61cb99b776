"""Short helpers for tables of free times: one practitioner's day, with times as UTC text."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from consultations.booking.slots import Booking, Interval, Policy, Slot, Window, find_open_slots

# One-hour slots on the hour and no other limits, so that each table changes one setting.
HOURLY = Policy(
    duration_min=60,
    step_min=60,
    before_min=0,
    after_min=0,
    notice_hours=0,
    horizon_days=30_000,
    daily_cap=None,
)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    """Parse ``2025-03-09 05:00``, with or without seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


def window(on: str, clock: str, minutes: int, **limits: date) -> Window:
    """Return a weekly window on the weekday of a date."""
    hours, minute = clock.split(":")
    return Window(day(on).weekday(), int(hours) * 60 + int(minute), minutes, **limits)


def interval(start: str, end: str) -> Interval:
    return Interval(utc(start), utc(end))


def booking(start: str, minutes: int = 60, status: str = "confirmed", **rest: Any) -> Booking:
    return Booking(utc(start), utc(start) + timedelta(minutes=minutes), status, **rest)


def open_slots(zone: str, first: str, last: str | None = None, **changes: Any) -> list[Slot]:
    """Return the free times on a span of dates, by default in the practitioner's zone."""
    arguments: dict[str, Any] = {
        "practitioner_zone": zone,
        "windows": [],
        "overrides": [],
        "time_off": [],
        "busy": [],
        "bookings": [],
        "policy": HOURLY,
        "visitor_zone": zone,
        "first_date": day(first),
        "last_date": day(last or first),
        "now": LONG_AGO,
    }
    return find_open_slots(**{**arguments, **changes})


def open_starts(*arguments: Any, **changes: Any) -> list[str]:
    """Return the starts as ``30 08:00``: day of the month and time, in UTC."""
    return [f"{slot.start:%d %H:%M}" for slot in open_slots(*arguments, **changes)]
