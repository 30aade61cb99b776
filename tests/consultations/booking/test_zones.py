"""Tests for the time zones that visitors may choose."""

from zoneinfo import ZoneInfo, available_timezones

import pytest

from consultations.booking import zones


def test_every_listed_zone_exists_and_utc_is_one() -> None:
    listed = zones.listed_zones()
    assert set(listed) <= available_timezones()
    assert "UTC" in listed
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("America/New_York", "America/New_York"),
        # Chromium's name for Kolkata.
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Pacific", "America/Los_Angeles"),
        ("EST5EDT", "America/New_York"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("GMT", "UTC"),
        ("Etc/GMT+5", ""),
        ("Mars/Olympus", ""),
        ("../../etc/passwd", ""),
        ("\x00", ""),
        ("", ""),
    ],
)
def test_older_names_lead_to_listed_zones(name, zone) -> None:
    assert zones.resolve_zone(name) == zone


def test_resolved_zones_are_listed_and_show_the_same_time() -> None:
    for name in available_timezones():
        zone = zones.resolve_zone(name)
        assert zone == "" or zone in zones.listed_zones(), name
        if zone:
            ZoneInfo(zone)


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/Los_Angeles", "Pacific Time"),
        ("America/Indiana/Vevay", "Eastern Time"),
        ("Europe/London", "UK Time"),
        ("Africa/Lagos", "Lagos Time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires Time"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
    ],
)
def test_zones_have_the_names_people_use(zone, name) -> None:
    assert zones.zone_name(zone) == name


def test_named_zones_are_listed() -> None:
    named = {zone for group in zones._NAMES.values() for zone in group.split()}
    assert named | set(zones._PLACES) <= set(zones.listed_zones())


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("seattle", "Los Angeles"),
        ("mumb", "Kolkata"),
        ("New y", "New York"),
        ("germany", "Berlin"),
        ("eastern time", "New York"),
        ("europe/london", "London"),
        ("utc", "UTC"),
    ],
)
def test_search_finds_zones_by_city_state_country_and_name(text, city) -> None:
    assert city in [entry.city for entry in zones.zone_entries(text)]


def test_search_without_a_match_is_empty() -> None:
    assert zones.zone_entries("olympus mons") == []
    assert len(zones.zone_entries("")) == len(zones.listed_zones())
