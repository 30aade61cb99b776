"""Dates and times on the staff's pages: short, with the weekday."""

from datetime import date, datetime

from django.utils import formats

DAY_FORMAT, DAY_AND_YEAR_FORMAT, CLOCK_FORMAT = "D, M j", "D, M j, Y", "g:i A"


def format_day(day: date, today: date) -> str:
    """Return ``Tue, Dec 1``, with the year if it is not this one."""
    return formats.date_format(day, DAY_FORMAT if day.year == today.year else DAY_AND_YEAR_FORMAT)


def format_clock(local: datetime) -> str:
    """Return ``10:00 AM`` for a local time."""
    return formats.date_format(local.replace(tzinfo=None), CLOCK_FORMAT)


def format_moment(local: datetime, today: date) -> str:
    """Return ``Tue, Dec 1, 10:00 AM`` for a local time."""
    return f"{format_day(local.date(), today)}, {format_clock(local)}"
