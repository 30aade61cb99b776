"""The calendar: what lies where on the practice's clock, links without a script, queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consultations.booking.calendars.models import BusyInterval, BusySource
from consultations.booking.hours import DateOverride, OverrideWindow, TimeOff
from consultations.booking.staff.calendar_grid import (
    Block,
    DayFrame,
    assign_lanes,
    place_blocks,
    shown_hours,
)
from consultations.booking.staff.calendar_view import monday_of, parse_week_date
from pages.practice.models import Holiday
from tests.factories.booking import make_booking, make_open_practitioner, make_type, make_window
from tests.factories.consultations import NOW, START, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
WEEK = "/admin/consultations/consultation/week/"
MONDAY = date(2026, 5, 4)


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner():
    return make_staff()


@pytest.fixture
def staff(client, owner):
    client.force_login(owner)
    return client


def blocks_by_day(response, *kinds: str) -> dict[date, list[Block]]:
    """Return the blocks of some kinds by day, those of the whole day first."""
    return {
        day.on: [
            block
            for block in [*day.all_day, *(placed.block for placed in day.blocks)]
            if block.kind in kinds
        ]
        for day in response.context["days"]
    }


def hours_by_day(response) -> dict[date, list[str]]:
    found = blocks_by_day(response, "hours")
    return {day: [block.clock for block in blocks] for day, blocks in found.items()}


def test_calendar_opens_on_current_week_with_navigation(staff) -> None:
    make_open_practitioner()
    page = staff.get(WEEK)
    assert [day.on for day in page.context["days"]] == [
        MONDAY + timedelta(days=number) for number in range(7)
    ]
    words = page.content.decode()
    assert "?week=2026-04-27&amp;practitioner=all" in words
    assert "?week=2026-05-11&amp;practitioner=all" in words
    assert page.context["heading"] == "May 4 – 10"
    other = staff.get(WEEK, {"week": "2026-12-31"})
    assert other.context["monday"] == date(2026, 12, 28)


def test_one_day_is_shown_with_its_week_as_a_strip(staff) -> None:
    make_booking(make_type(), [make_open_practitioner()], START)
    page = staff.get(WEEK, {"day": "2026-05-06"})
    assert [day.on for day in page.context["days"]] == [date(2026, 5, 6)]
    assert [day.summary for day in page.context["strip"]] == [
        "–", "–", "1 call", "–", "–", "–", "–",
    ]  # fmt: skip
    assert [day.on for day in page.context["strip"] if day.is_chosen] == [date(2026, 5, 6)]
    assert "?day=2026-05-07&amp;practitioner=all" in page.content.decode()


@pytest.mark.parametrize("odd", ["", "x", "0001-01-01", "9999-12-31", "2026-02-30", "20260504xx"])
def test_invalid_week_shows_current_week(staff, odd) -> None:
    make_open_practitioner()
    assert staff.get(WEEK, {"week": odd, "day": odd}).context["monday"] == MONDAY
    assert parse_week_date(odd) is None
    assert monday_of(date(2026, 5, 10)) == MONDAY


def test_call_is_shown_on_its_day_with_initials_only(staff) -> None:
    practitioner = make_open_practitioner()
    row = make_booking(make_type(), [practitioner], START, name="Xanthippe Quill")
    held = make_booking(make_type(mode="email_confirm"), [practitioner], START + timedelta(hours=2))
    page = staff.get(WEEK)
    calls = blocks_by_day(page, "call", "held")[date(2026, 5, 6)]
    assert [(call.kind, call.clock, call.words) for call in calls] == [
        ("call", "10:00 AM", f"XQ, {row.reference}"),
        ("held", "12:00 PM", f"AV, {held.reference}"),
    ]
    assert [call.state for call in calls] == ["", "Time held"]
    assert "Xanthippe" not in page.content.decode()


def test_call_opens_moves_and_cancels_without_a_script(staff) -> None:
    row = make_booking(make_type(), [make_open_practitioner()], START)
    words = staff.get(WEEK).content.decode()
    page = f"/admin/consultations/consultation/{row.pk}/"
    assert f'href="{page}change/" data-panel="call-{row.pk}"' in words
    assert f'href="{page}act/move/"' in words
    assert f'href="{page}act/cancel/"' in words


def test_days_are_those_of_the_practice(staff) -> None:
    """Sunday 22:30 in Berlin is Sunday 1:30 PM in Oregon; Monday 5:00 there is Sunday evening."""
    practitioner = make_open_practitioner(time_zone="Europe/Berlin")
    make_window(practitioner, 6, 0, 1440)
    make_booking(make_type(), [practitioner], datetime(2026, 5, 10, 20, 30, tzinfo=UTC))
    make_booking(make_type(), [practitioner], datetime(2026, 5, 8, 7, tzinfo=UTC))
    week = blocks_by_day(staff.get(WEEK), "call")
    assert [call.clock for call in week[date(2026, 5, 10)]] == ["1:30 PM"]
    assert [call.clock for call in week[date(2026, 5, 8)]] == ["12:00 AM"]


def test_expired_hold_is_not_shown(staff) -> None:
    practitioner = make_open_practitioner()
    row = make_booking(make_type(mode="email_confirm"), [practitioner], START)
    with time_machine.travel(row.hold_expires_at, tick=False):
        assert blocks_by_day(staff.get(WEEK), "held", "call")[date(2026, 5, 6)] == []


def test_date_override_replaces_weekly_hours(staff) -> None:
    practitioner = make_open_practitioner()
    make_window(practitioner, 0, 18 * 60, 60, valid_from=date(2026, 5, 11))
    override = DateOverride.objects.create(practitioner=practitioner, on=date(2026, 5, 5))
    OverrideWindow.objects.create(override=override, start_min=13 * 60, length_min=120)
    OverrideWindow.objects.create(override=override, start_min=9 * 60, length_min=60)
    DateOverride.objects.create(practitioner=practitioner, on=date(2026, 5, 6))
    Holiday.objects.create(profile_id=1, on=date(2026, 5, 7))
    week, usual = hours_by_day(staff.get(WEEK)), ["9:00 AM – 5:00 PM"]
    assert [week[MONDAY + timedelta(days=number)] for number in range(7)] == [
        usual, ["9:00 AM – 10:00 AM", "1:00 PM – 3:00 PM"], [], [], usual, [], [],
    ]  # fmt: skip


def test_time_off_and_busy_times_span_their_days(staff) -> None:
    practitioner = make_open_practitioner()
    TimeOff.objects.create(
        practitioner=practitioner,
        start_at=datetime(2026, 5, 5, 19, tzinfo=UTC),
        end_at=datetime(2026, 5, 7, 16, tzinfo=UTC),
    )
    source = BusySource.objects.create(
        practitioner=practitioner, label="Own", address="https://a.example/"
    )
    BusyInterval.objects.create(
        source=source, start_at=START - timedelta(hours=1), end_at=START, uid_hash="x"
    )
    page = staff.get(WEEK)
    week = blocks_by_day(page, "off", "busy")
    away = {day: [(one.kind, one.clock) for one in blocks] for day, blocks in week.items()}
    assert away[date(2026, 5, 5)] == [("off", "12:00 PM – 12:00 AM")]
    assert away[date(2026, 5, 6)] == [("off", "All day"), ("busy", "9:00 AM – 10:00 AM")]
    assert away[date(2026, 5, 7)] == [("off", "12:00 AM – 9:00 AM")]
    assert away[date(2026, 5, 8)] == []
    # What lies in time off is not offered for booking.
    free = blocks_by_day(page, "free")
    assert [block.clock for block in free[date(2026, 5, 7)]][:1] == ["9:00 AM"]
    assert free[date(2026, 5, 6)] == []


def test_free_half_hours_are_links_that_prefill_the_booking(staff) -> None:
    practitioner = make_open_practitioner(name="Jo Example")
    make_booking(make_type(), [practitioner], START)
    page = staff.get(WEEK)
    wednesday = [block.clock for block in blocks_by_day(page, "free")[date(2026, 5, 6)]]
    # The call from 10:00 keeps 15 minutes free after it.
    assert wednesday[:4] == ["9:00 AM", "9:30 AM", "11:00 AM", "11:30 AM"]
    assert len(wednesday) == 14
    url = blocks_by_day(page, "free")[date(2026, 5, 6)][0].url
    form = staff.get(url).context["form"]
    assert form.fields["start_at"].initial == datetime(2026, 5, 6, 9)
    # Nothing in the past is offered: it is 10:00 on Monday.
    assert blocks_by_day(page, "free")[MONDAY][0].clock == "10:00 AM"


def test_viewers_without_permission_to_add_get_no_links_to_book(client) -> None:
    make_open_practitioner()
    client.force_login(make_staff("view_consultation"))
    page = client.get(WEEK)
    assert not any(blocks_by_day(page, "free").values())
    assert "Block time" not in page.content.decode()
    assert "Book a call" not in page.content.decode()


def test_clicked_place_outside_the_hours_prefills_the_booking(staff) -> None:
    practitioner = make_open_practitioner(time_zone="America/New_York")
    add = "/admin/consultations/consultation/add/"
    form = staff.get(add, {"on": "2026-05-09", "at": "20:15"}).context["form"]
    assert form.fields["start_at"].initial == datetime(2026, 5, 9, 23, 15)
    assert form.fields["practitioner"].initial == practitioner.pk
    for odd in ({"on": "x", "at": "1"}, {"on": "2026-05-09"}, {"on": "2026-03-08", "at": "02:30"}):
        assert staff.get(add, odd).context["form"].fields["start_at"].initial is None


def test_own_calendar_is_default_and_all_is_selectable(staff, owner) -> None:
    own, other = make_open_practitioner(user=owner), make_open_practitioner()
    assert staff.get(WEEK).context["chosen"] == own.slug

    def shown(slug: str) -> list:
        people = staff.get(WEEK, {"practitioner": slug}).context["people"]
        return [person for person, _who in people]

    assert shown(own.slug) == [own]
    assert shown("all") == [own, other]
    assert shown(other.slug) == [other]


def test_calendar_query_count_is_constant(staff) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert staff.get(WEEK).status_code == 200
        return len(seen)

    consultation_type, practitioners = make_type(daily_cap=None), [make_open_practitioner()]
    make_booking(consultation_type, practitioners, START)
    queries()  # the first page that is logged also makes the key of the audit log
    few = queries()
    practitioners += [make_open_practitioner(), make_open_practitioner()]
    for practitioner in practitioners:
        for number in range(1, 4):
            make_booking(consultation_type, [practitioner], START + timedelta(hours=number))
        TimeOff.objects.create(
            practitioner=practitioner, start_at=START, end_at=START + timedelta(days=9)
        )
    assert queries() == few


def test_calendar_requires_view_permission(client) -> None:
    client.force_login(make_staff("view_comment"))
    assert client.get(WEEK).status_code == 403
    client.force_login(make_staff("view_consultation"))
    assert client.get(WEEK).status_code == 200


# --- Layout: pure ---------------------------------------------------------------------------------


def call_at(start_min: int, end_min: int, who: int = 0) -> Block:
    return Block("call", start_min, end_min, who=who)


def test_overlapping_calls_lie_side_by_side() -> None:
    day = [call_at(600, 620), call_at(610, 630, 1), call_at(620, 640), call_at(700, 720)]
    placed = [(one.start_min, one.lane, one.lanes) for one in assign_lanes(day)]
    assert placed == [(600, 1, 2), (610, 2, 2), (620, 1, 2), (700, 1, 1)]


def test_more_calls_than_lanes_share_the_last_one() -> None:
    crowd = assign_lanes([call_at(600, 620, number) for number in range(9)])
    assert {one.lanes for one in crowd} == {6}
    assert [one.lane for one in crowd] == [1, 2, 3, 4, 5, 6, 6, 6, 6]


def test_rows_count_from_the_first_hour_and_end_with_the_last() -> None:
    blocks = [Block("hours", 540, 1020), call_at(600, 620), Block("off", 0, 480)]
    hours = shown_hours(blocks)
    assert hours == (8, 18)
    assert [placed.place for placed in place_blocks(blocks, hours)] == ["s13 l96", "s25 l4"]


def test_day_of_a_clock_change_keeps_the_clock() -> None:
    spring = DayFrame(date(2026, 3, 8), "America/Los_Angeles")  # 2 AM to 3 AM is skipped
    start = int(datetime(2026, 3, 8, 17, tzinfo=UTC).timestamp())  # 10 AM in daylight time
    assert spring.clip((start, start + 1200)) == (600, 620)
    assert spring.covers((spring.begin, spring.end))
    assert spring.end - spring.begin == 23 * 3600
    assert spring.clip((spring.end, spring.end + 60)) is None
