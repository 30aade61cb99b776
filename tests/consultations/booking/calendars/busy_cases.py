"""Build calendar files and format the busy times read from them, for tables of cases."""

from datetime import UTC, datetime

from consultations.booking.calendars.busy import BusyReading, parse_busy_times

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
NOVEMBER = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))


def parse_november(
    data: bytes, zone: str = NEW_YORK, own_uids: tuple[str, ...] = ()
) -> BusyReading:
    since, until = NOVEMBER
    return parse_busy_times(
        data,
        zone=zone,
        since=since,
        until=until,
        own_uids=own_uids,
        own_addresses=["robin@practice.example"],
    )


def make_calendar(*events: str, zones: str = "") -> bytes:
    blocks = "".join(f"BEGIN:VEVENT\n{text.strip()}\nEND:VEVENT\n" for text in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{zones}{blocks}END:VCALENDAR\n".encode()


def format_spans(reading: BusyReading) -> list[str]:
    """Format spans as ``03 14:00-15:00`` in UTC; the end has a day if it is on another one."""
    return [
        f"{start:%d %H:%M}-{end:%H:%M}"
        if start.date() == end.date()
        else f"{start:%d %H:%M}-{end:%d %H:%M}"
        for start, end, _hash in reading.spans
    ]


EVENT_AT_NINE = "UID:a\nDTSTART:20261103T090000Z\nDTEND:20261103T100000Z"
BERLIN_EVENT_START = "UID:r\nDTSTART;TZID=Europe/Berlin:20261103T090000\nDURATION:PT1H\n"
