"""A calendar file to the blocks and lines that say when somebody is busy. Pure.

What is not about time (titles, notes, places) is dropped right here: nobody needs it, and whatever
a program wrote into it cannot do harm. So a line of rubbish costs at most itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

EVENT, ZONE = "VEVENT", "VTIMEZONE"
EVENT_NAMES = frozenset(
    [
        "UID",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "RECURRENCE-ID",
        "SEQUENCE",
        "STATUS",
        "TRANSP",
        "ATTENDEE",
        "X-MICROSOFT-CDO-BUSYSTATUS",
    ]
)
LONGEST_LINE = 20_000  # characters; a list of some 1,000 excluded dates
LINE_END = re.compile(r"\r\n|\n|\r")
NAME = re.compile(r"[A-Za-z0-9-]{1,60}(?=[;:])")


@dataclass(frozen=True)
class Line:
    """``NAME;PARAMETERS:VALUE``"""

    name: str
    parameters: str
    value: str

    def parameter(self, name: str) -> str:
        found = re.search(rf';{name}=("[^"]*"|[^;"]*)', self.parameters, re.IGNORECASE)
        return found[1].strip('" ') if found else ""


@dataclass
class Block:
    """One event or one time zone. Not whole: the file went on without closing it."""

    kind: str
    lines: list[Line] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    is_whole: bool = False

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Line | None:
        return next((line for line in self.lines if line.name == name), None)

    def value(self, name: str) -> str:
        line = self.first(name)
        return line.value.strip() if line else ""


def blocks_of(data: bytes) -> tuple[list[Block], bool]:
    """Events and zones in the order of the file, and whether the file was closed at its end."""
    found: list[Block] = []
    now: Block | None = None
    inside: list[str] = []  # alarms and the like within an event; the halves of a zone
    is_closed = False
    for text in unfolded(data):
        word, _, kind = text.strip().upper().partition(":")
        if word == "BEGIN" and kind in (EVENT, ZONE):
            # Also when the one before was never closed: it keeps what it has.
            now, inside = Block(kind), []
            found.append(now)
        elif word == "END" and now is not None and kind == now.kind:
            now.is_whole, now = True, None
        elif word == "END" and kind == "VCALENDAR":
            is_closed, now = True, None
        elif now is not None:
            add(now, inside, word, kind, text)
    return found, is_closed


def add(block: Block, inside: list[str], word: str, kind: str, text: str) -> None:
    block.text.extend([text] if block.kind == ZONE else [])
    if word == "BEGIN":
        inside.append(kind)
    elif word == "END":
        if kind in inside:
            del inside[inside.index(kind) :]
    elif not inside and (line := line_of(text)) and is_wanted(block.kind, line.name):
        block.lines.append(line)


def is_wanted(kind: str, name: str) -> bool:
    return name in EVENT_NAMES if kind == EVENT else name in ("TZID", "X-LIC-LOCATION")


def line_of(text: str) -> Line | None:
    found = NAME.match(text)
    if found is None:
        return None
    name = found[0].upper()
    # Dates and rules hold no colon, but zone names do, and some programs leave out their quotes.
    head, _, value = (
        text.partition(":") if name in ("UID", "TZID", "ATTENDEE") else text.rpartition(":")
    )
    if name == "ATTENDEE":
        head, value = text, ""
    return Line(name, head[len(name) :], value)


def unfolded(data: bytes) -> Iterator[str]:
    """Whole lines, whichever way they end. Overlong ones are cut: no date needs that many."""
    parts: list[str] = []
    length = 0
    for line in LINE_END.split(data.decode("utf-8-sig", errors="replace")):
        if line[:1] in (" ", "\t") and parts:
            if length < LONGEST_LINE:
                parts.append(line[1:])
                length += len(line)
            continue
        if parts:
            yield "".join(parts)[:LONGEST_LINE]
        parts, length = ([line] if line else []), len(line)
    if parts:
        yield "".join(parts)[:LONGEST_LINE]
