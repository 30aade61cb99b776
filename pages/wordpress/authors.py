"""Match WordPress authors to practitioners."""

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pages.practice.people import Practitioner
from pages.wordpress.wxr.records import Author


def match_authors(
    authors: Iterable[Author], logins: Iterable[str], chosen: Mapping[str, str]
) -> dict[str, Practitioner | None]:
    """Map each WordPress login to a practitioner: as chosen, else by email or name, else None.

    `logins` are those used by items; the export's head may not declare all of them.
    """
    people = list(Practitioner.objects.select_related("user"))
    by_slug = {person.slug: person for person in people}
    validate_chosen_authors(chosen)
    declared = {author.login: author for author in authors}
    matches: dict[str, Practitioner | None] = {}
    for login in dict.fromkeys([*declared, *logins]):
        if login in chosen:
            matches[login] = by_slug.get(chosen[login])
        else:
            matches[login] = _find_practitioner(declared.get(login, Author(login)), people)
    return matches


def validate_chosen_authors(chosen: Mapping[str, str]) -> None:
    """Raise `ValidationError` if a chosen practitioner slug does not exist."""
    known = set(Practitioner.objects.values_list("slug", flat=True))
    for login, slug in chosen.items():
        if slug and slug not in known:
            raise ValidationError(
                _("No practitioner has the address “%(slug)s” (for the author “%(login)s”).")
                % {"slug": slug, "login": login}
            )


def _find_practitioner(author: Author, people: list[Practitioner]) -> Practitioner | None:
    email = author.email.casefold()
    for person in people:
        addresses = {person.organizer_email.casefold()}
        if person.user is not None:
            addresses.add(person.user.email.casefold())
        if email and email in addresses:
            return person
    named = [
        person
        for person in people
        if _normalize_name(person.name)
        in {_normalize_name(author.name), _normalize_name(author.login)}
    ]
    return named[0] if len(named) == 1 else None


def _normalize_name(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
