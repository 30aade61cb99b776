"""Calendars that are broken or too much: what is kept, what is said, what is refused."""

from collections.abc import Callable

import pytest

from consultations.booking.calendars import busy
from consultations.booking.calendars.busy import UnreadableCalendar
from consultations.booking.calendars.errors import SkipReason
from tests.consultations.booking.calendars.busy_cases import NINE, START, calendar, read, times

GOOD = "UID:good\nDTSTART:20261120T090000Z\nDURATION:PT1H"
KEPT = "20 09:00-10:00"


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
def test_one_bad_event_never_loses_the_others(event: str, reason: SkipReason) -> None:
    for order in ((event, GOOD), (GOOD, event)):
        reading = read(calendar(*order))
        assert times(reading) == [KEPT]
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
def test_of_a_repetition_that_cannot_be_followed_the_first_date_stays(
    line: str, reason: SkipReason
) -> None:
    reading = read(calendar(START + line, GOOD))
    assert times(reading) == ["03 08:00-09:00", KEPT]
    assert reading.skipped == [(reason, "2026-11-03")]


def test_a_file_that_stops_in_the_middle_gives_what_it_has_and_says_so() -> None:
    data = calendar(GOOD, NINE)
    reading = read(data[: data.index(b"DTEND")])
    assert KEPT in times(reading)
    assert (SkipReason.CUT_OFF, "") in reading.skipped


def test_an_event_that_is_never_closed_does_not_swallow_the_next() -> None:
    data = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:open\nDTSTART:20261103T090000Z\nDURATION:PT1H\n"
    reading = read(data + calendar(GOOD).partition(b"VERSION:2.0\n")[2])
    assert times(reading) == ["03 09:00-10:00", KEPT]


def test_nothing_but_times_and_a_hash_is_kept() -> None:
    reading = read(calendar(f"{NINE}\nSUMMARY:Divorce lawyer\nLOCATION:Court"))
    assert "lawyer" not in repr(reading).lower()
    [span] = reading.spans
    assert len(span.uid_hash) == 32
    assert span.uid_hash != read(calendar(NINE.replace("UID:a", "UID:b"))).spans[0].uid_hash


def test_bytes_of_any_kind_do_no_harm() -> None:
    hostile = bytes(range(256)) * 40
    data = calendar(GOOD).replace(b"VERSION:2.0\n", b"\xef\xbb\xbf" + hostile + b"\n")
    assert times(read(data)) == [KEPT]
    assert times(read(b"\xef\xbb\xbf" + calendar(GOOD))) == [KEPT]


@pytest.mark.parametrize("data", [b"", b"<html>Please sign in</html>", b"\x00" * 100])
def test_what_is_no_calendar_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(UnreadableCalendar):
        read(data)


def too_many_bytes(limits: pytest.MonkeyPatch) -> bytes:
    limits.setattr(busy, "MOST_BYTES", len(calendar(GOOD)) - 1)
    return calendar(GOOD)


def too_many_events(limits: pytest.MonkeyPatch) -> bytes:
    limits.setattr(busy, "MOST_EVENTS", 2)
    return calendar(GOOD, NINE, "UID:third")


def too_many_times(limits: pytest.MonkeyPatch) -> bytes:
    limits.setattr(busy, "MOST_SPANS", 5)
    return calendar(f"{START}RRULE:FREQ=DAILY;COUNT=6")


def too_much_work(limits: pytest.MonkeyPatch) -> bytes:
    limits.setattr(busy, "MOST_SECONDS", -1.0)
    return calendar(GOOD)


@pytest.mark.parametrize("bomb", [too_many_bytes, too_many_events, too_many_times, too_much_work])
def test_more_than_the_bounds_is_refused_rather_than_read_in_part(
    bomb: Callable[[pytest.MonkeyPatch], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bomb(monkeypatch)
    with pytest.raises(UnreadableCalendar):
        read(data)
    monkeypatch.undo()
    assert read(data).spans
