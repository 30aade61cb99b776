"""From hours to candidate times: R2, R4, R5, R10 and R11, on days without clock changes.

Berlin is two hours ahead of UTC here, and 2025-06-02 is a Monday.
"""

from dataclasses import replace

import pytest

from consultations.booking.slots import Override, Window
from tests.consultations.booking.slots.cases import HOURLY, day, open_slots, open_starts, window

BERLIN = "Europe/Berlin"
MONDAY, TUESDAY, WEDNESDAY = "2025-06-02", "2025-06-03", "2025-06-04"

MERGED_WINDOWS = [
    # windows as (start, minutes), step, length, starts in UTC
    pytest.param([("09:00", 180)], 60, 60, ["07:00", "08:00", "09:00"], id="one"),
    pytest.param([("09:00", 180)], 60, 90, ["07:00", "08:00"], id="must-fit-wholly"),
    pytest.param([("09:00", 90)], 60, 90, ["07:00"], id="fits-to-the-minute"),
    pytest.param([("09:00", 85)], 60, 90, [], id="too-short"),
    pytest.param([("09:00", 60), ("10:00", 60)], 60, 90, ["07:00"], id="touching"),
    pytest.param([("10:00", 60), ("09:00", 60)], 60, 90, ["07:00"], id="in-any-order"),
    pytest.param([("09:00", 90), ("10:00", 60)], 60, 60, ["07:00", "08:00"], id="overlapping"),
    pytest.param(
        [("09:10", 65), ("10:00", 120)], 60, 60, ["07:10", "08:10"], id="anchored-at-first"
    ),
    pytest.param(
        [("09:10", 60), ("10:15", 105)], 60, 60, ["07:10", "08:15"], id="apart-each-its-own-grid"
    ),
    pytest.param([("09:00", 180), ("10:00", 30)], 60, 60, ["07:00", "08:00", "09:00"], id="inside"),
    pytest.param([("09:00", 60), ("09:00", 60)], 60, 60, ["07:00"], id="the-same-twice"),
    pytest.param([("09:00", 60)], 25, 20, ["07:00", "07:25"], id="step-longer-than-the-talk"),
    pytest.param([("09:00", 60)], 10, 40, ["07:00", "07:10", "07:20"], id="step-shorter"),
]


@pytest.mark.parametrize(("hours", "step", "length", "expected"), MERGED_WINDOWS)
def test_windows_of_one_date_are_merged(hours, step, length, expected) -> None:
    found = open_starts(
        BERLIN,
        MONDAY,
        windows=[window(MONDAY, *one) for one in hours],
        policy=replace(HOURLY, step_min=step, duration_min=length),
    )
    assert found == [f"02 {clock}" for clock in expected]


def test_hours_past_midnight_belong_to_their_start_date() -> None:
    late = [window(MONDAY, "22:00", 300)]
    assert open_starts(BERLIN, MONDAY, windows=late) == ["02 20:00", "02 21:00"]
    assert open_starts(BERLIN, TUESDAY, windows=late) == ["02 22:00", "02 23:00", "03 00:00"]
    assert open_starts(BERLIN, WEDNESDAY, windows=late) == []


def test_hours_until_midnight_end_with_the_date() -> None:
    whole = replace(HOURLY, duration_min=90)
    found = open_starts(
        BERLIN, MONDAY, TUESDAY, windows=[window(MONDAY, "21:00", 180)], policy=whole
    )
    assert found == ["02 19:00", "02 20:00"]


def test_window_can_last_a_whole_day() -> None:
    found = open_starts(BERLIN, MONDAY, TUESDAY, windows=[window(MONDAY, "23:55", 1440)])
    assert (found[0], found[-1], len(found)) == ("02 21:55", "03 20:55", 24)


def test_windows_of_different_dates_are_not_merged() -> None:
    hours = [window(MONDAY, "23:00", 60), window(TUESDAY, "00:00", 60)]
    long = replace(HOURLY, duration_min=90)
    assert open_starts(BERLIN, MONDAY, TUESDAY, windows=hours) == ["02 21:00", "02 22:00"]
    assert open_starts(BERLIN, MONDAY, TUESDAY, windows=hours, policy=long) == []


def test_slot_offered_by_two_dates_appears_once() -> None:
    hours = [window(MONDAY, "22:00", 240), window(TUESDAY, "00:00", 120)]
    assert open_starts(BERLIN, TUESDAY, windows=hours) == ["02 22:00", "02 23:00"]


def test_each_date_keeps_its_own_grid() -> None:
    hours = [window(MONDAY, "23:30", 150), window(TUESDAY, "00:00", 120)]
    found = open_starts(BERLIN, TUESDAY, windows=hours)
    assert found == ["02 22:00", "02 22:30", "02 23:00"]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"valid_from": day(MONDAY)}, ["02 07:00", "09 07:00"]),
        ({"valid_from": day(TUESDAY)}, ["09 07:00"]),
        ({"valid_to": day(MONDAY)}, ["02 07:00"]),
        ({"valid_to": day("2025-06-01")}, []),
        ({"valid_from": day(MONDAY), "valid_to": day("2025-06-09")}, ["02 07:00", "09 07:00"]),
    ],
)
def test_window_respects_validity_dates(limits, expected) -> None:
    hours = [window(MONDAY, "09:00", 60, **limits)]
    assert open_starts(BERLIN, MONDAY, "2025-06-15", windows=hours) == expected


def test_each_weekday_has_its_own_hours() -> None:
    hours = [Window(weekday, 540 + 60 * weekday, 60) for weekday in range(7)]
    assert open_starts(BERLIN, MONDAY, "2025-06-08", windows=hours) == [
        f"{2 + weekday:02d} {7 + weekday:02d}:00" for weekday in range(7)
    ]


# --- overrides (R10) ------------------------------------------------------------------------------
LATE_HOURS = [window(MONDAY, "22:00", 240), window(TUESDAY, "22:00", 240)]
OVERRIDES = [
    pytest.param([Override(day(MONDAY))], ["03 20:00", "03 21:00", "03 22:00", "03 23:00"],
                 id="closed"),
    pytest.param([Override(day(TUESDAY))], ["02 20:00", "02 21:00"],
                 id="closed-with-the-tail-of-the-evening-before"),
    pytest.param([Override(day(TUESDAY), ((540, 60),))], ["02 20:00", "02 21:00", "03 07:00"],
                 id="other-hours-cut-the-tail-too"),
    pytest.param([Override(day(TUESDAY), ((0, 60),))], ["02 20:00", "02 21:00", "02 22:00"],
                 id="hours-at-midnight-are-the-overrides-own"),
    pytest.param([Override(day(WEDNESDAY))],
                 ["02 20:00", "02 21:00", "02 22:00", "02 23:00", "03 20:00", "03 21:00"],
                 id="cuts-only-its-own-date"),
    pytest.param([Override(day(TUESDAY), ((1380, 180),))],
                 ["02 20:00", "02 21:00", "03 21:00", "03 22:00", "03 23:00"],
                 id="its-hours-may-run-into-a-date-without-one"),
    pytest.param([Override(day(TUESDAY), ((1380, 180),)), Override(day(WEDNESDAY))],
                 ["02 20:00", "02 21:00", "03 21:00"],
                 id="and-are-cut-by-a-date-with-one"),
    pytest.param([Override(day(TUESDAY), ((1380, 180),)), Override(day(WEDNESDAY), ((0, 60),))],
                 ["02 20:00", "02 21:00", "03 21:00", "03 22:00"],
                 id="which-has-hours-of-its-own"),
    pytest.param([Override(day(MONDAY), ((600, 30), (630, 30)))],
                 ["02 08:00", "03 20:00", "03 21:00", "03 22:00", "03 23:00"],
                 id="its-windows-are-merged"),
]  # fmt: skip


@pytest.mark.parametrize(("overrides", "expected"), OVERRIDES)
def test_override_replaces_the_whole_date(overrides, expected) -> None:
    found = open_starts(BERLIN, MONDAY, "2025-06-05", windows=LATE_HOURS, overrides=overrides)
    assert found == expected


def test_call_must_fit_before_override_cut() -> None:
    long = replace(HOURLY, duration_min=90)
    found = open_starts(
        BERLIN,
        MONDAY,
        TUESDAY,
        windows=LATE_HOURS[:1],
        overrides=[Override(day(TUESDAY))],
        policy=long,
    )
    assert found == ["02 20:00"]


# --- the visitor's dates (R11) --------------------------------------------------------------------
def test_dates_are_in_visitor_zone() -> None:
    hours = [window(MONDAY, "18:00", 180)]
    auckland = {"windows": hours, "visitor_zone": "Pacific/Auckland"}
    assert open_starts("America/New_York", MONDAY, **auckland) == []
    assert open_starts("America/New_York", TUESDAY, **auckland) == [
        "02 22:00",
        "02 23:00",
        "03 00:00",
    ]


def test_visitor_midnight_splits_practitioner_evening() -> None:
    hours = [window(MONDAY, "18:00", 240)]
    london = {"windows": hours, "visitor_zone": "Europe/London"}
    assert open_starts("America/New_York", MONDAY, **london) == ["02 22:00"]
    assert open_starts("America/New_York", TUESDAY, **london) == [
        "02 23:00",
        "03 00:00",
        "03 01:00",
    ]


def test_zones_a_day_apart_are_handled() -> None:
    hours = [window(MONDAY, "09:00", 60)]
    found = open_slots(
        "Pacific/Kiritimati", "2025-06-01", windows=hours, visitor_zone="Pacific/Pago_Pago"
    )
    assert [(f"{slot.start:%d %H:%M}", slot.label) for slot in found] == [("01 19:00", "08:00")]


def test_empty_range_or_hours_give_no_slots() -> None:
    assert open_starts(BERLIN, TUESDAY, MONDAY, windows=[window(MONDAY, "09:00", 600)]) == []
    assert open_starts(BERLIN, MONDAY, windows=[]) == []
