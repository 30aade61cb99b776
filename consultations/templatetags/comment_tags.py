"""The one place where an article page meets its comments."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone

from consultations.comments.forms import CommentForm
from consultations.comments.models import Comment
from consultations.comments.threads import get_thread_page
from pages.articles.models import Article

register = template.Library()


@register.inclusion_tag("consultations/comments/_comment_section.html", takes_context=True)
def comment_section(context: template.Context, article: Article) -> dict[str, Any]:
    """A page of the article's published comments and, while it is open, the form.

    ``?comments=2`` asks for a page, ``?reply=...`` for the form as an answer. A view that answers
    a faulty comment with the article's page puts its ``comment_form`` and ``comment_fault`` into
    the context.
    """
    now = timezone.now()
    closed_by = article.comments_closed_reason(now) if article.is_public(now) else "article"
    sent = context.get("comment_form")
    asked = (sent["parent"].value() if sent else _query_value(context, "reply")) or ""
    answered = _replied_to_name(article, asked)
    form = sent or CommentForm(now=now, initial={"parent": asked} if answered else {})
    threads = get_thread_page(
        article,
        number=_parse_page_number(_query_value(context, "comments")),
        holding=asked if answered else "",
    )
    path = article.get_absolute_url()
    return {
        "article": article,
        "threads": threads,
        "comments": threads.comments,
        "count": threads.count,
        "closed_by": closed_by,
        "form": form if sent or not closed_by else None,
        "fault": context.get("comment_fault", ""),
        "answered": answered,
        "path": path,
        "reply_path": "" if closed_by else path,
        "practice": context["practice"],
        "crisis_lines": context["crisis_lines"],
    }


def _query_value(context: template.Context, name: str) -> str:
    request: HttpRequest | None = context.get("request")
    return request.GET.get(name, "") if request is not None else ""


def _parse_page_number(value: str) -> int:
    """A page's number; anything else means the first."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 6 else 1


def _replied_to_name(article: Article, public_id: str) -> str:
    """The public name of whoever is answered, to say so above the form; "" when that is nobody."""
    if len(public_id) != 24 or not public_id.isalnum():
        return ""
    published = Comment.objects.published().filter(article=article, public_id=public_id)
    name: str = published.values_list("published_name", flat=True).first() or ""
    return name
