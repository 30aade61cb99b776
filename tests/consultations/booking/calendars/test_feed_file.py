"""The feed's file, parsed again by two libraries."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import vobject
from icalendar import Calendar

from consultations.booking.calendars.busy import parse_busy_times
from consultations.booking.calendars.feed import FeedEvent, build_feed, compute_etag

START = datetime(2026, 11, 3, 14, 0, tzinfo=UTC)
FIRST = FeedEvent(
    uid="0b54a1f6-5b1e-4f3c-9d3e-2f1f2b1e9a01",
    sequence=1,
    start=START,
    end=START + timedelta(minutes=20),
    changed_at=datetime(2026, 10, 30, 12, 0, 0, 5, tzinfo=UTC),
    initials="KM",
)
SECOND = replace(FIRST, uid="b", start=FIRST.end, end=FIRST.end + timedelta(minutes=20))


def make_feed(*events: FeedEvent, name: str = "Robin's calls") -> bytes:
    return build_feed(name=name, label="Call", events=events)


def events_of(data: bytes) -> list[Any]:
    return list(Calendar.from_ical(data).walk("VEVENT"))


def test_feed_has_expected_lines() -> None:
    text = make_feed(FIRST).decode()
    assert sorted(text.split("\r\n")) == sorted(
        [
            "BEGIN:VCALENDAR",
            "PRODID:-//Practice site//Calendar//EN",
            "VERSION:2.0",
            "NAME:Robin's calls",
            "X-WR-CALNAME:Robin's calls",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "X-PUBLISHED-TTL:PT1H",
            "BEGIN:VEVENT",
            "UID:0b54a1f6-5b1e-4f3c-9d3e-2f1f2b1e9a01",
            "SEQUENCE:1",
            "DTSTAMP:20261030T120000Z",
            "LAST-MODIFIED:20261030T120000Z",
            "DTSTART:20261103T140000Z",
            "DTEND:20261103T142000Z",
            "STATUS:CONFIRMED",
            "SUMMARY:Call (K.M.)",
            "CLASS:PRIVATE",
            "TRANSP:OPAQUE",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


def test_feed_is_parsed_by_two_libraries() -> None:
    data = make_feed(SECOND, replace(FIRST, is_held=True))
    one = [
        (str(event["UID"]), event["DTSTART"].dt, str(event["STATUS"])) for event in events_of(data)
    ]
    other = [
        (event.uid.value, event.dtstart.value, event.status.value)
        for event in vobject.readOne(data.decode()).vevent_list
    ]
    expected = [(FIRST.uid, FIRST.start, "TENTATIVE"), ("b", SECOND.start, "CONFIRMED")]
    assert (one, other) == (expected, expected)


def test_feed_bytes_do_not_depend_on_event_order() -> None:
    assert make_feed(FIRST, SECOND) == make_feed(SECOND, FIRST)
    assert compute_etag(make_feed(FIRST)) == compute_etag(make_feed(FIRST))
    assert compute_etag(make_feed(FIRST)) != compute_etag(make_feed(replace(FIRST, end=SECOND.end)))
    assert compute_etag(make_feed(FIRST)).strip('"').isalnum()


@pytest.mark.parametrize(
    ("initials", "title"),
    [
        ("KM", "Call (K.M.)"),
        ("", "Call"),
        ("K. M.", "Call (K.M.)"),
        ("Kim Morgan", "Call (K.i.m.)"),
        ("\r\nATTENDEE:x", "Call (A.T.T.)"),
    ],
)
def test_title_shows_no_more_than_three_initials(initials: str, title: str) -> None:
    data = make_feed(replace(FIRST, initials=initials))
    [event] = events_of(data)
    assert str(event["SUMMARY"]) == title
    assert "ATTENDEE" not in event


@pytest.mark.parametrize("name", ["x\r\nATTENDEE:mailto:a@b", "ü;,\\" * 60, "\x00\u2028\ud800"])
def test_feed_text_cannot_inject_properties(name: str) -> None:
    plain, hostile = (
        make_feed(FIRST),
        make_feed(replace(FIRST, description=name, location=name), name=name),
    )
    assert b"ATTENDEE" not in plain
    assert all(len(line) <= 75 for line in hostile.split(b"\r\n"))
    for line in hostile.decode().replace("\r\n ", "").split("\r\n"):
        assert not line.startswith("ATTENDEE")
    [event] = events_of(hostile)
    assert event["DTSTART"].dt == START


def test_own_feed_read_as_busy_calendar_blocks_nothing() -> None:
    span: dict[str, Any] = {
        "zone": "UTC",
        "since": START - timedelta(days=1),
        "until": START + timedelta(days=1),
    }
    assert len(parse_busy_times(make_feed(FIRST, SECOND), **span).spans) == 2
    assert parse_busy_times(make_feed(FIRST, SECOND), own_uids=[FIRST.uid, "b"], **span).spans == []


def test_empty_feed_is_a_valid_calendar() -> None:
    assert str(Calendar.from_ical(make_feed())["X-WR-CALNAME"]) == "Robin's calls"
