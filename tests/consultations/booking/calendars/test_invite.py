"""The calendar file of one consultation, parsed again by two libraries."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from icalendar import Calendar

from consultations.booking.calendars.invite import CalendarMethod, Invite, render_invite

START = datetime(2026, 11, 3, 9, 0, tzinfo=ZoneInfo("America/New_York"))
BOOKED = Invite(
    method=CalendarMethod.REQUEST,
    uid="0b54a1f6-5b1e-4f3c-9d3e-2f1f2b1e9a01",
    sequence=0,
    start=START,
    end=START + timedelta(minutes=20),
    sent_at=datetime(2026, 10, 30, 12, 0, 0, 123456, tzinfo=UTC),
    organizer="hello@practice.example",
    attendee="kim@example.org",
    summary="Call with Robin",
    description="Tuesday, 3 November 2026\n9:00 in New York (EST); we call you.",
)
MOVED = replace(
    BOOKED, sequence=1, start=START + timedelta(days=1), end=START + timedelta(days=1, minutes=20)
)
CANCELLED = replace(MOVED, method=CalendarMethod.CANCEL, sequence=2)
PUBLISHED = replace(MOVED, method=CalendarMethod.PUBLISH)


def unfolded_lines(invite: Invite) -> list[str]:
    """Return the lines unfolded, as RFC 5545 requires of programs."""
    text = render_invite(invite).decode()
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def facts_by_icalendar(data: bytes) -> dict[str, object]:
    calendar: Any = Calendar.from_ical(data)
    [event] = calendar.walk("VEVENT")
    attendee = event.get("ATTENDEE")
    return {
        "method": str(calendar["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "status": str(event["STATUS"]),
        "start": event["DTSTART"].dt,
        "end": event["DTEND"].dt,
        "summary": str(event["SUMMARY"]),
        "description": str(event["DESCRIPTION"]),
        "organizer": str(event["ORGANIZER"]),
        "attendee": str(attendee) if attendee else None,
    }


def facts_by_vobject(data: bytes) -> dict[str, object]:
    calendar = vobject.readOne(data.decode())
    [event] = calendar.vevent_list
    attendees = event.contents.get("attendee", [])
    assert len(attendees) < 2
    return {
        "method": calendar.method.value,
        "uid": event.uid.value,
        "sequence": int(event.sequence.value),
        "status": event.status.value,
        "start": event.dtstart.value,
        "end": event.dtend.value,
        "summary": event.summary.value,
        "description": event.description.value,
        "organizer": event.organizer.value,
        "attendee": attendees[0].value if attendees else None,
    }


@pytest.mark.parametrize("read", [facts_by_icalendar, facts_by_vobject])
@pytest.mark.parametrize(
    ("invite", "method", "status", "attendee"),
    [
        (BOOKED, "REQUEST", "CONFIRMED", "mailto:kim@example.org"),
        (MOVED, "REQUEST", "CONFIRMED", "mailto:kim@example.org"),
        (CANCELLED, "CANCEL", "CANCELLED", "mailto:kim@example.org"),
        (PUBLISHED, "PUBLISH", "CONFIRMED", None),
    ],
)
def test_invite_round_trips_for_every_method(
    read, invite: Invite, method: str, status: str, attendee: str | None
) -> None:
    assert read(render_invite(invite)) == {
        "method": method,
        "uid": BOOKED.uid,
        "sequence": invite.sequence,
        "status": status,
        "start": invite.start.astimezone(UTC),
        "end": invite.end.astimezone(UTC),
        "summary": "Call with Robin",
        "description": BOOKED.description,
        "organizer": "mailto:hello@practice.example",
        "attendee": attendee,
    }


def test_invite_has_expected_lines() -> None:
    assert sorted(unfolded_lines(BOOKED)) == sorted(
        [
            "BEGIN:VCALENDAR",
            "PRODID:-//Practice site//Calendar//EN",
            "VERSION:2.0",
            "METHOD:REQUEST",
            "BEGIN:VEVENT",
            "UID:0b54a1f6-5b1e-4f3c-9d3e-2f1f2b1e9a01",
            "SEQUENCE:0",
            "DTSTAMP:20261030T120000Z",
            "DTSTART:20261103T140000Z",
            "DTEND:20261103T142000Z",
            "STATUS:CONFIRMED",
            "SUMMARY:Call with Robin",
            "CLASS:PRIVATE",
            "TRANSP:OPAQUE",
            "ORGANIZER:mailto:hello@practice.example",
            "ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:kim@example.org",
            "DESCRIPTION:Tuesday\\, 3 November 2026\\n9:00 in New York (EST)\\; we call you.",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    )


def test_cancellation_keeps_event_identity_and_people() -> None:
    kept = ("UID", "ORGANIZER", "ATTENDEE", "DTSTART", "DTEND")
    assert [one for one in unfolded_lines(MOVED) if one.startswith(kept)] == [
        one for one in unfolded_lines(CANCELLED) if one.startswith(kept)
    ]


HOSTILE = [
    "x\r\nATTENDEE:mailto:a@b",
    "x\nATTENDEE:mailto:a@b",
    "x\rATTENDEE:mailto:a@b",
    "x\x0b\x0c\x1c\x85\u2028\u2029ATTENDEE:mailto:a@b",
    "x\r\n ATTENDEE:mailto:a@b\r\nEND:VEVENT\r\nBEGIN:VALARM",
    "x\\nATTENDEE:mailto:a@b",
    'x";CN=y:,;\\ z',
    "\x00\x07\x1b[31m\ud800\u202e x",
    "ü" * 200,
    "🦉" * 100,
    "a" * 500,
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("where", ["summary", "description", "uid", "organizer", "attendee"])
def test_invite_text_cannot_inject_properties(where: str, text: str) -> None:
    change: dict[str, Any] = {where: text}
    hostile = replace(BOOKED, **change)
    names = [one.partition(":")[0].partition(";")[0] for one in unfolded_lines(BOOKED)]
    assert [one.partition(":")[0].partition(";")[0] for one in unfolded_lines(hostile)] == names
    assert all(len(one) <= 75 for one in render_invite(hostile).split(b"\r\n"))
    for one in unfolded_lines(hostile):
        assert all(character >= " " for character in one)
    assert facts_by_icalendar(render_invite(hostile))["method"] == "REQUEST"
    assert facts_by_vobject(render_invite(hostile))["method"] == "REQUEST"


@pytest.mark.parametrize("read", [facts_by_icalendar, facts_by_vobject])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x\r\nATTENDEE:mailto:a@b", "x ATTENDEE:mailto:a@b"),
        ("Robin, Kim; and \\ more", "Robin, Kim; and \\ more"),
        ("Zoë  Ångström", "Zoë Ångström"),
        ("\u202eRobin\x00", "Robin"),
        ("🦉" * 100, "🦉" * 100),
    ],
)
def test_summary_text_is_preserved(read, text: str, shown: str) -> None:
    assert read(render_invite(replace(BOOKED, summary=text)))["summary"] == shown


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("kim+calls@example.org", "mailto:kim+calls@example.org"),
        ("o'neill@example.org", "mailto:o'neill@example.org"),
        ('"a;b:c"@example.org', "mailto:%22a%3Bb%3Ac%22@example.org"),
        ("kim@example.org\r\nATTENDEE:mailto:a@b", "mailto:kim@example.orgATTENDEE%3Amailto%3Aa@b"),
    ],
)
def test_attendee_address_is_escaped(address: str, written: str) -> None:
    [line] = [
        one for one in unfolded_lines(replace(BOOKED, attendee=address)) if "ATTENDEE;" in one
    ]
    assert line == f"ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:{written}"
