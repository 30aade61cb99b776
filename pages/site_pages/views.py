"""Views of fixed pages, among them those about the practice, and of free pages."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.common import no_append_slash

from pages.caching import cacheable_page
from pages.practice.models import Fee, FrequentQuestion, Practitioner, Service
from pages.practice.offers import fee_rows, question_rows
from pages.practice.price_list import price_range
from pages.practice.profile import PracticeProfile, get_practice_facts, status_text
from pages.practice.team import person_rows, search_team
from pages.seo.metadata import (
    breadcrumb_entity,
    build_metadata,
    person_entity,
    practice_entity,
    questions_entity,
    service_entity,
)
from pages.site_pages.models import FreePage, PageKey, SitePage, is_offered, is_preview
from pages.site_pages.variables import fill_variables

# An unsuspicious site, for a person who must leave the page at once.
QUICK_EXIT_URL = "https://www.weather.com/"


def site_page_context(
    request: HttpRequest, key: str, *, graph: list[dict[str, object]] | None = None
) -> dict[str, object]:
    """Build the context of a fixed page; raise Http404 for a notice that is switched off."""
    practice = get_practice_facts().practice
    # Staff write and preview a notice before it is switched on.
    if not is_offered(key, practice) and not is_preview():
        raise Http404
    page = fill_site_page(SitePage.load(key), practice)
    trail = [(_("Home"), reverse("pages:home")), (page.title, "")]
    metadata = build_metadata(
        practice,
        title=page.title,
        path=request.path,
        description=page.lead,
        text=page.body,
        graph=[breadcrumb_entity(trail), *(graph or [])],
    )
    return {"page": page, "metadata": metadata, "breadcrumb": trail}


def fill_site_page(page: SitePage, practice: PracticeProfile) -> SitePage:
    """Fill in the variables of a page, on the instance."""
    page.title = fill_variables(page.title, practice)
    page.lead = fill_variables(page.lead, practice)
    page.body = fill_variables(page.body, practice, is_html=True)
    return page


def _site_page_view(key: str, template: str = "site_page") -> Callable[..., HttpResponse]:
    """Return the view of a fixed page that shows its text and nothing else."""

    @cacheable_page
    def view(request: HttpRequest) -> HttpResponse:
        context = site_page_context(request, key)
        return render(request, f"pages/site_pages/{template}.html", context)

    return view


what_to_expect = _site_page_view(PageKey.WHAT_TO_EXPECT, "what_to_expect")
privacy = _site_page_view(PageKey.PRIVACY, "privacy")
accessibility = _site_page_view(PageKey.ACCESSIBILITY)
terms = _site_page_view(PageKey.TERMS)
comment_policy = _site_page_view(PageKey.COMMENT_POLICY)
notice_of_privacy_practices = _site_page_view(PageKey.NOTICE_OF_PRIVACY_PRACTICES)
good_faith_estimate = _site_page_view(PageKey.GOOD_FAITH_ESTIMATE)
imprint = _site_page_view(PageKey.IMPRINT)


@cacheable_page
def crisis(request: HttpRequest) -> HttpResponse:
    context = site_page_context(request, PageKey.CRISIS) | {"leave_url": QUICK_EXIT_URL}
    return render(request, "pages/site_pages/crisis.html", context)


# --- people, services, fees, questions, contact ---


@cacheable_page
def about(request: HttpRequest) -> HttpResponse:
    facts = get_practice_facts()
    graph = [practice_entity(facts.practice, facts.hours)]
    context = site_page_context(request, PageKey.ABOUT, graph=graph)
    people = list(Practitioner.objects.published().select_related("portrait"))
    team = search_team(people, request.GET.dict(), facts.practice.accepting)
    context |= {"team": team, "practitioners": team.people}
    return render(request, "pages/practice/about.html", context)


@cacheable_page
def practitioner_detail(request: HttpRequest, slug: str) -> HttpResponse:
    facts = get_practice_facts()
    person = get_object_or_404(
        Practitioner.objects.published().select_related("portrait"), slug=slug
    )
    licences = [row for row in facts.licences if row.practitioner_id == person.pk]
    trail = _breadcrumb((_("About"), reverse("pages:about")), person.name)
    context = {
        "practitioner": person,
        "person_licences": licences,
        "call": facts.practice.call_to_action(),
        "person_rows": person_rows(person, facts.practice.accepting),
        "breadcrumb": trail,
        "metadata": build_metadata(
            facts.practice,
            title=person.name,
            path=request.path,
            description=person.intro,
            text=person.about_me,
            graph=[breadcrumb_entity(trail), person_entity(person, licences)],
        ),
    }
    return render(request, "pages/practice/practitioner_detail.html", context)


@cacheable_page
def service_list(request: HttpRequest) -> HttpResponse:
    context = site_page_context(request, PageKey.SERVICES)
    practice = get_practice_facts().practice
    fees = list(Fee.objects.shown())
    context["services"] = [
        (service, _service_summary(service, fees, practice))
        for service in Service.objects.published()
    ]
    return render(request, "pages/practice/service_list.html", context)


@cacheable_page
def service_detail(request: HttpRequest, slug: str) -> HttpResponse:
    practice = get_practice_facts().practice
    service = get_object_or_404(Service.objects.published(), slug=slug)
    fees = list(Fee.objects.shown().filter(service=service))
    trail = _breadcrumb((_("Services"), reverse("pages:service_list")), service.title)
    context = {
        "service": service,
        "status": service.status(practice),
        "call": service.call_to_action(practice),
        "fees": fee_rows(fees, practice.currency),
        "facts": [
            (label, value)
            for label, value in (
                (_("Length"), service.length),
                (_("How we meet"), service.formats),
                (_("Fee"), price_range(fees, practice.currency)),
            )
            if value
        ],
        "breadcrumb": trail,
        "metadata": build_metadata(
            practice,
            title=service.title,
            path=request.path,
            description=service.summary,
            text=service.body,
            graph=[breadcrumb_entity(trail), service_entity(service, practice, fees)],
        ),
    }
    return render(request, "pages/practice/service_detail.html", context)


@cacheable_page
def fees(request: HttpRequest) -> HttpResponse:
    facts, rows = get_practice_facts(), list(Fee.objects.shown())
    graph = [practice_entity(facts.practice, facts.hours, fees=rows)]
    context = site_page_context(request, PageKey.FEES, graph=graph)
    context["fees"] = fee_rows(rows, facts.practice.currency)
    context["questions"] = question_rows(FrequentQuestion.objects.on_fees())
    return render(request, "pages/practice/fees.html", context)


@cacheable_page
def faq(request: HttpRequest) -> HttpResponse:
    questions = list(FrequentQuestion.objects.all())
    graph = [questions_entity(questions)] if questions else []
    context = site_page_context(request, PageKey.FAQ, graph=graph)
    context["questions"] = question_rows(questions)
    return render(request, "pages/practice/faq.html", context)


@cacheable_page
def contact(request: HttpRequest) -> HttpResponse:
    facts = get_practice_facts()
    graph = [practice_entity(facts.practice, facts.hours)]
    context = site_page_context(request, PageKey.CONTACT, graph=graph)
    return render(request, "pages/practice/contact.html", context)


def _service_summary(service: Service, fees: list[Fee], practice: PracticeProfile) -> str:
    """Return length, price and, where it differs from the practice's, the status of a service."""
    own = [fee for fee in fees if fee.service_id == service.pk]
    status = service.status(practice)
    parts = [
        service.length,
        price_range(own, practice.currency),
        "" if status == practice.accepting else status_text(status),
    ]
    return " · ".join(part for part in parts if part)


def _breadcrumb(parent: tuple[str, str], title: str) -> list[tuple[str, str]]:
    return [(_("Home"), reverse("pages:home")), parent, (title, "")]


# --- free pages ---


# Otherwise every unknown address would first be redirected to itself with a slash.
@no_append_slash
@cacheable_page
def free_page(request: HttpRequest, path: str) -> HttpResponse:
    pages = FreePage.objects.published(timezone.now()).select_related("parent")
    page = get_object_or_404(pages, path=path)
    return render(request, "pages/site_pages/free_page.html", free_page_context(request, page))


def free_page_context(request: HttpRequest, page: FreePage) -> dict[str, object]:
    """Build the context of a free page, its variables filled in."""
    practice = get_practice_facts().practice
    path = page.get_absolute_url()
    title, lead = fill_variables(page.title, practice), fill_variables(page.lead, practice)
    trail = [(_("Home"), reverse("pages:home"))]
    if page.parent and page.parent.is_public():
        trail.append((fill_variables(page.parent.title, practice), page.parent.get_absolute_url()))
    trail.append((title, ""))
    metadata = build_metadata(
        practice,
        title=page.search_title or title,
        path=path,
        description=page.search_description or lead,
        text=fill_variables(page.body, practice),
        published_at=page.published_at,
        updated_at=page.lastmod,
        graph=[breadcrumb_entity(trail)],
    )
    page.title, page.lead = title, lead
    page.body = fill_variables(page.body, practice, is_html=True)
    return {"page": page, "metadata": metadata, "breadcrumb": trail}
