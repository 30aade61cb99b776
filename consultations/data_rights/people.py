"""Whose data? Told by what a person left with us: an address, or, without one, number and name.

A number alone names a household, not a person. Whoever shares it with others is found by it only
among those who left no address, and there by name.
"""

from dataclasses import dataclass
from typing import Any

from consultations.booking.models import Consultation
from consultations.privacy.encryption import CannotOpen
from consultations.privacy.fingerprints import normalised_email, phone_fingerprints


@dataclass(frozen=True)
class Person:
    """``email`` is enough; ``phone`` and ``name`` stand for somebody who left no address."""

    email: str = ""
    phone: str = ""
    name: str = ""


def by_email(address: str) -> Person:
    return Person(email=normalised_email(address))


def sharing_phone(number: str) -> list[Person]:
    """Everybody who left this number, each once, in a steady order."""
    found: dict[Person, None] = {}
    rows = Consultation.objects.filter(phone_fingerprint__in=phone_fingerprints(number))
    for row in rows.order_by("created_at", "pk"):
        email = normalised_email(opened(row, "email"))
        name = folded(opened(row, "name"))
        found[by_email(email) if email else Person(phone=number, name=name)] = None
    return list(found)


def folded(name: str) -> str:
    return " ".join(name.casefold().split())


def opened(row: Any, name: str) -> str:
    """A cell's text; "" for one that cannot be opened, so that the others still are."""
    try:
        return str(getattr(row, name))
    except CannotOpen:
        return ""


def initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper() or "–"
