"""Changelists of what is published: its state, and publishing several at once."""

from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pages.practice.profile import PracticeProfile
from pages.publishing import workflow
from pages.publishing.buttons import PublicationState
from pages.publishing.models import Status
from pages.publishing.revisions import Subject
from pages.publishing.versions_admin import VersionsMixin
from pages.staff_pages import get_staff_user


class DueFilter(admin.SimpleListFilter):
    title = _("facts")
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("due", gettext("to be looked at again"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subject]) -> QuerySet[Subject]:
        if self.value() == "due":
            return queryset.filter(review_on__lte=timezone.localdate())
        return queryset


class PublishedListMixin(VersionsMixin):
    actions = ["publish", "withdraw"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        # As on the editing page, times are in the practice's time zone.
        with timezone.override(ZoneInfo(PracticeProfile.load().time_zone)):
            response = super().changelist_view(request, extra_context)
            if isinstance(response, TemplateResponse):
                response.render()
        return response

    @admin.display(description=_("state"), ordering="status")
    def state(self, subject: Subject) -> str:
        labels = {
            PublicationState.DRAFT: gettext("Draft"),
            PublicationState.SCHEDULED: gettext("Scheduled"),
            PublicationState.LIVE: gettext("Public"),
        }
        return labels[self.publication_state(subject)]

    def view_on_site(self, subject: Subject) -> str | None:
        # `subject` may have the address of a draft change.
        stored = type(subject)._default_manager.get(pk=subject.pk)
        url: str = stored.get_absolute_url()
        return url if stored.is_public() else None

    @admin.action(description=_("Publish now"), permissions=["publish"])
    def publish(self, request: HttpRequest, rows: QuerySet[Subject]) -> None:
        now = timezone.now()
        not_public = [subject for subject in rows if not subject.is_public(now)]
        self._apply_to_each(request, not_public, workflow.publish, now)

    @admin.action(description=_("Back to draft"), permissions=["publish"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Subject]) -> None:
        public = rows.filter(status=Status.PUBLISHED)
        self._apply_to_each(request, public, workflow.unpublish, timezone.now())

    def _apply_to_each(
        self,
        request: HttpRequest,
        rows: Iterable[Subject],
        operation: Callable[..., None],
        now: datetime,
    ) -> None:
        done = 0
        for subject in rows:
            try:
                operation(subject, by=get_staff_user(request), now=now)
                done += 1
            except ValidationError as error:
                text = f"{subject}: {' '.join(error.messages)}"
                self.message_user(request, text, messages.ERROR)
        text = ngettext("%(count)d page changed.", "%(count)d pages changed.", done)
        self.message_user(request, text % {"count": done})
