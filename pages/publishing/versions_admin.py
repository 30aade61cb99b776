"""Admin pages for the versions and preview links of a page."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _

from pages.practice.profile import PracticeProfile
from pages.publishing import history, previews, snapshots, workflow
from pages.publishing.buttons import PublicationState
from pages.publishing.editing_admin import EditingMixin
from pages.publishing.revisions import Revision, Subject
from pages.staff_pages import get_staff_user

MAX_VERSIONS_SHOWN = 200


class VersionsMixin(EditingMixin):
    """Compare and restore versions; show and revoke preview links. Only POST changes anything."""

    def get_urls(self) -> list[URLPattern]:
        opts, wrap = self.opts, self.admin_site.admin_view
        prefix = f"{opts.app_label}_{opts.model_name}"
        return [
            path("<path:object_id>/versions/", wrap(self.versions), name=f"{prefix}_versions"),
            path("<path:object_id>/preview/", wrap(self.preview), name=f"{prefix}_preview"),
            *super().get_urls(),
        ]

    def versions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        subject = self._get_subject(request, object_id)
        rows = list(Revision.objects.of(subject).select_related("by")[:MAX_VERSIONS_SHOWN])
        if request.method == "POST":
            try:
                return self._perform_action(request, subject, rows)
            except ValidationError as error:
                self.message_user(request, " ".join(error.messages), messages.ERROR)
                return HttpResponseRedirect(self.admin_page_url(subject, "versions"))
        new, old = _select_pair(request, rows)
        changes = None
        if new and old:
            contents = [snapshots.read_snapshot(row.snapshot) for row in (old, new)]
            changes = history.field_changes(type(subject), *contents)
        context: dict[str, object] = {
            "rows": rows,
            "new": new,
            "old": old,
            "changes": changes,
            "pending": rows[0] if rows and rows[0].is_pending else None,
            "may_publish": self.has_publish_permission(request),
            "is_live": self.publication_state(subject) == PublicationState.LIVE,
        }
        return self._render_page(request, subject, "versions", _("Versions"), context)

    def _perform_action(
        self, request: HttpRequest, subject: Subject, rows: list[Revision]
    ) -> HttpResponse:
        now, by = timezone.now(), get_staff_user(request)
        action = request.POST.get("act", "")
        state = self.publication_state(subject)
        may_publish = self.has_publish_permission(request)
        if action in {"publish", "restore_now"} and not may_publish:
            raise PermissionDenied
        if action == "publish":
            done = workflow.publish_draft_change(subject, by=by, now=now)
            text = _("Published: readers see the change now.")
        elif action == "drop":
            done = workflow.discard_draft_change(subject, by=by, now=now)
            text = _("The draft change is dropped. It stays in the list of versions.")
        else:
            chosen = _find_revision(request.POST.get("version"), rows)
            if chosen is None:
                raise Http404
            kept_states = {PublicationState.LIVE}
            if not may_publish:
                kept_states.add(PublicationState.SCHEDULED)
            as_change = state in kept_states and action != "restore_now"
            workflow.restore_revision(subject, chosen, by=by, now=now, as_change=as_change)
            done = True
            text = (
                _("Restored as a draft change. Readers see it when you publish it.")
                if as_change
                else _("Restored. The version before it is still in the list.")
            )
        if done:
            self.message_user(request, text, messages.SUCCESS)
        else:
            text = _("Nothing was waiting any more: somebody was faster.")
            self.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(self.admin_page_url(subject, "change"))

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a link that needs no login; POST revokes all links of the page."""
        subject = self._get_subject(request, object_id)
        if request.method == "POST":
            previews.revoke_preview_links(subject)
            text = _("All preview links of this page have ended. Below is a new one.")
            self.message_user(request, text, messages.SUCCESS)
            return HttpResponseRedirect(self.admin_page_url(subject, "preview"))
        context = {
            "link": f"{settings.SITE_URL}{previews.preview_url(subject)}",
            "days": previews.PREVIEW_LIFETIME.days,
        }
        return self._render_page(request, subject, "preview", _("Preview"), context)

    def _get_subject(self, request: HttpRequest, object_id: str) -> Subject:
        subject = (
            self.model._default_manager.filter(pk=object_id).first()
            if _is_number(object_id)
            else None
        )
        if subject is None:
            raise Http404
        if not self.has_change_permission(request, subject):
            raise PermissionDenied
        return subject

    def _render_page(
        self,
        request: HttpRequest,
        subject: Subject,
        name: str,
        title: str,
        context: dict[str, object],
    ) -> HttpResponse:
        page_context = {
            **self.admin_site.each_context(request),
            **context,
            "opts": self.opts,
            "title": title,
            "subtitle": str(subject),
            "subject": subject,
            "back": self.admin_page_url(subject, "change"),
        }
        with timezone.override(ZoneInfo(PracticeProfile.load().time_zone)):
            return render(request, f"admin/pages/publishing/{name}.html", page_context)


def _select_pair(
    request: HttpRequest, rows: list[Revision]
) -> tuple[Revision | None, Revision | None]:
    """Return the requested two versions, newer first; else the two newest."""
    requested = [_find_revision(request.GET.get(name), rows) for name in ("new", "old")]
    pair = [row for row in requested if row] or rows[:2]
    if len(pair) < 2:
        return None, None
    newer, older = sorted(pair, key=lambda row: -row.pk)
    return newer, older


def _find_revision(value: str | None, rows: list[Revision]) -> Revision | None:
    return next((row for row in rows if value == str(row.pk)), None)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19
