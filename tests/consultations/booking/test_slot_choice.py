"""Tests for parsing the choice from the query string, and of the days it leads to."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import QueryDict

from consultations.booking import local_time, slot_choice
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START
from tests.factories.pages import make_practice, make_practitioner

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def practice():
    return make_practice()


@pytest.fixture
def practitioner(practice):
    return make_open_practitioner(slug="robin", order=1)


def parse_valid_choice(practice, **asked):
    choice = slot_choice.parse_choice(asked, practice)
    assert choice is not None
    return choice


# --- parsing the query string ---
def test_empty_query_uses_defaults(practice, practitioner) -> None:
    second = make_type(order=2)
    first = make_type(order=1)
    choice = parse_valid_choice(practice)
    assert (choice.type, choice.practitioners, choice.practitioner) == (first, (practitioner,), "")
    assert (choice.zone, choice.first_date) == ("America/Los_Angeles", None)
    assert parse_valid_choice(practice, type=second.slug).type == second


@pytest.mark.parametrize(
    "asked",
    [
        {"type": "unknown"},
        {"practitioner": "unknown"},
        {"practitioner": "away"},
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"zone": "\x00"},
        {"from": "soon"},
        {"from": "20260506"},
        {"from": "2026-02-30"},
        {"from": "0000-00-00"},
    ],
)
def test_unknown_values_fall_back_to_defaults(practice, practitioner, asked) -> None:
    make_type()
    make_practitioner(slug="away", is_bookable=False)
    assert slot_choice.parse_choice(asked, practice) == slot_choice.parse_choice({}, practice)


def test_every_part_can_be_chosen(practice, practitioner) -> None:
    make_type(slug="long")
    make_open_practitioner(slug="jo", order=2)
    asked = {"practitioner": "jo", "zone": "Asia/Kolkata", "from": "2026-05-20"}
    choice = parse_valid_choice(practice, **asked)
    assert [one.slug for one in choice.practitioners] == ["jo"]
    assert (choice.zone, choice.first_date) == ("Asia/Kolkata", date(2026, 5, 20))
    assert QueryDict(choice.query(start="x")).dict() == {
        "type": "long",
        "practitioner": "jo",
        "zone": "Asia/Kolkata",
        "start": "x",
    }


def test_type_can_be_limited_to_practitioners(practice, practitioner) -> None:
    other = make_open_practitioner(slug="jo", order=0)
    consultation_type = make_type()
    assert parse_valid_choice(practice).practitioners == (other, practitioner)
    consultation_type.practitioners.set([practitioner])
    assert parse_valid_choice(practice).practitioners == (practitioner,)
    assert parse_valid_choice(practice, practitioner="jo").practitioner == ""


@pytest.mark.parametrize("facts", [{"is_active": False}, {"mode": "request_only"}])
def test_choice_is_none_without_bookable_types(practice, practitioner, facts) -> None:
    make_type(**facts)
    assert slot_choice.parse_choice({}, practice) is None
    assert slot_choice.bookable_types() == []


def test_choice_is_none_without_practitioners(practice) -> None:
    make_type()
    assert slot_choice.parse_choice({}, practice) is None


# --- parsing a start time ---
@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2026-05-06T17:00Z", START),
        ("2026-05-06T17:00", None),
        ("2026-05-06T17:00+00:00", None),
        ("2026-05-06T17:00:00Z", None),
        ("2026-05-06 17:00Z", None),
        ("2026-5-6T17:0Z", None),
        ("2026-05-06T19:00+0200", None),
        ("9999-12-31T23:59Z", None),
        ("0001-01-01T00:00Z", None),
        ("x" * 10_000, None),
        ("", None),
    ],
)
def test_start_is_parsed_only_as_utc_instant(text, start) -> None:
    assert slot_choice.parse_start(text) == start
    if start is not None:
        assert slot_choice.format_start(start) == text


# --- nearest slots ---
def test_nearest_slots_are_sorted(practice, practitioner) -> None:
    consultation_type = make_type()
    make_booking(consultation_type, [practitioner])
    near = [
        time.start
        for time in slot_choice.nearest_slots(parse_valid_choice(practice), START, now=NOW)
    ]
    assert near == sorted(near)
    assert len(near) == slot_choice.MAX_NEAREST_SLOTS
    assert START not in near
    assert max(abs(start - START) for start in near) <= 2 * HOUR


def test_nearest_slots_skip_a_full_day(practice, practitioner) -> None:
    consultation_type = make_type(daily_cap=1)
    make_booking(consultation_type, [practitioner])
    near = slot_choice.nearest_slots(parse_valid_choice(practice), START, now=NOW)
    assert near
    assert START.date() not in {time.start.date() for time in near}


# --- formatting ---
@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/New_York", "Wednesday, May 6, 2026, 1:00 PM, Eastern Time (UTC-4)"),
        ("Asia/Kathmandu", "Wednesday, May 6, 2026, 10:45 PM, Nepal Time (UTC+5:45)"),
        ("Pacific/Apia", "Thursday, May 7, 2026, 6:00 AM, Apia Time (UTC+13)"),
        ("UTC", "Wednesday, May 6, 2026, 5:00 PM, UTC"),
    ],
)
def test_formatted_time_names_its_zone(zone, words) -> None:
    assert local_time.format_datetime_in_zone(START, zone) == words


def test_repeated_hour_is_formatted_distinctly() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    said = [
        local_time.format_datetime_in_zone(first + n * HOUR, "America/New_York") for n in range(2)
    ]
    assert "1:30 AM" in said[0]
    assert "1:30 AM" in said[1]
    assert said[0] != said[1]
