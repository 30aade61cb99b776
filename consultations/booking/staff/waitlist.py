"""A time has come free: who wanted such times."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.urls import reverse

from consultations.booking import slot_choice
from consultations.booking.choices import (
    PARTS_OF_DAY,
    WEEKDAYS,
    RequestKind,
    format_preferred_times,
)
from consultations.booking.claims import TimeClaim, cells_between
from consultations.booking.hours import practitioner_time_zone
from consultations.booking.models import Consultation, ConsultationEvent, ConsultationQuerySet
from consultations.booking.staff import display
from consultations.booking.states import FINAL_STATUSES, Status
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import PracticeProfile, Practitioner

MAX_FREED_SLOTS = 20
NOON_HOUR, EVENING_HOUR = 12, 17


@dataclass(frozen=True)
class FreedSlot:
    """A time to come that somebody gave back."""

    start_at: datetime
    practitioner: Practitioner
    zone: str = ""  # of the practitioner's clock

    @property
    def words(self) -> str:
        return display.format_instant(
            self.start_at, self.zone or practitioner_time_zone(self.practitioner)
        )

    @property
    def query(self) -> str:
        start = slot_choice.format_start(self.start_at)
        return urlencode({"start": start, "practitioner": self.practitioner.pk})


@dataclass(frozen=True)
class WaitlistEntry:
    """Somebody who would like a time."""

    row: Consultation
    initials: str
    wishes: tuple[str, ...]
    lines: tuple[str, ...]
    has_address: bool

    def wants(self, freed: FreedSlot) -> bool:
        """Their ticked weekday and part of the day, by their own clock."""
        asked = self.row.practitioner_id
        if asked is not None and asked != freed.practitioner.pk:
            return False
        return part_of_week(freed.start_at, self.row.visitor_zone) in self.wishes


def part_of_week(instant: datetime, zone: str) -> str:
    """``tue-morning``, as the form's boxes are called."""
    local = instant.astimezone(ZoneInfo(zone))
    part = 0 if local.hour < NOON_HOUR else 1 if local.hour < EVENING_HOUR else 2
    return f"{WEEKDAYS[local.weekday()][0]}-{PARTS_OF_DAY[part][0]}"


def find_freed_slots(now: datetime, among: Collection[int] | None = None) -> list[FreedSlot]:
    """Times to come that were given back and that nobody has taken since, soonest first.

    ``among``: the keys of the practitioners whose times are looked at; None: everybody's.
    """
    found: dict[Any, FreedSlot] = {}
    default = PracticeProfile.load().time_zone
    closed = Consultation.objects.filter(status__in=FINAL_STATUSES, start_at__gt=now)
    for row in closed.select_related("practitioner"):
        _add_freed_slot(found, row.start_at, row.practitioner, default)
    moved = ConsultationEvent.objects.filter(
        ~Q(old_start_at=F("new_start_at")) | Q(after=Status.REQUESTED), old_start_at__gt=now
    ).select_related("consultation__practitioner", "old_practitioner")
    for event in moved:
        person = event.old_practitioner or event.consultation.practitioner
        _add_freed_slot(found, event.old_start_at, person, default)
    asked = [one for one in found.values() if among is None or one.practitioner.pk in among]
    times = sorted(asked, key=lambda freed: freed.start_at)
    return filter_unclaimed(times)[:MAX_FREED_SLOTS]


def _add_freed_slot(
    found: dict[Any, FreedSlot], start: datetime | None, person: Practitioner | None, default: str
) -> None:
    if start is not None and person is not None and person.is_bookable:
        freed = FreedSlot(start, person, person.time_zone or default)
        found.setdefault((start, person.pk), freed)


def filter_unclaimed(times: list[FreedSlot]) -> list[FreedSlot]:
    """One query for all: does anybody hold the five minutes in which it begins?"""
    first = {freed: cells_between(freed.start_at, freed.start_at, 0, 5)[0] for freed in times}
    taken = set(
        TimeClaim.objects.filter(cell__in=set(first.values())).values_list(
            "practitioner_id", "cell"
        )
    )
    return [freed for freed in times if (freed.practitioner.pk, first[freed]) not in taken]


def list_waitlist_entries(rows: ConsultationQuerySet) -> list[WaitlistEntry]:
    """The waiting list, and those who named times that suit and have none yet. First come first."""
    rows = rows.filter(
        status=Status.REQUESTED, kind__in=[RequestKind.WAITLIST, RequestKind.PREFERRED_TIMES]
    )
    return [
        to_waitlist_entry(row) for row in rows.select_related("practitioner").order_by("created_at")
    ]


def to_waitlist_entry(row: Consultation) -> WaitlistEntry:
    try:
        wishes = json.loads(row.preferred_times or "[]")
        has_address = bool(row.email)
    except DecryptionError:
        wishes, has_address = [], False
    return WaitlistEntry(
        row,
        display.readable_initials(row),
        tuple(wishes),
        tuple(format_preferred_times(wishes)),
        has_address,
    )


def split_by_match(
    waits: Iterable[WaitlistEntry], freed: FreedSlot
) -> tuple[list[WaitlistEntry], list[WaitlistEntry]]:
    """Those who wanted such a time, and those who may still be glad of it."""
    wanted, others = [], []
    for one in waits:
        if one.wants(freed):
            wanted.append(one)
        elif one.row.practitioner_id in (None, freed.practitioner.pk):
            others.append(one)
    return wanted, others


def waitlist_url_for(
    start_at: datetime | None,
    person: Practitioner | None,
    rows: ConsultationQuerySet,
    *,
    now: datetime,
) -> str:
    """Where to go on once a time was given back; "" when it is past or none of these waits."""
    if start_at is None or person is None or start_at <= now or not list_waitlist_entries(rows):
        return ""
    page = reverse("admin:consultations_consultation_waitlist")
    return f"{page}?{FreedSlot(start_at, person).query}"


def parse_freed_slot(asked: Mapping[str, Any]) -> FreedSlot | None:
    """A proposed time in an address."""
    start, key = slot_choice.parse_start(str(asked.get("start", ""))), asked.get("practitioner", "")
    if start is None or not str(key).isdecimal() or len(str(key)) > 9:
        return None
    person = Practitioner.objects.bookable().filter(pk=int(key)).first()
    return FreedSlot(start, person) if person else None
