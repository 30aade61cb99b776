"""Admin of articles, categories and tags; some staff may only work on articles of their own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from django.contrib import admin
from django.db import models
from django.forms import CharField, Field, ModelChoiceField, ModelForm, Textarea
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages import desk
from pages.articles.forms import ArticleForm, default_category, free_slug
from pages.articles.models import Article, ArticleQuerySet, Category, Tag
from pages.practice.models import Practitioner
from pages.publishing.autosave_admin import AutosaveMixin
from pages.publishing.buttons import EditAction, submitted_action
from pages.publishing.listing_admin import DueFilter, PublishedListMixin
from pages.staff_pages import get_staff_user

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec, _ListFilterT
    from django.utils.datastructures import _ListOrTuple

CHANGE_ANY_ARTICLE = "pages.change_everybodys_article"
PUBLISH_ARTICLE = "pages.publish_article"
# A contributor does not decide these.
PUBLISHERS_FIELDS = {"published_at", "status", "praise_permitted_on"}


class OwnArticlesMixin(admin.ModelAdmin):
    """Limit users without the permission for everybody's articles to their own.

    Other articles answer as if they did not exist. Permissions are checked on the stored row: the
    instance at hand may carry a draft change, of its author too.
    """

    def get_queryset(self, request: HttpRequest) -> ArticleQuerySet:
        rows = cast("ArticleQuerySet", super().get_queryset(request))
        return rows.accessible_to(request.user)

    def may_access(self, request: HttpRequest, obj: models.Model | None) -> bool:
        if obj is None or request.user.has_perm(CHANGE_ANY_ARTICLE):
            return True
        return Article.objects.filter(pk=obj.pk).accessible_to(request.user).exists()

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return super().has_view_permission(request, obj) and self.may_access(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.may_access(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self.may_access(request, obj)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: object
    ) -> ModelChoiceField:
        """Offer only the user's own name as author, or none if they have no practitioner page."""
        field = cast(
            "ModelChoiceField", super().formfield_for_foreignkey(db_field, request, **kwargs)
        )
        if db_field.name != "author" or request.user.has_perm(CHANGE_ANY_ARTICLE):
            return field
        own = Practitioner.objects.filter(user=request.user.pk)
        field.queryset = own
        if (person := own.first()) is not None:
            field.initial, field.required, field.empty_label = person.pk, True, None
        return field

    def save_model(self, request: HttpRequest, obj: Article, form: ModelForm, change: bool) -> None:
        if not change:
            obj.begun_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    def get_deleted_objects(
        self, objs: Sequence[Article] | models.QuerySet[Article], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """List the articles to delete; comments that go with them are counted, not listed."""
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        return [line for line in listed if isinstance(line, str)], counts, needed, protected


class ReviewFilter(admin.SimpleListFilter):
    title = _("review")
    parameter_name = "requested"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", gettext("waiting for review"))]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Article]
    ) -> models.QuerySet[Article]:
        if self.value() == "yes":
            return queryset.exclude(review_requested_at=None)
        return queryset


@admin.register(Article)
class ArticleAdmin(OwnArticlesMixin, AutosaveMixin, PublishedListMixin):
    form = ArticleForm
    change_form_template = "admin/pages/article/change_form.html"
    note_fieldset = 4
    list_display = ["title", "state", "category", "author", "published_at", "comments_are_open"]
    list_filter = ["status", ReviewFilter, DueFilter, "category", "author", "comments_are_open"]
    list_select_related = ["category", "author"]
    search_fields = ["title", "summary", "search_text"]
    date_hierarchy = "published_at"
    prepopulated_fields = {"slug": ["title"]}
    raw_id_fields = ["cover"]
    # The template puts the first two beside each other as the page, the others in the side panel.
    fieldsets = [
        (None, {"fields": ["title"]}),
        (None, {"fields": ["body", "references"]}),
        (None, {"fields": ["category", "tags", "summary"]}),
        (_("Cover"), {"fields": ["cover", "scene"]}),
        (_("When"), {"fields": ["published_at", "status"]}),
        (_("Address and comments"), {"fields": ["slug", "comments_are_open"]}),
        (
            _("In search results"),
            {"classes": ["collapse"], "fields": ["search_title", "search_description"]},
        ),
        (
            _("Author and dates"),
            {
                "classes": ["collapse"],
                "fields": [
                    "author",
                    "reviewed_by",
                    "updated_on",
                    "review_on",
                    "story_is_composite",
                    "praise_permitted_on",
                ],
            },
        ),
        (
            _("More"),
            {
                "classes": ["collapse"],
                "fields": [
                    "more_categories",
                    "comments_close_on",
                    "call_to_action_heading",
                    "call_to_action_text",
                ],
            },
        ),
    ]

    class Media:
        css = {"all": ["admin/writing.css"]}
        js = ["admin/writing.js"]

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: object
    ) -> Field | None:
        if db_field.name == "references":
            return CharField(
                label=_("References"),
                required=False,
                widget=Textarea(attrs={"rows": 3}),
                help_text=_("One per line. A web address becomes a link, *words* become italic."),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return super().has_publish_permission(request) and request.user.has_perm(PUBLISH_ARTICLE)

    def get_fieldsets(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> "_FieldsetSpec":
        """Leave out what only those who publish, or who edit everybody's articles, decide."""
        hidden = set() if self.has_publish_permission(request) else set(PUBLISHERS_FIELDS)
        if not request.user.has_perm(CHANGE_ANY_ARTICLE):
            hidden.add("reviewed_by")
        return [
            (title, {**facts, "fields": [name for name in facts["fields"] if name not in hidden]})
            for title, facts in super().get_fieldsets(request, obj)
        ]

    def save_model(self, request: HttpRequest, obj: Article, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if submitted_action(request.POST) == EditAction.ASK:
            obj.request_review(now=timezone.now())

    def fill_draft(self, request: HttpRequest, subject: Article) -> None:
        if subject.pk is None:
            subject.begun_by = get_staff_user(request)
        subject.title = subject.title or gettext("Untitled")
        subject.slug = subject.slug or free_slug(subject.title)
        if subject.category_id is None:
            subject.category = default_category()

    def get_list_filter(self, request: HttpRequest) -> "_ListOrTuple[_ListFilterT]":
        # A user's own articles have only one author.
        filters = super().get_list_filter(request)
        if request.user.has_perm(CHANGE_ANY_ARTICLE):
            return filters
        return [name for name in filters if name != "author"]

    def ends_with_call(self, article: Article) -> bool:
        return True


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


desk.register(
    "website",
    _("Articles"),
    10,
    model=Article,
    add_label=_("Write an article"),
    empty=_("No article yet. The first one helps people find you."),
)
desk.register(
    "website",
    _("Categories"),
    60,
    model=Category,
    add_label=_("Add a category"),
    empty=_("Categories group articles. Each has a page of its own."),
)
desk.register(
    "website",
    _("Tags"),
    70,
    model=Tag,
    add_label=_("Add a tag"),
    empty=_("Tags connect articles across categories."),
)
