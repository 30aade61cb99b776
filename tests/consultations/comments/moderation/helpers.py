"""Helpers that use the moderation desk as staff do."""

import html
import re
from typing import Any

from django.test import Client
from django.urls import reverse

from consultations.comments.models import Comment

QUEUE_URL = "/admin/consultations/comment/"


def admin_url(name: str, comment: Comment | None = None) -> str:
    args = [comment.pk] if comment else []
    return reverse(f"admin:consultations_comment_{name}", args=args)


def visible_text(response: Any) -> str:
    """Return the text that readers see: no tags, no entities, single spaces."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def seen_values(*comments: Comment) -> list[str]:
    return [f"{comment.pk}:{Comment.objects.get(pk=comment.pk).revision}" for comment in comments]


def submit_action(
    client: Client, verb: str, comment: Comment, status: str = "waiting", **data: Any
) -> Any:
    """Post the button of one comment with the revision that was shown."""
    fields = {"seen": seen_values(comment), "do": f"{verb}:{comment.pk}", **data}
    return client.post(f"{QUEUE_URL}?status={status}", fields, follow=True)


def submit_bulk_action(
    client: Client, verb: str, *comments: Comment, status: str = "waiting"
) -> Any:
    """Post a bulk action for the selected comments."""
    fields = {
        "seen": seen_values(*comments),
        "pick": [str(comment.pk) for comment in comments],
        "all": verb,
    }
    return client.post(f"{QUEUE_URL}?status={status}", fields, follow=True)


def listed_comments(client: Client, status: str = "") -> list[Comment]:
    answer = client.get(QUEUE_URL, {"status": status} if status else {})
    return [row.comment for row in answer.context["rows"]]


def stored_status(comment: Comment) -> str:
    return str(Comment.objects.get(pk=comment.pk).status)
