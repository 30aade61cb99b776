"""One command sets up a practice that visitors can book."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from consultations.accounts import roles
from consultations.booking import availability
from consultations.booking.hours import ConsultationType, WeeklyWindow
from consultations.management import practice_setup
from pages.practice.models import Practitioner

pytestmark = pytest.mark.django_db
FACTS = {
    "name": "Quiet Room",
    "email": "hello@quietroom.example.com",
    "phone": "(503) 555-0142",
    "country": "us",
    "time_zone": "America/Los_Angeles",
    "hours": "mon-thu 09:00-17:00, fri 09:00-13:00",
    "practitioner": "Robin Example",
    "owner": "robin",
}


@pytest.fixture
def password(tmp_path) -> Path:
    file = tmp_path / "password"
    file.write_text("a long and quiet sentence", encoding="utf-8")
    return file


def run_setup(password: Path, **options: str) -> str:
    out = StringIO()
    facts = {**FACTS, **options}
    call_command(
        "setup_practice", password_file=str(password), no_test_mail=True, stdout=out, **facts
    )
    return out.getvalue()


def test_owner_has_the_owner_role_and_is_superuser(password) -> None:
    run_setup(password)
    user = User.objects.get()
    assert user.is_superuser
    assert [role.key for role in roles.get_roles(user)] == ["owner"]


def test_new_practice_can_be_booked(password) -> None:
    said = run_setup(password)
    assert (
        "Visitors may book from now on: Free consultation, 20 minutes, with Robin Example: Mon"
        in (said)
    )
    kind, person = ConsultationType.objects.get(), Practitioner.objects.get()
    assert (kind.mode, kind.step_min, kind.before_min, kind.after_min, kind.daily_cap) == (
        "instant", 15, 0, 15, 4,
    )  # fmt: skip
    now = datetime(2026, 5, 4, 17, 0, tzinfo=UTC)
    times = availability.find_available_slots(
        kind, [person], visitor_zone="America/Los_Angeles", first_date=now.date(),
        last_date=now.date() + timedelta(days=4), now=now,
    )  # fmt: skip
    assert (times[0].label, times[-1].label) == ("10:00", "12:30")


def test_call_hours_are_rounded_inward_to_the_grid(password) -> None:
    said = run_setup(password, call_hours="tue 13:07-16:58")
    window = WeeklyWindow.objects.get()
    assert (window.weekday, window.words) == (1, "13:10-16:55")
    assert "Tue 13:10-16:55" in said


def test_invalid_hours_are_reported_and_nothing_is_stored(password) -> None:
    with pytest.raises(CommandError) as refused:
        run_setup(password, call_hours="whenever")
    assert "--call-hours: Write it like" in str(refused.value)
    assert refused.value.returncode == 2
    assert not Practitioner.objects.exists()


def test_missing_hours_are_reported(password) -> None:
    # An existing practitioner without hours: the command must not guess whose hours these are.
    Practitioner.objects.create(name="Sam Example", slug="sam")
    assert "Visitors see no times yet" in run_setup(password)
    assert practice_setup.booking_summary() == ""
