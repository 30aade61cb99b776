"""Find clients by name, email, phone or reference, for staff.

Names are encrypted, so the newest rows are decrypted and compared, up to a limit. Email addresses
and numbers are found by their keyed fingerprints, in all rows.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q

from consultations.booking.models import REFERENCE_CHARS, Consultation, ConsultationQuerySet
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import email_fingerprints, phone_fingerprints

MAX_COMPARED_ROWS = 10_000
MAX_FOUND = 50
MIN_LETTERS = 2
MIN_DIGITS = 7
_REFERENCE = re.compile(rf"(?:[A-Z0-9]{{1,6}}-)?([0-9A-Z]{{{REFERENCE_CHARS}}})", re.IGNORECASE)


@dataclass(frozen=True)
class FoundClients:
    """The matching consultations, newest first, and the fields that were compared."""

    rows: list[Consultation]
    fields: tuple[str, ...]
    is_cut: bool = False  # there are more, or older rows were not compared


def find_clients(user: User | AnonymousUser, query: str) -> FoundClients:
    """Return the consultations this user may see whose client matches the query."""
    query = query.strip()
    visible = Consultation.objects.visible_to(user)
    if "@" in query:
        return _first(visible.filter(email_fingerprint__in=email_fingerprints(query)), "email")
    if _looks_like_phone(query):
        return _first(visible.filter(phone_fingerprint__in=phone_fingerprints(query)), "phone")
    if (found := _REFERENCE.fullmatch(query)) is not None:
        by_reference = visible.filter(
            Q(reference__iexact=query) | Q(reference__iendswith=f"-{found[1]}")
        )
        if by_reference.exists():
            return _first(by_reference, "reference")
    return _find_by_name(visible, query)


def _looks_like_phone(query: str) -> bool:
    digits = re.sub(r"\D", "", query)
    return len(digits) >= MIN_DIGITS and not re.search(r"[^\d\s()+./-]", query)


def _first(rows: ConsultationQuerySet, field: str) -> FoundClients:
    found = list(_for_display(rows)[: MAX_FOUND + 1])
    return FoundClients(found[:MAX_FOUND], (field,), len(found) > MAX_FOUND)


def _for_display(rows: ConsultationQuerySet) -> ConsultationQuerySet:
    return rows.select_related("practitioner", "type").order_by("-created_at")


def _find_by_name(visible: ConsultationQuerySet, query: str) -> FoundClients:
    words = comparable_name(query).split()
    if sum(map(len, words)) < MIN_LETTERS:
        return FoundClients([], ("name",))
    newest = visible.order_by("-created_at").only("name", "created_at")
    candidates = newest[: MAX_COMPARED_ROWS + 1].iterator(chunk_size=1000)
    keys: list[UUID] = []
    count = 0
    for count, row in enumerate(candidates, start=1):
        if count > MAX_COMPARED_ROWS or len(keys) > MAX_FOUND:
            break
        if _matches(row, words):
            keys.append(row.pk)
    rows = list(_for_display(Consultation.objects.filter(pk__in=keys[:MAX_FOUND])))
    return FoundClients(rows, ("name",), count > MAX_COMPARED_ROWS or len(keys) > MAX_FOUND)


def _matches(row: Consultation, words: Iterable[str]) -> bool:
    try:
        name = comparable_name(row.name)
    except DecryptionError:
        return False
    return all(f" {word}" in f" {name}" for word in words)


def comparable_name(name: str) -> str:
    """Return a name without capitals, accents and punctuation, for comparing."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(
        letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter)
    )
    return " ".join(kept.split())
