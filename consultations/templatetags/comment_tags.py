"""The comment section of the article page."""

from django import template
from django.http import HttpRequest
from django.utils import timezone

from consultations.comments.forms import CommentForm
from consultations.comments.models import Comment
from consultations.comments.threads import get_thread_page
from pages.articles.models import Article

register = template.Library()


@register.inclusion_tag("consultations/comments/_comment_section.html", takes_context=True)
def comment_section(context: template.Context, article: Article) -> dict[str, object]:
    """Render a page of the article's published comments and, while comments are open, the form.

    ``?comments=2`` selects a page, ``?reply=...`` makes the form a reply. A view that refuses a
    comment renders the article with ``comment_form`` and ``comment_fault`` in the context.
    """
    now = timezone.now()
    closed_by = article.comments_closed_reason(now) if article.is_public(now) else "article"
    bound_form: CommentForm | None = context.get("comment_form")
    parent_id = (
        bound_form["parent"].value() if bound_form else _query_value(context, "reply")
    ) or ""
    parent_name = _published_name(article, parent_id)
    form = bound_form or CommentForm(now=now, initial={"parent": parent_id} if parent_name else {})
    threads = get_thread_page(
        article,
        number=_parse_page_number(_query_value(context, "comments")),
        containing=parent_id if parent_name else "",
    )
    path = article.get_absolute_url()
    return {
        "article": article,
        "threads": threads,
        "comments": threads.comments,
        "count": threads.count,
        "closed_by": closed_by,
        "form": form if bound_form or not closed_by else None,
        "fault": context.get("comment_fault", ""),
        "answered": parent_name,
        "path": path,
        "reply_path": "" if closed_by else path,
        "practice": context["practice"],
        "crisis_lines": context["crisis_lines"],
    }


def _query_value(context: template.Context, name: str) -> str:
    request: HttpRequest | None = context.get("request")
    return request.GET.get(name, "") if request is not None else ""


def _parse_page_number(value: str) -> int:
    """Return the page number in a query value; 1 for anything invalid."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 6 else 1


def _published_name(article: Article, public_id: str) -> str:
    """Return the public name of a published comment's writer; "" without such a comment."""
    if len(public_id) != 24 or not public_id.isalnum():
        return ""
    published = Comment.objects.published().filter(article=article, public_id=public_id)
    name: str = published.values_list("published_name", flat=True).first() or ""
    return name
