"""Articles of those who write their own alone: which rows, under which name, and what a deletion
tells."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from pages.articles.models import Article
from pages.practice.models import Practitioner

EVERYBODYS = "pages.change_everybodys_article"


class OwnArticlesMixin(admin.ModelAdmin):
    """Without the right over everybody's articles, somebody meets those that are their own.

    What is somebody else's is answered like what does not exist. Rights for a row are judged by
    what is stored: the row at hand may carry a change that waits to be published.
    """

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)
        return rows.open_to(request.user)

    def is_theirs(self, request: HttpRequest, obj: Any) -> bool:
        if obj is None or request.user.has_perm(EVERYBODYS):
            return True
        return Article.objects.filter(pk=obj.pk).open_to(request.user).exists()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and self.is_theirs(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_theirs(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_theirs(request, obj)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """One signs with one's own name; who has none here writes without a name."""
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name != "author" or request.user.has_perm(EVERYBODYS):
            return field
        own = Practitioner.objects.filter(user=request.user.pk)
        field.queryset = own
        if (person := own.first()) is not None:
            field.initial, field.required, field.empty_label = person.pk, True, None
        return field

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        if not change:
            obj.begun_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The articles, and how much goes with them: comments below them are counted, not named."""
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        return [one for one in listed if isinstance(one, str)], counts, needed, protected
