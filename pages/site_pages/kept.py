"""One row of what we collect: what, why, how long, how it is stored, who reads it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

ENCRYPTED, CLEAR, HASHED = "encrypted", "clear", "hash"
STORED = {
    ENCRYPTED: gettext_lazy("Encrypted"),
    CLEAR: gettext_lazy("As it is"),
    HASHED: gettext_lazy("As a keyed fingerprint"),
}


@dataclass(frozen=True)
class Kept:
    """One thing a visitor may give us."""

    what: str
    why: str
    how_long: str
    stored: str
    who: str
    # Columns, such as `Consultation.name`; and the names of form fields that fill them.
    columns: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def stored_words(self) -> Any:
        return STORED[self.stored]


def columns_of(model: str, names: str) -> tuple[str, ...]:
    return tuple(f"{model}.{name}" for name in names.split())


def days(number: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", number) % {"count": number}
