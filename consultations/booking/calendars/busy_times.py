"""Dates and times of a calendar file, to dates and aware times. Pure."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from icalendar import vDuration

from consultations.booking.calendars.busy_lines import Line

Zone = ZoneInfo
Moment = date | datetime  # a whole day, or an aware time
STAMP = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})?(Z)?)?")
DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
LONGEST_DURATION = timedelta(days=3660)


def moment_of(text: str, zone: tzinfo) -> Moment:
    """``20261103``, ``20261103T090000``, ``20261103T090000Z``; a time without Z is that zone's."""
    found = STAMP.fullmatch(text.strip().upper())
    if found is None:
        raise ValueError("not a date or time")
    year, month, day = (int(found[n]) for n in (1, 2, 3))
    if found[4] is None:
        return date(year, month, day)
    # A leap second is written as 60; no clock here has one.
    hour, minute, second = int(found[4]), int(found[5]), min(59, int(found[6] or 0))
    where = UTC if found[7] else zone
    return datetime(year, month, day, hour, minute, second, tzinfo=where)


def duration_of(text: str) -> timedelta:
    length = vDuration.from_ical(text.strip().upper())
    if not isinstance(length, timedelta) or abs(length) > LONGEST_DURATION:
        raise ValueError("not a length of time")
    return length


def like(start: Moment, moment: Moment, zone: tzinfo) -> Moment:
    """A moment in the form of the start it belongs to: a date for dates, otherwise a time.

    Programs exclude or change one day of a series of times by its bare date, and the other way.
    """
    if not isinstance(start, datetime):
        return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment
    if isinstance(moment, datetime):
        return moment.astimezone(start.tzinfo)
    return datetime.combine(moment, start.timetz())


def day_written(line: Line | None) -> str:
    """The date as the file has it, for a note to staff; empty when there is none."""
    found = DAY.match(line.value.strip()) if line else None
    return "-".join(found.groups()) if found else ""
