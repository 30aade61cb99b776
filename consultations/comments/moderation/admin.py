"""Register the moderation desk with Django's admin: its addresses and permissions."""

from collections.abc import Callable
from functools import partial

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from consultations.comments.models import Comment
from consultations.comments.moderation import action_views, views
from consultations.comments.moderation.base import ModerationAdmin, parse_uuid
from consultations.comments.moderation.export_view import export_comments
from pages import desk


@admin.register(Comment)
class CommentAdmin(ModerationAdmin):
    """The moderation desk instead of Django's list and form."""

    view_on_site = False  # the absolute URL of a comment is its writer's private link

    def get_urls(self) -> list[URLPattern]:
        return [
            self.own_path("undo/", views.undo_queue_actions, "undo"),
            self.own_path("export/", export_comments, "export"),
            self.own_path("search/", views.search_page, "search"),
            self.own_path("<uuid:key>/reply/", action_views.reply_page, "reply"),
            self.own_path("<uuid:key>/redact/", action_views.redact_page, "redact"),
            self.own_path("<uuid:key>/reveal/", views.reveal_email, "reveal"),
            self.own_path("<uuid:key>/erase/", action_views.erase_page, "erase"),
            *super().get_urls(),
        ]

    def own_path(self, route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        page = self.admin_site.admin_view(partial(view, self))
        return path(route, page, name=f"consultations_comment_{name}")

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


desk.register(
    "comments",
    _("Moderation"),
    10,
    model=Comment,
    title=_("Comments"),
    count=lambda user, now: Comment.objects.waiting().count(),
)
