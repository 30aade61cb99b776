"""Pages that draw on several subpackages: home, search, sitemap, robots.txt, previews, patterns."""

from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pages.articles.models import Article, Category
from pages.articles.views import context_for_article
from pages.caching import cacheable_page
from pages.practice.models import Fee, FrequentQuestion, Practitioner, Service
from pages.practice.offers import lowest_price, question_rows
from pages.practice.price_list import service_rows
from pages.practice.profile import get_practice_facts
from pages.publishing import previews, snapshots
from pages.publishing.revisions import Subject
from pages.search.query import search_content, suggest_query
from pages.search.terms import MAX_QUERY_CHARS
from pages.seo.metadata import absolute_url, build_metadata, practice_entity
from pages.seo.share_images import get_share_image
from pages.site_pages.models import FreePage, PageKey, SitePage, page_url, preview_mode
from pages.site_pages.views import free_page_context
from pages.sitemaps import sitemap_entries

HOME_ARTICLE_COUNT = 3
MAX_LINKS_PER_KIND = 2000  # nobody scrolls through more


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


# --- previews: a draft or draft change, for anyone with its link ---


@require_safe
def preview(request: HttpRequest, token: str) -> HttpResponse:
    subject = previews.subject_from_token(token)
    if subject is None:
        raise Http404
    snapshots.apply_draft_change(subject)
    # The ETag of the public page must not answer for the preview.
    for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"):
        request.META.pop(name, None)
    with preview_mode(subject if isinstance(subject, SitePage) else None):
        response = _render_subject(request, subject)
    del response["ETag"]
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex"
    return response


def _render_subject(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Render with the view or template of the public page."""
    now = timezone.now()
    if isinstance(subject, SitePage):
        path = subject.get_absolute_url()
        match = resolve(path)
        request.path = request.path_info = path
        response = match.func(request, *match.args, **match.kwargs)
        render_now = getattr(response, "render", None)
        return render_now() if render_now else response
    if subject.published_at is None:
        subject.published_at = now
    if isinstance(subject, Article):
        context = context_for_article(request, subject, now)
        return render(request, "pages/articles/article_detail.html", context)
    assert isinstance(subject, FreePage)
    context = free_page_context(request, subject)
    return render(request, "pages/site_pages/free_page.html", context)


# --- titles and addresses of public pages, for the link dialog of the editor ---


def link_choices(request: HttpRequest) -> JsonResponse:
    """List public pages for staff who write; a link to a draft would lead nowhere."""
    if not request.user.has_module_perms("pages"):
        raise PermissionDenied
    return JsonResponse({"rows": [{"title": title, "url": url} for title, url in _iter_links()]})


def _iter_links() -> Iterator[tuple[str, str]]:
    now = timezone.now()
    for key, label in PageKey.choices:
        yield str(label), page_url(key)
    for page in FreePage.objects.published(now).only("title", "path")[:MAX_LINKS_PER_KIND]:
        yield page.title, page.get_absolute_url()
    for service in Service.objects.published():
        yield _("Service: %(title)s") % {"title": service.title}, service.get_absolute_url()
    for person in Practitioner.objects.published():
        yield _("Person: %(title)s") % {"title": person.name}, person.get_absolute_url()
    for category in Category.objects.all():
        yield _("Topic: %(title)s") % {"title": category.name}, category.get_absolute_url()
    articles = Article.objects.published(now).only("title", "slug", "published_at")
    for article in articles.order_by("title")[:MAX_LINKS_PER_KIND]:
        yield _("Article: %(title)s") % {"title": article.title}, article.get_absolute_url()
