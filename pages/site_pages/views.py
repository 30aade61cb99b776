"""Views of fixed pages with a text, and of free pages."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.common import no_append_slash

from pages.caching import cacheable_page
from pages.practice.profile import PracticeProfile, get_practice_facts
from pages.seo.metadata import breadcrumb_entity, build_metadata
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


def _render_site_page(request: HttpRequest, key: str) -> HttpResponse:
    return render(request, "pages/site_pages/site_page.html", site_page_context(request, key))


@cacheable_page
def what_to_expect(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "pages/site_pages/what_to_expect.html",
        site_page_context(request, PageKey.WHAT_TO_EXPECT),
    )


@cacheable_page
def crisis(request: HttpRequest) -> HttpResponse:
    context = site_page_context(request, PageKey.CRISIS) | {"leave_url": QUICK_EXIT_URL}
    return render(request, "pages/site_pages/crisis.html", context)


@cacheable_page
def privacy(request: HttpRequest) -> HttpResponse:
    return render(
        request, "pages/site_pages/privacy.html", site_page_context(request, PageKey.PRIVACY)
    )


@cacheable_page
def accessibility(request: HttpRequest) -> HttpResponse:
    return _render_site_page(request, PageKey.ACCESSIBILITY)


@cacheable_page
def terms(request: HttpRequest) -> HttpResponse:
    return _render_site_page(request, PageKey.TERMS)


@cacheable_page
def comment_policy(request: HttpRequest) -> HttpResponse:
    return _render_site_page(request, PageKey.COMMENT_POLICY)


@cacheable_page
def notice_of_privacy_practices(request: HttpRequest) -> HttpResponse:
    return _render_site_page(request, PageKey.NOTICE_OF_PRIVACY_PRACTICES)


@cacheable_page
def good_faith_estimate(request: HttpRequest) -> HttpResponse:
    return _render_site_page(request, PageKey.GOOD_FAITH_ESTIMATE)


@cacheable_page
def imprint(request: HttpRequest) -> HttpResponse:
    return _render_site_page(request, PageKey.IMPRINT)


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
