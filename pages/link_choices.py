"""Titles and addresses of public pages, for the link dialog of the editor."""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from pages.articles.models import Article, Category
from pages.practice.models import Practitioner, Service
from pages.site_pages.models import FreePage, PageKey, page_url

MAX_ROWS_PER_KIND = 2000  # nobody scrolls through more


def link_choices(request: HttpRequest) -> JsonResponse:
    """List public pages for staff who write; a link to a draft would lead nowhere."""
    if not request.user.has_module_perms("pages"):
        raise PermissionDenied
    return JsonResponse({"rows": [{"title": title, "url": url} for title, url in _iter_links()]})


def _iter_links() -> Iterator[tuple[str, str]]:
    now = timezone.now()
    for key, label in PageKey.choices:
        yield str(label), page_url(key)
    for page in FreePage.objects.published(now).only("title", "path")[:MAX_ROWS_PER_KIND]:
        yield page.title, page.get_absolute_url()
    for service in Service.objects.published():
        yield _("Service: %(title)s") % {"title": service.title}, service.get_absolute_url()
    for person in Practitioner.objects.published():
        yield _("Person: %(title)s") % {"title": person.name}, person.get_absolute_url()
    for category in Category.objects.all():
        yield _("Topic: %(title)s") % {"title": category.name}, category.get_absolute_url()
    articles = Article.objects.published(now).only("title", "slug", "published_at")
    for article in articles.order_by("title")[:MAX_ROWS_PER_KIND]:
        yield _("Article: %(title)s") % {"title": article.title}, article.get_absolute_url()
