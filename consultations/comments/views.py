"""Writing a comment under an article: a thin door to workflow."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from consultations.comments import workflow
from consultations.comments.forms import CommentForm
from consultations.comments.models import Comment
from consultations.doors import VisitorRequest, visitors_door
from consultations.screening import rate_limits
from pages.articles.models import Article
from pages.articles.views import article_context


@visitors_door
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: VisitorRequest, slug: str) -> HttpResponse:
    """A good comment leads to its own page; any other returns the article with the form filled."""
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now), slug=slug)
    if request.method != "POST":
        return see_other(f"{article.get_absolute_url()}#comments")
    form = CommentForm(request.POST, now=now)
    if closed_by := article.comments_closed_by(now):
        return _article_page(request, article, form, status=403, fault=f"closed by {closed_by}")
    if request.is_foreign:
        return _article_page(request, article, form, status=403, fault="foreign")
    if not form.is_valid():
        return _article_page(request, article, form, status=422)
    network = request.META["REMOTE_ADDR"]
    said: dict[str, Any] = {
        "article": article,
        "parent": _parent(article, form.answer("parent")),
        "email": form.answer("email"),
        "text": form.answer("text"),
        "network": network,
        "now": now,
    }
    if (same := workflow.sent_just_now(**said)) is not None:
        return see_other(same.get_absolute_url())
    if not rate_limits.within(rate_limits.COMMENTS, network, now=now):
        # Of many presses at once the first may have been stored since we looked.
        if (same := workflow.sent_just_now(**said)) is not None:
            return see_other(same.get_absolute_url())
        return _article_page(request, article, form, status=429, fault="too_many")
    try:
        comment = workflow.submit_comment(
            **said,
            name=form.answer("name"),
            suspicions=form.suspicions(),
            wants_notice=form.cleaned_data["wants_notice"],
        )
    except workflow.Duplicate:
        return _article_page(request, article, form, status=409, fault="duplicate")
    return see_other(comment.get_absolute_url())


def see_other(address: str) -> HttpResponse:
    """303: going back or reloading never sends a form twice."""
    return HttpResponseRedirect(address, status=303)


def _parent(article: Article, public_id: str) -> Comment | None:
    """The published comment that is answered; an answer to one that is gone stands on its own."""
    if not public_id.isalnum() or len(public_id) > 24:
        return None
    return Comment.objects.published().filter(article=article, public_id=public_id).first()


def _article_page(
    request: HttpRequest, article: Article, form: CommentForm, *, status: int, fault: str = ""
) -> HttpResponse:
    form.is_valid()  # so that a refused form shows its faults too
    context = article_context(request, article.slug)
    context |= {"comment_form": form, "comment_fault": fault, "is_error": True}
    return render(request, "pages/articles/article_detail.html", context, status=status)
