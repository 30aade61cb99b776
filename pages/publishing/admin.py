"""Admin of redirects and reusable blocks."""

from collections.abc import Sequence

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pages import desk
from pages.editor.admin import EditorMixin
from pages.publishing.models import ReusableBlock, block_choices
from pages.publishing.redirects import Redirect


@admin.register(Redirect)
class RedirectAdmin(admin.ModelAdmin):
    list_display = ["old_path", "new_path", "created_at"]
    search_fields = ["old_path", "new_path"]
    fields = ["old_path", "new_path"]


@admin.register(ReusableBlock)
class ReusableBlockAdmin(EditorMixin):
    list_display = ["name", "kind", "marker", "updated_at"]
    list_filter = ["kind"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "slug", "kind", "heading", "body", "questions"],
                "description": _(
                    "A block is written once and stands in many texts. Change it here, and it "
                    "changes everywhere at once."
                ),
            },
        )
    ]

    @admin.display(description=_("marker"))
    def marker(self, block: ReusableBlock) -> SafeString:
        return format_html("<code>[[{}]]</code>", block.slug)

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: ReusableBlock | None = None
    ) -> dict[str, Sequence[str]]:
        # Texts already use the marker: a new name must not change it.
        return {} if obj else dict(self.prepopulated_fields)

    def get_urls(self) -> list[URLPattern]:
        choices = self.admin_site.admin_view(self.block_choices)
        return [
            path("choices/", choices, name="pages_reusableblock_choices"),
            *super().get_urls(),
        ]

    def block_choices(self, request: HttpRequest) -> JsonResponse:
        """List blocks for the editor; everyone who writes may use them."""
        if not request.user.has_module_perms("pages"):
            raise PermissionDenied
        rows = [{"slug": choice.slug, "name": choice.name} for choice in block_choices()]
        return JsonResponse({"rows": rows})


desk.register(
    "website",
    _("Reusable blocks"),
    80,
    model=ReusableBlock,
    add_label=_("Add a block"),
    empty=_("Write something once and use it in many texts."),
)
desk.register(
    "website",
    _("Redirects"),
    90,
    model=Redirect,
    add_label=_("Add a redirect"),
    empty=_("Redirects lead visitors from an old address to the new one."),
)
