"""The date by which we answer: business days of the practice. Pure."""

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
    """The last moment of the day on which the promise ends, as an aware UTC time.

    ``open_weekdays`` are 0 (Monday) to 6; none means Monday to Friday. The day of asking does not
    count. A practice that is closed for more than a year gets the last day searched.
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
    # The first moment of the day after, so that the promised day is whole in every zone.
    ends = datetime.combine(day + timedelta(days=1), time.min, tzinfo=local)
    return ends.astimezone(ZoneInfo("UTC"))


def promised_date(ends_at: datetime, zone: str) -> date:
    """The promised date as people read it, from the moment in which it ends."""
    return (ends_at - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
