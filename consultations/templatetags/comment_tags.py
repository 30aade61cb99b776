"""The one place where an article page meets its comments."""

from typing import Any

from django import template
from django.utils import timezone

from consultations.comments.forms import CommentForm
from consultations.comments.models import Comment
from consultations.comments.threads import public_threads
from pages.articles.models import Article

register = template.Library()

# What a thread needs; the encrypted columns are not even read.
SHOWN = (
    "uuid",
    "public_id",
    "parent_id",
    "by_practice",
    "published_name",
    "published_html",
    "published_at",
    "created_at",
)


@register.inclusion_tag("consultations/comments/_comments.html", takes_context=True)
def comments_for(context: template.Context, article: Article) -> dict[str, Any]:
    """The published comments of an article and, while it is open, the form.

    A view that answers a faulty comment with the article's page puts its ``comment_form`` and
    ``comment_fault`` into the context.
    """
    now = timezone.now()
    rows = list(Comment.objects.published().filter(article=article).only(*SHOWN))
    is_open = article.may_be_commented(now)
    form = context.get("comment_form") or CommentForm(now=now, initial=_initial(context, rows))
    return {
        "article": article,
        "comments": public_threads(rows),
        "count": len(rows),
        "is_open": is_open,
        "form": form if is_open or context.get("comment_form") else None,
        "fault": context.get("comment_fault", ""),
        "answered": _answered(form, rows),
        "reply_path": article.get_absolute_url() if is_open else "",
        "practice": context["practice"],
        "crisis_lines": context["crisis_lines"],
    }


def _initial(context: template.Context, rows: list[Comment]) -> dict[str, str]:
    request = context.get("request")
    asked = request.GET.get("reply", "") if request is not None else ""
    return {"parent": asked} if any(row.public_id == asked for row in rows) else {}


def _answered(form: CommentForm, rows: list[Comment]) -> str:
    """The public name of whoever is answered, to say so above the form."""
    parent = form["parent"].value() or ""
    return next((row.published_name for row in rows if row.public_id == parent), "")
