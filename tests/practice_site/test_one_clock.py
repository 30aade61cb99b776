"""Every page of the admin is in the practice's time zone, and says so once."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django import forms
from django.utils import timezone

from consultations.audit.models import AuditEntry
from pages.practice.staff_dates import format_clock, format_day, format_moment
from pages.practice.zone_names import spoken_zone
from tests.factories.consultations import make_consultation, make_staff
from tests.factories.pages import make_article, make_practice

NOW = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)  # still November 30 in Oregon


@pytest.mark.django_db
def test_lists_and_forms_are_in_the_zone_of_the_practice(client) -> None:
    make_practice(time_zone="America/Los_Angeles")
    article = make_article(published_at=NOW)
    client.force_login(make_staff())
    page = client.get("/admin/pages/article/").content.decode()
    assert "Mon, Nov 30, 2026, 8:30 PM" in page
    form = client.get(f"/admin/pages/article/{article.pk}/change/").content.decode()
    assert 'value="20:30:00"' in form
    # For the shortcuts "Today" and "Now".
    assert 'data-admin-utc-offset="-28800"' in form or 'data-admin-utc-offset="-25200"' in form
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.django_db
def test_audit_log_and_history_show_local_times_with_the_weekday(client) -> None:
    make_practice(time_zone="America/Los_Angeles")
    with time_machine.travel(NOW, tick=False):
        row = make_consultation(now=NOW)
        client.force_login(make_staff())
        page = client.get(f"/admin/consultations/consultation/{row.pk}/change/").content.decode()
        assert "Mon, Nov 30, 8:30 PM: Needs an answer" in page
        assert AuditEntry.objects.exists()
        log = client.get("/admin/consultations/auditentry/").content.decode()
    assert "Mon, Nov 30, 8:30 PM:00" in log
    assert " UTC" not in log


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        ("9:00", "09:00"),
        ("9am", "09:00"),
        ("9:30 PM", "21:30"),
        ("13.30", "13:30"),
        ("12 am", "00:00"),
        ("9.15pm", "21:15"),
    ],
)
def test_times_are_typed_as_people_type_them(typed, clock) -> None:
    assert f"{forms.TimeField().clean(typed):%H:%M}" == clock


@pytest.mark.parametrize("typed", ["2026-12-01", "12/1/2026", "Dec 1, 2026", "December 1, 2026"])
def test_dates_are_typed_in_iso_and_american_form(typed) -> None:
    assert forms.DateField().clean(typed) == date(2026, 12, 1)


def test_dates_carry_the_weekday_and_another_years_number() -> None:
    today = date(2026, 11, 30)
    assert format_day(date(2026, 12, 1), today) == "Tue, Dec 1"
    assert format_day(date(2027, 1, 4), today) == "Mon, Jan 4, 2027"
    assert format_clock(datetime(2026, 12, 1, 0, 5)) == "12:05 AM"
    assert format_moment(datetime(2026, 12, 1, 14, 0), today) == "Tue, Dec 1, 2:00 PM"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/Los_Angeles", "Pacific Time (PT)"),
        ("Europe/Lisbon", "Lisbon time"),
        ("UTC", "Coordinated Universal Time (UTC)"),
    ],
)
def test_zones_have_names_that_people_say(zone, words) -> None:
    assert spoken_zone(zone) == words
