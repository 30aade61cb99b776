"""Public pages of comments: post, permalink and report."""

from contextlib import suppress
from datetime import datetime
from typing import TypedDict

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consultations.comments import workflow
from consultations.comments.forms import CommentForm
from consultations.comments.models import Comment
from consultations.comments.threads import find_page_number
from consultations.rate_limits import limits
from consultations.visitors.requests import VisitorRequest, see_other, visitor_view
from pages.articles.models import Article
from pages.articles.views import article_context


class SubmissionArguments(TypedDict):
    """The arguments that `find_recent_submission` and `submit_comment` share."""

    article: Article
    parent: Comment | None
    email: str
    text: str
    network: str
    now: datetime


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: VisitorRequest, slug: str) -> HttpResponse:
    """Store a comment and redirect to its private page.

    A comment that is refused returns the article's page with the filled form.
    """
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now), slug=slug)
    if request.method != "POST":
        return see_other(f"{article.get_absolute_url()}#comments")
    form = CommentForm(request.POST, now=now)
    if closed_by := article.comments_closed_reason(now):
        return _render_article(request, article, form, status=403, fault=f"closed by {closed_by}")
    if request.is_cross_site:
        return _render_article(request, article, form, status=403, fault="foreign")
    if not form.is_valid():
        return _render_article(request, article, form, status=422)
    network = request.META["REMOTE_ADDR"]
    submission: SubmissionArguments = {
        "article": article,
        "parent": _find_parent(article, form.answer("parent")),
        "email": form.answer("email"),
        "text": form.answer("text"),
        "network": network,
        "now": now,
    }
    if (duplicate := workflow.find_recent_submission(**submission)) is not None:
        return see_other(duplicate.get_absolute_url())
    if not limits.consume(limits.COMMENT_LIMITS, network, now=now):
        # Of several clicks at once the first may have been stored since the query above.
        if (duplicate := workflow.find_recent_submission(**submission)) is not None:
            return see_other(duplicate.get_absolute_url())
        return _render_article(request, article, form, status=429, fault="too_many")
    try:
        comment = workflow.submit_comment(
            **submission,
            name=form.answer("name"),
            suspicions=form.suspicions(),
            wants_notice=form.cleaned_data["wants_notice"],
        )
    except workflow.Duplicate:
        return _render_article(request, article, form, status=409, fault="duplicate")
    return see_other(comment.get_absolute_url())


def _find_parent(article: Article, public_id: str) -> Comment | None:
    """Return the published comment that is answered; None when it is gone: a comment of its own."""
    if not public_id.isalnum() or len(public_id) > 24:
        return None
    return Comment.objects.published().filter(article=article, public_id=public_id).first()


def _render_article(
    request: HttpRequest, article: Article, form: CommentForm, *, status: int, fault: str = ""
) -> HttpResponse:
    form.is_valid()  # so that the page shows the form's errors too
    context = article_context(request, article.slug)
    context |= {"comment_form": form, "comment_fault": fault, "is_error": True}
    return render(request, "pages/articles/article_detail.html", context, status=status)


@require_safe
def permalink(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Redirect to the page of the article that shows the comment today."""
    article = _get_article(slug)
    number = find_page_number(article, public_id)
    if number is None:
        raise Http404
    return HttpResponseRedirect(comment_location(article, public_id, number))


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: VisitorRequest, slug: str, public_id: str) -> HttpResponse:
    """Let a reader report a published comment. No reason is asked; a second report is ignored."""
    article, now = _get_article(slug), timezone.now()
    comments = Comment.objects.published().filter(article=article)
    comment = get_object_or_404(comments, public_id=public_id)
    report_url = reverse("comments:report", args=[slug, public_id])
    context = {
        "article": article,
        "name": comment.published_name,
        "html": comment.published_html,
        "comment_url": reverse("comments:permalink", args=[slug, public_id]),
        "report_url": report_url,
        "is_done": "sent" in request.GET,
        "fault": "",
    }
    status = 200
    if request.method == "POST":
        network = request.META["REMOTE_ADDR"]
        if request.is_cross_site:
            status, context["fault"] = 403, "foreign"
        elif not limits.consume(limits.COMMENT_REPORT_LIMITS, network, now=now):
            status, context["fault"] = 429, "too_many"
        else:
            with suppress(workflow.NotAllowed):  # removed meanwhile, which is what was asked for
                workflow.report_comment(comment, network=network, now=now)
            return see_other(f"{report_url}?sent=1")
    return render(request, "consultations/comments/report.html", context, status=status)


def comment_location(article: Article, public_id: str, page_number: int) -> str:
    """Return the address of a comment on its page of the article."""
    page = f"?comments={page_number}" if page_number > 1 else ""
    return f"{article.get_absolute_url()}{page}#comment-{public_id}"


def _get_article(slug: str) -> Article:
    article: Article = get_object_or_404(Article.objects.published(timezone.now()), slug=slug)
    return article
