"""Reminders on the admin home page: content due for review, licenses about to expire."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext_lazy

from pages.articles.models import Article
from pages.practice.models import Licence
from pages.site_pages.models import FreePage, SitePage

LICENCE_NOTICE_PERIOD = timedelta(days=60)
LICENCE_LABEL = ngettext_lazy("license that ends soon", "licenses that end soon", "n")
REVIEW_LABELS = (
    (Article, ngettext_lazy("article to look at again", "articles to look at again", "n")),
    (SitePage, ngettext_lazy("page to look at again", "pages to look at again", "n")),
    (FreePage, ngettext_lazy("free page to look at again", "free pages to look at again", "n")),
)


def _accessible_rows(user: Any, model: Any) -> Any:
    return model.objects.accessible_to(user) if model is Article else model.objects


def review_items(
    user: AbstractBaseUser | AnonymousUser, today: date
) -> list[tuple[str, str, QuerySet[Any], Any, bool | None]]:
    """List what is due: changelist URL, its filter, the rows, their label, no urgency."""
    rows: list[tuple[str, str, QuerySet[Any], Any, bool | None]] = [
        (
            reverse(f"admin:pages_{model._meta.model_name}_changelist"),
            "?review=due",
            _accessible_rows(user, model).due_for_review(today),
            label,
            None,
        )
        for model, label in REVIEW_LABELS
        if user.has_perm(f"pages.change_{model._meta.model_name}")  # type: ignore[union-attr]
    ]
    if user.has_perm("pages.change_practitioner"):  # type: ignore[union-attr]
        ending = Licence.objects.shown().filter(expires_on__lte=today + LICENCE_NOTICE_PERIOD)
        address = reverse("admin:pages_practitioner_changelist")
        rows.append((address, "", ending, LICENCE_LABEL, None))
    return rows
