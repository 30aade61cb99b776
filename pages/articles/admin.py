from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pages.articles.models import Article, Category, Tag
from pages.publishing.models import Status
from pages.text.editor_admin import EditorMixin


@admin.register(Article)
class ArticleAdmin(EditorMixin):
    list_display = ["title", "state", "category", "author", "published_at", "comments_are_open"]
    list_filter = ["status", "category", "author", "comments_are_open"]
    list_select_related = ["category", "author"]
    search_fields = ["title", "summary", "search_text"]
    date_hierarchy = "published_at"
    prepopulated_fields = {"slug": ["title"]}
    filter_horizontal = ["more_categories", "tags"]
    raw_id_fields = ["cover"]
    actions = ["publish", "withdraw"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "summary", "body", "references"]}),
        (
            _("Where it belongs"),
            {"fields": ["category", "more_categories", "tags", "author", "cover"]},
        ),
        (
            _("Publishing"),
            {
                "fields": ["status", "published_at", "updated_on"],
                "description": _(
                    "An article is public when its status is “Published” and its time has come. "
                    "Nothing else needs to be pressed."
                ),
            },
        ),
        (_("Comments"), {"fields": ["comments_are_open", "comments_close_on"]}),
        (
            _("Closing call"),
            {"classes": ["collapse"], "fields": ["call_to_action_heading", "call_to_action_text"]},
        ),
    ]

    @admin.display(description=_("state"), ordering="status")
    def state(self, article: Article) -> str:
        if article.status == Status.DRAFT or article.published_at is None:
            return gettext("Draft")
        if article.is_public():
            return gettext("Public")
        return gettext("Scheduled")

    def view_on_site(self, article: Article) -> str | None:
        return article.get_absolute_url() if article.is_public() else None

    @admin.action(description=_("Publish now"), permissions=["change"])
    def publish(self, request: HttpRequest, articles: QuerySet[Article]) -> None:
        now = timezone.now()
        for article in articles:
            if not article.is_public(now):
                article.status, article.published_at = Status.PUBLISHED, now
                article.save()
        self._say(request, articles.count())

    @admin.action(description=_("Back to draft"), permissions=["change"])
    def withdraw(self, request: HttpRequest, articles: QuerySet[Article]) -> None:
        for article in articles:
            article.status = Status.DRAFT
            article.save()
        self._say(request, articles.count())

    def _say(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%(count)d article changed.", "%(count)d articles changed.", count)
        self.message_user(request, text % {"count": count})


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name", "parent", "slug", "order"]
    list_select_related = ["parent"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
