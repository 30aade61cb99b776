"""Admin for hours: parsing of times, the practitioner's zone, and warnings about calls."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from consultations.booking.calendars import feed
from consultations.booking.hours import DateOverride, TimeOff, WeeklyWindow
from consultations.booking.models import Consultation
from consultations.booking.staff.forms import parse_clock, parse_time_ranges, to_start_and_length
from consultations.booking.staff.hours_admin import find_calls_outside_hours
from consultations.outbox.models import OutgoingEmail
from pages.practice.models import Holiday, Practitioner
from tests.factories.booking import make_booking, make_open_practitioner, make_type, make_window
from tests.factories.consultations import NOW, START, make_consultation_with_status, make_staff
from tests.factories.pages import make_practice, make_practitioner

pytestmark = pytest.mark.django_db
PREFIXES = ("weekly_windows", "date_overrides", "time_off")


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def hours_url(practitioner: Practitioner) -> str:
    return f"/admin/consultations/practitionerhours/{practitioner.pk}/change/"


def formset_data(**rows: list[dict]) -> dict:
    """Return POST data: the rows of each formset, existing rows first."""
    data = {}
    for prefix in PREFIXES:
        given = rows.get(prefix, [])
        data[f"{prefix}-TOTAL_FORMS"] = len(given)
        data[f"{prefix}-INITIAL_FORMS"] = sum("id" in row for row in given)
        for number, row in enumerate(given):
            data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def window_row(weekday: int, opens: str, closes: str, **other) -> dict:
    return {"weekday": weekday, "opens": opens, "closes": closes, **other}


# --- parsing of times ---
@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("09:00", 540),
        ("9", 540),
        ("9:05", 545),
        ("9.30", 570),
        (" 17:00 ", 1020),
        ("24:00", 1440),
        ("0:00", 0),
        ("9am", 540),
        ("1:30 p.m.", 810),
        ("12 AM", 0),
    ],
)
def test_clock_times_are_parsed_in_common_formats(text, minutes) -> None:
    assert parse_clock(text) == minutes


@pytest.mark.parametrize(
    "text", ["", "x", "25:00", "24:05", "9:60", "9:03", "-1", "9:5", "1²:00", "13pm", "0 am"]
)
def test_invalid_clock_time_is_rejected(text) -> None:
    with pytest.raises(ValidationError):
        parse_clock(text)


@pytest.mark.parametrize(
    ("begin", "end", "span"),
    [
        (540, 720, (540, 180)),
        (1320, 120, (1320, 240)),
        (540, 540, (540, 1440)),
        (540, 1440, (540, 900)),
        (0, 1440, (0, 1440)),
        (0, 0, (0, 1440)),
    ],
)
def test_end_before_start_means_the_next_day(begin, end, span) -> None:
    assert to_start_and_length(begin, end) == span


def test_time_ranges_are_parsed_from_one_line() -> None:
    assert parse_time_ranges("13:00-17:00, 9-12") == [(540, 180), (780, 240)]
    assert parse_time_ranges("22:00 to 02:00; 9–10") == [(540, 60), (1320, 240)]
    assert parse_time_ranges("  ") == []
    for odd in ("9", "9-12-13", "9-12 13-17", "24:00-01:00", "9-x"):
        with pytest.raises(ValidationError):
            parse_time_ranges(odd)


# --- change page ---
def test_weekly_hours_are_saved_and_summarized(staff) -> None:
    practitioner = make_practitioner(time_zone="Europe/Berlin")
    response = staff.post(
        hours_url(practitioner),
        formset_data(
            weekly_windows=[
                window_row(0, "13:00", "17:00"),
                window_row(0, "09:00", "12:00"),
                window_row(4, "22:00", "02:00"),
                window_row(5, "18:00", "24:00", valid_from="2026-06-01", valid_to="2026-08-31"),
            ]
        ),
    )
    assert response.status_code == 302
    rows = list(WeeklyWindow.objects.values_list("weekday", "start_min", "length_min"))
    assert rows == [(0, 540, 180), (0, 780, 240), (4, 1320, 240), (5, 1080, 360)]
    last = WeeklyWindow.objects.last()
    assert last is not None
    assert last.valid_from == date(2026, 6, 1)
    page = staff.get(hours_url(practitioner)).content.decode()
    assert "Mon 09:00-12:00, 13:00-17:00; Fri 22:00-02:00; Sat 18:00-24:00" in page
    assert "Europe/Berlin: all times on this page are meant there" in page
    for value in ('value="09:00"', 'value="02:00"', 'value="24:00"', 'value="2026-06-01"'):
        assert value in page


def test_weekly_rows_can_be_changed_and_deleted(staff) -> None:
    practitioner = make_practitioner()
    kept, gone = make_window(practitioner, 0), make_window(practitioner, 1)
    rows = [
        window_row(2, "10:00", "11:00", id=kept.pk),
        window_row(1, "09:00", "17:00", id=gone.pk, DELETE="on"),
    ]
    assert staff.post(hours_url(practitioner), formset_data(weekly_windows=rows)).status_code == 302
    assert [str(row) for row in practitioner.weekly_windows.all()] == ["Wednesday 10:00-11:00"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (window_row(0, "9 o'c", "12:00"), "Write a time like 9am"),
        (window_row(0, "09:03", "12:00"), "multiple of 5"),
        (window_row(0, "24:00", "12:00"), "23:55"),
        (window_row(0, "09:00", ""), "required"),
        (
            window_row(0, "9", "10", valid_from="2026-06-02", valid_to="2026-06-01"),
            "before the first",
        ),
    ],
)
def test_invalid_weekly_row_is_rejected(staff, row, words) -> None:
    practitioner = make_practitioner()
    response = staff.post(hours_url(practitioner), formset_data(weekly_windows=[row]))
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not WeeklyWindow.objects.exists()


def test_date_override_has_several_windows_or_is_closed(staff) -> None:
    practitioner = make_practitioner()
    rows = [
        {"on": "2026-05-05", "hours": "09:00-10:00, 14-16:30", "label": "Half"},
        {"on": "2026-05-06", "hours": "", "label": ""},
    ]
    assert staff.post(hours_url(practitioner), formset_data(date_overrides=rows)).status_code == 302
    first, second = DateOverride.objects.all()
    assert [row.words for row in first.windows.all()] == ["09:00-10:00", "14:00-16:30"]
    assert [row.words for row in second.windows.all()] == []
    assert 'value="09:00-10:00, 14:00-16:30"' in staff.get(hours_url(practitioner)).content.decode()
    changed: list[dict[str, Any]] = [
        {"id": first.pk, "on": "2026-05-05", "hours": "11-12", "label": "Half"}
    ]
    assert (
        staff.post(hours_url(practitioner), formset_data(date_overrides=changed)).status_code == 302
    )
    assert [row.words for row in first.windows.all()] == ["11:00-12:00"]


def test_duplicate_date_override_is_rejected(staff) -> None:
    practitioner = make_practitioner()
    DateOverride.objects.create(practitioner=practitioner, on=date(2026, 5, 1))
    for rows in ([{"on": "2026-05-05", "hours": ""}] * 2, [{"on": "2026-05-01", "hours": "9-10"}]):
        response = staff.post(hours_url(practitioner), formset_data(date_overrides=rows))
        assert response.status_code == 200
    assert DateOverride.objects.count() == 1


def test_time_off_uses_practitioner_zone(staff) -> None:
    practitioner = make_practitioner(time_zone="Europe/Berlin")
    row = {
        "start_at_0": "2026-05-05",
        "start_at_1": "09:00",
        "end_at_0": "2026-05-06",
        "end_at_1": "12:00",
        "label": "Training",
    }
    assert staff.post(hours_url(practitioner), formset_data(time_off=[row])).status_code == 302
    away = TimeOff.objects.get()
    assert away.start_at == datetime(2026, 5, 5, 7, tzinfo=UTC)
    assert away.end_at == datetime(2026, 5, 6, 10, tzinfo=UTC)
    page = staff.get(hours_url(practitioner)).content.decode()
    assert 'value="09:00"' in page
    assert 'value="12:00"' in page


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("2027-03-28", "02:30", datetime(2027, 3, 28, 1, tzinfo=UTC)),  # skipped: the jump
        ("2026-10-25", "02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # repeated: the first
    ],
)
def test_time_off_handles_dst_changes(staff, day, clock, expected) -> None:
    practitioner = make_practitioner(time_zone="Europe/Berlin")
    row = {"start_at_0": day, "start_at_1": clock, "end_at_0": "2027-06-01", "end_at_1": "12:00"}
    assert staff.post(hours_url(practitioner), formset_data(time_off=[row])).status_code == 302
    assert TimeOff.objects.get().start_at == expected


def test_time_off_takes_whole_days(staff) -> None:
    person = make_practitioner(time_zone="Asia/Kolkata")
    row = {
        "all_day": "on",
        "start_at_0": "2026-12-24",
        "start_at_1": "09:00",
        "end_at_0": "2026-12-26",
        "end_at_1": "",
        "label": "Holidays",
    }
    assert staff.post(hours_url(person), formset_data(time_off=[row])).status_code == 302
    away = TimeOff.objects.get()
    assert away.start_at == datetime(2026, 12, 23, 18, 30, tzinfo=UTC)
    assert away.end_at == datetime(2026, 12, 26, 18, 30, tzinfo=UTC)
    # The form shows what was chosen: the 26th is still off.
    page = staff.get(hours_url(person)).content.decode()
    assert re.search(r'name="time_off-0-all_day"[^>]*checked', page)
    assert 'value="2026-12-26"' in page
    row |= {"end_at_0": "2026-12-23", "id": str(away.pk)}
    response = staff.post(hours_url(person), formset_data(time_off=[row]))
    assert "It ends before it begins." in response.content.decode()


def test_time_off_must_end_after_it_starts(staff) -> None:
    practitioner = make_practitioner()
    row = {
        "start_at_0": "2026-05-06",
        "start_at_1": "09:00",
        "end_at_0": "2026-05-06",
        "end_at_1": "09:00",
    }
    response = staff.post(hours_url(practitioner), formset_data(time_off=[row]))
    assert "It ends before it begins" in response.content.decode()
    assert not TimeOff.objects.exists()


def test_past_exceptions_are_not_listed(staff) -> None:
    practitioner = make_practitioner()
    DateOverride.objects.create(practitioner=practitioner, on=date(2026, 5, 3), label="Gone date")
    TimeOff.objects.create(
        practitioner=practitioner, start_at=NOW - timedelta(days=2), end_at=NOW, label="Gone away"
    )
    Holiday.objects.create(profile_id=1, on=date(2026, 5, 1), label="Gone holiday")
    Holiday.objects.create(profile_id=1, on=date(2026, 5, 25), label="Coming holiday")
    page = staff.get(hours_url(practitioner)).content.decode()
    assert "Gone" not in page
    assert "Coming holiday" in page


# --- calls outside the new hours ---
def test_calls_outside_hours_are_listed_and_kept(staff) -> None:
    practitioner = make_open_practitioner()
    row = make_booking(make_type(), [practitioner], START, name="Xanthippe")
    later = make_booking(make_type(), [practitioner], START + timedelta(days=1))
    mails = OutgoingEmail.objects.count()
    closed = [{"on": "2026-05-06", "hours": ""}]
    page = staff.post(
        hours_url(practitioner), formset_data(date_overrides=closed), follow=True
    ).content.decode()
    assert "now lie outside the hours" in page
    assert row.reference in page
    assert later.reference not in page
    assert "Xanthippe" not in page
    row.refresh_from_db()
    assert (row.status, row.start_at) == ("confirmed", START)
    assert OutgoingEmail.objects.count() == mails
    # The page keeps listing the call; a save that does not affect calls adds no warning.
    assert row.reference in staff.get(hours_url(practitioner)).content.decode()
    again = staff.post(hours_url(practitioner), formset_data(), follow=True).content.decode()
    assert "now lie outside the hours" not in again


@pytest.mark.parametrize(
    ("hours", "is_outside"),
    [
        ("09:00-17:00", False),
        ("10:00-10:20", False),
        ("10:00-10:15", True),
        ("10:05-17:00", True),
        ("", True),
    ],
)
def test_call_must_fit_entirely_within_hours(hours, is_outside) -> None:
    practitioner = make_open_practitioner()
    row = make_booking(make_type(), [practitioner], START)
    override = DateOverride.objects.create(practitioner=practitioner, on=date(2026, 5, 6))
    for start, length in parse_time_ranges(hours):
        override.windows.create(start_min=start, length_min=length)
    assert find_calls_outside_hours([practitioner], now=NOW) == ([row] if is_outside else [])


@pytest.mark.parametrize(("length", "is_outside"), [(80, False), (75, True), (55, True)])
def test_call_is_outside_weekly_hours_that_end_too_early(length, is_outside) -> None:
    practitioner = make_open_practitioner()
    row = make_booking(make_type(), [practitioner], START)
    WeeklyWindow.objects.filter(weekday=2).update(length_min=length)
    assert find_calls_outside_hours([practitioner], now=NOW) == ([row] if is_outside else [])


def test_outside_calls_are_upcoming_and_of_given_people() -> None:
    practitioner, other = make_practitioner(), make_practitioner()
    row = make_consultation_with_status("confirmed", start_at=START)
    Consultation.objects.filter(pk=row.pk).update(practitioner=practitioner)
    assert find_calls_outside_hours([other], now=NOW) == []
    assert find_calls_outside_hours([practitioner, other], now=NOW) == [row]
    assert find_calls_outside_hours([practitioner], now=START + timedelta(minutes=20)) == []
    assert find_calls_outside_hours([], now=NOW) == []


def test_outside_calls_query_count_is_constant(django_assert_num_queries) -> None:
    practitioners = [make_open_practitioner() for _ in range(3)]
    consultation_type = make_type(daily_cap=None)
    for practitioner in practitioners:
        for number in range(4):
            make_booking(consultation_type, [practitioner], START + timedelta(hours=number))
    TimeOff.objects.create(
        practitioner=practitioners[0], start_at=START, end_at=START + timedelta(days=9)
    )
    with django_assert_num_queries(8):
        assert len(find_calls_outside_hours(practitioners, now=NOW)) == 4


# --- private feed ---
def test_feed_address_requires_change_permission(client) -> None:
    practitioner = make_practitioner()
    client.force_login(make_staff("view_practitionerhours"))
    assert feed.feed_path(practitioner) not in client.get(hours_url(practitioner)).content.decode()
    client.force_login(make_staff("view_practitionerhours", "change_practitionerhours"))
    assert (
        f"http://testserver{feed.feed_path(practitioner)}"
        in client.get(hours_url(practitioner)).content.decode()
    )


def test_new_feed_address_requires_post_and_permission(client) -> None:
    practitioner = make_practitioner()
    press = f"/admin/consultations/practitionerhours/{practitioner.pk}/new-feed-address/"
    old = feed.feed_path(practitioner)
    client.force_login(make_staff("view_practitionerhours"))
    assert client.post(press).status_code == 403
    client.force_login(make_staff())
    assert client.get(press).status_code == 405
    assert feed.feed_path(practitioner) == old
    assert client.post(press)["Location"] == hours_url(practitioner)
    assert feed.feed_path(practitioner) != old


# --- permissions ---
def test_each_table_checks_its_own_permission(client) -> None:
    practitioner = make_practitioner()
    client.force_login(make_staff("change_practitionerhours", "view_weeklywindow"))
    client.post(
        hours_url(practitioner), formset_data(weekly_windows=[window_row(0, "09:00", "12:00")])
    )
    assert not WeeklyWindow.objects.exists()
    client.force_login(make_staff("change_practitionerhours", "add_weeklywindow"))
    client.post(
        hours_url(practitioner), formset_data(weekly_windows=[window_row(0, "09:00", "12:00")])
    )
    assert WeeklyWindow.objects.count() == 1
    client.force_login(make_staff("view_practitioner", "change_practitioner"))
    assert client.get(hours_url(practitioner)).status_code == 403


def test_practitioner_cannot_be_edited_on_hours_page(staff) -> None:
    practitioner = make_practitioner(name="Jo Example")
    assert staff.get("/admin/consultations/practitionerhours/add/").status_code == 403
    delete = hours_url(practitioner).replace("change", "delete")
    assert staff.post(delete, {"post": "yes"}).status_code == 403
    before = Practitioner.objects.get().updated_at
    staff.post(
        hours_url(practitioner), {**formset_data(), "name": "Somebody else", "time_zone": "UTC"}
    )
    practitioner = Practitioner.objects.get()
    assert (practitioner.name, practitioner.time_zone, practitioner.updated_at) == (
        "Jo Example",
        "",
        before,
    )


def test_hours_list_shows_every_week(staff, django_assert_max_num_queries) -> None:
    for _ in range(4):
        make_open_practitioner()
    with django_assert_max_num_queries(15):
        page = staff.get("/admin/consultations/practitionerhours/").content.decode()
    assert page.count("Mon 09:00-17:00") == 4
