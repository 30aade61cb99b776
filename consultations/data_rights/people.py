"""Whose data? Told by what a person left with us: an address, or, without one, number and name.

A number alone names a household, not a person. Whoever shares it with others is found by it only
among those who left no address, and there by name.
"""

from dataclasses import dataclass
from typing import Any

from consultations.booking.models import Consultation
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import normalize_email, phone_fingerprints


@dataclass(frozen=True)
class Person:
    """``email`` is enough; ``phone`` and ``name`` stand for somebody who left no address."""

    email: str = ""
    phone: str = ""
    name: str = ""


def person_with_email(address: str) -> Person:
    return Person(email=normalize_email(address))


def people_with_phone(number: str) -> list[Person]:
    """Everybody who left this number, each once, in a steady order."""
    found: dict[Person, None] = {}
    rows = Consultation.objects.filter(phone_fingerprint__in=phone_fingerprints(number))
    for row in rows.order_by("created_at", "pk"):
        email = normalize_email(decrypted_or_blank(row, "email"))
        name = normalize_name(decrypted_or_blank(row, "name"))
        found[person_with_email(email) if email else Person(phone=number, name=name)] = None
    return list(found)


def normalize_name(name: str) -> str:
    return " ".join(name.casefold().split())


def decrypted_or_blank(row: Any, name: str) -> str:
    """A cell's text; "" for one that cannot be opened, so that the others still are."""
    try:
        return str(getattr(row, name))
    except DecryptionError:
        return ""


def initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper() or "–"
