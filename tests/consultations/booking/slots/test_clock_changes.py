"""Free times on nights when clocks change: R2 and R3, with exact UTC starts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consultations.booking.slots import Override
from tests.consultations.booking.slots.cases import (
    HOURLY,
    day,
    open_slots,
    open_starts,
    utc,
    window,
)

ONE_DAY = timedelta(days=1)

CLOCK_CHANGES = [
    # zone, date, window start, minutes, step and length; starts as day of month and UTC time
    pytest.param(
        "America/New_York", "2025-03-09", "00:00", 300, 60,
        ["09 05:00", "09 06:00", "09 07:00", "09 08:00"], id="new-york-skips",
    ),
    pytest.param(
        "America/New_York", "2025-11-02", "00:00", 180, 60,
        ["02 04:00", "02 05:00", "02 06:00", "02 07:00"], id="new-york-repeats",
    ),
    pytest.param(
        "America/New_York", "2025-03-09", "02:00", 60, 20, [], id="gap-swallows-the-window",
    ),
    pytest.param(
        "America/New_York", "2025-03-09", "02:30", 90, 60, ["09 07:00"],
        id="start-in-the-gap-is-the-jump",
    ),
    pytest.param(
        "America/New_York", "2025-03-09", "01:30", 60, 20, ["09 06:30"], id="end-in-the-gap",
    ),
    pytest.param(
        "America/New_York", "2025-11-02", "01:00", 30, 30, ["02 05:00"],
        id="repeated-bounds-are-the-first",
    ),
    pytest.param(
        "America/New_York", "2025-11-02", "01:30", 60, 30,
        ["02 05:30", "02 06:00", "02 06:30", "02 07:00"], id="grid-steps-in-elapsed-time",
    ),
    pytest.param(
        "America/New_York", "2025-11-01", "22:00", 300, 60,
        ["02 02:00", "02 03:00", "02 04:00", "02 05:00", "02 06:00", "02 07:00"],
        id="evening-into-the-repeated-hour",
    ),
    pytest.param("Europe/London", "2025-03-30", "00:00", 180, 60, ["30 00:00", "30 01:00"],
                 id="london-skips"),
    pytest.param(
        "Europe/London", "2025-10-26", "00:00", 180, 60,
        ["25 23:00", "26 00:00", "26 01:00", "26 02:00"], id="london-repeats",
    ),
    pytest.param(
        "Australia/Lord_Howe", "2025-04-06", "01:00", 120, 30,
        ["05 14:00", "05 14:30", "05 15:00", "05 15:30", "05 16:00"], id="lord-howe-repeats-half",
    ),
    pytest.param(
        "Australia/Lord_Howe", "2025-10-05", "01:30", 90, 30, ["04 15:00", "04 15:30"],
        id="lord-howe-skips-half",
    ),
    pytest.param("Pacific/Apia", "2011-12-29", "22:00", 240, 60, ["30 08:00", "30 09:00"],
                 id="apia-before-the-date-that-never-was"),
    pytest.param("Pacific/Apia", "2011-12-30", "09:00", 480, 60, [], id="apia-no-such-date"),
    pytest.param("Pacific/Apia", "2011-12-30", "22:00", 240, 60, ["30 10:00", "30 11:00"],
                 id="apia-tail-of-the-date-that-never-was"),
    pytest.param("Pacific/Apia", "2011-12-31", "09:00", 120, 60, ["30 19:00", "30 20:00"],
                 id="apia-after"),
    pytest.param("Asia/Kathmandu", "2025-06-01", "09:00", 120, 60, ["01 03:15", "01 04:15"],
                 id="kathmandu"),
    pytest.param("Asia/Kathmandu", "1986-01-01", "00:00", 60, 15,
                 ["31 18:30", "31 18:45", "31 19:00"], id="kathmandu-skips-a-quarter"),
    pytest.param("Antarctica/Troll", "2025-03-30", "00:00", 240, 60, ["30 00:00", "30 01:00"],
                 id="troll-skips-two"),
    pytest.param(
        "Antarctica/Troll", "2025-10-26", "00:00", 240, 60,
        ["25 22:00", "25 23:00", "26 00:00", "26 01:00", "26 02:00", "26 03:00"],
        id="troll-repeats-two",
    ),
    pytest.param("America/Mexico_City", "2022-04-03", "01:00", 120, 60, ["03 07:00"],
                 id="mexico-city-last-skip"),
    pytest.param("America/Mexico_City", "2023-04-02", "01:00", 120, 60, ["02 07:00", "02 08:00"],
                 id="mexico-city-abolished"),
    pytest.param("America/Sao_Paulo", "2018-11-04", "00:00", 120, 60, ["04 03:00"],
                 id="sao-paulo-skips-midnight"),
    pytest.param("America/Sao_Paulo", "2019-02-16", "22:00", 120, 60,
                 ["17 00:00", "17 01:00", "17 02:00"], id="sao-paulo-two-evenings"),
    pytest.param("America/Sao_Paulo", "2019-02-17", "00:00", 60, 60, ["17 03:00"],
                 id="sao-paulo-morning-after"),
    pytest.param("America/Havana", "2025-03-09", "00:00", 120, 60, ["09 05:00"],
                 id="havana-skips-midnight"),
    pytest.param("America/Havana", "2025-11-02", "00:00", 120, 60,
                 ["02 04:00", "02 05:00", "02 06:00"], id="havana-repeats-midnight"),
    pytest.param("Asia/Beirut", "2025-03-29", "22:00", 240, 60,
                 ["29 20:00", "29 21:00", "29 22:00"], id="beirut-evening-into-the-gap"),
    pytest.param("Asia/Beirut", "2025-10-25", "23:00", 60, 60, ["25 20:00", "25 21:00"],
                 id="beirut-24-00-is-after-both-evenings"),
    pytest.param("Africa/Cairo", "2025-04-25", "00:00", 120, 60, ["24 22:00"],
                 id="cairo-skips-midnight"),
    pytest.param("Africa/Cairo", "2025-10-30", "23:00", 120, 60,
                 ["30 20:00", "30 21:00", "30 22:00"], id="cairo-evening-twice"),
    pytest.param("Africa/Casablanca", "2025-02-23", "02:00", 60, 60, ["23 01:00", "23 02:00"],
                 id="casablanca-repeats-for-ramadan"),
    pytest.param("Africa/Casablanca", "2025-04-06", "01:00", 180, 60, ["06 01:00", "06 02:00"],
                 id="casablanca-skips-after-it"),
    pytest.param("Africa/Monrovia", "1972-01-06", "23:00", 60, 60, ["06 23:44"],
                 id="monrovia-half-minutes"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "on", "clock", "minutes", "step", "expected"), CLOCK_CHANGES)
def test_window_starts_on_clock_change(zone, on, clock, minutes, step, expected) -> None:
    that_day = {"valid_from": day(on), "valid_to": day(on)}
    found = open_starts(
        zone,
        str(day(on) - ONE_DAY),
        str(day(on) + ONE_DAY),
        windows=[window(on, clock, minutes, **that_day)],
        policy=replace(HOURLY, step_min=step, duration_min=step),
        visitor_zone="UTC",
    )
    assert found == expected


def test_windows_touching_across_skipped_hour_are_merged() -> None:
    found = open_starts(
        "America/New_York",
        "2025-03-09",
        windows=[window("2025-03-09", "01:15", 45), window("2025-03-09", "03:00", 60)],
        policy=replace(HOURLY, step_min=30),
    )
    # From 06:15 to 08:00 UTC without a gap, on one grid.
    assert found == ["09 06:15", "09 06:45"]


def test_windows_around_repeated_hour_leave_no_gap() -> None:
    found = open_starts(
        "America/New_York",
        "2025-11-02",
        windows=[window("2025-11-02", "00:30", 60), window("2025-11-02", "01:30", 60)],
        policy=replace(HOURLY, duration_min=90, step_min=30),
    )
    assert found == ["02 04:30", "02 05:00", "02 05:30", "02 06:00"]


def test_horizon_covers_a_25_hour_day() -> None:
    # A 25-hour day: its last hour has the same date, so the horizon includes it.
    found = open_starts(
        "America/New_York",
        "2025-11-02",
        "2025-11-03",
        windows=[window("2025-11-02", "00:00", 1440), window("2025-11-02", "23:00", 180)],
        policy=replace(HOURLY, horizon_days=1),
        now=utc("2025-11-01 12:00"),
    )
    assert (found[0], found[-1], len(found)) == ("02 04:00", "03 04:00", 25)


def test_evening_hours_continue_after_skipped_date() -> None:
    # Samoa skipped Friday the 30th; the hours after its midnight belong to Saturday morning.
    found = open_starts("Pacific/Apia", "2011-12-31", windows=[window("2011-12-30", "22:00", 240)])
    assert found == ["30 10:00", "30 11:00"]


def test_override_cuts_hours_from_skipped_date() -> None:
    found = open_starts(
        "Pacific/Apia",
        "2011-12-31",
        windows=[window("2011-12-30", "22:00", 240)],
        overrides=[Override(day("2011-12-31"))],
    )
    assert found == []


def test_date_starting_before_previous_one_ended_is_found() -> None:
    # Newfoundland's clocks went back from 00:01 to 23:01: Sunday's hours open at 02:30 UTC, and the
    # visitor's Saturday ends at 03:00 UTC, while the practitioner's clock shows Saturday again.
    found = open_starts(
        "America/St_Johns",
        "2010-11-06",
        windows=[window("2010-11-07", "00:00", 60)],
        policy=replace(HOURLY, duration_min=10, step_min=10),
        visitor_zone="Etc/GMT+3",
    )
    assert found == ["07 02:30", "07 02:40", "07 02:50"]


@pytest.mark.parametrize(
    ("zone", "on", "clock", "labels"),
    [
        ("America/New_York", "2025-11-02", "00:00", ["00:00", "01:00 EDT", "01:00 EST", "02:00"]),
        ("Europe/London", "2025-10-26", "00:00", ["00:00", "01:00 BST", "01:00 GMT", "02:00"]),
        ("America/New_York", "2025-03-09", "00:00", ["00:00", "01:00"]),
        ("Europe/Moscow", "2014-10-26", "00:00", ["00:00", "01:00 UTC+4", "01:00 UTC+3", "02:00"]),
        (
            "Antarctica/Troll",
            "2025-10-26",
            "00:00",
            ["00:00", "01:00 UTC+2", "02:00 UTC+2", "01:00 UTC+0", "02:00 UTC+0"],
        ),
    ],
)
def test_labels_differ_in_repeated_hour(zone, on, clock, labels) -> None:
    slots = open_slots(zone, on, windows=[window(on, clock, 180)])
    assert [slot.label for slot in slots] == labels


def test_labels_use_visitor_zone() -> None:
    slots = open_slots(
        "Europe/London",
        "2025-11-02",
        windows=[window("2025-11-02", "04:00", 180)],
        visitor_zone="America/New_York",
    )
    assert [slot.label for slot in slots] == ["00:00", "01:00 EDT", "01:00 EST"]
