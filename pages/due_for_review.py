"""Reminders on the admin home page: content due for review, licenses about to expire."""

from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.translation import ngettext, ngettext_lazy

from pages.articles.models import Article
from pages.practice.models import Licence
from pages.publishing.models import Status
from pages.site_pages.models import FreePage, SitePage
from pages.staff_pages import TodayItem

LICENCE_NOTICE_PERIOD = timedelta(days=60)
REVIEW_LABELS = {
    Article: ngettext_lazy("article to look at again", "articles to look at again", "n"),
    SitePage: ngettext_lazy("page to look at again", "pages to look at again", "n"),
    FreePage: ngettext_lazy("free page to look at again", "free pages to look at again", "n"),
}


MAX_DRAFTS = 3


def draft_articles(user: User | AnonymousUser) -> list[Article]:
    """Return the drafts saved last that this user may change."""
    if not user.has_perm("pages.change_article"):
        return []
    drafts = Article.objects.accessible_to(user).filter(status=Status.DRAFT)
    return list(drafts.order_by("-updated_at")[:MAX_DRAFTS])


def review_items(user: User | AnonymousUser, today: date) -> list[TodayItem]:
    """Return what is due for review and may be changed by this user."""
    due_rows = {
        Article: Article.objects.accessible_to(user).due_for_review(today),
        SitePage: SitePage.objects.due_for_review(today),
        FreePage: FreePage.objects.due_for_review(today),
    }
    items = []
    for model, rows in due_rows.items():
        name = model._meta.model_name
        if user.has_perm(f"pages.change_{name}"):
            count = rows.count()
            url = f"{reverse(f'admin:pages_{name}_changelist')}?review=due"
            items.append(TodayItem(url, count, REVIEW_LABELS[model] % {"n": count}))
    if user.has_perm("pages.publish_article"):
        count = Article.objects.accessible_to(user).exclude(review_requested_at=None).count()
        url = f"{reverse('admin:pages_article_changelist')}?requested=yes"
        label = ngettext("article to review", "articles to review", count)
        items.append(TodayItem(url, count, label))
    if user.has_perm("pages.change_practitioner"):
        ending = Licence.objects.shown().filter(expires_on__lte=today + LICENCE_NOTICE_PERIOD)
        count = ending.count()
        label = ngettext("license that ends soon", "licenses that end soon", count)
        items.append(TodayItem(reverse("admin:pages_practitioner_changelist"), count, label))
    return items
