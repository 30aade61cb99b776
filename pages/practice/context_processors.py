"""Facts for header and footer; lazy, so that a page which shows none asks for none."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from pages.practice.facts import facts_for


def practice(request: HttpRequest) -> dict[str, Any]:
    facts = facts_for(request)
    return {
        "practice": SimpleLazyObject(lambda: facts.practice),
        "crisis_lines": SimpleLazyObject(lambda: facts.crisis_lines),
        "licences": SimpleLazyObject(lambda: facts.licences),
        "opening_hours": SimpleLazyObject(lambda: facts.opening_hours),
        "site_url": settings.SITE_URL,
        "site_nav": SimpleLazyObject(lambda: site_nav(request.path)),
    }


def site_nav(path: str) -> list[tuple[str, str, bool]]:
    """The five links of the header; a page below a link counts as current too."""
    links = [
        (_("About"), reverse("pages:about")),
        (_("Services"), reverse("pages:service_list")),
        (_("Fees"), reverse("pages:fees")),
        (_("Articles"), reverse("pages:article_list")),
        (_("Contact"), reverse("pages:contact")),
    ]
    return [(label, url, path.startswith(url)) for label, url in links]
