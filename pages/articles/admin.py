from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pages.articles.models import Article, Category, Tag
from pages.articles.own_admin import EVERYBODYS, OwnArticlesMixin
from pages.publishing.listing_admin import DueFilter, PublishedListMixin
from pages.publishing.remarks import remarks_on


@admin.register(Article)
class ArticleAdmin(OwnArticlesMixin, PublishedListMixin):
    list_display = ["title", "state", "category", "author", "published_at", "comments_are_open"]
    list_filter = ["status", DueFilter, "category", "author", "comments_are_open"]
    list_select_related = ["category", "author"]
    search_fields = ["title", "summary", "search_text"]
    date_hierarchy = "published_at"
    prepopulated_fields = {"slug": ["title"]}
    raw_id_fields = ["cover"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "summary", "body", "references"]}),
        (
            _("Where it belongs"),
            {"fields": ["category", "more_categories", "tags", "author", "cover"]},
        ),
        (
            _("Publishing"),
            {
                "fields": [
                    "published_at",
                    "updated_on",
                    "review_on",
                    "story_is_composite",
                    "praise_permitted_on",
                    "status",
                ],
                "description": _(
                    "The buttons below say what happens and when. An article with a time appears "
                    "then by itself."
                ),
            },
        ),
        (
            _("In search engines and shared links"),
            {"classes": ["collapse"], "fields": ["search_title", "search_description"]},
        ),
        (_("Comments"), {"fields": ["comments_are_open", "comments_close_on"]}),
        (
            _("Closing call"),
            {"classes": ["collapse"], "fields": ["call_to_action_heading", "call_to_action_text"]},
        ),
    ]

    def get_list_filter(self, request: HttpRequest) -> Any:
        # Of one's own articles there is one author, and topics are few.
        found = super().get_list_filter(request)
        if request.user.has_perm(EVERYBODYS):
            return found
        return [one for one in found if one != "author"]

    def remarks(self, article: Article) -> list[Any]:
        return remarks_on(article, calls_at_the_end=True)


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
