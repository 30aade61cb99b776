"""A published comment's own address, and the page on which a reader asks for another look at it."""

from contextlib import suppress

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consultations.comments import workflow
from consultations.comments.models import Comment
from consultations.comments.threads import page_holding
from consultations.comments.views import see_other
from consultations.doors import VisitorRequest, visitors_door
from consultations.screening import rate_limits
from pages.articles.models import Article


@require_safe
def permalink(request: VisitorRequest, slug: str, public_id: str) -> HttpResponse:
    """To the page of the article on which the comment stands today."""
    article = _article(slug)
    number = page_holding(article, public_id)
    if number is None:
        raise Http404
    return HttpResponseRedirect(place_of(article, public_id, number))


@visitors_door
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: VisitorRequest, slug: str, public_id: str) -> HttpResponse:
    """One button; nobody is asked why. Who presses twice gets the same thanks."""
    article, now = _article(slug), timezone.now()
    comments = Comment.objects.published().filter(article=article)
    comment = get_object_or_404(comments, public_id=public_id)
    here = reverse("comments:report", args=[slug, public_id])
    context = {
        "article": article,
        "name": comment.published_name,
        "html": comment.published_html,
        "comment_url": reverse("comments:permalink", args=[slug, public_id]),
        "report_url": here,
        "is_done": "sent" in request.GET,
        "fault": "",
    }
    status = 200
    if request.method == "POST":
        network = request.META["REMOTE_ADDR"]
        if request.is_foreign:
            status, context["fault"] = 403, "foreign"
        elif not rate_limits.within(rate_limits.REPORTS, network, now=now):
            status, context["fault"] = 429, "too_many"
        else:
            with suppress(workflow.NotAllowed):  # taken down meanwhile, which is what was asked
                workflow.report_comment(comment, network=network, now=now)
            return see_other(f"{here}?sent=1")
    return render(request, "consultations/comments/report.html", context, status=status)


def place_of(article: Article, public_id: str, number: int) -> str:
    page = f"?comments={number}" if number > 1 else ""
    return f"{article.get_absolute_url()}{page}#comment-{public_id}"


def _article(slug: str) -> Article:
    article: Article = get_object_or_404(Article.objects.published(timezone.now()), slug=slug)
    return article
