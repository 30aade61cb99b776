"""The private pages of a comment's writer: view, edit, notices, withdraw. GET changes nothing."""

from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consultations.comments import workflow
from consultations.comments.forms import EditForm
from consultations.comments.models import Comment, Status
from consultations.comments.rendering import comment_html
from consultations.comments.workflow import EDITABLE_STATUSES
from consultations.privacy.fields import readable_text
from consultations.rate_limits import limits
from consultations.visitors.requests import VisitorRequest, find_or_404, see_other, visitor_view
from pages.practice.models import PracticeProfile


@visitor_view
@require_safe
def manage(request: VisitorRequest, token: str) -> HttpResponse:
    """Show the comment to its writer."""
    return _render(request, get_comment_or_404(request, token), "manage")


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: VisitorRequest, token: str) -> HttpResponse:
    """Edit a comment until it is approved. A refused form keeps the new text."""
    comment, now = get_comment_or_404(request, token), timezone.now()
    is_post = request.method == "POST"
    if comment.status not in EDITABLE_STATUSES and not is_post:
        return see_other(comment.get_absolute_url())
    form = EditForm(request.POST if is_post else None, comment=comment, now=now)

    def show_form(status: int = 200, fault: str = "") -> HttpResponse:
        form.is_valid()  # so that the page shows the form's errors too
        return _render(
            request,
            comment,
            "edit",
            status=status,
            form=form,
            fault=fault,
            is_error=status != 200,
        )

    if not is_post:
        return show_form()
    if request.is_cross_site:
        return show_form(403, "foreign")
    if comment.status not in EDITABLE_STATUSES:
        return show_form(409, "decided")
    if not form.is_valid():
        return show_form(422)
    if not limits.consume(limits.COMMENT_EDIT_LIMITS, request.META["REMOTE_ADDR"], now=now):
        return show_form(429, "too_many")
    # Another tab changed the text since this form was opened: show the conflict once.
    if form.cleaned_data["seen"] not in (None, comment.revision):
        form.put("seen", str(comment.revision))
        return show_form(409, "changed")
    try:
        workflow.edit_comment(
            comment,
            name=form.answer("name"),
            text=form.answer("text"),
            # Fixing a typo may well take two seconds: "too_fast" means nothing here.
            suspicions=[mark for mark in form.suspicions() if mark == "honeypot"],
            now=now,
        )
    except workflow.Duplicate:
        return show_form(409, "duplicate")
    except workflow.NotAllowed:
        comment = get_comment_or_404(request, token)
        form.put("seen", str(comment.revision))
        return show_form(409, "changed" if comment.status in EDITABLE_STATUSES else "decided")
    return see_other(comment.get_absolute_url())


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: VisitorRequest, token: str) -> HttpResponse:
    """Turn emails about the comment on or off.

    The link in an email shows a page with one button. The unsubscribe button of a mail program
    posts ``List-Unsubscribe`` and follows no redirect (RFC 8058).
    """
    comment = get_comment_or_404(request, token)
    if request.method != "POST" or request.is_cross_site:
        return _render(request, comment, "notices", status=403 if request.is_cross_site else 200)
    if request.POST.get("wanted") == "yes":
        with suppress(workflow.NotAllowed):
            workflow.start_notices(comment)
        return see_other(comment.get_absolute_url())
    workflow.stop_notices(comment)
    if "List-Unsubscribe" in request.POST:
        return _render(request, comment, "notices")
    return see_other(comment.get_absolute_url())


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: VisitorRequest, token: str) -> HttpResponse:
    """Withdraw the comment after a confirmation: mail scanners open links, so only a POST acts."""
    comment = get_comment_or_404(request, token)
    if request.method != "POST" or request.is_cross_site:
        return _render(request, comment, "withdraw", status=403 if request.is_cross_site else 200)
    # Staff may act at the same moment: withdraw the comment whatever they did.
    for _attempt in range(3):
        with suppress(workflow.NotAllowed):
            workflow.withdraw_comment(comment, now=timezone.now())
            break
        comment = get_comment_or_404(request, token)
    return see_other(comment.get_absolute_url())


def get_comment_or_404(request: HttpRequest, token: str) -> Comment:
    """Return the comment of a private link; the same 404 for every kind of invalid link."""
    comments = Comment.objects.select_related("article", "parent")
    return find_or_404(request, comments, purpose="comment", token=token)


def _render(
    request: HttpRequest, comment: Comment, page: str, *, status: int = 200, **extra: object
) -> HttpResponse:
    context = _page_context(comment) | extra
    return render(request, f"consultations/comments/{page}.html", context, status=status)


def _page_context(comment: Comment) -> dict[str, object]:
    practice = PracticeProfile.load()
    article, token = comment.article, comment.token
    is_published = comment.status == Status.APPROVED
    return {
        "article": article,
        # Writers are not told that their comment was taken for spam.
        "is_waiting": comment.status in EDITABLE_STATUSES,
        "is_published": is_published,
        "is_withdrawn": comment.status == Status.WITHDRAWN,
        "read_first": comment.read_first,
        "name": readable_text(comment, "name"),
        "html": comment_html(readable_text(comment, "text")),
        "published_html": comment_html(readable_text(comment, "redacted_text"))
        if is_published
        else "",
        "may_be_told": bool(readable_text(comment, "email")),
        "wants_notice": comment.wants_notice,
        "article_url": article.get_absolute_url(),
        "comment_url": reverse("comments:permalink", args=[article.slug, comment.public_id]),
        "manage_url": comment.get_absolute_url(),
        "edit_url": reverse("comments:edit", args=[token]),
        "notices_url": reverse("comments:notices", args=[token]),
        "withdraw_url": reverse("comments:withdraw", args=[token]),
        "days": practice.comment_reply_days,
        "email_days": settings.COMMENT_EMAIL_RETENTION_DAYS,
    }
