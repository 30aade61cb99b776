"""Tests for the month, the weeks and the times that visitors choose from."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from consultations.booking import calendar_page, slot_choice
from consultations.booking.calendar_page import CalendarPage, MonthSpan
from consultations.booking.hours import TimeOff
from tests.factories.booking import make_booking, make_open_practitioner, make_type, make_window
from tests.factories.consultations import NOW, START
from tests.factories.pages import make_practice, make_practitioner

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SUNDAY = 0


@pytest.fixture
def practice(db):
    return make_practice()


@pytest.fixture
def practitioner(practice):
    return make_open_practitioner()


def build(practice, moving=None, now=NOW, **asked: Any) -> CalendarPage:
    choice = slot_choice.parse_choice(asked, practice)
    assert choice is not None

    def url(**changes: str) -> str:
        return f"?{urlencode(changes)}"

    return calendar_page.build_calendar_page(
        choice, now=now, page_url=url, slot_url=url, moving=moving
    )


def free_days(page: CalendarPage) -> list[int]:
    return [day.on.day for week in page.weeks for day in week.days if day and day.url]


def starts(page: CalendarPage) -> list[datetime]:
    return [slot.start for part in page.parts for slot in part.slots]


# --- the span of the month ---
@pytest.mark.parametrize(
    ("day", "today", "span"),
    [
        # Early in a month, and in later months: the month itself.
        ("2026-12-03", "2026-12-02", ("2026-12-01", "2026-12-31", False)),
        ("2027-01-04", "2026-12-02", ("2027-01-01", "2027-01-31", False)),
        ("2026-12-14", "2026-12-14", ("2026-12-01", "2026-12-31", False)),
        # In its last two weeks: five weeks from this week's Sunday on.
        ("2026-12-24", "2026-12-21", ("2026-12-20", "2027-01-23", True)),
        ("2027-01-20", "2026-12-21", ("2026-12-20", "2027-01-23", True)),
        ("2027-01-24", "2026-12-21", ("2027-01-01", "2027-01-31", False)),
        ("2026-11-30", "2026-11-29", ("2026-11-29", "2027-01-02", True)),
    ],
)
def test_late_in_a_month_the_view_runs_on(day, today, span) -> None:
    found = MonthSpan.around(date.fromisoformat(day), date.fromisoformat(today), SUNDAY)
    assert (found.first.isoformat(), found.last.isoformat(), found.is_running) == span


@pytest.mark.parametrize("first_weekday", [0, 1, 6])
def test_weeks_begin_on_the_first_weekday(first_weekday) -> None:
    for n in range(14):
        day = date(2026, 12, 1) + n * DAY
        start = calendar_page.week_start(day, first_weekday)
        assert start.isoweekday() % 7 == first_weekday
        assert start <= day < start + 7 * DAY


# --- the page ---
def test_first_view_shows_the_first_free_day(practice, practitioner) -> None:
    make_type()
    page = build(practice)
    # NOW is a Monday; the notice period is a day, and weekends are closed.
    assert (page.day, page.title) == (date(2026, 5, 5), "May 2026")
    assert free_days(page)[:5] == [5, 6, 7, 8, 11]
    assert page.next_free == starts(page)[0]
    assert page.count == len(starts(page))
    assert (page.previous_month, page.previous_week) == (None, None)
    assert page.next_month is not None
    assert page.next_month.url == "?from=2026-06-01"
    assert page.next_week is not None
    assert page.next_week.url == "?from=2026-05-11"
    today = next(day for week in page.weeks for day in week.days if day and day.is_today)
    assert (today.on, today.url, today.label) == (
        date(2026, 5, 4),
        "",
        "Monday, May 4, nothing free",
    )
    assert sum(week.is_chosen for week in page.weeks) == 1


def test_wanted_date_is_the_first_free_one_from_it(practice, practitioner) -> None:
    make_type(horizon_days=90)
    page = build(practice, **{"from": "2026-06-06"})  # a Saturday
    assert (page.day, page.title, page.next_free) == (date(2026, 6, 8), "June 2026", None)
    assert page.previous_month is not None
    assert page.previous_month.url == "?from=2026-05-04"
    assert page.previous_week is not None
    assert page.previous_week.url == "?from=2026-06-01"


def test_steps_between_weeks_lead_back(practice, practitioner) -> None:
    make_type(horizon_days=90)
    page = build(practice, **{"from": "2026-05-12"})
    assert page.next_week is not None
    later = build(practice, **{"from": page.next_week.url.removeprefix("?from=")})
    assert later.day == date(2026, 5, 18)
    assert later.previous_week is not None
    assert later.previous_week.url == "?from=2026-05-11"


def test_month_is_complete_across_searches(practice, practitioner) -> None:
    make_type(horizon_days=365)
    page = build(practice, **{"from": "2026-07-31"})
    weekdays = [n for n in range(1, 32) if date(2026, 7, n).weekday() < 5]
    assert free_days(page) == weekdays


def test_dates_are_limited_to_today_and_horizon(practice, practitioner) -> None:
    make_type(horizon_days=3)
    page = build(practice, **{"from": "2020-01-01"})
    assert free_days(page) == [5, 6, 7]
    assert page.next_month is None
    for far in ("2026-12-01", "9999-12-31"):
        page = build(practice, **{"from": far})
        assert (page.day, page.count, page.parts) == (None, 0, [])
        assert page.looked_until == date(2026, 5, 7)


def test_search_skips_long_gaps_within_horizon(practice, practitioner) -> None:
    make_type(horizon_days=90)
    TimeOff.objects.create(practitioner=practitioner, start_at=NOW, end_at=NOW + 70 * DAY)
    page = build(practice)
    assert (page.day, page.title) == (date(2026, 7, 13), "July 2026")
    assert 14 in free_days(page)


def test_nothing_free_at_all(practice, practitioner) -> None:
    make_type()
    practitioner.weekly_windows.all().delete()
    page = build(practice)
    assert (page.day, page.title, free_days(page)) == (None, "May 2026", [])
    assert page.looked_until == date(2026, 6, 3)


def test_days_are_in_the_visitors_zone(practice) -> None:
    make_type()
    make_window(make_practitioner(), 1, start_min=960, length_min=60)
    page = build(practice, zone="Asia/Tokyo")
    assert (page.day, starts(page)[0]) == (date(2026, 5, 6), datetime(2026, 5, 5, 23, tzinfo=UTC))
    assert page.has_other_date
    assert not build(practice).has_other_date


def test_times_are_grouped_by_part_of_day(practice) -> None:
    make_type(step_min=60)
    make_window(make_practitioner(), 1, start_min=0, length_min=1440)
    page = build(practice, **{"from": "2026-05-12"})
    parts = [(part.name, part.slots[0].words, len(part.slots)) for part in page.parts]
    assert parts == [
        ("Night", "12:00 AM", 5),
        ("Morning", "5:00 AM", 7),
        ("Afternoon", "12:00 PM", 5),
        ("Evening", "5:00 PM", 7),
    ]


def test_taken_times_are_not_shown(practice, practitioner) -> None:
    consultation_type = make_type()
    make_booking(consultation_type, [practitioner])
    assert START not in starts(build(practice, **{"from": "2026-05-06"}))


def test_moving_does_not_offer_the_current_time(practice, practitioner) -> None:
    row = make_booking(make_type(), [practitioner])
    page = build(practice, moving=row, **{"from": "2026-05-06"})
    assert START not in starts(page)
    # Its own claims do not block the times around it.
    assert START + HOUR / 4 in starts(page)


def test_only_time_of_a_day_is_not_offered_to_its_own_call(practice) -> None:
    consultation_type = make_type(horizon_days=10)
    practitioner = make_practitioner()
    make_window(practitioner, 2, start_min=600, length_min=20)
    row = make_booking(consultation_type, [practitioner])
    page = build(practice, moving=row, **{"from": "2026-05-06"})
    assert page.day == date(2026, 5, 13)


def test_number_of_queries_is_constant(
    practice, practitioner, django_assert_max_num_queries
) -> None:
    make_type(horizon_days=365)
    for n in range(5):
        make_open_practitioner(slug=f"p{n}")
    with django_assert_max_num_queries(20):
        build(practice, **{"from": "2026-08-31"})


# --- the other choices ---
def test_one_practitioner_and_one_type_need_no_choice(practice, practitioner) -> None:
    make_type(by_phone=False)
    choice = slot_choice.parse_choice({}, practice)
    assert choice is not None
    assert calendar_page.type_options(choice, lambda **_: "") == []
    assert calendar_page.practitioner_options(choice, lambda **_: "") == []
    assert calendar_page.meeting_options(choice, lambda **_: "") == []


def test_options_name_practitioners_and_ways_to_meet(practice, practitioner) -> None:
    make_type(in_person=True)
    make_open_practitioner(slug="jo", name="Jo Anne Quill", role="Counselor")
    asked = {"practitioner": "jo", "meeting": "phone"}
    choice = slot_choice.parse_choice(asked, practice)
    assert choice is not None
    who = calendar_page.practitioner_options(choice, lambda **changes: urlencode(changes))
    assert (who[0].url, who[0].is_chosen) == ("practitioner=", False)
    assert (who[-1].label, who[-1].rest, who[-1].note) == ("Jo", " Anne Quill", "Counselor")
    assert who[-1].is_chosen
    how = calendar_page.meeting_options(choice, lambda **changes: urlencode(changes))
    assert [(one.label, one.is_chosen) for one in how] == [
        ("Video", False),
        ("Phone", True),
        ("In person", False),
    ]


def test_meeting_in_person_fixes_the_zone(practice, practitioner) -> None:
    make_type(in_person=True)
    asked = {"meeting": "in_person", "zone": "Asia/Kolkata"}
    choice = slot_choice.parse_choice(asked, practice)
    assert choice is not None
    assert choice.zone == "America/Los_Angeles"
