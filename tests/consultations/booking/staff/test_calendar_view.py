"""Weekly calendar: time zones, entries, and the number of queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consultations.booking.calendars.models import BusyInterval, BusySource
from consultations.booking.hours import DateOverride, OverrideWindow, TimeOff
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


def first_column(response) -> dict:
    """Return the first column by day: the hours and the entries."""
    return {day: cells[0] for day, cells in response.context["rows"]}


def test_calendar_opens_on_current_week_with_navigation(staff) -> None:
    make_open_practitioner()
    page = staff.get(WEEK)
    assert [day for day, _cells in page.context["rows"]] == [
        MONDAY + timedelta(days=number) for number in range(7)
    ]
    words = page.content.decode()
    assert "?week=2026-04-27&amp;practitioner=all" in words
    assert "?week=2026-05-11&amp;practitioner=all" in words
    other = staff.get(WEEK, {"week": "2026-12-31"})
    assert other.context["monday"] == date(2026, 12, 28)


@pytest.mark.parametrize("odd", ["", "x", "0001-01-01", "9999-12-31", "2026-02-30", "20260504xx"])
def test_invalid_week_shows_current_week(staff, odd) -> None:
    make_open_practitioner()
    assert staff.get(WEEK, {"week": odd}).context["monday"] == MONDAY
    assert parse_week_date(odd) is None
    assert monday_of(date(2026, 5, 10)) == MONDAY


def test_call_is_shown_on_its_day_with_initials_only(staff) -> None:
    practitioner = make_open_practitioner()
    row = make_booking(make_type(), [practitioner], START, name="Xanthippe Quill")
    held = make_booking(make_type(mode="email_confirm"), [practitioner], START + timedelta(hours=2))
    page = staff.get(WEEK)
    calls = first_column(page)[date(2026, 5, 6)][1]
    assert [(call.clock, call.words) for call in calls] == [
        ("10:00–10:20", f"XQ, {row.reference}"),
        ("12:00–12:20", f"AV, {held.reference}"),
    ]
    assert [call.state for call in calls] == ["", "Time held"]
    assert "Xanthippe" not in page.content.decode()
    assert sum(len(cell[1]) for cell in first_column(page).values()) == 2


def test_days_use_practitioner_zone(staff) -> None:
    """Sunday 23:30 in Oregon is Monday in Berlin at the same instant."""
    practitioner = make_open_practitioner(time_zone="Europe/Berlin")
    make_window(practitioner, 6, 0, 1440)
    sunday_night = datetime(2026, 5, 10, 22, 30, tzinfo=UTC)
    make_booking(make_type(), [practitioner], sunday_night - timedelta(hours=2))
    week = first_column(staff.get(WEEK))
    assert [call.clock for call in week[date(2026, 5, 10)][1]] == ["22:30–22:50"]


def test_expired_hold_is_not_shown(staff) -> None:
    practitioner = make_open_practitioner()
    row = make_booking(make_type(mode="email_confirm"), [practitioner], START)
    with time_machine.travel(row.hold_expires_at, tick=False):
        assert first_column(staff.get(WEEK))[date(2026, 5, 6)][1] == []


def test_date_override_replaces_weekly_hours(staff) -> None:
    practitioner = make_open_practitioner()
    make_window(practitioner, 0, 18 * 60, 60, valid_from=date(2026, 5, 11))
    override = DateOverride.objects.create(practitioner=practitioner, on=date(2026, 5, 5))
    OverrideWindow.objects.create(override=override, start_min=13 * 60, length_min=120)
    OverrideWindow.objects.create(override=override, start_min=9 * 60, length_min=60)
    DateOverride.objects.create(practitioner=practitioner, on=date(2026, 5, 6))
    Holiday.objects.create(profile_id=1, on=date(2026, 5, 7))
    week = first_column(staff.get(WEEK))
    assert [week[MONDAY + timedelta(days=number)][0] for number in range(7)] == [
        "09:00-17:00", "09:00-10:00, 13:00-15:00", "Closed", "Closed", "09:00-17:00", "Closed",
        "Closed",
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
    week = first_column(staff.get(WEEK))
    away = {day: [(one.kind, one.clock) for one in cell[1]] for day, cell in week.items()}
    assert away[date(2026, 5, 5)] == [("away", "12:00–00:00")]
    assert away[date(2026, 5, 6)] == [("away", "All day"), ("busy", "09:00–10:00")]
    assert away[date(2026, 5, 7)] == [("away", "00:00–09:00")]
    assert away[date(2026, 5, 8)] == []


def test_own_calendar_is_default_and_all_is_selectable(staff, owner) -> None:
    own, other = make_open_practitioner(user=owner), make_open_practitioner()
    assert staff.get(WEEK).context["chosen"] == own.slug
    assert [p for p, _zone in staff.get(WEEK).context["practitioners"]] == [own]
    everybody = staff.get(WEEK, {"practitioner": "all"}).context["practitioners"]
    assert [p for p, _zone in everybody] == [own, other]
    one = staff.get(WEEK, {"practitioner": other.slug}).context["practitioners"]
    assert [p for p, _zone in one] == [other]


def test_calendar_query_count_is_constant(staff) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert staff.get(WEEK).status_code == 200
        return len(seen)

    consultation_type, practitioners = make_type(daily_cap=None), [make_open_practitioner()]
    make_booking(consultation_type, practitioners, START)
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
