"""Repetition rules as programs write them, to rules that can be followed in bounded time. Pure."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import prod

from consultations.booking.calendars.busy_times import Moment, Zone, moment_of

# Seconds between two steps of a rule.
PACES = {
    "SECONDLY": 1,
    "MINUTELY": 60,
    "HOURLY": 3600,
    "DAILY": 86_400,
    "WEEKLY": 7 * 86_400,
    "MONTHLY": 28 * 86_400,
    "YEARLY": 365 * 86_400,
}
CLOCK_PARTS = {"BYHOUR": 24, "BYMINUTE": 60, "BYSECOND": 60}
PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"}
    | {"BYYEARDAY", "BYWEEKNO", *CLOCK_PARTS}
)
MOST_STEPS = 60_000  # once a day since 1862, or every half hour for three years
MOST_VALUES = 400  # in all lists of a rule


class UnreadableRule(ValueError):
    """Nobody can say when this repeats."""


class TooFrequent(ValueError):
    """Following it would take too long."""


def followable(value: str, *, start: Moment, zone: Zone, last: datetime) -> str:
    """The rule with its end in the form that belongs to the start. ``last``: nothing later counts.

    Raises for rules that repeat without end at the same moment, or too often to be followed.
    """
    parts = parts_of(value)
    freq, interval = parts.get("FREQ", ""), number(parts.get("INTERVAL", "1"))
    if freq not in PACES or interval < 1 or number(parts.get("COUNT", "1")) < 1:
        raise UnreadableRule
    lists = {name: text.split(",") for name, text in parts.items() if name.startswith("BY")}
    if sum(map(len, lists.values())) > MOST_VALUES:
        raise TooFrequent
    for name, above in CLOCK_PARTS.items():
        if any(not 0 <= number(one) < above for one in lists.get(name, [])):
            raise UnreadableRule
    refuse_endless_search(freq, interval, set(lists))
    first = start if isinstance(start, datetime) else datetime.combine(start, time(), tzinfo=UTC)
    per_step = prod(len(lists.get(name, " ")) for name in CLOCK_PARTS)
    steps = max(0.0, (last - first).total_seconds()) / (PACES[freq] * interval)
    if min(steps, number(parts.get("COUNT", str(10**9)))) * per_step > MOST_STEPS:
        raise TooFrequent
    if "UNTIL" in parts:
        parts["UNTIL"] = until(parts["UNTIL"], start, zone)
    return ";".join(f"{name}={text}" for name, text in parts.items())


def parts_of(value: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.upper().replace(" ", "").split(";"))
    return {name: text for name, _, text in pairs if name in PARTS and text}


def number(text: str) -> int:
    if not text.lstrip("+-").isascii() or len(text) > 10:
        raise UnreadableRule
    try:
        return int(text)
    except ValueError:
        raise UnreadableRule from None


def refuse_endless_search(freq: str, interval: int, lists: set[str]) -> None:
    """A rule within the day may match nothing until the year 9999, and looking takes hours."""
    if PACES[freq] >= PACES["DAILY"]:
        return
    if lists - {"BYDAY", *CLOCK_PARTS} or (lists and interval > 1):
        raise TooFrequent


def until(text: str, start: Moment, zone: Zone) -> str:
    """Written as a date, a local time or UTC; wanted as a date for dates, otherwise as UTC.

    A date means the whole of it: the last time of the series would be lost otherwise.
    """
    last = moment_of(text, zone)
    if not isinstance(start, datetime):
        if text.endswith("T000000Z"):
            return text[:8]
        # Programs that mean a date write a moment of it in the practitioner's clock.
        day = last.astimezone(zone).date() if isinstance(last, datetime) else last
        return f"{day:%Y%m%d}"
    if not isinstance(last, datetime):
        last = end_of_day(last, start.tzinfo or zone)
    elif not text.endswith("Z"):
        last = last.replace(tzinfo=start.tzinfo)
    return f"{last.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def end_of_day(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone) - timedelta(seconds=1)
