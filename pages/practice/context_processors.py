"""Facts for header and footer; lazy, so that a page which shows none asks for none."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from pages.practice.facts import facts_for


def practice(request: HttpRequest) -> dict[str, Any]:
    facts = facts_for(request)
    return {
        "practice": SimpleLazyObject(lambda: facts.practice),
        "crisis_lines": SimpleLazyObject(lambda: facts.crisis_lines),
        "licences": SimpleLazyObject(lambda: facts.licences),
        "opening_hours": SimpleLazyObject(lambda: facts.opening_hours),
        "site_url": settings.SITE_URL,
    }
