"""Free times that fit what a client asked for, for the page on which staff choose a time."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats

from consultations.booking import availability, slot_choice
from consultations.booking.availability import AvailableSlot
from consultations.booking.hours import ConsultationType
from consultations.booking.local_time import (
    epoch_seconds,
    get_zone,
    has_same_offset,
    local_date_at,
)
from consultations.booking.models import Consultation
from consultations.booking.staff import display
from consultations.booking.staff.waitlist import FreedSlot, parse_freed_slot, part_of_week
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import Practitioner

MAX_SUGGESTIONS = 9
DAYS_SEARCHED = 28
# So that nine times are not one morning in steps of a quarter of an hour.
MAX_PER_HALF_DAY = 2
MIN_DISTANCE = timedelta(hours=1)
DAY_FORMAT, CLOCK_FORMAT = "D, M j", "g:i A"


@dataclass(frozen=True)
class SuggestedTime:
    """A free time with one practitioner, as a button."""

    start_at: datetime
    practitioner: Practitioner
    day: str
    clock: str
    client_clock: str  # where the client's clock shows another time

    @property
    def value(self) -> str:
        return f"{slot_choice.format_start(self.start_at)}_{self.practitioner.pk}"


@dataclass(frozen=True)
class Suggestions:
    """Up to nine free times, earliest first."""

    times: tuple[SuggestedTime, ...]
    fit_wishes: bool  # false if the client named none, or no free time fits them


def read_wishes(row: Consultation) -> list[str]:
    """Return the parts of the week that the client ticked; none if they cannot be decrypted."""
    try:
        return list(json.loads(row.preferred_times or "[]"))
    except DecryptionError:
        return []


def parse_suggestion(value: str) -> FreedSlot | None:
    """Parse the value of a suggestion's button; None if it is invalid."""
    start, _line, practitioner = value.partition("_")
    return parse_freed_slot({"start": start, "practitioner": practitioner})


def suggest_times(
    row: Consultation, practitioner_ids: Collection[int] | None, *, now: datetime
) -> Suggestions:
    """Return free times for a request or a call, spread over days, that fit the client's wishes.

    If the client named a practitioner, all are with that one. ``practitioner_ids`` are those the
    user may book for; None means all.
    """
    wishes = read_wishes(row)
    free = _find_free_slots(row, practitioner_ids, now)
    fitting = [slot for slot in free if part_of_week(slot.start, row.visitor_zone) in wishes]
    chosen = _spread(fitting or free, row.visitor_zone)
    return Suggestions(tuple(_to_suggestion(row, slot) for slot in chosen), bool(fitting))


def time_form_data(chosen: FreedSlot, zone: str) -> Mapping[str, str]:
    """Return a chosen time as the fields of a form, on the practitioner's clock."""
    local = chosen.start_at.astimezone(ZoneInfo(zone))
    return {
        "practitioner": str(chosen.practitioner.pk),
        "start_at_0": f"{local:%Y-%m-%d}",
        "start_at_1": f"{local:%H:%M}",
    }


def _find_free_slots(
    row: Consultation, practitioner_ids: Collection[int] | None, now: datetime
) -> list[AvailableSlot]:
    active = row.type or ConsultationType.objects.active().first()
    among = active.bookable_practitioners() if active else list(Practitioner.objects.bookable())
    among = [one for one in among if practitioner_ids is None or one.pk in practitioner_ids]
    wanted = [one for one in among if one.pk == row.practitioner_id]
    consultation_type = active or ConsultationType()  # a practice that offers no times online
    policy = None
    if row.type is None and row.start_at is None:
        policy = replace(consultation_type.policy, duration_min=settings.CALL_MINUTES)
    today = local_date_at(epoch_seconds(now), get_zone(display.practice_zone_for_row(row)))
    slots = availability.find_available_slots(
        consultation_type,
        wanted or among,
        visitor_zone=display.practice_zone_for_row(row),
        first_date=today,
        last_date=today + timedelta(days=DAYS_SEARCHED),
        now=now,
        moving=row,
        policy=policy,
    )
    return [slot for slot in slots if slot.start != row.start_at]


def _spread(slots: Iterable[AvailableSlot], zone: str) -> list[AvailableSlot]:
    """Return up to nine slots: at most two of one part of a day first, then the earliest others."""
    here, rest, chosen = get_zone(zone), [], list[AvailableSlot]()
    taken: Counter[tuple[object, str]] = Counter()
    for slot in slots:
        part = (local_date_at(epoch_seconds(slot.start), here), part_of_week(slot.start, zone))
        is_close = bool(chosen) and slot.start - chosen[-1].start < MIN_DISTANCE
        if len(chosen) == MAX_SUGGESTIONS or taken[part] == MAX_PER_HALF_DAY or is_close:
            rest.append(slot)
        else:
            taken[part] += 1
            chosen.append(slot)
    return sorted(chosen + rest[: MAX_SUGGESTIONS - len(chosen)])


def _to_suggestion(row: Consultation, slot: AvailableSlot) -> SuggestedTime:
    zone = display.practice_zone_for_row(row)
    local = slot.start.astimezone(ZoneInfo(zone))
    theirs = slot.start.astimezone(ZoneInfo(row.visitor_zone))
    is_same = has_same_offset(slot.start, zone, row.visitor_zone)
    known = [one for one in slot.practitioners if one.pk == row.practitioner_id]
    return SuggestedTime(
        slot.start,
        (known or list(slot.practitioners))[0],
        formats.date_format(local, DAY_FORMAT),
        formats.date_format(local, CLOCK_FORMAT),
        "" if is_same else formats.date_format(theirs, f"D {CLOCK_FORMAT}"),
    )
