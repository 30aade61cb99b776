"""Tests for available slots: everything that can block a time, in a constant number of queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consultations.booking import availability, bookings
from consultations.booking.calendars.models import BusyInterval, BusySource
from consultations.booking.hours import DateOverride, TimeOff
from pages.practice.models import Holiday
from tests.factories.booking import make_booking, make_open_practitioner, make_type, make_window
from tests.factories.consultations import NOW, START
from tests.factories.pages import make_practice, make_practitioner

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEDNESDAY = date(2026, 5, 6)
OPENS = datetime(2026, 5, 6, 16, 0, tzinfo=UTC)  # 9:00 in Oregon


@pytest.fixture(autouse=True)
def _practice():
    make_practice()


@pytest.fixture
def practitioner():
    return make_open_practitioner()


@pytest.fixture
def consultation_type():
    return make_type(step_min=60, daily_cap=None)


def slot_starts(
    consultation_type,
    practitioners,
    *,
    first=WEDNESDAY,
    last=WEDNESDAY,
    zone="America/Los_Angeles",
    **options,
):
    found = availability.find_available_slots(
        consultation_type,
        practitioners,
        visitor_zone=zone,
        first_date=first,
        last_date=last,
        now=NOW,
        **options,
    )
    return [time.start for time in found]


def oregon_hours(*clocks: int) -> list[datetime]:
    """Return these hours of that Wednesday, Oregon time, as instants."""
    return [OPENS + (clock - 9) * HOUR for clock in clocks]


ALL_HOURS = range(9, 17)


def test_weekly_hours_use_practice_zone(consultation_type, practitioner) -> None:
    assert slot_starts(consultation_type, [practitioner]) == oregon_hours(*ALL_HOURS)


def test_practitioner_zone_overrides_practice_zone(consultation_type) -> None:
    practitioner = make_open_practitioner(time_zone="America/New_York")
    assert slot_starts(consultation_type, [practitioner])[0] == OPENS - 3 * HOUR


def test_dates_are_in_visitor_zone(consultation_type, practitioner) -> None:
    # Wednesday 9:00 in Oregon is Thursday in Auckland.
    thursday = WEDNESDAY + DAY
    found = slot_starts(
        consultation_type, [practitioner], first=thursday, last=thursday, zone="Pacific/Auckland"
    )
    assert found == oregon_hours(*ALL_HOURS)


@pytest.mark.parametrize(
    ("first", "last", "opens"),
    [(None, None, True), (WEDNESDAY, WEDNESDAY, True), (WEDNESDAY + DAY, None, False),
     (None, WEDNESDAY - DAY, False)],
)  # fmt: skip
def test_weekly_hours_respect_validity_dates(consultation_type, first, last, opens) -> None:
    practitioner = make_practitioner()
    make_window(practitioner, 2, valid_from=first, valid_to=last)
    assert bool(slot_starts(consultation_type, [practitioner])) is opens


def test_holiday_closes_practitioners_without_override(consultation_type, practitioner) -> None:
    other = make_open_practitioner()
    Holiday.objects.create(on=WEDNESDAY, label="Closed")
    works = DateOverride.objects.create(practitioner=other, on=WEDNESDAY)
    works.windows.create(start_min=600, length_min=120)
    assert slot_starts(consultation_type, [practitioner]) == []
    assert slot_starts(consultation_type, [other]) == oregon_hours(10, 11)
    assert (
        slot_starts(consultation_type, [practitioner], first=WEDNESDAY + DAY, last=WEDNESDAY + DAY)
        != []
    )


def test_date_override_replaces_the_whole_date(consultation_type, practitioner) -> None:
    override = DateOverride.objects.create(practitioner=practitioner, on=WEDNESDAY)
    assert slot_starts(consultation_type, [practitioner]) == []
    override.windows.create(start_min=540, length_min=60)
    override.windows.create(start_min=1200, length_min=60)
    assert slot_starts(consultation_type, [practitioner]) == oregon_hours(9, 20)


def test_time_off_and_busy_calendars_block_slots(consultation_type, practitioner) -> None:
    TimeOff.objects.create(practitioner=practitioner, start_at=OPENS, end_at=OPENS + 2 * HOUR)
    source = BusySource.objects.create(
        practitioner=practitioner, label="Own", address="https://calendar.example/x.ics"
    )
    BusyInterval.objects.create(
        source=source, start_at=OPENS + 4 * HOUR, end_at=OPENS + 5 * HOUR, uid_hash="h"
    )
    # The 12:00 call is still offered: with its buffer it ends before 13:00 (20 + 15 < 60 minutes).
    assert slot_starts(consultation_type, [practitioner]) == oregon_hours(11, 12, 14, 15, 16)
    source.is_on = False
    source.save()
    assert slot_starts(consultation_type, [practitioner]) == oregon_hours(*range(11, 17))
    assert slot_starts(consultation_type, [make_open_practitioner()]) == oregon_hours(*ALL_HOURS)


def test_booking_blocks_slots_except_for_its_own_move(consultation_type, practitioner) -> None:
    row = make_booking(consultation_type, [practitioner])
    assert START not in slot_starts(consultation_type, [practitioner])
    assert slot_starts(consultation_type, [practitioner], moving=row) == oregon_hours(*ALL_HOURS)
    bookings.move_consultation(row, start_at=START + HOUR, promised_time="", now=NOW)
    assert START in slot_starts(consultation_type, [practitioner])


def test_time_off_that_began_long_ago_still_blocks(consultation_type, practitioner) -> None:
    TimeOff.objects.create(
        practitioner=practitioner, start_at=OPENS - 90 * DAY, end_at=OPENS + HOUR
    )
    assert slot_starts(consultation_type, [practitioner]) == oregon_hours(*range(10, 17))


def test_each_slot_lists_available_practitioners(consultation_type, practitioner) -> None:
    other = make_practitioner(order=1)
    make_window(other, 2, start_min=960, length_min=120)
    times = availability.find_available_slots(
        consultation_type,
        [practitioner, other],
        visitor_zone="America/Los_Angeles",
        first_date=WEDNESDAY,
        last_date=WEDNESDAY,
        now=NOW,
    )
    who = {time.start: time.practitioners for time in times}
    assert who[oregon_hours(9)[0]] == (practitioner,)
    assert who[oregon_hours(16)[0]] == (practitioner, other)
    assert who[oregon_hours(17)[0]] == (other,)
    assert [time.start for time in times] == sorted(who)


def test_search_range_is_limited_to_a_month(practitioner) -> None:
    consultation_type = make_type(horizon_days=365)
    found = slot_starts(
        consultation_type, [practitioner], first=WEDNESDAY, last=WEDNESDAY + timedelta(days=3650)
    )
    assert max(found) < OPENS + 32 * DAY


def test_available_practitioners_match_offered_slots(consultation_type, practitioner) -> None:
    other = make_open_practitioner()
    assert availability.find_available_practitioners(
        consultation_type, [practitioner, other], START, now=NOW
    ) == (
        practitioner,
        other,
    )
    make_booking(consultation_type, [practitioner])
    assert availability.find_available_practitioners(
        consultation_type, [practitioner, other], START, now=NOW
    ) == (other,)
    assert (
        availability.find_available_practitioners(
            consultation_type, [practitioner], START + timedelta(minutes=1), now=NOW
        )
        == ()
    )


def test_available_practitioners_near_utc_midnight(consultation_type) -> None:
    practitioner = make_open_practitioner(time_zone="Asia/Tokyo")
    start = datetime(2026, 5, 7, 0, 0, tzinfo=UTC)  # 9:00 in Tokyo
    assert availability.find_available_practitioners(
        consultation_type, [practitioner], start, now=NOW
    ) == (practitioner,)


def test_reasons_are_empty_exactly_for_offered_slots(consultation_type, practitioner) -> None:
    make_booking(consultation_type, [practitioner])
    assert (
        availability.find_unavailability_reasons(consultation_type, practitioner, START, now=NOW)
        != []
    )
    assert (
        availability.find_unavailability_reasons(
            consultation_type, practitioner, START + HOUR, now=NOW
        )
        == []
    )


def count_queries(consultation_type, practitioners, days: int) -> int:
    with CaptureQueriesContext(connection) as seen:
        slot_starts(consultation_type, practitioners, last=WEDNESDAY + timedelta(days=days - 1))
    return len(seen)


def test_availability_query_count_is_constant() -> None:
    consultation_type = make_type(daily_cap=None)
    one = [make_open_practitioner()]
    for day in range(20):
        closed = DateOverride.objects.create(practitioner=one[0], on=WEDNESDAY + day * DAY)
        closed.windows.create(start_min=540, length_min=480)
    least = count_queries(consultation_type, one, 1)
    three = [*one, make_open_practitioner(), make_open_practitioner()]
    for practitioner in three:
        source = BusySource.objects.create(
            practitioner=practitioner, label="x", address="https://calendar.example/x.ics"
        )
        for n in range(5):
            start_at = OPENS + n * DAY
            TimeOff.objects.create(
                practitioner=practitioner, start_at=start_at + 6 * HOUR, end_at=start_at + 7 * HOUR
            )
            BusyInterval.objects.create(
                source=source,
                start_at=start_at + 4 * HOUR,
                end_at=start_at + 5 * HOUR,
                uid_hash="h",
            )
    for n in range(3):
        make_booking(consultation_type, three, START + n * HOUR)
    counts = {
        count_queries(consultation_type, practitioners, days)
        for practitioners in (one, three)
        for days in (1, 31)
    }
    assert counts == {least}
    assert least <= 9
