"""What we know about the practice, read once a request however many places ask."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from pages.practice.crisis_lines import CrisisLine, DefaultCrisisLine, crisis_lines_for
from pages.practice.models import Licence, OpeningHours, PracticeProfile


class PracticeFacts:
    """Each part is read when it is first asked for."""

    @cached_property
    def practice(self) -> PracticeProfile:
        return PracticeProfile.load()

    @cached_property
    def crisis_lines(self) -> list[CrisisLine | DefaultCrisisLine]:
        return list(crisis_lines_for(self.practice.country))

    @cached_property
    def licences(self) -> list[Licence]:
        return list(Licence.objects.shown())

    @cached_property
    def hours(self) -> list[OpeningHours]:
        return list(OpeningHours.objects.all())

    @cached_property
    def opening_hours(self) -> list[tuple[str, str]]:
        """One row a weekday: its name, and the spans in which the practice is open."""
        days: dict[str, list[str]] = {}
        for hours in self.hours:
            days.setdefault(hours.get_weekday_display(), []).append(hours.span)
        return [(day, ", ".join(spans)) for day, spans in days.items()]


def get_practice_facts(request: HttpRequest) -> PracticeFacts:
    """The facts of this request: views and the context processor share one reading."""
    known = getattr(request, "practice_facts", None)
    if known is None:
        known = PracticeFacts()
        request.practice_facts = known  # type: ignore[attr-defined]
    return known


# Facts for header and footer; lazy, so that a page which shows none asks for none.


def practice_context(request: HttpRequest) -> dict[str, Any]:
    facts = get_practice_facts(request)
    return {
        "practice": SimpleLazyObject(lambda: facts.practice),
        "crisis_lines": SimpleLazyObject(lambda: facts.crisis_lines),
        "licences": SimpleLazyObject(lambda: facts.licences),
        "opening_hours": SimpleLazyObject(lambda: facts.opening_hours),
        "site_url": settings.SITE_URL,
    }
