"""The names that calendar programs give to time zones, to zones with rules. Pure."""

import re
from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone import TZP
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from consultations.booking.calendars.busy_lines import Block

MOST_OWN_ZONES = 50  # defined in one file
UTC_NAMES = frozenset({"utc", "gmt", "z", "etc/utc", "zulu"})
# A zone's rules are asked for every event, and a rule can ask for more than a yearly change.
MORE_THAN_YEARLY = re.compile(
    r"FREQ=(?!YEARLY)|BYHOUR|BYMINUTE|BYSECOND|INTERVAL=(?!1;|1$)", re.IGNORECASE
)


class Zones:
    """The zones of one file: well-known names first, then what the file itself defines."""

    def __init__(self, blocks: list[Block]) -> None:
        self.defined: dict[str, Block] = {}
        for block in blocks[:MOST_OWN_ZONES]:
            self.defined.setdefault(block.value("TZID"), block)
        self.found: dict[str, tzinfo | None] = {}

    def named(self, name: str) -> tzinfo | None:
        if name not in self.found:
            self.found[name] = known_zone(name) or self.from_definition(name)
        return self.found[name]

    def from_definition(self, name: str) -> tzinfo | None:
        block = self.defined.get(name)
        if block is None:
            return None
        if zone := known_zone(block.value("X-LIC-LOCATION")):
            return zone
        if any(MORE_THAN_YEARLY.search(line) for line in block.text):
            return None
        try:
            text = "\r\n".join(["BEGIN:VTIMEZONE", *block.text, "END:VTIMEZONE", ""])
            # A provider of our own: the library's remembers a name for every later file, too.
            found = Timezone.from_ical(text)
            return found.to_tz(TZP(), lookup_tzid=False) if isinstance(found, Timezone) else None
        except Exception:
            # Whatever is wrong with it, its events are then read as those of an unknown zone.
            return None


def known_zone(name: str) -> tzinfo | None:
    """``Europe/Berlin``, ``W. Europe Standard Time``, ``/some.program/Europe/Berlin``."""
    name = name.strip().strip("/")
    if name.lower() in UTC_NAMES:
        return ZoneInfo("UTC")
    name = windows_names().get(name.lower(), name)
    parts = name.split("/")
    for first in range(len(parts)):
        if found := zone_names().get("/".join(parts[first:]).lower()):
            return ZoneInfo(found)
    return None


@lru_cache(maxsize=1)
def zone_names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


@lru_cache(maxsize=1)
def windows_names() -> dict[str, str]:
    return {name.lower(): zone for name, zone in WINDOWS_TO_OLSON.items()}
