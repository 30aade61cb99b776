"""Writing a comment, and the writer's own page of it: thin doors to workflow."""

from contextlib import suppress

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consultations.comments import workflow
from consultations.comments.forms import CommentForm
from consultations.comments.models import Comment, Status
from consultations.comments.rendering import comment_html
from consultations.doors import VisitorRequest, visitors_door
from consultations.privacy import control_links
from consultations.privacy.fields import readable
from consultations.screening import rate_limits
from pages.articles.models import Article
from pages.articles.views import article_context
from pages.practice.models import PracticeProfile


@visitors_door
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: VisitorRequest, slug: str) -> HttpResponse:
    """A good comment leads to its own page; any other returns the article with the form filled."""
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now), slug=slug)
    if request.method != "POST":
        return see_other(f"{article.get_absolute_url()}#comments")
    form = CommentForm(request.POST, now=now)
    if not article.may_be_commented(now):
        return _article_page(request, article, form, status=403, fault="closed")
    if request.is_foreign:
        return _article_page(request, article, form, status=403, fault="foreign")
    if not form.is_valid():
        return _article_page(request, article, form, status=422)
    network = request.META["REMOTE_ADDR"]
    if not rate_limits.within(rate_limits.COMMENTS, network, now=now):
        return _article_page(request, article, form, status=429, fault="too_many")
    try:
        comment = workflow.submit_comment(
            article=article,
            parent=_parent(article, form.answer("parent")),
            name=form.answer("name"),
            email=form.answer("email"),
            text=form.answer("text"),
            network=network,
            suspicions=form.suspicions(),
            now=now,
        )
    except workflow.Duplicate:
        return _article_page(request, article, form, status=409, fault="duplicate")
    return see_other(comment.get_absolute_url())


@visitors_door
@require_safe
def manage(request: VisitorRequest, token: str) -> HttpResponse:
    comment = find_or_404(token)
    return render(request, "consultations/comments/manage.html", _own_page(comment))


@visitors_door
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: VisitorRequest, token: str) -> HttpResponse:
    """Asks once; only the post acts, since mail scanners open links."""
    comment = find_or_404(token)
    if request.method != "POST" or request.is_foreign:
        status = 403 if request.is_foreign else 200
        return render(
            request, "consultations/comments/withdraw.html", _own_page(comment), status=status
        )
    # Otherwise something happened meanwhile, and its own page says what.
    with suppress(workflow.NotAllowed):
        workflow.withdraw_comment(comment, now=timezone.now())
    return see_other(comment.get_absolute_url())


def find_or_404(token: str) -> Comment:
    """The comment of a secret link. Wrong, foreign, cut or revoked: one and the same 404."""
    read = control_links.read("comment", token)
    if read is not None:
        public_id, version = read
        comments = Comment.objects.select_related("article")
        found = comments.filter(public_id=public_id, token_version=version).first()
        if found is not None:
            return found
    raise Http404


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


def _own_page(comment: Comment) -> dict[str, object]:
    practice = PracticeProfile.load()
    article = comment.article
    is_published = comment.status == Status.APPROVED
    return {
        "article": article,
        "state": comment.status,
        # A writer is not told that a program or a person took it for spam.
        "is_waiting": comment.status in (Status.WAITING, Status.SPAM),
        "is_published": is_published,
        "is_withdrawn": comment.status == Status.WITHDRAWN,
        "name": readable(comment, "name"),
        "html": comment_html(readable(comment, "text")),
        "article_url": article.get_absolute_url(),
        "comment_url": f"{article.get_absolute_url()}#{comment.anchor}",
        "manage_url": comment.get_absolute_url(),
        "withdraw_url": reverse("comments:withdraw", args=[comment.token]),
        "days": practice.comment_reply_days,
        "email_days": settings.COMMENT_EMAIL_RETENTION_DAYS,
    }
