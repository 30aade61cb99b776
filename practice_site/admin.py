"""The admin site: what is on today first, one clock, and a safe "view on site"."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TypeVar, cast

import django
from csp.decorators import csp_update
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from consultations.accounts.models import Invitation
from consultations.accounts.roles import is_owner
from consultations.booking.local_time import get_zone
from pages.practice.models import PracticeProfile
from pages.practice.zone_names import spoken_zone
from pages.views import link_choices
from practice_site import today_page
from practice_site.desk_menu import DeskUser, build_menu
from practice_site.first_days import hide_first_days
from practice_site.safe_admin import make_safe_admin
from practice_site.search_page import search_page

# The editor inserts one inline stylesheet, always the same. tests/browser/test_staff_walk.py fails
# when a new version of the editor changes it.
EDITOR_STYLE_HASH = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

APP_ORDER = ("consultations", "pages", "auth")


class PracticeAdminSite(AdminSite):
    """Registers every admin class as a SafeModelAdmin; its first page shows what is on today."""

    site_title = _("Staff")
    index_title = _("Your site")
    enable_nav_sidebar = False  # templates/admin/base.html has a menu of our own

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def in_practice_zone(
            request: HttpRequest, *args: object, **options: object
        ) -> HttpResponseBase:
            # One clock for all pages and lists, which are therefore rendered here.
            with timezone.override(get_zone(PracticeProfile.load().time_zone)):
                response = inner(request, *args, **options)
                if isinstance(response, TemplateResponse):
                    response.render()
            return response

        return cast("View", csp_update({"style-src": [EDITOR_STYLE_HASH]})(in_practice_zone))

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin] | None = None,
        **options: object,
    ) -> None:
        super().register(model_or_iterable, make_safe_admin(admin_class or ModelAdmin), **options)

    def each_context(self, request: HttpRequest) -> dict[str, object]:
        practice = PracticeProfile.load()
        return {
            **super().each_context(request),
            "site_header": practice.name,
            # Lazy: windows that pop up and pages of an error have no menu.
            "desk_menu": SimpleLazyObject(lambda: build_menu(self, request)),
            "desk_user": SimpleLazyObject(lambda: DeskUser.of(request.user)),
            "desk_zone": spoken_zone(practice.time_zone),
            "has_tools_above_content": django.VERSION >= (6, 1),
        }

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, object]]:
        """Sort the apps by APP_ORDER, and list invitations with users and groups."""
        apps = super().get_app_list(request, app_label)
        by_label = {app["app_label"]: app for app in apps}
        auth, consultations = by_label.get("auth"), by_label.get("consultations")
        if auth and consultations:
            models = consultations["models"]
            invitations = [entry for entry in models if entry["model"] is Invitation]
            consultations["models"] = [entry for entry in models if entry not in invitations]
            auth["models"] = [*invitations, *auth["models"]]
        return sorted(apps, key=lambda app: _app_position(app["app_label"]))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        choices = path("link-choices/", self.admin_view(link_choices), name="link_choices")
        on_site = path(
            "r/<path:content_type_id>/<path:object_id>/",
            self.admin_view(self.view_on_site),
            name="view_on_site",
        )
        hide = path(
            "first-days/hide/", self.admin_view(self.hide_first_days), name="hide_first_days"
        )
        search = path("search/", self.admin_view(self.search), name="search")
        return [choices, on_site, hide, search, *super().get_urls()]

    def view_on_site(
        self, request: HttpRequest, content_type_id: str, object_id: str
    ) -> HttpResponse:
        """Redirect to a row's public page if this user may view the row in the admin.

        Django's own view redirects any staff member to the URL of any row. The URL of a
        consultation is its visitor's secret link.
        """
        is_number = content_type_id.isascii() and content_type_id.isdigit()
        pk = int(content_type_id) if is_number and len(content_type_id) < 10 else 0
        content_type = ContentType.objects.filter(pk=pk).first()
        model = content_type.model_class() if content_type else None
        if model is None or not self.is_registered(model):
            raise Http404
        model_admin = self.get_model_admin(model)
        row = model_admin.get_object(request, object_id)
        if row is None or not model_admin.has_view_permission(request, row):
            raise Http404
        url = model_admin.get_view_on_site_url(row)
        if url is not None and not callable(model_admin.view_on_site):
            # Django has checked that there is such a method.
            url = row.get_absolute_url()  # type: ignore[attr-defined]
        if not url:
            raise Http404
        return HttpResponseRedirect(url)

    def index(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> TemplateResponse:
        context = today_page.context(self, request, now=timezone.now())
        return super().index(request, {**context, **(extra_context or {})})

    def search(self, request: HttpRequest) -> HttpResponse:
        return search_page(request, self)

    def hide_first_days(self, request: HttpRequest) -> HttpResponse:
        """Hide the list of first steps, for owners."""
        if not is_owner(request.user):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        hide_first_days()
        return HttpResponseRedirect(f"{reverse('admin:index')}#content-start", status=303)


def _app_position(label: str) -> int:
    return APP_ORDER.index(label) if label in APP_ORDER else len(APP_ORDER)
