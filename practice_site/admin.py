"""The admin site: pending work first, recent actions without dead links, a safe "view on site"."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TypeVar, cast

from csp.decorators import csp_update
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from consultations.accounts.models import Invitation
from consultations.accounts.roles import is_owner
from consultations.backups.storage import is_backup_overdue, is_scheduled, read_last_backup
from consultations.booking.local_time import get_zone
from consultations.booking.staff import today as booking_today
from consultations.comments.moderation import today as comments_today
from consultations.outbox import today as outbox_today
from pages.due_for_review import review_items
from pages.practice.models import PracticeProfile
from pages.practice.zone_names import spoken_zone
from pages.staff_pages import TodayItem
from pages.views import link_choices
from practice_site.desk_menu import DeskUser, build_menu
from practice_site.safe_admin import make_safe_admin

# The editor inserts one inline stylesheet, always the same. tests/browser/test_staff_walk.py fails
# when a new version of the editor changes it.
EDITOR_STYLE_HASH = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

MAX_RECENT_ACTIONS = 10
APP_ORDER = ("consultations", "pages", "auth")


class PracticeAdminSite(AdminSite):
    """Registers every admin class as a SafeModelAdmin, and shows today's work on the index."""

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
        return [choices, on_site, *super().get_urls()]

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
        user, now = request.user, timezone.now()
        context: dict[str, object] = {
            "today": pending_work(user),
            "calls": booking_today.todays_calls(user, now=now),
            "freed": booking_today.freed_slot_items(user, now=now),
            "backup": backup_status(user),
            "recent": recent_actions(self, request),
        }
        return super().index(request, {**context, **(extra_context or {})})


def _app_position(label: str) -> int:
    return APP_ORDER.index(label) if label in APP_ORDER else len(APP_ORDER)


def pending_work(user: User | AnonymousUser) -> list[TodayItem]:
    """Return the pending work of every room that this user may see."""
    now = timezone.now()
    items = [
        *booking_today.today_items(user, now=now),
        *comments_today.today_items(user),
        *outbox_today.today_items(user),
        *review_items(user, timezone.localdate(now)),
    ]
    return [item for item in items if item.is_shown]


@dataclass(frozen=True)
class BackupStatus:
    """When the newest good backup was made, and whether that is too long ago."""

    at: datetime | None
    is_scheduled: bool
    is_late: bool


def backup_status(user: User | AnonymousUser) -> BackupStatus | None:
    """Return the state of the backups for owners, who can act on it, or None for others."""
    if not is_owner(user):
        return None
    last_backup = read_last_backup()
    return BackupStatus(
        at=last_backup[0] if last_backup else None,
        is_scheduled=is_scheduled(),
        is_late=is_backup_overdue(timezone.now()),
    )


# Recent actions.


def recent_actions(site: AdminSite, request: HttpRequest) -> list[tuple[LogEntry, str]]:
    """Return the user's last log entries, each with its row's admin URL.

    The URL is "" when the row was deleted or the user may no longer see it.
    """
    own_entries = LogEntry.objects.filter(user_id=request.user.pk or 0).select_related(
        "content_type"
    )
    entries = list(own_entries[:MAX_RECENT_ACTIONS])
    keys_by_type: dict[ContentType, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.content_type is not None and entry.object_id:
            keys_by_type[entry.content_type].add(entry.object_id)
    visible = {
        (content_type.pk, key)
        for content_type, keys in keys_by_type.items()
        for key in _visible_keys(site, request, content_type, keys)
    }
    return [
        (entry, str(entry.get_admin_url() or ""))
        if (entry.content_type_id, entry.object_id) in visible
        else (entry, "")
        for entry in entries
    ]


def _visible_keys(
    site: AdminSite, request: HttpRequest, content_type: ContentType, keys: set[str]
) -> set[str]:
    model = content_type.model_class()
    if model is None or not site.is_registered(model):
        return set()
    model_admin = site.get_model_admin(model)
    if not model_admin.has_view_or_change_permission(request):
        return set()
    rows = model_admin.get_queryset(request).filter(pk__in=keys)
    return {str(key) for key in rows.values_list("pk", flat=True)}
