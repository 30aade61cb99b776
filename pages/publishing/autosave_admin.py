"""Autosave of an editing page: keeps what is typed in one draft revision, and never publishes."""

from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _

from pages.practice.profile import PracticeProfile
from pages.publishing import revisions, snapshots, workflow
from pages.publishing.buttons import PublicationState
from pages.publishing.forms import PublishingForm
from pages.publishing.revisions import Subject
from pages.publishing.versions_admin import VersionsMixin
from pages.staff_pages import get_staff_user

# These decide whether readers see the page.
PUBLICATION_FIELDS = ("status", "published_at")


class AutosaveMixin(VersionsMixin):
    """Save while somebody writes, without a log entry.

    The row of a draft is saved; a scheduled or public page gets a draft change. A field that is not
    valid yet keeps its stored value, and the answer names it.
    """

    def get_urls(self) -> list[URLPattern]:
        opts, wrap = self.opts, self.admin_site.admin_view
        prefix = f"{opts.app_label}_{opts.model_name}"
        return [
            path("add/autosave/", wrap(self.autosave_new), name=f"{prefix}_autosave_new"),
            path("<path:object_id>/autosave/", wrap(self.autosave), name=f"{prefix}_autosave"),
            *super().get_urls(),
        ]

    def fill_draft(self, request: HttpRequest, subject: Subject) -> None:
        """Fill what a new draft needs before it can be stored."""

    def autosave_new(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._answer_autosave(request, None)

    def autosave(self, request: HttpRequest, object_id: str) -> HttpResponse:
        subject = self.get_object(request, object_id)
        if subject is None:
            raise Http404
        if not self.has_change_permission(request, subject):
            raise PermissionDenied
        return self._answer_autosave(request, subject)

    def _answer_autosave(self, request: HttpRequest, stored: Subject | None) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        # The times of the form are in the practice's time zone.
        with timezone.override(ZoneInfo(PracticeProfile.load().time_zone)):
            try:
                with transaction.atomic():
                    return self._autosave(request, stored)
            except ValidationError as error:
                return JsonResponse({"error": " ".join(error.messages)}, status=422)

    def _autosave(self, request: HttpRequest, stored: Subject | None) -> JsonResponse:
        form = self._bind_form(request, stored)
        is_valid = form.is_valid()
        if form.has_conflict or (stored is not None and not request.POST.get("version")):
            words = " ".join(str(error) for error in form.non_field_errors())
            return JsonResponse({"error": words}, status=409)
        subject, now = form.instance, timezone.now()
        state = self.publication_state(stored)
        original = self.model() if stored is None else stored
        for name in PUBLICATION_FIELDS if state != PublicationState.DRAFT else ("status",):
            if hasattr(subject, name):
                setattr(subject, name, getattr(original, name))
        if not is_valid:
            snapshots.apply_draft_change(original)
            _restore_invalid_fields(form, original)
        self.fill_draft(request, subject)
        workflow.autosave_draft(
            subject,
            related=_valid_relations(form),
            by=get_staff_user(request),
            now=now,
            keeps_row=state != PublicationState.DRAFT,
        )
        return JsonResponse(self._describe_autosave(subject, form))

    def _bind_form(self, request: HttpRequest, stored: Subject | None) -> PublishingForm:
        form_class = self.get_form(request, stored, change=stored is not None)
        # A second instance: the form changes its own, and `stored` must keep the stored values.
        instance = self.model._default_manager.get(pk=stored.pk) if stored is not None else None
        form: PublishingForm = form_class(request.POST, instance=instance)  # type: ignore[assignment]
        return form

    def _describe_autosave(self, subject: Subject, form: PublishingForm) -> dict[str, object]:
        opts = self.opts
        name = f"admin:{opts.app_label}_{opts.model_name}_autosave"
        return {
            "pk": subject.pk,
            "version": revisions.version_token(subject),
            "page": self.admin_page_url(subject, "change"),
            "autosave": reverse(name, args=[subject.pk]),
            "preview": self.admin_page_url(subject, "preview"),
            "not_saved": [
                str(form.fields[name].label or name) for name in form.errors if name in form.fields
            ],
            "message": _("Saved"),
        }


def _restore_invalid_fields(form: PublishingForm, original: models.Model) -> None:
    subject = form.instance
    for field in type(subject)._meta.concrete_fields:
        if field.name in form.errors:
            setattr(subject, field.attname, getattr(original, field.attname))


def _valid_relations(form: PublishingForm) -> dict[str, list[models.Model]]:
    return {
        field.name: list(form.cleaned_data[field.name])
        for field in type(form.instance)._meta.many_to_many
        if field.name in form.cleaned_data
    }
