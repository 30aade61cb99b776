"""Django's admin with our name on it and today's work first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csp.decorators import csp_update
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consultations.accounts.models import Invitation
from consultations.accounts.roles import is_owner
from consultations.backups.storage import is_backup_fresh, is_scheduled, read_last_backup
from consultations.booking.staff import today as booking_today
from consultations.comments.moderation import today as comments_today
from consultations.outbox import today as outbox_today
from pages.due_for_review import review_items
from pages.link_choices import link_choices
from pages.practice.models import PracticeProfile
from pages.today import TodayItem
from practice_site.recent_actions import recent_actions
from practice_site.safe_admin import make_safe_admin

# The editor writes one stylesheet of its own into the page, always the same; tests/browser/
# test_staff_walk.py shows when another version of it writes another one.
EDITOR_STYLE_HASH = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"

APP_ORDER = {label: place for place, label in enumerate(("consultations", "pages", "auth"))}


class PracticeAdminSite(AdminSite):
    site_title = _("Staff")
    index_title = _("Your site")
    enable_nav_sidebar = True

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return csp_update({"style-src": [EDITOR_STYLE_HASH]})(super().admin_view(view, cacheable))

    def register(
        self, model_or_iterable: Any, admin_class: type[ModelAdmin] | None = None, **options: Any
    ) -> None:
        super().register(model_or_iterable, make_safe_admin(admin_class or ModelAdmin), **options)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "site_header": PracticeProfile.load().name}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The day's work first, then the site, then who works on it, invitations among them."""
        found: list[Any] = super().get_app_list(request, app_label)
        by_label = {group["app_label"]: group for group in found}
        staff, told = by_label.get("auth"), by_label.get("consultations")
        if staff and told:
            moved = [one for one in told["models"] if one["model"] is Invitation]
            told["models"] = [one for one in told["models"] if one["model"] is not Invitation]
            staff["models"] = [*moved, *staff["models"]]
        return sorted(found, key=lambda group: APP_ORDER.get(group["app_label"], len(APP_ORDER)))

    def get_urls(self) -> list[Any]:
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
        """The page of a row that readers see, for those who may see the row.

        Django's own follows the address of any row of any table for anybody of the staff: the
        address of a consultation is its visitor's secret link.
        """
        is_number = content_type_id.isascii() and content_type_id.isdigit()
        pk = int(content_type_id) if is_number and len(content_type_id) < 10 else 0
        kind = ContentType.objects.filter(pk=pk).first()
        model = kind.model_class() if kind else None
        if model is None or not self.is_registered(model):
            raise Http404
        model_admin = self.get_model_admin(model)
        row: Any = model_admin.get_object(request, object_id)
        if row is None or not model_admin.has_view_permission(request, row):
            raise Http404
        url = model_admin.get_view_on_site_url(row)
        if url is not None and not callable(model_admin.view_on_site):
            url = row.get_absolute_url()
        if not url:
            raise Http404
        return HttpResponseRedirect(url)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
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
    """Return the state of the backups for owners, who can act on it; None for everybody else."""
    if not is_owner(user):
        return None
    last_backup = read_last_backup()
    return BackupStatus(
        at=last_backup[0] if last_backup else None,
        is_scheduled=is_scheduled(),
        is_late=not is_backup_fresh(timezone.now()),
    )
