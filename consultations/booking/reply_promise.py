"""Compute the date by which we answer, in business days of the practice. Pure."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MAX_SEARCH_DAYS = 370


def reply_deadline(
    asked_at: datetime,
    *,
    business_days: int,
    zone: str,
    open_weekdays: Collection[int],
    holidays: Collection[date] = (),
) -> datetime:
    """Return the end of the promised day, as an aware UTC time.

    ``open_weekdays`` are 0 (Monday) to 6; none means Monday to Friday. The day of the request does
    not count. A practice that is closed for more than a year gets the last day searched.
    """
    local = ZoneInfo(zone)
    weekdays = set(open_weekdays) or {0, 1, 2, 3, 4}
    day, left = asked_at.astimezone(local).date(), business_days
    for _ in range(MAX_SEARCH_DAYS):
        if left <= 0:
            break
        day += timedelta(days=1)
        if day.weekday() in weekdays and day not in holidays:
            left -= 1
    # Midnight after it, so that the promised day is complete.
    ends = datetime.combine(day + timedelta(days=1), time.min, tzinfo=local)
    return ends.astimezone(ZoneInfo("UTC"))


def promised_date(ends_at: datetime, zone: str) -> date:
    """Return the promised date in a zone, from the instant at which it ends."""
    return (ends_at - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
