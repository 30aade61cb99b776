"""Register the moderation desk with Django's admin: its addresses and permissions."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from consultations.comments.models import Comment
from consultations.comments.moderation import action_views, views
from consultations.comments.moderation.base import ModerationAdmin, parse_uuid


@admin.register(Comment)
class CommentAdmin(ModerationAdmin):
    """The moderation desk instead of Django's list and form."""

    view_on_site = False  # the absolute URL of a comment is its writer's private link

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

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return views.queue_page(self, request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        return views.comment_page(self, request, parse_uuid(object_id))

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        return views.undo_queue_actions(self, request)

    def search_view(self, request: HttpRequest) -> HttpResponse:
        return views.search_page(self, request)

    def reply_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        return action_views.reply_page(self, request, key)

    def redact_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        return action_views.redact_page(self, request, key)

    def reveal_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        return views.reveal_email(self, request, key)

    def erase_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        return action_views.erase_page(self, request, key)
