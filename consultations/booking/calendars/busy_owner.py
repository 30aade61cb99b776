"""Which events of a practitioner's calendar do not take time from it. Pure."""

import re
from collections.abc import Collection

from consultations.booking.calendars.busy_lines import Block

# Exchange wraps identifiers that it did not make itself (MS-OXCICAL, 2.1.3.1.1.20.26).
WRAPPED = re.compile(r"040000008200E00074C5B7101A82E008[0-9A-F]+", re.IGNORECASE)
WRAPPED_MARK = b"vCal-Uid\x01\x00\x00\x00"


def is_ours(uid: str, own: set[str]) -> bool:
    """One of our consultations: it blocks by itself, and its copy here would block its own move."""
    uid = uid.strip()
    return uid.casefold() in own or unwrapped(uid).casefold() in own


def unwrapped(uid: str) -> str:
    if not WRAPPED.fullmatch(uid) or len(uid) % 2:
        return uid
    _, mark, rest = bytes.fromhex(uid).partition(WRAPPED_MARK)
    return rest.partition(b"\x00")[0].decode("utf-8", "replace") if mark else uid


def is_of_no_matter(block: Block, own_addresses: Collection[str]) -> bool:
    """Shown as free, called off, or refused by the practitioner."""
    return (
        block.value("TRANSP").upper() == "TRANSPARENT"
        or block.value("STATUS").upper() == "CANCELLED"
        or block.value("X-MICROSOFT-CDO-BUSYSTATUS").upper() == "FREE"
        or any(is_refusal_of(line.parameters, own_addresses) for line in block.all("ATTENDEE"))
    )


def is_refusal_of(attendee: str, own_addresses: Collection[str]) -> bool:
    text = attendee.lower()
    if not re.search(r";partstat=\"?declined\b", text):
        return False
    named = {text.rpartition("mailto:")[2].strip()}
    named |= {found.strip('" ') for found in re.findall(r';email=("[^"]*"|[^;:"]*)', text)}
    return any(address.strip().lower() in named for address in own_addresses if address.strip())
