"""What a visitor has chosen so far, as it stands in the address of every page of the flow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from consultations.booking import availability
from consultations.booking.availability import OpenTime
from consultations.booking.choices import Meeting
from consultations.booking.hours import ConsultationType, Mode
from consultations.booking.local_time import (
    clock,
    date_at,
    is_zone,
    same_clock,
    seconds_of,
    words,
    zone_of,
)
from consultations.booking.models import Consultation
from pages.practice.models import PracticeProfile, Practitioner

DAYS_SHOWN = 5
TIMES_NEAR = 6


@dataclass(frozen=True)
class Choice:
    """A kind of consultation, with whom, and in which zone the times are shown."""

    type: ConsultationType
    people: tuple[Practitioner, ...]
    practitioner: str  # the slug asked for, "" for anyone
    zone: str
    home_zone: str  # where we talk from
    first_date: date | None = None

    @property
    def is_at_our_place(self) -> bool:
        """Whoever comes to us reads our clock, wherever the form is filled in."""
        return [way for way, _label in self.type.meetings()] == [Meeting.IN_PERSON]

    def query(self, **changes: str) -> str:
        """The query string that keeps the choice; ``changes`` win."""
        values = {
            "type": self.type.slug,
            "practitioner": self.practitioner,
            "zone": self.zone,
            **changes,
        }
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class Day:
    """One of the visitor's dates with its free times."""

    on: date
    times: tuple[OpenTime, ...]


def read(asked: Mapping[str, Any], practice: PracticeProfile) -> Choice | None:
    """The choice in a query or form; what is unknown or missing falls back to the first offered.

    None when the practice offers no times at all.
    """
    kinds = list(ConsultationType.objects.active().exclude(mode=Mode.REQUEST_ONLY))
    if not kinds:
        return None
    kind = next((one for one in kinds if one.slug == asked.get("type")), kinds[0])
    everybody = kind.bookable_practitioners()
    chosen = [person for person in everybody if person.slug == asked.get("practitioner")]
    people = chosen or everybody
    if not people:
        return None
    zone, home = str(asked.get("zone") or ""), home_of(people, practice)
    choice = Choice(
        type=kind,
        people=tuple(people),
        practitioner=chosen[0].slug if chosen else "",
        zone=zone if is_zone(zone) else practice.time_zone,
        home_zone=home,
        first_date=_date(str(asked.get("from") or "")),
    )
    return replace(choice, zone=home) if choice.is_at_our_place else choice


def home_of(people: Sequence[Practitioner], practice: PracticeProfile) -> str:
    """The zone of the one who talks; the practice's while it may be several."""
    own = people[0].time_zone if len(people) == 1 else ""
    return own or practice.time_zone


def kinds_offered() -> list[ConsultationType]:
    return list(ConsultationType.objects.active().exclude(mode=Mode.REQUEST_ONLY))


def read_start(value: str) -> datetime | None:
    """A start as it stands in links and forms: an instant in UTC, 2026-11-03T15:00Z."""
    try:
        start = datetime.strptime(value, "%Y-%m-%dT%H:%M%z")
    except ValueError:
        return None
    # At the edges of the calendar a step into another zone or to the next day leaves it.
    is_near = 2000 <= start.year < 2200
    return start.astimezone(UTC) if is_near and write_start(start) == value else None


def write_start(start: datetime) -> str:
    return start.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def days(
    choice: Choice, *, now: datetime, moving: Consultation | None = None
) -> tuple[list[Day], date | None]:
    """The next dates that have free times, and the date to go on from when there are more."""
    today = date_at(seconds_of(now), zone_of(choice.zone))
    first = max(choice.first_date or today, today)
    end = today + timedelta(days=choice.type.horizon_days + 1)
    found: list[Day] = []
    while first <= end:
        last = min(first + timedelta(days=availability.MOST_DAYS - 1), end)
        times = availability.open_times(
            choice.type,
            choice.people,
            visitor_zone=choice.zone,
            first_date=first,
            last_date=last,
            now=now,
            moving=moving,
        )
        found += by_day(times, choice.zone)
        if len(found) > DAYS_SHOWN:
            return found[:DAYS_SHOWN], found[DAYS_SHOWN].on
        first = last + timedelta(days=1)
    return found, None


def by_day(times: Iterable[OpenTime], zone: str) -> list[Day]:
    """Grouped by the visitor's date."""
    local = ZoneInfo(zone)
    groups = groupby(times, key=lambda time: time.start.astimezone(local).date())
    return [Day(day, tuple(of_day)) for day, of_day in groups]


def nearest(
    choice: Choice, start_at: datetime, *, now: datetime, moving: Consultation | None = None
) -> list[OpenTime]:
    """Free times around one that was just taken, nearest first in time, then in order."""
    day = date_at(seconds_of(start_at), zone_of(choice.zone))
    times = availability.open_times(
        choice.type,
        choice.people,
        visitor_zone=choice.zone,
        first_date=day - timedelta(days=3),
        last_date=day + timedelta(days=10),
        now=now,
        moving=moving,
    )
    close = sorted(times, key=lambda time: abs(time.start - start_at))[:TIMES_NEAR]
    return sorted(close)


def words_for_us(start: datetime, choice: Choice) -> str:
    """The same moment on the practice's clock; "" where it shows the same."""
    is_same = same_clock(start, choice.zone, choice.home_zone)
    return "" if is_same else words(start, choice.home_zone)


def shown(time: OpenTime, zone: str) -> str:
    """The clock in the words of the language, told apart where it shows that time twice."""
    _clock, _space, which = time.label.partition(" ")
    return f"{clock(time.start.astimezone(ZoneInfo(zone)))} {which}".strip()


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
