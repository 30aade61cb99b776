"""Calendar for staff: a day or a week, of one practitioner or all, on the practice's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.audit import requests as audit
from consultations.audit.models import Action
from consultations.booking import availability, emails, slot_choice
from consultations.booking.availability import SlotArguments
from consultations.booking.calendars.models import BusyInterval
from consultations.booking.hours import TimeOff
from consultations.booking.local_time import (
    Span,
    epoch_seconds,
    get_zone,
    local_date_at,
    merge_spans,
)
from consultations.booking.meeting_place import NO_LINK
from consultations.booking.models import Consultation
from consultations.booking.slots import (
    booking_spans,
    interval_spans,
    is_live,
    open_spans_between,
)
from consultations.booking.staff import display, permissions
from consultations.booking.staff.calendar_grid import (
    Block,
    DayFrame,
    PlacedBlock,
    assign_lanes,
    free_places,
    place_blocks,
    shown_hours,
)
from consultations.booking.states import LIVE_STATUSES, Status
from pages.practice.models import PracticeProfile, Practitioner

DAYS_PER_WEEK = 7
COLORS = 4
TEMPLATE = "admin/consultations/consultation/calendar.html"
CLOCK_FORMAT = "g:i A"


@dataclass(frozen=True)
class CallPanel:
    """What a click on a call shows."""

    key: str
    reference: str
    who: str
    when: str
    where: str
    with_whom: str
    state: str
    open_url: str
    move_url: str
    cancel_url: str


@dataclass(frozen=True)
class CalendarDay:
    """One column of the calendar."""

    on: date
    blocks: list[PlacedBlock]
    all_day: list[Block]
    calls: list[Block]
    is_today: bool
    is_chosen: bool
    url: str
    block_url: str

    @property
    def summary(self) -> str:
        """What the strip of days on a phone says."""
        count = len(self.calls)
        if count:
            return ngettext("%(n)d call", "%(n)d calls", count) % {"n": count}
        return _("off") if self.all_day else "–"


@dataclass(frozen=True)
class Period:
    """What is asked for: a day or a week, with whose calls."""

    chosen: date
    is_week: bool
    slug: str  # of one practitioner, or "all"

    @property
    def first(self) -> date:
        return monday_of(self.chosen) if self.is_week else self.chosen

    @property
    def days(self) -> list[date]:
        count = DAYS_PER_WEEK if self.is_week else 1
        return [self.first + timedelta(days=number) for number in range(count)]

    def url(self, **changes: object) -> str:
        """Return the address of this period with other values."""
        day = changes.get("day", self.first if self.is_week else self.chosen)
        name = "week" if changes.get("is_week", self.is_week) else "day"
        slug = changes.get("slug", self.slug)
        return "?" + urlencode({name: f"{day:%Y-%m-%d}", "practitioner": slug})


def calendar_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show a week or a day, for one practitioner or for all that this user may see."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    practice, now = PracticeProfile.load(), timezone.now()
    everybody = visible_practitioners(request)
    today = local_date_at(epoch_seconds(now), get_zone(practice.time_zone))
    period = read_period(request, everybody, today)
    shown = [one for one in everybody if period.slug in ("all", one.slug)]
    build = CalendarBuilder(request, everybody, period, practice.time_zone, now=now, today=today)
    days, hours, panels = build.days(shown)
    audit.record_request_action(request, Action.LISTED, model=Consultation, fields=["name"])
    step = DAYS_PER_WEEK if period.is_week else 1
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Calendar"),
        "opts": model_admin.opts,
        "heading": format_period(period),
        "period": period,
        "days": days,
        # On a phone one day is shown, with a strip of its week above.
        "strip": days if period.is_week else build.strip(shown),
        "hours": [clock_hour(hour) for hour in range(*hours)],
        "first_min": hours[0] * 60,
        "panels": panels,
        "people": [(one, number % COLORS) for number, one in enumerate(everybody) if one in shown],
        "choices": _choices(period, everybody),
        "chosen": period.slug,
        "monday": monday_of(period.chosen),
        "before_url": period.url(day=period.first - timedelta(days=step)),
        "after_url": period.url(day=period.first + timedelta(days=step)),
        "today_url": period.url(day=today),
        "week_url": period.url(is_week=True, day=monday_of(period.chosen)),
        "day_url": period.url(is_week=False, day=_day_to_show(period, today)),
        "zone": practice.time_zone.replace("_", " "),
        "weekend_is_empty": period.is_week and not any(d.blocks for d in days[5:]),
        "block_url": build.block_url(_day_to_show(period, today)),
        "may_add": model_admin.has_add_permission(request),
        "may_block": request.user.has_perm(CHANGE_HOURS_PERMISSION),
    }
    return render(request, TEMPLATE, context)


CHANGE_HOURS_PERMISSION = "consultations.change_practitionerhours"


def visible_practitioners(request: HttpRequest) -> list[Practitioner]:
    """Return the bookable practitioners whose calendar this user may see."""
    ids = permissions.accessible_practitioner_ids(request.user)
    return [one for one in Practitioner.objects.bookable() if ids is None or one.pk in ids]


def read_period(request: HttpRequest, everybody: Sequence[Practitioner], today: date) -> Period:
    """Read what is asked for; unknown values give this week, and one's own calls."""
    asked = request.GET.get("practitioner", "")
    own = [one.slug for one in everybody if one.user_id == request.user.pk]
    known = [one.slug for one in everybody if one.slug == asked]
    slug = known[0] if known else "all" if asked == "all" or not own else own[0]
    day = parse_week_date(request.GET.get("day", ""))
    if day is not None:
        return Period(day, is_week=False, slug=slug)
    return Period(parse_week_date(request.GET.get("week", "")) or today, True, slug)


def parse_week_date(text: str) -> date | None:
    """Parse an ISO date; None unless it is valid and its year is from 2000 to 2200."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    is_one = day is not None and day.isoformat() == text and 2000 <= day.year <= 2200
    return day if is_one else None


def monday_of(day: date) -> date:
    """Return the Monday of a date's week."""
    return day - timedelta(days=day.weekday())


def format_period(period: Period) -> str:
    """Return ``Nov 30 – Dec 6``, or ``Tue, Dec 1`` for a day."""
    if not period.is_week:
        return formats.date_format(period.chosen, "D, M j")
    last = period.days[-1]
    ending = "j" if last.month == period.first.month else "M j"
    return f"{formats.date_format(period.first, 'M j')} – {formats.date_format(last, ending)}"


def clock_hour(hour: int) -> str:
    return formats.time_format(time(hour), "g A")


def _day_to_show(period: Period, today: date) -> date:
    """Return the day to show where there is room for one only."""
    if not period.is_week:
        return period.chosen
    return today if today in period.days else period.chosen


def _choices(period: Period, everybody: Sequence[Practitioner]) -> list[tuple[str, str, str]]:
    """Return slug, name and address of each choice of whose calls to show."""
    named = [("all", _("Everyone")), *((one.slug, one.first_name) for one in everybody)]
    return [(slug, name, period.url(slug=slug)) for slug, name in named]


class CalendarBuilder:
    """Loads a period with a fixed number of queries, and lays it out."""

    def __init__(
        self,
        request: HttpRequest,
        everybody: Sequence[Practitioner],
        period: Period,
        zone: str,
        *,
        now: datetime,
        today: date,
    ) -> None:
        self.request, self.period, self.zone = request, period, zone
        self.now, self.today = now, today
        self.numbers = {one.pk: number for number, one in enumerate(everybody)}
        self.slugs = {one.pk: one.slug for one in everybody}
        self.may_add = request.user.has_perm("consultations.add_consultation")
        self.may_block = request.user.has_perm(CHANGE_HOURS_PERMISSION)

    def days(
        self, shown: Sequence[Practitioner]
    ) -> tuple[list[CalendarDay], tuple[int, int], list[CallPanel]]:
        """Return the columns, the hours they show, and the panels of their calls."""
        dates = self.period.days
        arguments = availability.load_slot_arguments(shown, dates[0], dates[-1])
        rows = self._load_calls(shown, dates)
        blocked = self._load_blocked(shown, dates)
        raw = [self._day_blocks(day, shown, arguments, rows, blocked) for day in dates]
        hours = shown_hours(block for blocks, _all_day in raw for block in blocks)
        phone_day = _day_to_show(self.period, self.today)
        days = [
            CalendarDay(
                on=day,
                blocks=place_blocks(blocks, hours),
                all_day=all_day,
                calls=[block for block in blocks if block.is_call],
                is_today=day == self.today,
                is_chosen=day == phone_day,
                url=self.period.url(day=day, is_week=False),
                block_url=self.block_url(day) if self.may_block and day >= self.today else "",
            )
            for day, (blocks, all_day) in zip(dates, raw, strict=True)
        ]
        return days, hours, [self._panel(row) for row in rows]

    def strip(self, shown: Sequence[Practitioner]) -> list[CalendarDay]:
        """Return the days of the chosen day's week, for the strip above it."""
        week = Period(self.period.chosen, is_week=True, slug=self.period.slug)
        builder = CalendarBuilder.__new__(CalendarBuilder)
        builder.__dict__ |= {**self.__dict__, "period": week, "today": self.today}
        days, _hours, _panels = builder.days(shown)
        return [
            CalendarDay(**{**day.__dict__, "is_chosen": day.on == self.period.chosen})
            for day in days
        ]

    def block_url(self, day: date) -> str:
        slug = self.period.slug
        asked = {"on": f"{day:%Y-%m-%d}", **({} if slug == "all" else {"practitioner": slug})}
        return f"{reverse('admin:consultations_consultation_block')}?{urlencode(asked)}"

    def _load_calls(
        self, shown: Sequence[Practitioner], dates: Sequence[date]
    ) -> list[Consultation]:
        begin, end = display.day_bounds(dates[0], dates[-1], self.zone)
        still_live = ~Q(status=Status.HELD) | Q(hold_expires_at__gt=self.now)
        rows = Consultation.objects.filter(
            still_live,
            practitioner__in=shown,
            status__in=LIVE_STATUSES,
            start_at__gte=begin,
            start_at__lt=end,
        )
        return list(rows.select_related("practitioner", "type").order_by("start_at"))

    def _load_blocked(
        self, shown: Sequence[Practitioner], dates: Sequence[date]
    ) -> list[tuple[str, int, Span, str]]:
        """Return kind, practitioner, span and address of time off and busy times."""
        begin, end = display.day_bounds(dates[0], dates[-1], self.zone)
        during = {"start_at__lt": end, "end_at__gt": begin}
        page = reverse("admin:consultations_consultation_block")
        blocked = [
            (
                "off",
                row.practitioner_id,
                (epoch_seconds(row.start_at), epoch_seconds(row.end_at)),
                f"{page}?off={row.pk}" if self.may_block else "",
            )
            for row in TimeOff.objects.filter(practitioner__in=shown, **during)
        ]
        busy = BusyInterval.objects.filter(
            source__practitioner__in=shown, source__is_on=True, **during
        ).values_list("source__practitioner_id", "start_at", "end_at")
        blocked += [("busy", who, (epoch_seconds(a), epoch_seconds(b)), "") for who, a, b in busy]
        return blocked

    def _day_blocks(
        self,
        day: date,
        shown: Sequence[Practitioner],
        arguments: dict[int, SlotArguments],
        rows: list[Consultation],
        blocked: list[tuple[str, int, Span, str]],
    ) -> tuple[list[Block], list[Block]]:
        """Return the blocks in the grid, and those of the whole day above it."""
        frame = DayFrame(day, self.zone)
        events = [block for row in rows if (block := self._call_block(frame, row))]
        all_day = []
        for kind, who, span, url in blocked:
            if frame.covers(span):
                all_day.append(self._blocked(kind, who, (0, 24 * 60), url, len(shown)))
            elif minutes := frame.clip(span):
                events.append(self._blocked(kind, who, minutes, url, len(shown)))
        spans = [self._open_and_taken(frame, one.pk, arguments[one.pk]) for one in shown]
        background = [
            Block("hours", *minutes, clock=self._clock_range(minutes))
            for span in merge_spans(span for _who, is_open, _taken in spans for span in is_open)
            if (minutes := frame.clip(span))
        ]
        places = self._free_blocks(frame, spans) if self.may_add else []
        # A link half below somebody else's call would be hard to hit.
        places = [place for place in places if not any(place.overlaps(one) for one in events)]
        return [*background, *places, *assign_lanes(events), *self._now_line(frame)], all_day

    def _open_and_taken(
        self, frame: DayFrame, key: int, hours: SlotArguments
    ) -> tuple[int, list[Span], list[Span]]:
        here = get_zone(hours["practitioner_zone"])
        is_open = merge_spans(
            (max(begin, frame.begin), min(end, frame.end))
            for begin, end in open_spans_between(
                here, hours["windows"], hours["overrides"], frame.begin, frame.end
            )
        )
        live = [booking for booking in hours["bookings"] if is_live(booking, self.now)]
        taken = merge_spans(
            [
                *booking_spans(live),
                *interval_spans(hours["time_off"]),
                *interval_spans(hours["busy"]),
            ]
        )
        return key, is_open, taken

    def _free_blocks(
        self, frame: DayFrame, spans: list[tuple[int, list[Span], list[Span]]]
    ) -> list[Block]:
        add = reverse("admin:consultations_consultation_add")
        blocks = []
        for minutes, who in free_places(frame, spans, epoch_seconds(self.now)):
            start = frame.instant(minutes)
            query = {"start": slot_choice.format_start(start), "practitioner": who}
            url = f"{add}?{urlencode(query)}"
            blocks.append(Block("free", minutes, minutes + 30, clock=self._clock(minutes), url=url))
        return blocks

    def _call_block(self, frame: DayFrame, row: Consultation) -> Block | None:
        assert row.start_at is not None  # live consultations have a time
        assert row.end_at is not None
        minutes = frame.clip((epoch_seconds(row.start_at), epoch_seconds(row.end_at)))
        if minutes is None or local_date_at(epoch_seconds(row.start_at), get_zone(self.zone)) != (
            frame.on
        ):
            return None
        is_over = row.end_at <= self.now
        kind = "held" if row.status == Status.HELD else "past" if is_over else "call"
        return Block(
            kind,
            *minutes,
            clock=formats.date_format(row.start_at.astimezone(ZoneInfo(self.zone)), CLOCK_FORMAT),
            words=f"{display.readable_initials(row)}, {row.reference}",
            state="" if row.status == Status.CONFIRMED else str(row.get_status_display()),
            url=reverse("admin:consultations_consultation_change", args=[row.pk]),
            key=str(row.pk),
            who=self.numbers.get(row.practitioner_id or 0, 0) % COLORS,
        )

    def _blocked(
        self, kind: str, who: int, minutes: tuple[int, int], url: str, people: int
    ) -> Block:
        words = _("Time off") if kind == "off" else _("Busy")
        if people > 1:
            words = f"{words}, {self.slugs.get(who, '')}"
        is_all_day = minutes == (0, 24 * 60)
        clock = _("All day") if is_all_day else self._clock_range(minutes)
        return Block(kind, *minutes, clock=clock, words=words, url=url)

    def _now_line(self, frame: DayFrame) -> list[Block]:
        now = epoch_seconds(self.now)
        minutes = frame.clip((now, now + 60))
        if minutes is None:
            return []
        return [Block("now", minutes[0], minutes[0] + 5, clock=self._clock(minutes[0]))]

    def _clock(self, minutes: int) -> str:
        hours, rest = divmod(minutes, 60)
        return formats.time_format(time(hours % 24, rest), CLOCK_FORMAT)

    def _clock_range(self, minutes: tuple[int, int]) -> str:
        return f"{self._clock(minutes[0])} – {self._clock(minutes[1])}"

    def _panel(self, row: Consultation) -> CallPanel:
        here = ZoneInfo(self.zone)
        assert row.start_at is not None  # live consultations have a time
        assert row.end_at is not None
        start, end = row.start_at.astimezone(here), row.end_at.astimezone(here)
        place = emails.place_of(row, PracticeProfile.load())
        where = str(row.get_meeting_display() or "")
        if place.missing == NO_LINK:
            where = _("Video, no link yet")
        can_move = row.status == Status.CONFIRMED and row.end_at > self.now
        can_move = can_move and self.request.user.has_perm("consultations.change_consultation")
        return CallPanel(
            key=str(row.pk),
            reference=row.reference,
            who=display.readable_initials(row),
            when=f"{formats.date_format(start, 'D, M j, g:i A')} – "
            f"{formats.date_format(end, CLOCK_FORMAT)}",
            where=where,
            with_whom=row.practitioner.name if row.practitioner else "",
            state="" if row.status == Status.CONFIRMED else str(row.get_status_display()),
            open_url=reverse("admin:consultations_consultation_change", args=[row.pk]),
            move_url=self._action_url(row, "move") if can_move else "",
            cancel_url=self._action_url(row, "cancel") if can_move else "",
        )

    def _action_url(self, row: Consultation, slug: str) -> str:
        return reverse("admin:consultations_consultation_action", args=[row.pk, slug])
