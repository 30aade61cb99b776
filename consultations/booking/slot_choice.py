"""A visitor's choices so far, read from and written to the query strings of the pages."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from consultations.booking import availability, zones
from consultations.booking.availability import AvailableSlot
from consultations.booking.choices import Meeting
from consultations.booking.hours import BookingMode, ConsultationType
from consultations.booking.local_time import (
    epoch_seconds,
    format_clock_time,
    format_datetime_in_zone,
    get_zone,
    has_same_offset,
    local_date_at,
)
from consultations.booking.models import Consultation, is_valid_key
from pages.practice.models import PracticeProfile, Practitioner

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

MAX_SLUG_CHARS = 80
MEETING_ORDER: list[str] = [Meeting.VIDEO, Meeting.PHONE, Meeting.IN_PERSON]
MAX_NEAREST_SLOTS = 6


@dataclass(frozen=True)
class SlotChoice:
    """The chosen type and practitioner, and the time zone in which times are shown."""

    type: ConsultationType
    practitioners: tuple[Practitioner, ...]
    practitioner: str  # the chosen slug, "" for anyone
    zone: str
    home_zone: str  # the practitioner's or the practice's
    first_date: date | None = None
    key: str = ""  # of the form that the visitor came back from
    meeting: str = ""  # how to meet, if chosen with the time
    service: str = ""  # the slug of the service that a visitor comes from
    has_own_zone: bool = False  # whether the address names the zone

    @property
    def is_in_person(self) -> bool:
        """Whether clients come to us; times are then shown in our zone only."""
        return self.shown_meeting == Meeting.IN_PERSON and (
            bool(self.meeting) or len(self.meetings) == 1
        )

    @property
    def meetings(self) -> "list[tuple[str, _StrOrPromise]]":
        """The ways to meet of the type, the most used one first."""
        return sorted(self.type.meetings(), key=lambda way: MEETING_ORDER.index(way[0]))

    @property
    def shown_meeting(self) -> str:
        """The chosen way to meet, else the first one."""
        return self.meeting or next((way for way, _label in self.meetings), "")

    def query(self, **changes: str) -> str:
        """Return the query string of this choice with ``changes`` applied."""
        values = {
            "type": self.type.slug,
            "practitioner": self.practitioner,
            "zone": self.zone,
            "meeting": self.meeting,
            "service": self.service,
            **changes,
        }
        values.setdefault("key", self.key)
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class AvailableDay:
    """A date in the visitor's zone with its free times."""

    on: date
    times: tuple[AvailableSlot, ...]


def parse_choice(asked: Mapping[str, object], practice: PracticeProfile) -> SlotChoice | None:
    """Read the choice from a query or form; missing or unknown values get their default.

    None if the practice offers no times at all.
    """
    consultation_types = bookable_types()
    if not consultation_types:
        return None
    consultation_type = next(
        (row for row in consultation_types if row.slug == asked.get("type")), consultation_types[0]
    )
    everybody = consultation_type.bookable_practitioners()
    chosen = [row for row in everybody if row.slug == asked.get("practitioner")]
    practitioners = chosen or everybody
    if not practitioners:
        return None
    zone = zones.resolve_zone(str(asked.get("zone") or ""))
    home = staff_zone_for(practitioners, practice)
    choice = SlotChoice(
        type=consultation_type,
        practitioners=tuple(practitioners),
        practitioner=chosen[0].slug if chosen else "",
        zone=zone or practice.time_zone,
        home_zone=home,
        first_date=parse_date(str(asked.get("from") or "")),
        key=parse_key(asked),
        meeting=_known_value(
            asked.get("meeting"), [way for way, _label in consultation_type.meetings()]
        ),
        service=str(asked.get("service") or "")[:MAX_SLUG_CHARS],
        has_own_zone=bool(zone),
    )
    return replace(choice, zone=home) if choice.is_in_person else choice


def parse_key(asked: Mapping[str, object]) -> str:
    """Return the key of a form, "" if there is none or it is malformed."""
    key = str(asked.get("key") or "")
    return key if is_valid_key(key) else ""


def staff_zone_for(practitioners: Sequence[Practitioner], practice: PracticeProfile) -> str:
    """Return the zone of the only practitioner, else the practice's."""
    own = practitioners[0].time_zone if len(practitioners) == 1 else ""
    return own or practice.time_zone


def bookable_types() -> list[ConsultationType]:
    return list(ConsultationType.objects.active().exclude(mode=BookingMode.REQUEST_ONLY))


def parse_start(value: str) -> datetime | None:
    """Parse a start in links and forms, a UTC instant like 2026-11-03T15:00Z; None if invalid."""
    try:
        start = datetime.strptime(value, "%Y-%m-%dT%H:%M%z")
    except ValueError:
        return None
    # Near the limits of datetime, converting to another zone would overflow.
    is_near = 2000 <= start.year < 2200
    return start.astimezone(UTC) if is_near and format_start(start) == value else None


def format_start(start: datetime) -> str:
    return start.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def group_by_day(times: Iterable[AvailableSlot], zone: str) -> list[AvailableDay]:
    """Group free times by the date in the visitor's zone."""
    local = ZoneInfo(zone)
    groups = groupby(times, key=lambda time: time.start.astimezone(local).date())
    return [AvailableDay(day, tuple(of_day)) for day, of_day in groups]


def nearest_slots(
    choice: SlotChoice, start_at: datetime, *, now: datetime, moving: Consultation | None = None
) -> list[AvailableSlot]:
    """Return the free times nearest to one that is taken, in chronological order."""
    day = local_date_at(epoch_seconds(start_at), get_zone(choice.zone))
    times = availability.find_available_slots(
        choice.type,
        choice.practitioners,
        visitor_zone=choice.zone,
        first_date=day - timedelta(days=3),
        last_date=day + timedelta(days=10),
        now=now,
        moving=moving,
    )
    close = sorted(times, key=lambda time: abs(time.start - start_at))[:MAX_NEAREST_SLOTS]
    return sorted(close)


def format_practice_time(start: datetime, choice: SlotChoice) -> str:
    """Format the start in the practice's zone; "" if the visitor's clocks show the same time."""
    is_same = has_same_offset(start, choice.zone, choice.home_zone)
    return "" if is_same else format_datetime_in_zone(start, choice.home_zone)


def format_slot_time(time: AvailableSlot, zone: str) -> str:
    """Format the time, with the offset if clocks show it twice."""
    _clock, _space, which = time.label.partition(" ")
    return f"{format_clock_time(time.start.astimezone(ZoneInfo(zone)))} {which}".strip()


def _known_value(asked: object, values: Collection[str]) -> str:
    return str(asked) if asked in values else ""


def parse_date(text: str) -> date | None:
    """Parse a date like 2026-12-03; None if it is not one."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
