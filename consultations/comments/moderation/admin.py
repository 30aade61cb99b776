"""Comments for staff: Django's door to the moderation desk, whose pages stand beside it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from consultations.comments.models import Comment
from consultations.comments.moderation import comment_views, views
from consultations.comments.moderation.base import parse_uuid


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    view_on_site = False  # the address of a row is its writer's secret link

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the trash empties itself

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """For good, and of all that a person wrote: it takes the right to delete as well."""
        return self.has_change_permission(request) and request.user.has_perm(
            "consultations.delete_comment"
        )

    def get_urls(self) -> list[URLPattern]:
        return [
            self.own_path("undo/", self.undo_view, "undo"),
            self.own_path("search/", self.search_view, "search"),
            self.own_path("<uuid:key>/reply/", self.reply_view, "reply"),
            self.own_path("<uuid:key>/redact/", self.redact_view, "redact"),
            self.own_path("<uuid:key>/reveal/", self.reveal_view, "reveal"),
            self.own_path("<uuid:key>/erase/", self.erase_view, "erase"),
            *super().get_urls(),
        ]

    def own_path(self, route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(route, self.admin_site.admin_view(view), name=f"consultations_comment_{name}")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return views.queue_page(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return views.comment_page(self, request, parse_uuid(object_id))

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        return views.undo_queue_actions(self, request)

    def search_view(self, request: HttpRequest) -> HttpResponse:
        return comment_views.search_page(self, request)

    def reply_view(self, request: HttpRequest, key: Any) -> HttpResponse:
        return comment_views.reply_page(self, request, key)

    def redact_view(self, request: HttpRequest, key: Any) -> HttpResponse:
        return comment_views.redact_page(self, request, key)

    def reveal_view(self, request: HttpRequest, key: Any) -> HttpResponse:
        return views.reveal_email(self, request, key)

    def erase_view(self, request: HttpRequest, key: Any) -> HttpResponse:
        return comment_views.erase_page(self, request, key)
