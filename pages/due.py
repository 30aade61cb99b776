"""Public facts that somebody wanted to be reminded of."""

from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext_lazy

from pages.articles.models import Article
from pages.site_pages.models import FreePage, SitePage

LABELS = (
    (Article, ngettext_lazy("article to look at again", "articles to look at again", "n")),
    (SitePage, ngettext_lazy("page to look at again", "pages to look at again", "n")),
    (FreePage, ngettext_lazy("free page to look at again", "free pages to look at again", "n")),
)


def to_review(
    user: AbstractBaseUser | AnonymousUser, today: date
) -> list[tuple[str, str, QuerySet[Any], Any, bool | None]]:
    """Rows for the first page of the admin: list, filter, what is due, words, never pressing."""
    return [
        (
            reverse(f"admin:pages_{model._meta.model_name}_changelist"),
            "?review=due",
            model.objects.due_for_review(today),
            words,
            None,
        )
        for model, words in LABELS
        if user.has_perm(f"pages.change_{model._meta.model_name}")  # type: ignore[union-attr]
    ]
