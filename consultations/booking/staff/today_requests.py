"""Cards on the first page for requests that need an answer, with free times that fit."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from consultations.booking import slot_choice
from consultations.booking.availability import AvailableSlot, find_available_slots
from consultations.booking.choices import RequestKind, format_preferred_times
from consultations.booking.hours import ConsultationType
from consultations.booking.local_time import (
    epoch_seconds,
    get_zone,
    local_date_at,
)
from consultations.booking.models import Consultation
from consultations.booking.staff import display
from consultations.booking.staff.permissions import accessible_practitioner_ids
from consultations.booking.staff.waitlist import part_of_week
from consultations.booking.states import Status
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import PracticeProfile
from pages.practice.staff_dates import format_clock, format_day, format_moment

MAX_CARDS = 5
MAX_TIMES = 3
DAYS_SEARCHED = 14


@dataclass(frozen=True)
class SuggestedTime:
    """A free time, as a link to the page that confirms it."""

    day: str
    clock: str
    url: str


@dataclass(frozen=True)
class RequestCard:
    """A request that needs an answer."""

    key: UUID
    url: str
    who: str
    reference: str
    how: str
    deadline: str
    is_late: bool
    is_read_first: bool
    wishes: tuple[str, ...]
    held_time: str  # a time that waits for our approval
    times: tuple[SuggestedTime, ...]

    def action_url(self, slug: str) -> str:
        return reverse("admin:consultations_consultation_action", args=[self.key, slug])

    @property
    def confirm_url(self) -> str:
        return self.action_url("approve" if self.held_time else "confirm")

    @property
    def decline_url(self) -> str:
        return self.action_url("decline")


def request_cards(user: User | AnonymousUser, *, now: datetime) -> list[RequestCard]:
    """Return the most urgent requests that this user may answer, as the list orders them."""
    if not user.has_perm("consultations.change_consultation"):
        return []
    rows = Consultation.objects.visible_to(user).awaiting_reply()
    rows = rows.select_related("practitioner", "type").order_by("-read_first", "reply_by")
    finder = FreeTimes(now, accessible_practitioner_ids(user))
    return [_build_card(row, finder, now) for row in rows[:MAX_CARDS]]


class FreeTimes:
    """Free times of the next two weeks, searched once for each consultation type."""

    def __init__(self, now: datetime, people: Collection[int] | None) -> None:
        self.now, self.people = now, people
        self.zone = PracticeProfile.load().time_zone
        self.today = local_date_at(epoch_seconds(now), get_zone(self.zone))
        self._found: dict[int, list[AvailableSlot]] = {}
        self._default: ConsultationType | None = None

    def of(self, row: Consultation) -> list[AvailableSlot]:
        """Return the free times with someone who could take this request."""
        kind = row.type or self._default_type()
        if kind is None:
            return []
        if kind.pk not in self._found:
            self._found[kind.pk] = find_available_slots(
                kind,
                [one for one in kind.bookable_practitioners() if self._may_book(one.pk)],
                visitor_zone=self.zone,
                first_date=self.today,
                last_date=self.today + timedelta(days=DAYS_SEARCHED),
                now=self.now,
            )
        wanted = row.practitioner_id
        return [
            slot
            for slot in self._found[kind.pk]
            if wanted is None or any(one.pk == wanted for one in slot.practitioners)
        ]

    def _may_book(self, key: int) -> bool:
        return self.people is None or key in self.people

    def _default_type(self) -> ConsultationType | None:
        if self._default is None:
            self._default = ConsultationType.objects.active().first()
        return self._default


def _build_card(row: Consultation, finder: FreeTimes, now: datetime) -> RequestCard:
    try:
        wishes = json.loads(row.preferred_times or "[]")
    except DecryptionError:
        wishes = []
    held = row.start_at if row.status == Status.HELD else None
    zone = get_zone(finder.zone)
    kind = row.get_kind_display() if row.kind != RequestKind.SLOT else ""
    practitioner = row.practitioner.name if row.practitioner else ""
    parts = (kind, row.get_meeting_display() or row.get_channel_display(), practitioner)
    return RequestCard(
        key=row.pk,
        url=reverse("admin:consultations_consultation_change", args=[row.pk]),
        who=display.readable_initials(row) or row.reference,
        reference=row.reference,
        how=", ".join(str(part) for part in parts if part),
        deadline=_describe_deadline(row, now),
        is_late=row.reply_by <= now,
        is_read_first=row.read_first,
        wishes=tuple(format_preferred_times(wishes)),
        held_time=format_moment(held.astimezone(zone), finder.today) if held else "",
        times=() if held else tuple(_suggest(row, wishes, finder)),
    )


def _describe_deadline(row: Consultation, now: datetime) -> str:
    day = display.format_reply_deadline(row)
    if row.reply_by <= now:
        return gettext("Overdue since %(day)s") % {"day": day}
    if day == format_day(timezone.localdate(now), timezone.localdate(now)):
        return gettext("Answer today")
    return gettext("Answer by %(day)s") % {"day": day}


def _suggest(
    row: Consultation, wishes: Collection[str], finder: FreeTimes
) -> Iterable[SuggestedTime]:
    """Return up to three free times that fit the wishes, on different days where possible."""
    free = finder.of(row)
    fitting = [slot for slot in free if part_of_week(slot.start, row.visitor_zone) in wishes]
    chosen = _spread(fitting if wishes and fitting else free, finder.zone)
    page = reverse("admin:consultations_consultation_action", args=[row.pk, "confirm"])
    for slot in chosen:
        local = slot.start.astimezone(get_zone(finder.zone))
        keys = [one.pk for one in slot.practitioners]
        person = row.practitioner_id if row.practitioner_id in keys else keys[0]
        query = {"start": slot_choice.format_start(slot.start), "practitioner": person}
        yield SuggestedTime(
            format_day(local.date(), finder.today),
            format_clock(local),
            f"{page}?{urlencode(query)}",
        )


def _spread(slots: list[AvailableSlot], zone: str) -> list[AvailableSlot]:
    """Return the first time of each day, then the next ones, in order of time."""
    spread = [day.times[0] for day in slot_choice.group_by_day(slots, zone)][:MAX_TIMES]
    spread += [slot for slot in slots if slot not in spread][: MAX_TIMES - len(spread)]
    return sorted(spread)
