"""Pages that draw on several subpackages: home, search, sitemap, robots.txt, patterns."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pages.articles.models import Article, Category
from pages.caching import cacheable_page
from pages.practice.display import lowest_price, question_rows, service_rows
from pages.practice.models import Fee, FrequentQuestion, Practitioner, Service
from pages.practice.profile import get_practice_facts
from pages.search.query import search_content, suggest_query
from pages.search.terms import MAX_QUERY_CHARS
from pages.seo.metadata import absolute_url, build_metadata, practice_entity
from pages.seo.share_images import get_share_image
from pages.sitemaps import sitemap_entries

HOME_ARTICLE_COUNT = 3


@cacheable_page
def home(request: HttpRequest) -> HttpResponse:
    facts = get_practice_facts()
    practice = facts.practice
    articles = Article.objects.published(timezone.now()).for_cards()
    fees = list(Fee.objects.shown())
    context = {
        "call": practice.call_to_action(),
        "call_minutes": settings.CALL_MINUTES,
        "service_rows": service_rows(Service.objects.published(), fees, practice),
        "practitioners": list(Practitioner.objects.published().select_related("portrait")),
        "lowest_price": lowest_price(fees, practice.currency),
        "articles": articles[:HOME_ARTICLE_COUNT],
        "questions": question_rows(FrequentQuestion.objects.on_home()),
        "metadata": build_metadata(
            practice,
            title=practice.home_kicker or practice.home_heading,
            path=request.path,
            description=practice.home_lead or practice.tagline,
            graph=[
                practice_entity(practice, facts.hours, fees=fees, licences=facts.licences),
            ],
        ),
    }
    return render(request, "pages/home.html", context)


@require_safe
def site_search(request: HttpRequest) -> HttpResponse:
    """Search the site; not cached, since what someone searches for is private."""
    practice, now = get_practice_facts().practice, timezone.now()
    query, meant = " ".join(request.GET.get("q", "")[:MAX_QUERY_CHARS].split()), ""
    results = search_content(query, now=now, practice=practice) if query else []
    if query and not results and (meant := suggest_query(query, now=now)):
        results = search_content(meant, now=now, practice=practice)
    title = _("Search")
    context = {
        "query": query,
        "meant": meant,
        "results": results,
        "topics": [(row.name, row.get_absolute_url()) for row in Category.objects.with_articles()],
        "breadcrumb": [(_("Home"), reverse("pages:home")), (title, "")],
        "metadata": build_metadata(practice, title=title, path=request.path, is_indexed=False),
    }
    response = render(request, "pages/search.html", context)
    response["Cache-Control"] = "no-store"
    return response


@cacheable_page
def site_share_image(request: HttpRequest) -> HttpResponse:
    """Serve the share image of pages without one of their own."""
    practice = get_practice_facts().practice
    data = get_share_image("site", title=practice.tagline or practice.name, name=practice.name)
    return HttpResponse(data, content_type="image/png")


@cacheable_page
def sitemap(request: HttpRequest) -> HttpResponse:
    context = {"entries": sitemap_entries(timezone.now())}
    return render(request, "pages/sitemap.xml", context, content_type="application/xml")


@cacheable_page
def robots(request: HttpRequest) -> HttpResponse:
    # Private pages are kept out by noindex: a rule here would only reveal their addresses.
    text = f"User-agent: *\nAllow: /\n\nSitemap: {absolute_url(reverse('pages:sitemap'))}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def patterns(request: HttpRequest) -> HttpResponse:
    """Show every component in every state, for developers; not in production."""
    if settings.SITE_MODE == "production":
        raise Http404
    from pages.patterns import pattern_context

    practice = get_practice_facts().practice
    metadata = build_metadata(practice, title=_("Patterns"), path=request.path, is_indexed=False)
    return render(request, "patterns.html", {**pattern_context(), "metadata": metadata})
