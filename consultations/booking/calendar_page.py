"""What the page of free times shows: a month, its weeks, and the times of one day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.booking import availability, slot_choice, zones
from consultations.booking.availability import AvailableSlot
from consultations.booking.local_time import (
    epoch_seconds,
    format_clock_time,
    get_zone,
    local_date_at,
)
from consultations.booking.models import Consultation
from consultations.booking.slot_choice import SlotChoice
from pages.practice.models import Practitioner

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
RUNNING_WEEKS = 5
# With so few weeks left in the current month, the view runs on into the next one.
FEW_WEEKS = 2
NOON, EVENING, EARLY = 12, 17, 5

LinkTo = Callable[..., str]


@dataclass(frozen=True)
class ShownDay:
    """A date in the month."""

    on: date
    is_today: bool
    is_chosen: bool
    url: str  # "" if nothing is free
    label: str
    month: str  # the short name of its month, where a new one begins


@dataclass(frozen=True)
class ShownWeek:
    days: list[ShownDay | None]
    is_chosen: bool


@dataclass(frozen=True)
class ShownSlot:
    start: datetime
    words: str
    url: str


@dataclass(frozen=True)
class DayPart:
    """Morning, afternoon or evening of the chosen day."""

    name: str
    slots: list[ShownSlot]


@dataclass(frozen=True)
class Step:
    """A link to earlier or later dates."""

    url: str
    label: str


@dataclass(frozen=True)
class CalendarPage:
    """A month with its free days, and the free times of the chosen day."""

    title: str
    week_title: str
    weekday_names: list[tuple[str, str]]
    weeks: list[ShownWeek]
    day: date | None  # None: nothing is free from the wanted date on
    parts: list[DayPart]
    count: int
    previous_month: Step | None
    next_month: Step | None
    previous_week: Step | None
    next_week: Step | None
    next_free: datetime | None  # the first time of the first view
    looked_until: date
    has_other_date: bool  # some of the day's times fall on another date where we are


@dataclass(frozen=True)
class MonthSpan:
    """The dates that one view covers: a month, or five weeks from today's week on."""

    first: date
    last: date
    is_running: bool

    @classmethod
    def around(cls, day: date, today: date, first_weekday: int) -> "MonthSpan":
        this_week = week_start(today, first_weekday)
        month_end = _next_month(today) - DAY
        weeks_left = (week_start(month_end, first_weekday) - this_week).days // 7 + 1
        run_end = this_week + RUNNING_WEEKS * WEEK - DAY
        if weeks_left <= FEW_WEEKS and today <= day <= run_end:
            return cls(this_week, run_end, is_running=True)
        return cls(day.replace(day=1), _next_month(day) - DAY, is_running=False)


class FreeDays:
    """Free times by date, searched in growing spans so that no date is searched twice."""

    def __init__(
        self, choice: SlotChoice, *, now: datetime, moving: Consultation | None, first: date
    ) -> None:
        self.choice, self.now, self.moving = choice, now, moving
        self.today = visitor_date(choice, now)
        self.horizon = horizon_date(choice, self.today)
        self.by_date: dict[date, tuple[AvailableSlot, ...]] = {}
        self._next = max(first, self.today)

    def load_until(self, last: date) -> None:
        while self._next <= min(last, self.horizon):
            self._load_span()

    def first_from(self, day: date) -> date | None:
        """Return the first free date that is not before a day."""
        while True:
            free = [on for on in self.by_date if on >= day]
            if free:
                return min(free)
            if self._next > self.horizon:
                return None
            self._load_span()

    def _load_span(self) -> None:
        last = min(self._next + (availability.MAX_SEARCH_DAYS - 1) * DAY, self.horizon)
        times = availability.find_available_slots(
            self.choice.type,
            self.choice.practitioners,
            visitor_zone=self.choice.zone,
            first_date=self._next,
            last_date=last,
            now=self.now,
            moving=self.moving,
        )
        taken = self.moving.start_at if self.moving is not None else None
        offered = [time for time in times if time.start != taken]
        for day in slot_choice.group_by_day(offered, self.choice.zone):
            self.by_date[day.on] = day.times
        self._next = last + DAY


def build_calendar_page(
    choice: SlotChoice,
    *,
    now: datetime,
    page_url: LinkTo,
    slot_url: LinkTo,
    moving: Consultation | None = None,
) -> CalendarPage:
    """Build the view of the wanted date, or of the first free one after it.

    ``page_url`` and ``slot_url`` turn changes of the choice into addresses. A call that is being
    moved is not offered its own time.
    """
    first_weekday = int(formats.get_format("FIRST_DAY_OF_WEEK"))
    today = visitor_date(choice, now)
    wanted = min(max(choice.first_date or today, today), horizon_date(choice, today) + DAY)
    span = MonthSpan.around(wanted, today, first_weekday)
    free = FreeDays(choice, now=now, moving=moving, first=span.first - WEEK)
    chosen = free.first_from(wanted)
    if chosen is not None:
        span = MonthSpan.around(chosen, today, first_weekday)
    free.load_until(span.last)
    shown = chosen or wanted
    times = free.by_date.get(chosen, ()) if chosen else ()
    week = week_start(shown, first_weekday)

    def to_date(day: date) -> str:
        return page_url(**{"from": day.isoformat()})

    return CalendarPage(
        title=_month_title(span),
        week_title=formats.date_format(shown, "MONTH_FORMAT"),
        weekday_names=_weekday_names(span, first_weekday),
        weeks=list(_weeks(span, free, shown, chosen, first_weekday, to_date)),
        day=chosen,
        parts=_day_parts(times, choice, slot_url),
        count=len(times),
        previous_month=_previous_month(span, today, to_date),
        next_month=_next_month_step(span, free.horizon, to_date),
        previous_week=_week_step(free, week, -1, first_weekday, to_date),
        next_week=_week_step(free, week, 1, first_weekday, to_date),
        next_free=times[0].start if times and choice.first_date is None else None,
        looked_until=free.horizon - DAY,
        has_other_date=any(
            local_date_at(epoch_seconds(time.start), get_zone(choice.home_zone)) != chosen
            for time in times
        ),
    )


def visitor_date(choice: SlotChoice, now: datetime) -> date:
    return local_date_at(epoch_seconds(now), get_zone(choice.zone))


def horizon_date(choice: SlotChoice, today: date) -> date:
    """Return the last date to search; a day more than we offer, as zones differ."""
    return today + timedelta(days=choice.type.horizon_days + 1)


def week_start(day: date, first_weekday: int) -> date:
    """Return the first day of a week; ``first_weekday`` counts from 0, Sunday."""
    return day - timedelta(days=(day.isoweekday() - first_weekday) % 7)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _month_title(span: MonthSpan) -> str:
    last = formats.date_format(span.last, "MONTH_FORMAT")
    if (span.first.year, span.first.month) == (span.last.year, span.last.month):
        return last
    is_one_year = span.first.year == span.last.year
    first = formats.date_format(span.first, "F" if is_one_year else "MONTH_FORMAT")
    return f"{first} – {last}"


def _weekday_names(span: MonthSpan, first_weekday: int) -> list[tuple[str, str]]:
    """Return the short and the full name of each day of the week."""
    start = week_start(span.first, first_weekday)
    days = [start + n * DAY for n in range(7)]
    return [(formats.date_format(day, "D"), formats.date_format(day, "l")) for day in days]


def _weeks(
    span: MonthSpan,
    free: FreeDays,
    shown: date,
    chosen: date | None,
    first_weekday: int,
    to_date: Callable[[date], str],
) -> Iterator[ShownWeek]:
    start = week_start(span.first, first_weekday)
    while start <= span.last:
        days = [start + n * DAY for n in range(7)]
        yield ShownWeek(
            days=[
                _shown_day(day, span, free, chosen, to_date)
                if span.first <= day <= span.last
                else None
                for day in days
            ],
            is_chosen=start == week_start(shown, first_weekday),
        )
        start += WEEK


def _shown_day(
    day: date,
    span: MonthSpan,
    free: FreeDays,
    chosen: date | None,
    to_date: Callable[[date], str],
) -> ShownDay:
    times = free.by_date.get(day, ())
    name = formats.date_format(day, "WEEKDAY_FORMAT")
    count = ngettext("%(n)d free time", "%(n)d free times", len(times)) % {"n": len(times)}
    is_new_month = span.is_running and day.day == 1
    return ShownDay(
        on=day,
        is_today=day == free.today,
        is_chosen=day == chosen,
        url=to_date(day) if times else "",
        label=f"{name}, {count}" if times else _("%(day)s, nothing free") % {"day": name},
        month=formats.date_format(day, "M") if is_new_month else "",
    )


def _day_parts(
    times: tuple[AvailableSlot, ...], choice: SlotChoice, slot_url: LinkTo
) -> list[DayPart]:
    zone = get_zone(choice.zone)
    parts: dict[str, list[ShownSlot]] = {}
    for time in times:
        start = slot_choice.format_start(time.start)
        parts.setdefault(_part_name(time.start.astimezone(zone).hour), []).append(
            ShownSlot(
                start=time.start,
                words=slot_choice.format_slot_time(time, choice.zone),
                url=slot_url(start=start),
            )
        )
    return [DayPart(name, slots) for name, slots in parts.items()]


def _part_name(hour: int) -> str:
    if hour < EARLY:
        return _("Night")
    if hour < NOON:
        return _("Morning")
    return _("Afternoon") if hour < EVENING else _("Evening")


def _previous_month(span: MonthSpan, today: date, to_date: Callable[[date], str]) -> Step | None:
    if span.first <= today:
        return None
    before = (span.first - DAY).replace(day=1)
    day = max(before, today)
    return Step(to_date(day), formats.date_format(before, "MONTH_FORMAT"))


def _next_month_step(span: MonthSpan, horizon: date, to_date: Callable[[date], str]) -> Step | None:
    day = span.last + DAY
    if day > horizon:
        return None
    return Step(to_date(day), formats.date_format(day, "MONTH_FORMAT"))


def _week_step(
    free: FreeDays, week: date, direction: int, first_weekday: int, to_date: Callable[[date], str]
) -> Step | None:
    """Return the link to the nearest week with free times before or after one."""
    if direction > 0:
        day = free.first_from(week + WEEK)
        return Step(to_date(day), _("Next week with free times")) if day else None
    before = [on for on in free.by_date if on < week]
    if not before:
        return None
    # The first free date of that week, so that going forward again shows the same one.
    day = min(on for on in before if on >= week_start(max(before), first_weekday))
    return Step(to_date(day), _("Earlier week with free times"))


# The other choices: who, how and in which zone.


@dataclass(frozen=True)
class Option:
    """One of several links of which one is chosen."""

    key: str
    url: str
    label: str
    rest: str  # the part of a name that small screens leave out
    note: str
    is_chosen: bool
    practitioners: tuple[Practitioner, ...] = ()


@dataclass(frozen=True)
class ZoneOption:
    url: str
    city: str
    note: str
    clock: str
    search: str
    is_chosen: bool


def zone_words(choice: SlotChoice, now: datetime) -> tuple[str, str]:
    """Return the name of the visitor's zone and the time there."""
    return zones.zone_name(choice.zone), format_clock_time(now.astimezone(get_zone(choice.zone)))


def type_options(choice: SlotChoice, page_url: LinkTo) -> list[Option]:
    """Return the types of consultation; empty if there is only one."""
    consultation_types = slot_choice.bookable_types()
    return [
        Option(
            key=f"type-{consultation_type.slug}",
            url=page_url(type=consultation_type.slug),
            label=consultation_type.name,
            rest="",
            note=consultation_type.summary,
            is_chosen=consultation_type.pk == choice.type.pk,
        )
        for consultation_type in consultation_types
        if len(consultation_types) > 1
    ]


def practitioner_options(choice: SlotChoice, page_url: LinkTo) -> list[Option]:
    """Return anyone and each practitioner; empty if there is only one."""
    everybody = choice.type.bookable_practitioners()
    if len(everybody) < 2:
        return []
    anyone = Option(
        key="who-anyone",
        url=page_url(practitioner=""),
        label=_("Anyone"),
        rest="",
        note=_("The soonest times"),
        is_chosen=not choice.practitioner,
        practitioners=tuple(everybody[:2]),
    )
    return [
        anyone,
        *(
            Option(
                key=f"who-{practitioner.slug}",
                url=page_url(practitioner=practitioner.slug),
                label=practitioner.first_name,
                rest=practitioner.name.removeprefix(practitioner.first_name),
                note=practitioner.role,
                is_chosen=practitioner.slug == choice.practitioner,
                practitioners=(practitioner,),
            )
            for practitioner in everybody
        ),
    ]


def meeting_options(choice: SlotChoice, page_url: LinkTo) -> list[Option]:
    """Return the ways to meet; empty if there is only one."""
    ways = choice.meetings
    return [
        Option(
            key=way,
            url=page_url(meeting=way),
            label=str(label),
            rest="",
            note="",
            is_chosen=way == choice.shown_meeting,
        )
        for way, label in ways
        if len(ways) > 1
    ]


def zone_options(
    choice: SlotChoice, page_url: LinkTo, *, now: datetime, text: str, country: str
) -> list[ZoneOption]:
    """Return the zones that match a search, each with the time there.

    Those of the practice's country come first.
    """
    return [
        ZoneOption(
            url=page_url(zone=entry.zone),
            city=entry.city,
            note=", ".join(
                words
                for words in (entry.name, entry.country)
                if words and not words.startswith(entry.city)
            ),
            clock=format_clock_time(now.astimezone(get_zone(entry.zone))),
            search=entry.places,
            is_chosen=entry.zone == choice.zone,
        )
        for entry in zones.zone_entries(text, first_country=country)
    ]
