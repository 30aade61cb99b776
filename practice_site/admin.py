"""Django's admin with our name on it and today's work first."""

from typing import Any

from csp.decorators import csp_update
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.contenttypes.models import ContentType
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from consultations.accounts import roles
from consultations.accounts.models import Invitation
from consultations.backups import storage
from consultations.booking.calendars import sync
from consultations.booking.models import Consultation
from consultations.booking.staff import display, list_filters, permissions, waitlist
from consultations.comments.models import Comment, reported_comments
from consultations.outbox.models import OutgoingEmail
from pages import due_for_review
from pages.link_choices import link_choices
from pages.practice.models import PracticeProfile
from practice_site import recent_actions
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
        context: dict[str, Any] = {
            "today": pending_work(request),
            "calls": todays_calls(request),
            "freed": freed_slots(request),
            "backup": backup_status(request),
            "recent": recent_actions.recent_actions(self, request),
        }
        return super().index(request, {**context, **(extra_context or {})})


def pending_work(request: HttpRequest) -> list[dict[str, Any]]:
    """What waits, with the way to it; only what this person may see."""
    now = timezone.now()
    user = request.user
    # The last value: pressing, always shown, or (None) shown once there are any.
    rows: list[tuple[str, str, Any, Any, bool | None]] = []
    if user.has_perm("consultations.view_consultation"):
        asked = Consultation.objects.visible_to(user)
        address = reverse("admin:consultations_consultation_changelist")
        rows += [
            (
                address,
                "?group=overdue",
                asked.overdue(now),
                ngettext_lazy("answer overdue", "answers overdue", "n"),
                True,
            ),
            (
                address,
                "",
                asked.awaiting_reply(),
                ngettext_lazy("request that needs an answer", "requests that need an answer", "n"),
                False,
            ),
            (
                address,
                "?group=waiting",
                asked.on_waitlist(),
                ngettext_lazy("person on the waiting list", "people on the waiting list", "n"),
                None,
            ),
        ]
    if user.has_perm("consultations.view_busysource"):
        rows.append(
            (
                reverse("admin:consultations_busysource_changelist"),
                "",
                permissions.filter_own(sync.stale_sources(now), user),
                ngettext_lazy("other calendar not read", "other calendars not read", "n"),
                True,
            )
        )
    if user.has_perm("consultations.view_comment"):
        address = reverse("admin:consultations_comment_changelist")
        waiting_comments = Comment.objects.waiting()
        rows += [
            (
                address,
                "?status=waiting",
                waiting_comments.filter(read_first=True),
                ngettext_lazy("comment to read first", "comments to read first", "n"),
                True,
            ),
            (
                address,
                "",
                waiting_comments,
                ngettext_lazy("comment waiting", "comments waiting", "n"),
                False,
            ),
            (
                address,
                "?status=reported",
                reported_comments(),
                ngettext_lazy("comment reported by readers", "comments reported by readers", "n"),
                None,
            ),
        ]
    if user.has_perm("consultations.view_outgoingemail"):
        address = reverse("admin:consultations_outgoingemail_changelist")
        dead = OutgoingEmail.objects.filter(state=OutgoingEmail.State.DEAD)
        rows.append(
            (
                address,
                "?state__exact=dead",
                dead,
                ngettext_lazy("mail not delivered", "mails not delivered", "n"),
                True,
            )
        )
    rows += due_for_review.review_items(user, timezone.localdate(now))
    counted = [
        (url + query, found.count(), label, urgent) for url, query, found, label, urgent in rows
    ]
    return [
        {"url": url, "count": count, "label": label % {"n": count}, "is_urgent": urgent is True}
        for url, count, label, urgent in counted
        if count or urgent is False
    ]


def backup_status(request: HttpRequest) -> dict[str, Any] | None:
    """When the newest good backup was made; for owners, who can do something about it."""
    if not roles.is_owner(request.user):
        return None
    now, found = timezone.now(), storage.read_last_backup()
    return {
        "at": found[0] if found else None,
        "is_scheduled": storage.is_scheduled(),
        "is_late": not storage.is_backup_fresh(now),
    }


def todays_calls(request: HttpRequest) -> list[dict[str, Any]]:
    """The calls of this day, each at the clock of whoever talks."""
    if not request.user.has_perm("consultations.view_consultation"):
        return []
    visible = Consultation.objects.visible_to(request.user)
    rows = list_filters.filter_today(visible, timezone.now())
    return [
        {
            "url": reverse("admin:consultations_consultation_change", args=[row.pk]),
            "when": display.format_consultation_time(row),
            "who": row.practitioner.name if row.practitioner else "",
            "state": row.get_status_display(),
        }
        for row in display.annotate_practice_zone(rows).order_by("start_at")
    ]


def freed_slots(request: HttpRequest) -> list[dict[str, Any]]:
    """Times that came free and that somebody on the list wanted."""
    if not request.user.has_perm("consultations.view_consultation"):
        return []
    user, now = request.user, timezone.now()
    waits = waitlist.list_waitlist_entries(Consultation.objects.visible_to(user))
    if not waits:
        return []
    page = reverse("admin:consultations_consultation_waitlist")
    times = waitlist.find_freed_slots(now, permissions.accessible_practitioner_ids(user))
    found = [(one, len(waitlist.split_by_match(waits, one)[0])) for one in times]
    return [
        {"url": f"{page}?{one.query}", "when": one.words, "count": count}
        for one, count in found
        if count
    ]
