"""Show a draft or draft change to anyone with its preview link; not cached, not indexed."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.http import require_safe

from pages.articles.models import Article
from pages.articles.views import context_for_article
from pages.publishing import previews, revisions, snapshots
from pages.site_pages.models import FreePage, SitePage, preview_mode
from pages.site_pages.views import free_page_context


@require_safe
def preview(request: HttpRequest, token: str) -> HttpResponse:
    subject = previews.subject_from_token(token)
    if subject is None:
        raise Http404
    waiting = revisions.pending_revision(subject)
    if waiting is not None:
        snapshots.apply_content(subject, snapshots.read_snapshot(waiting.snapshot))
    # The ETag of the public page must not answer for the preview.
    for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"):
        request.META.pop(name, None)
    with preview_mode(subject if isinstance(subject, SitePage) else None):
        response = _render_subject(request, subject)
    del response["ETag"]
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex"
    return response


def _render_subject(request: HttpRequest, subject: revisions.Subject) -> HttpResponse:
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
