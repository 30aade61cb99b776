"""Identify a person by the contact data they left: an email, or a phone number and a name.

A phone number alone identifies a household, not a person. People who left an email are found by
it alone; a number finds only those who left no email, told apart by name.
"""

from dataclasses import dataclass

from django.db.models import Model

from consultations.booking.models import Consultation
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import normalize_email, phone_fingerprints


@dataclass(frozen=True)
class Person:
    """``email`` alone, or ``phone`` and ``name`` for somebody who left no email."""

    email: str = ""
    phone: str = ""
    name: str = ""


def person_with_email(address: str) -> Person:
    return Person(email=normalize_email(address))


def people_with_phone(number: str) -> list[Person]:
    """Return everybody who left this number, once each, in the order of their first request."""
    people: dict[Person, None] = {}
    rows = Consultation.objects.filter(phone_fingerprint__in=phone_fingerprints(number))
    for row in rows.order_by("created_at", "pk"):
        email = normalize_email(decrypted_or_blank(row, "email"))
        name = normalize_name(decrypted_or_blank(row, "name"))
        people[person_with_email(email) if email else Person(phone=number, name=name)] = None
    return list(people)


def normalize_name(name: str) -> str:
    """Ignore case and extra spaces, for comparison."""
    return " ".join(name.casefold().split())


def decrypted_or_blank(row: Model, name: str) -> str:
    """Return an encrypted field's text, or "" if it cannot be decrypted."""
    try:
        return str(getattr(row, name))
    except DecryptionError:
        return ""


def initials(name: str) -> str:
    """Return the first letters of up to two words, or a dash."""
    return "".join(word[0] for word in name.split()[:2]).upper() or "–"
