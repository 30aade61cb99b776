"""Match freed times with the clients on the waiting list who wanted them."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
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
    """An upcoming time that became free again."""

    start_at: datetime
    practitioner: Practitioner
    zone: str = ""  # the practitioner's

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
    """A client who is waiting for a time."""

    row: Consultation
    initials: str
    preferred: tuple[str, ...]
    lines: tuple[str, ...]
    has_address: bool

    def wants(self, freed: FreedSlot) -> bool:
        """Whether the client asked for this weekday and part of day, in their own zone."""
        asked = self.row.practitioner_id
        if asked is not None and asked != freed.practitioner.pk:
            return False
        return part_of_week(freed.start_at, self.row.visitor_zone) in self.preferred


def part_of_week(instant: datetime, zone: str) -> str:
    """Return ``tue-morning``, the value of a checkbox on the form."""
    local = instant.astimezone(ZoneInfo(zone))
    part = 0 if local.hour < NOON_HOUR else 1 if local.hour < EVENING_HOUR else 2
    return f"{WEEKDAYS[local.weekday()][0]}-{PARTS_OF_DAY[part][0]}"


def find_freed_slots(now: datetime, among: Collection[int] | None = None) -> list[FreedSlot]:
    """Return upcoming times that were freed and not taken since, soonest first.

    ``among`` holds the keys of the practitioners to search; None means all of them.
    """
    slots: dict[tuple[datetime, int], FreedSlot] = {}
    default = PracticeProfile.load().time_zone
    closed = Consultation.objects.filter(status__in=FINAL_STATUSES, start_at__gt=now)
    for row in closed.select_related("practitioner"):
        _add_freed_slot(slots, row.start_at, row.practitioner, default)
    moved = ConsultationEvent.objects.filter(
        ~Q(old_start_at=F("new_start_at")) | Q(after=Status.REQUESTED), old_start_at__gt=now
    ).select_related("consultation__practitioner", "old_practitioner")
    for event in moved:
        practitioner = event.old_practitioner or event.consultation.practitioner
        _add_freed_slot(slots, event.old_start_at, practitioner, default)
    accessible = [slot for slot in slots.values() if among is None or slot.practitioner.pk in among]
    times = sorted(accessible, key=lambda freed: freed.start_at)
    return filter_unclaimed(times)[:MAX_FREED_SLOTS]


def _add_freed_slot(
    slots: dict[tuple[datetime, int], FreedSlot],
    start: datetime | None,
    practitioner: Practitioner | None,
    default: str,
) -> None:
    if start is not None and practitioner is not None and practitioner.is_bookable:
        freed = FreedSlot(start, practitioner, practitioner.time_zone or default)
        slots.setdefault((start, practitioner.pk), freed)


def filter_unclaimed(times: list[FreedSlot]) -> list[FreedSlot]:
    """Return the times whose first five minutes are not claimed, with one query."""
    first = {freed: cells_between(freed.start_at, freed.start_at, 0, 5)[0] for freed in times}
    taken = set(
        TimeClaim.objects.filter(cell__in=set(first.values())).values_list(
            "practitioner_id", "cell"
        )
    )
    return [freed for freed in times if (freed.practitioner.pk, first[freed]) not in taken]


def list_waitlist_entries(rows: ConsultationQuerySet) -> list[WaitlistEntry]:
    """Return waiting clients and those who named preferred times, oldest first."""
    rows = rows.filter(
        status=Status.REQUESTED, kind__in=[RequestKind.WAITLIST, RequestKind.PREFERRED_TIMES]
    )
    return [
        to_waitlist_entry(row) for row in rows.select_related("practitioner").order_by("created_at")
    ]


def to_waitlist_entry(row: Consultation) -> WaitlistEntry:
    """Build an entry; one that cannot be decrypted has no preferred times."""
    try:
        preferred = json.loads(row.preferred_times or "[]")
        has_address = bool(row.email)
    except DecryptionError:
        preferred, has_address = [], False
    return WaitlistEntry(
        row,
        display.readable_initials(row),
        tuple(preferred),
        tuple(format_preferred_times(preferred)),
        has_address,
    )


def split_by_match(
    entries: Iterable[WaitlistEntry], freed: FreedSlot
) -> tuple[list[WaitlistEntry], list[WaitlistEntry]]:
    """Split into clients who wanted this time and others it might suit."""
    wanted, others = [], []
    for entry in entries:
        if entry.wants(freed):
            wanted.append(entry)
        elif entry.row.practitioner_id in (None, freed.practitioner.pk):
            others.append(entry)
    return wanted, others


def waitlist_url_for(
    start_at: datetime | None,
    practitioner: Practitioner | None,
    rows: ConsultationQuerySet,
    *,
    now: datetime,
) -> str:
    """Return the waiting list's URL for a freed time; "" if it is past or no client waits."""
    if (
        start_at is None
        or practitioner is None
        or start_at <= now
        or not list_waitlist_entries(rows)
    ):
        return ""
    page = reverse("admin:consultations_consultation_waitlist")
    return f"{page}?{FreedSlot(start_at, practitioner).query}"


def parse_freed_slot(asked: Mapping[str, str]) -> FreedSlot | None:
    """Parse a freed time from a query string; None if it is invalid."""
    start, key = slot_choice.parse_start(str(asked.get("start", ""))), asked.get("practitioner", "")
    if start is None or not str(key).isdecimal() or len(str(key)) > 9:
        return None
    practitioner = Practitioner.objects.bookable().filter(pk=int(key)).first()
    return FreedSlot(start, practitioner) if practitioner else None
