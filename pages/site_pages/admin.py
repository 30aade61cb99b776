"""Admin of fixed pages, free pages and menus."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages import desk
from pages.practice.profile import PracticeProfile
from pages.publishing.listing_admin import DueFilter, PublishedListMixin
from pages.publishing.versions_admin import VersionsMixin
from pages.row_order import OrderedAdmin
from pages.site_pages import menus
from pages.site_pages.menus import MenuEntry, MenuPlace
from pages.site_pages.models import FreePage, PageKey, SitePage
from pages.site_pages.variables import variable_values

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec

# Fixed pages that end with the call to action, or are its target.
PAGES_WITH_CALL_TO_ACTION = {
    "about",
    "services",
    "fees",
    "what-to-expect",
    "faq",
    "contact",
    "consultation",
}


def _variables_help_text() -> str:
    names = ", ".join(f"{{{name}}}" for name in variable_values(PracticeProfile.load()))
    return gettext("Names you can use in the text: %(names)s") % {"names": names}


@admin.register(SitePage)
class SitePageAdmin(VersionsMixin):
    list_display = ["__str__", "title", "is_template", "updated_on"]
    list_filter = [DueFilter, "is_template"]
    search_fields = ["title", "body"]
    fieldsets = [
        (None, {"fields": ["key", "title", "lead", "body"]}),
        (_("Shown beside the text"), {"fields": ["is_template", "updated_on", "review_on"]}),
    ]

    def get_fieldsets(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> "_FieldsetSpec":
        (heading, facts), *rest = super().get_fieldsets(request, obj)
        return [(heading, {**facts, "description": _variables_help_text()}), *rest]

    def create_default_row(self, subject: SitePage) -> SitePage:
        """Store the default text, so that readers go on seeing it beside the draft change."""
        default = SitePage.default_for(subject.key)
        default.save()
        subject.pk = default.pk
        return default

    def ends_with_call(self, page: SitePage) -> bool:
        return page.key in PAGES_WITH_CALL_TO_ACTION

    def get_readonly_fields(self, request: HttpRequest, obj: SitePage | None = None) -> list[str]:
        return ["key"] if obj else []

    def get_changeform_initial_data(  # type: ignore[override]
        self, request: HttpRequest
    ) -> dict[str, object]:
        """Fill a new page with its default text."""
        key = request.GET.get("key", "")
        if key not in PageKey.values:
            return {}
        page = SitePage.default_for(key)
        names = ("key", "title", "lead", "body", "is_template", "updated_on")
        return {name: getattr(page, name) for name in names}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        stored = set(SitePage.objects.values_list("key", flat=True))
        add = reverse("admin:pages_sitepage_add")
        default_pages = [
            (label, f"{add}?key={key}") for key, label in PageKey.choices if key not in stored
        ]
        context = {**(extra_context or {}), "default_pages": default_pages}
        return super().changelist_view(request, context)


@admin.register(FreePage)
class FreePageAdmin(PublishedListMixin):
    list_display = ["title", "path", "state", "published_at", "order"]
    list_filter = ["status", DueFilter]
    search_fields = ["title", "search_text"]
    prepopulated_fields = {"slug": ["title"]}
    fieldsets = [
        (None, {"fields": ["title", "slug", "parent", "lead", "body"]}),
        (
            _("Publishing"),
            {"fields": ["published_at", "updated_on", "review_on", "order", "status"]},
        ),
        (
            _("In search engines and shared links"),
            {"classes": ["collapse"], "fields": ["search_title", "search_description"]},
        ),
    ]

    def get_fieldsets(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> "_FieldsetSpec":
        (heading, facts), *rest = super().get_fieldsets(request, obj)
        return [(heading, {**facts, "description": _variables_help_text()}), *rest]


@admin.register(MenuEntry)
class MenuEntryAdmin(OrderedAdmin):
    order_within = ["place"]
    list_display = ["__str__", "place", "heading", "leads_to"]
    list_filter = ["place"]
    list_select_related = ["free_page", "category"]
    change_list_template = "admin/pages/menuentry/change_list.html"
    fieldsets = [
        (None, {"fields": ["place", "heading", "label"]}),
        (
            _("Where it leads: choose one"),
            {"fields": ["page", "free_page", "category", "address"]},
        ),
    ]

    @admin.display(description=_("leads to"))
    def leads_to(self, entry: MenuEntry) -> str:
        return entry.url() or gettext("nowhere yet: the page is not published")

    def get_urls(self) -> list[URLPattern]:
        own = self.admin_site.admin_view(self.copy_default_menu)
        return [path("own/", own, name="pages_menuentry_customize"), *super().get_urls()]

    def copy_default_menu(self, request: HttpRequest) -> HttpResponse:
        """Copy the default links of a menu into rows that staff can change."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        place = request.POST.get("place", "")
        if request.method == "POST" and place in MenuPlace.values:
            menus.copy_default_menu(place)
        return HttpResponseRedirect(reverse("admin:pages_menuentry_changelist"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        own = set(MenuEntry.objects.values_list("place", flat=True))
        default_menus = [(value, label) for value, label in MenuPlace.choices if value not in own]
        context = {**(extra_context or {}), "default_menus": default_menus}
        return super().changelist_view(request, context)


desk.register(
    "website",
    _("Your own pages"),
    20,
    model=FreePage,
    add_label=_("Add a page"),
    empty=_("Add pages of your own, such as a workshop, at any address."),
)
desk.register(
    "website",
    _("Built-in pages"),
    30,
    model=SitePage,
    add_label=_("Customize a page"),
    empty=_("All built-in pages show the text they came with. Choose one above to change it."),
)
desk.register(
    "website",
    _("Menus"),
    50,
    model=MenuEntry,
    add_label=_("Add a link"),
    empty=_("The site shows its default menus. Choose one above to change it."),
)
