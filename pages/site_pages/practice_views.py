"""Pages about the practice: people, services, fees, questions, contact."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pages.caching import cacheable_page
from pages.practice.models import Fee, FrequentQuestion, Practitioner, Service
from pages.practice.offers import fee_rows, question_rows
from pages.practice.profile import get_practice_facts
from pages.seo.metadata import (
    breadcrumb_entity,
    build_metadata,
    person_entity,
    practice_entity,
    questions_entity,
    service_entity,
)
from pages.site_pages.models import PageKey
from pages.site_pages.views import site_page_context


@cacheable_page
def about(request: HttpRequest) -> HttpResponse:
    facts = get_practice_facts()
    graph = [practice_entity(facts.practice, facts.hours)]
    context = site_page_context(request, PageKey.ABOUT, graph=graph)
    context["practitioners"] = Practitioner.objects.published().select_related("portrait")
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
    context["services"] = Service.objects.published()
    return render(request, "pages/practice/service_list.html", context)


@cacheable_page
def service_detail(request: HttpRequest, slug: str) -> HttpResponse:
    practice = get_practice_facts().practice
    service = get_object_or_404(Service.objects.published(), slug=slug)
    trail = _breadcrumb((_("Services"), reverse("pages:service_list")), service.title)
    context = {
        "service": service,
        "status": service.status(practice),
        "call": service.call_to_action(practice),
        "fees": fee_rows(Fee.objects.shown().filter(service=service), practice.currency),
        "breadcrumb": trail,
        "metadata": build_metadata(
            practice,
            title=service.title,
            path=request.path,
            description=service.summary,
            text=service.body,
            graph=[breadcrumb_entity(trail), service_entity(service, practice)],
        ),
    }
    return render(request, "pages/practice/service_detail.html", context)


@cacheable_page
def fees(request: HttpRequest) -> HttpResponse:
    context = site_page_context(request, PageKey.FEES)
    currency = get_practice_facts().practice.currency
    context["fees"] = fee_rows(Fee.objects.shown(), currency)
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


def _breadcrumb(parent: tuple[str, str], title: str) -> list[tuple[str, str]]:
    return [(_("Home"), reverse("pages:home")), parent, (title, "")]
