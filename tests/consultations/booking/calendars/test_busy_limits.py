"""Broken and oversized calendars: what is kept, reported and refused."""

from collections.abc import Callable

import pytest

from consultations.booking.calendars import busy
from consultations.booking.calendars.busy import UnreadableCalendar
from consultations.booking.calendars.errors import SkipReason
from tests.consultations.booking.calendars.busy_cases import (
    BERLIN_EVENT_START,
    EVENT_AT_NINE,
    format_spans,
    make_calendar,
    parse_november,
)

GOOD_EVENT = "UID:good\nDTSTART:20261120T090000Z\nDURATION:PT1H"
GOOD_SPAN = "20 09:00-10:00"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("UID:x\nSUMMARY:No start", SkipReason.NO_START),
        ("UID:x\nDTSTART:20261131T090000Z\nDURATION:PT1H", SkipReason.UNREADABLE),
        ("UID:x\nDTSTART:20261103T250000Z\nDURATION:PT1H", SkipReason.UNREADABLE),
        ("UID:x\nDTSTART:\nDURATION:PT1H", SkipReason.UNREADABLE),
        ("UID:x\nDTSTART:20261103T090000Z\nDTEND:soon", SkipReason.UNREADABLE),
        ("UID:x\nDTSTART:20261103T090000Z\nDURATION:an hour", SkipReason.UNREADABLE),
        ("UID:x\nDTSTART:20261103T090000Z\nDURATION:P9999999999D", SkipReason.UNREADABLE),
        ("UID:x\nDTSTART:99991231T235900Z\nDURATION:PT1H", SkipReason.UNREADABLE),
        ("UID:x\nDTSTART:20261103T090000Z\nDURATION:-PT1H", SkipReason.ENDS_BEFORE_START),
        ("UID:x\nDTSTART:20261103T090000Z", SkipReason.NO_LENGTH),
    ],
)
def test_bad_event_does_not_drop_other_events(event: str, reason: SkipReason) -> None:
    for order in ((event, GOOD_EVENT), (GOOD_EVENT, event)):
        reading = parse_november(make_calendar(*order))
        assert format_spans(reading) == [GOOD_SPAN]
        assert [one.reason for one in reading.skipped] == [reason]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("RRULE:FREQ=SOMETIMES", SkipReason.BAD_RULE),
        ("RRULE:every day", SkipReason.BAD_RULE),
        ("RRULE:FREQ=DAILY;INTERVAL=0", SkipReason.BAD_RULE),
        ("RRULE:FREQ=DAILY;COUNT=-1", SkipReason.BAD_RULE),
        ("RRULE:FREQ=DAILY;UNTIL=tomorrow", SkipReason.BAD_RULE),
        ("RRULE:FREQ=DAILY;BYHOUR=25", SkipReason.BAD_RULE),
        ("RRULE:FREQ=SECONDLY", SkipReason.TOO_FREQUENT),
        ("RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", SkipReason.TOO_FREQUENT),
        ("RRULE:FREQ=HOURLY;INTERVAL=24;BYHOUR=3", SkipReason.TOO_FREQUENT),
        (
            "RRULE:FREQ=DAILY;BYSECOND=" + ",".join(map(str, range(60))) + ";BYMINUTE="
            + ",".join(map(str, range(60))),
            SkipReason.TOO_FREQUENT,
        ),
        ("EXDATE:yesterday", SkipReason.BAD_DATE),
        ("RDATE:20261340", SkipReason.BAD_DATE),
    ],
)  # fmt: skip
def test_unusable_recurrence_keeps_first_occurrence(line: str, reason: SkipReason) -> None:
    reading = parse_november(make_calendar(BERLIN_EVENT_START + line, GOOD_EVENT))
    assert format_spans(reading) == ["03 08:00-09:00", GOOD_SPAN]
    assert reading.skipped == [(reason, "2026-11-03")]


def test_truncated_file_returns_partial_result_with_note() -> None:
    data = make_calendar(GOOD_EVENT, EVENT_AT_NINE)
    reading = parse_november(data[: data.index(b"DTEND")])
    assert GOOD_SPAN in format_spans(reading)
    assert (SkipReason.CUT_OFF, "") in reading.skipped


def test_unclosed_event_does_not_swallow_the_next() -> None:
    data = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:open\nDTSTART:20261103T090000Z\nDURATION:PT1H\n"
    reading = parse_november(data + make_calendar(GOOD_EVENT).partition(b"VERSION:2.0\n")[2])
    assert format_spans(reading) == ["03 09:00-10:00", GOOD_SPAN]


def test_reading_keeps_only_times_and_hash() -> None:
    reading = parse_november(
        make_calendar(f"{EVENT_AT_NINE}\nSUMMARY:Divorce lawyer\nLOCATION:Court")
    )
    assert "lawyer" not in repr(reading).lower()
    [span] = reading.spans
    assert len(span.uid_hash) == 32
    assert (
        span.uid_hash
        != parse_november(make_calendar(EVENT_AT_NINE.replace("UID:a", "UID:b"))).spans[0].uid_hash
    )


def test_arbitrary_bytes_are_tolerated() -> None:
    hostile = bytes(range(256)) * 40
    data = make_calendar(GOOD_EVENT).replace(b"VERSION:2.0\n", b"\xef\xbb\xbf" + hostile + b"\n")
    assert format_spans(parse_november(data)) == [GOOD_SPAN]
    assert format_spans(parse_november(b"\xef\xbb\xbf" + make_calendar(GOOD_EVENT))) == [GOOD_SPAN]


@pytest.mark.parametrize("data", [b"", b"<html>Please sign in</html>", b"\x00" * 100])
def test_non_calendar_data_is_rejected(data: bytes) -> None:
    with pytest.raises(UnreadableCalendar):
        parse_november(data)


def too_many_bytes(limits: pytest.MonkeyPatch) -> bytes:
    limits.setattr(busy, "MAX_BYTES", len(make_calendar(GOOD_EVENT)) - 1)
    return make_calendar(GOOD_EVENT)


def too_many_events(limits: pytest.MonkeyPatch) -> bytes:
    limits.setattr(busy, "MAX_EVENTS", 2)
    return make_calendar(GOOD_EVENT, EVENT_AT_NINE, "UID:third")


def too_many_spans(limits: pytest.MonkeyPatch) -> bytes:
    limits.setattr(busy, "MAX_SPANS", 5)
    return make_calendar(f"{BERLIN_EVENT_START}RRULE:FREQ=DAILY;COUNT=6")


def too_much_work(limits: pytest.MonkeyPatch) -> bytes:
    limits.setattr(busy, "MAX_CPU_SECONDS", -1.0)
    return make_calendar(GOOD_EVENT)


@pytest.mark.parametrize("bomb", [too_many_bytes, too_many_events, too_many_spans, too_much_work])
def test_calendar_over_a_limit_is_rejected_as_a_whole(
    bomb: Callable[[pytest.MonkeyPatch], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bomb(monkeypatch)
    with pytest.raises(UnreadableCalendar):
        parse_november(data)
    monkeypatch.undo()
    assert parse_november(data).spans
