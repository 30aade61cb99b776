"""The first day: one command, and visitors can book."""

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


def set_up(password: Path, **options: str) -> str:
    out = StringIO()
    facts = {**FACTS, **options}
    call_command(
        "setup_practice", password_file=str(password), no_test_mail=True, stdout=out, **facts
    )
    return out.getvalue()


def test_its_owner_is_one_by_role_and_the_one_superuser(password) -> None:
    set_up(password)
    user = User.objects.get()
    assert user.is_superuser
    assert [role.key for role in roles.get_roles(user)] == ["owner"]


def test_a_new_practice_has_a_kind_of_call_and_hours_and_visitors_may_book(password) -> None:
    said = set_up(password)
    assert (
        "Visitors may book from now on: Free consultation, 20 minutes, with Robin Example: Mon"
        in (said)
    )
    kind, person = ConsultationType.objects.get(), Practitioner.objects.get()
    assert (kind.mode, kind.step_min, kind.before_min, kind.after_min, kind.daily_cap) == (
        "instant", 15, 0, 15, 4,
    )  # fmt: skip
    now = datetime(2026, 5, 4, 17, 0, tzinfo=UTC)
    times = availability.open_times(
        kind, [person], visitor_zone="America/Los_Angeles", first_date=now.date(),
        last_date=now.date() + timedelta(days=4), now=now,
    )  # fmt: skip
    assert (times[0].label, times[-1].label) == ("10:00", "12:30")


def test_hours_for_calls_may_be_fewer_and_lie_on_the_grid(password) -> None:
    said = set_up(password, call_hours="tue 13:07-16:58")
    window = WeeklyWindow.objects.get()
    assert (window.weekday, window.words) == (1, "13:10-16:55")
    assert "Tue 13:10-16:55" in said


def test_hours_that_cannot_be_read_are_said_and_nothing_is_stored(password) -> None:
    with pytest.raises(CommandError) as refused:
        set_up(password, call_hours="whenever")
    assert "--call-hours: Write it like" in str(refused.value)
    assert refused.value.returncode == 2
    assert not Practitioner.objects.exists()


def test_what_is_left_to_do_is_said_plainly(password) -> None:
    # Somebody is there already, without hours: whose they would be is not ours to guess.
    Practitioner.objects.create(name="Sam Example", slug="sam")
    assert "Visitors see no times yet" in set_up(password)
    assert practice_setup.what_visitors_may_book() == ""
