"""The team as visitors search it: by specialty, approach, language, age, insurance and openings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pages.practice.accepting import Accepting
from pages.practice.people import Practitioner

# The parameter in the address, the field, what visitors read, and what stands for no choice.
FACETS: tuple[tuple[str, str, str | Promise, str | Promise], ...] = (
    ("specialty", "specialties", _("Helps with"), _("Anything")),
    ("approach", "methods", _("Approaches"), _("Any approach")),
    ("language", "languages", _("Languages"), _("Any language")),
    ("age", "ages", _("Ages"), _("Any age")),
    ("insurance", "insurance", _("Insurance and payment"), _("Any insurance")),
)
MAX_VALUE_CHARS = 100


@dataclass(frozen=True)
class Facet:
    """A choice in the form above the team."""

    name: str
    label: str | Promise
    any_label: str | Promise
    values: Sequence[str]
    chosen: str


@dataclass(frozen=True)
class TeamSearch:
    """Who matches, and the form that asks."""

    people: Sequence[Practitioner]
    facets: Sequence[Facet]
    is_filtered: bool
    offers_open_only: bool
    open_only: bool


def person_rows(person: Practitioner, practice_status: str) -> list[tuple[str | Promise, str]]:
    """Return label and text of what a person filled in, in the order of the page."""
    rows: list[tuple[str | Promise, str]] = [
        (_("New clients"), str(Accepting(person.status(practice_status)).label))
    ]
    rows += [(label, ", ".join(person.lines(field))) for _name, field, label, _any in FACETS]
    return [row for row in rows if row[1]]


def search_team(
    people: Sequence[Practitioner], params: Mapping[str, str], practice_status: str
) -> TeamSearch:
    """Filter a team by the choices of an address.

    A value that nobody has is no choice: an old link shows the team, not an empty page. A facet on
    which all agree is not offered, since it would choose nobody.
    """
    facets = [_facet(people, params, *facet) for facet in FACETS]
    offered = [facet for facet in facets if facet is not None]
    statuses = {person.status(practice_status) for person in people}
    offers_open_only = Accepting.ACCEPTING in statuses and len(statuses) > 1
    open_only = offers_open_only and params.get("open") == "1"
    fields = {name: field for name, field, _label, _any in FACETS}
    matching = [
        person
        for person in people
        if all(_has(person, fields[facet.name], facet.chosen) for facet in offered if facet.chosen)
        and (not open_only or person.status(practice_status) == Accepting.ACCEPTING)
    ]
    is_filtered = open_only or any(facet.chosen for facet in offered)
    return TeamSearch(matching, offered, is_filtered, offers_open_only, open_only)


def _facet(
    people: Sequence[Practitioner],
    params: Mapping[str, str],
    name: str,
    field: str,
    label: str | Promise,
    any_label: str | Promise,
) -> Facet | None:
    values: dict[str, str] = {}
    for person in people:
        for value in person.lines(field):
            values.setdefault(value.casefold(), value)
    if all(_has(person, field, value) for value in values for person in people):
        return None
    wanted = params.get(name, "")[:MAX_VALUE_CHARS].casefold()
    shown = sorted(values.values(), key=str.casefold)
    return Facet(name, label, any_label, shown, values.get(wanted, ""))


def _has(person: Practitioner, field: str, value: str) -> bool:
    return value.casefold() in {line.casefold() for line in person.lines(field)}
