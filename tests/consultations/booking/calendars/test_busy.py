"""Busy times read from files of several calendar programs, compared with the expected times."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from consultations.booking.calendars.busy import parse_busy_times
from consultations.booking.calendars.errors import SkipReason
from tests.consultations.booking.calendars.busy_cases import (
    BERLIN,
    BERLIN_EVENT_START,
    EVENT_AT_NINE,
    NEW_YORK,
    format_spans,
    make_calendar,
    parse_november,
)

CALENDARS = Path(__file__).parent / "exports"
OUR_UID = "0b54a1f6-5b1e-4f3c-9d3e-2f1f2b1e9a01"
EXPORTS = {
    "google": (
        NEW_YORK,
        [
            "03 14:00-15:00",  # weekly at 9, now in winter time
            "04 14:00-15:00",
            "09 14:00-15:00",  # declined by someone else
            "17 16:00-16:30",  # moved and shortened
            "24 14:00-15:00",
            "27 05:00-28 05:00",
        ],
        [],
    ),
    "outlook": (
        NEW_YORK,
        [
            "05 21:00-22:00",
            "09 05:00-11 05:00",
            "16 14:00-14:30",  # a zone defined only in the file, one hour behind UTC
            "17 14:00-14:30",  # a Windows zone name that the file does not define
            "19 21:00-22:00",  # the last occurrence: UNTIL is a local time
        ],
        [],
    ),
    "apple": (
        NEW_YORK,
        [
            "03 13:30-15:00",  # the event's DURATION, not the alarm's
            "05 00:00-01:30",  # floating
            "10 05:00-11 05:00",
            "12 05:00-13 05:00",  # UNTIL as the last second of that day
            "16 17:00-17:30",  # the 23rd is excluded by its date only
            "20 05:00-21 05:00",
            "30 18:00-19:00",  # moved; RECURRENCE-ID in UTC
        ],
        [],
    ),
    "nextcloud": (
        BERLIN,
        [
            "02 07:00-08:00",
            "03 07:00-08:00",
            "03 17:00-18:30",
            "04 09:00-09:30",  # this and all following occurrences
            "05 09:00-09:30",
            "12 08:00-09:00",
            "13 08:00-08:30",
            "18 08:00-08:30",
            "20 13:00-13:30",
        ],
        [
            (SkipReason.NO_LENGTH, "2026-11-09"),
            (SkipReason.ENDS_BEFORE_START, "2026-11-10"),
            (SkipReason.UNREADABLE, "2026-11-11"),
        ],
    ),
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("program", EXPORTS)
def test_exports_parse_the_same_with_any_line_ending(program: str, line_end: str) -> None:
    zone, expected, skipped = EXPORTS[program]
    data = (CALENDARS / f"{program}.ics").read_text(encoding="utf-8").replace("\n", line_end)
    reading = parse_november(data.encode(), zone, (OUR_UID,))
    assert format_spans(reading) == expected
    assert reading.skipped == skipped


@pytest.mark.parametrize(("program", "day"), [("google", "12"), ("outlook", "18")])
def test_own_consultations_are_ignored_by_uid(program: str, day: str) -> None:
    data = (CALENDARS / f"{program}.ics").read_bytes()
    assert f"{day} 14:00-14:20" in format_spans(parse_november(data))
    assert f"{day} 14:00-14:20" not in format_spans(
        parse_november(data, own_uids=(OUR_UID.upper(),))
    )


@pytest.mark.parametrize(
    ("event", "zone", "expected"),
    [
        (EVENT_AT_NINE, NEW_YORK, ["03 09:00-10:00"]),
        (f"{EVENT_AT_NINE}\nTRANSP:TRANSPARENT", NEW_YORK, []),
        (f"{EVENT_AT_NINE}\nSTATUS:CANCELLED", NEW_YORK, []),
        (f"{EVENT_AT_NINE}\nSTATUS:TENTATIVE", NEW_YORK, ["03 09:00-10:00"]),
        (
            f"{EVENT_AT_NINE}\nATTENDEE;PARTSTAT=DECLINED:mailto:ROBIN@practice.example",
            NEW_YORK,
            [],
        ),
        (
            f"{EVENT_AT_NINE}\nATTENDEE;PARTSTAT=DECLINED:mailto:notrobin@practice.example",
            NEW_YORK,
            ["03 09:00-10:00"],
        ),
        (
            f"{EVENT_AT_NINE}\nATTENDEE;PARTSTAT=DECLINED;EMAIL=robin@practice.example:urn:uuid:1",
            NEW_YORK,
            [],
        ),
        # Dates are the practitioner's; in Kathmandu a day begins at 18:15 UTC the day before.
        ("DTSTART;VALUE=DATE:20261103", "Asia/Kathmandu", ["02 18:15-03 18:15"]),
        ("DTSTART;VALUE=DATE:20261103\nDTEND:20261103", BERLIN, ["02 23:00-03 23:00"]),
        ("DTSTART:20261103\nDURATION:P2D", BERLIN, ["02 23:00-04 23:00"]),
        # The clocks go back in New York on 1 November, so that day has 25 hours.
        ("DTSTART;VALUE=DATE:20261101", NEW_YORK, ["01 04:00-02 05:00"]),
        ("DTSTART:20261103T090000\nDTEND:20261103T100000", BERLIN, ["03 08:00-09:00"]),
        # The event's duration counts, not the alarm's.
        (
            "BEGIN:VALARM\nDURATION:PT8H\nEND:VALARM\nDTSTART:20261103T090000Z\nDURATION:PT1H",
            BERLIN,
            ["03 09:00-10:00"],
        ),
        ("DTSTART:20261103T0900\nDTEND:20261103T1000", BERLIN, ["03 08:00-09:00"]),
        ("DTSTART:20261103T090000\nDTEND;VALUE=DATE:20261104", BERLIN, ["03 08:00-23:00"]),
        ("DTSTART;TZID=europe/berlin:20261103T090000\nDURATION:PT1H", NEW_YORK, ["03 08:00-09:00"]),
        (
            "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261103T090000"
            "\nDURATION:PT1H",
            NEW_YORK,
            ["03 08:00-09:00"],
        ),
        (
            "DTSTART;TZID=India Standard Time:20261103T090000\nDURATION:PT1H",
            BERLIN,
            ["03 03:30-04:30"],
        ),
        ("DTSTART;TZID=UTC:20261103T090000\nDURATION:PT1H", BERLIN, ["03 09:00-10:00"]),
        # It begins long before the range and ends long after it.
        ("DTSTART:20260101T000000Z\nDTEND:20270101T000000Z", BERLIN, ["01 00:00-01 00:00"]),
        # Half-open: an event that ends when the range begins does not count.
        ("DTSTART:20261031T230000Z\nDTEND:20261101T000000Z", BERLIN, []),
        ("DTSTART:20261031T230000Z\nDTEND:20261101T000001Z", BERLIN, ["31 23:00-01 00:00"]),
        ("DTSTART:20261201T000000Z\nDTEND:20261201T010000Z", BERLIN, []),
    ],
)
def test_single_event_blocks_its_displayed_time(event: str, zone: str, expected: list[str]) -> None:
    reading = parse_november(make_calendar(event), zone)
    assert format_spans(reading) == expected
    assert reading.skipped == []


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("RRULE:FREQ=DAILY;COUNT=3", ["03", "04", "05"]),
        ("RRULE:FREQ=DAILY;UNTIL=20261105", ["03", "04", "05"]),
        ("RRULE:FREQ=DAILY;UNTIL=20261105T090000", ["03", "04", "05"]),
        ("RRULE:FREQ=DAILY;UNTIL=20261105T080000Z", ["03", "04", "05"]),
        ("RRULE:FREQ=DAILY;UNTIL=20261105T075959Z", ["03", "04"]),
        ("RRULE:FREQ=DAILY;COUNT=3\nEXDATE;TZID=Europe/Berlin:20261104T090000", ["03", "05"]),
        ("RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261104T080000Z", ["03", "05"]),
        ("RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261104T090000", ["03", "05"]),
        ("RRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20261104", ["03", "05"]),
        ("RRULE:FREQ=DAILY;COUNT=4\nEXDATE:20261104T080000Z,20261105T080000Z", ["03", "06"]),
        ("rrule:freq=weekly;count=2", ["03", "10"]),
        ("RDATE:20261105T080000Z,20261106T080000Z/PT3H", ["03", "05", "06"]),
        ("RRULE:FREQ=DAILY;INTERVAL=14;BYDAY=TU", ["03", "17"]),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=30", ["03", "30"]),
        ("RRULE:FREQ=DAILY;COUNT=2;X-ODD=1;WKST=MO", ["03", "04"]),
    ],
)
def test_recurrence_handles_exceptions_in_every_format(rule: str, days: list[str]) -> None:
    reading = parse_november(make_calendar(BERLIN_EVENT_START + rule))
    assert format_spans(reading) == [f"{day} 08:00-09:00" for day in days]
    assert reading.skipped == []


def test_series_keeps_local_time_across_dst_change() -> None:
    event = "DTSTART;TZID=America/New_York:20261030T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4"
    assert format_spans(parse_november(make_calendar(event))) == [
        "01 14:00-15:00",
        "02 14:00-15:00",
    ]
    october = parse_busy_times(
        make_calendar(event),
        zone=BERLIN,
        since=datetime(2026, 10, 30, tzinfo=UTC),
        until=datetime(2026, 11, 1, tzinfo=UTC),
    )
    assert format_spans(october) == ["30 13:00-14:00", "31 13:00-14:00"]


def test_until_at_midnight_utc_means_the_written_date() -> None:
    event = "DTSTART;VALUE=DATE:20261103\nRRULE:FREQ=DAILY;UNTIL=20261104T000000Z"
    assert format_spans(parse_november(make_calendar(event), NEW_YORK)) == [
        "03 05:00-04 05:00",
        "04 05:00-05 05:00",
    ]


@pytest.mark.parametrize(
    "until", ["20261105", "20261105T000000Z", "20261105T225959Z", "20261104T230000Z"]
)
def test_all_day_until_is_inclusive_in_every_format(until: str) -> None:
    event = f"DTSTART;VALUE=DATE:20261103\nRRULE:FREQ=DAILY;UNTIL={until}"
    assert format_spans(parse_november(make_calendar(event), BERLIN)) == [
        "02 23:00-03 23:00",
        "03 23:00-04 23:00",
        "04 23:00-05 23:00",
    ]


def test_unknown_zone_falls_back_to_practitioner_and_is_noted() -> None:
    event = "DTSTART;TZID=Middle of Nowhere:20261103T090000\nDURATION:PT1H"
    reading = parse_november(make_calendar(event), BERLIN)
    assert format_spans(reading) == ["03 08:00-09:00"]
    assert reading.skipped == [(SkipReason.UNKNOWN_ZONE, "2026-11-03")]


OWN_ZONE = """BEGIN:VTIMEZONE
TZID:Ours
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:{0}
TZOFFSETTO:{0}
{1}END:STANDARD
END:VTIMEZONE
"""
EVENT_IN_OWN_ZONE = "DTSTART;TZID=Ours:20261103T090000\nDURATION:PT1H"


def test_custom_zone_does_not_leak_into_next_file() -> None:
    first = parse_november(make_calendar(EVENT_IN_OWN_ZONE, zones=OWN_ZONE.format("+0300", "")))
    second = parse_november(make_calendar(EVENT_IN_OWN_ZONE, zones=OWN_ZONE.format("+0500", "")))
    assert (format_spans(first), format_spans(second)) == (["03 06:00-07:00"], ["03 04:00-05:00"])
    assert parse_november(make_calendar(EVENT_IN_OWN_ZONE)).skipped == [
        (SkipReason.UNKNOWN_ZONE, "2026-11-03")
    ]


@pytest.mark.parametrize("rule", ["RRULE:FREQ=SECONDLY\n", "RRULE:FREQ=YEARLY;BYSECOND=0,1\n"])
def test_non_yearly_custom_zone_is_ignored(rule: str) -> None:
    reading = parse_november(make_calendar(EVENT_IN_OWN_ZONE, zones=OWN_ZONE.format("+0300", rule)))
    assert reading.skipped == [(SkipReason.UNKNOWN_ZONE, "2026-11-03")]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("DTSTART:20261104T120000Z\nDURATION:PT1H", ["03 08:00-09:00", "04 12:00-13:00"]),
        ("DTSTART:20261104T080000Z\nDURATION:PT1H\nSTATUS:CANCELLED", ["03 08:00-09:00"]),
        ("DTSTART:20261104T080000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT", ["03 08:00-09:00"]),
        # An unreadable change keeps the original time, since too busy is safer than too free.
        ("DTSTART:later", ["03 08:00-09:00", "04 08:00-09:00"]),
    ],
)
def test_changed_occurrence_affects_only_itself(change: str, expected: list[str]) -> None:
    series = f"{BERLIN_EVENT_START}RRULE:FREQ=DAILY;COUNT=2"
    for name in (
        ":20261104T080000Z",
        ";VALUE=DATE:20261104",
        ";TZID=Europe/Berlin:20261104T090000",
    ):
        changed = f"UID:r\nRECURRENCE-ID{name}\n{change}"
        assert format_spans(parse_november(make_calendar(series, changed))) == expected
        assert format_spans(parse_november(make_calendar(changed, series))) == expected


def test_higher_sequence_replaces_older_event() -> None:
    old = "UID:a\nSEQUENCE:1\nDTSTART:20261103T090000Z\nDURATION:PT1H"
    new = "UID:a\nSEQUENCE:2\nDTSTART:20261104T090000Z\nDURATION:PT1H"
    assert format_spans(parse_november(make_calendar(old, new))) == ["04 09:00-10:00"]
    assert format_spans(parse_november(make_calendar(new, old))) == ["04 09:00-10:00"]
