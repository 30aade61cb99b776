"""The editing page of articles, free pages and fixed pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.forms import BaseModelFormSet, HiddenInput, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from pages.editor.admin import EditorMixin
from pages.media.models import Picture
from pages.media.rendering import find_picture_ids
from pages.practice.profile import PracticeProfile
from pages.publishing import buttons as publishing_buttons
from pages.publishing import history, previews, revisions, snapshots, workflow
from pages.publishing.buttons import (
    Button,
    EditAction,
    PublicationState,
    contributor_buttons,
    edit_buttons,
    submitted_action,
)
from pages.publishing.forms import PublishingForm
from pages.publishing.models import Status, find_unknown_blocks
from pages.publishing.revisions import Revision, Subject
from pages.staff_pages import get_staff_user
from pages.text.checklist import CheckedText, Remark, check_text

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec

# On a public page these store a draft change, which readers do not see.
DRAFT_CHANGE_ACTIONS = {EditAction.CHANGE, EditAction.PREVIEW, EditAction.ASK}

PUBLISHING_ACTIONS = {EditAction.PUBLISH, EditAction.UNPUBLISH}


class EditingMixin(EditorMixin):
    """Drafts, draft changes, scheduled publication, versions, and warnings about other editors."""

    form = PublishingForm
    note_fieldset = 0  # which fieldset the note for the list of versions goes to
    change_form_template = "admin/pages/publishing/change_form.html"

    class Media:
        css = {"all": ["admin/practice_publishing.css"]}
        js = ["admin/practice_publishing.js"]

    # --- publication state ---

    def has_status(self) -> bool:
        return any(field.name == "status" for field in self.model._meta.fields)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may decide what readers see."""
        return self.has_change_permission(request)

    def publication_state(self, subject: Subject) -> PublicationState:
        """Return the state of the stored row; a fixed page is always live."""
        if not self.has_status():
            return PublicationState.LIVE
        if subject is None or not subject.pk or subject.status != Status.PUBLISHED:
            return PublicationState.DRAFT
        return PublicationState.LIVE if subject.is_public() else PublicationState.SCHEDULED

    # --- the form ---

    def get_fieldsets(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> "_FieldsetSpec":
        """Add the note and the hidden version to a fieldset."""
        fieldsets = list(super().get_fieldsets(request, obj))
        heading, facts = fieldsets[self.note_fieldset]
        names = [*facts["fields"], "revision_note", "version"]
        fieldsets[self.note_fieldset] = (heading, {**facts, "fields": names})
        return fieldsets

    def get_form(
        self,
        request: HttpRequest,
        obj: models.Model | None = None,
        change: bool = False,
        **kwargs: object,
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        form.edited_by = get_staff_user(request)  # type: ignore[attr-defined]
        if "status" in form.base_fields:
            form.base_fields["status"].widget = HiddenInput()
            form.base_fields["status"].required = False
        if "published_at" in form.base_fields:
            # Django shows the two words beside the inputs, but not as their labels.
            date, time = form.base_fields["published_at"].widget.widgets
            date.attrs["aria-label"], time.attrs["aria-label"] = _("Date"), _("Time")
        return form

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Subject | None:
        """Return the row as stored for POST; for GET with its draft change applied."""
        subject = super().get_object(request, object_id, from_field)
        if subject is not None and request.method != "POST":
            snapshots.apply_draft_change(subject)
        return subject

    # --- saving ---

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        # Times on this page are in the practice's time zone.
        with timezone.override(ZoneInfo(PracticeProfile.load().time_zone)):
            response = super().changeform_view(request, object_id, form_url, extra_context)
            if isinstance(response, TemplateResponse):
                response.render()
        return response

    def save_form(self, request: HttpRequest, form: PublishingForm, change: bool) -> Subject:
        subject = super().save_form(request, form, change)
        if self.has_status():
            self._set_status(request, subject, form)
        return subject

    def _set_status(self, request: HttpRequest, subject: Subject, form: PublishingForm) -> None:
        action = submitted_action(request.POST)
        if not self.has_publish_permission(request):
            subject.status = form.initial.get("status") or subject.status
        elif action == EditAction.PUBLISH:
            subject.status = Status.PUBLISHED
        elif action == EditAction.UNPUBLISH:
            subject.status = Status.DRAFT
        elif not form.cleaned_data.get("status"):
            subject.status = form.initial.get("status") or Status.DRAFT

    def save_model(
        self, request: HttpRequest, obj: Subject, form: PublishingForm, change: bool
    ) -> None:
        now = timezone.now()
        stored = type(obj)._default_manager.filter(pk=obj.pk).first() if change else None
        if stored is None and submitted_action(request.POST) in DRAFT_CHANGE_ACTIONS:
            stored = self.create_default_row(obj)
        form.keeps_draft_change = self._is_draft_change(request, stored)
        if form.keeps_draft_change:
            return
        if stored is not None:
            workflow.record_baseline(stored, now=now)
        super().save_model(request, obj, form, change)

    def save_related(
        self,
        request: HttpRequest,
        form: PublishingForm,
        formsets: Sequence[BaseModelFormSet],
        change: bool,
    ) -> None:
        subject, now, by = form.instance, timezone.now(), get_staff_user(request)
        note = form.cleaned_data.get("revision_note", "")
        if form.keeps_draft_change:
            related = _submitted_relations(form)
            workflow.save_draft_change(subject, related=related, by=by, now=now, note=note)
        else:
            super().save_related(request, form, formsets, change)
            kinds = {
                EditAction.PUBLISH: Revision.Kind.PUBLISHED,
                EditAction.UNPUBLISH: Revision.Kind.WITHDRAWN,
            }
            may_publish = self.has_publish_permission(request)
            action = submitted_action(request.POST) if may_publish else EditAction.SAVE
            kind = kinds.get(action, Revision.Kind.SAVED)
            workflow.record_revision(subject, by=by, now=now, kind=kind, note=note)
        workflow.clear_editing(subject, by=by)

    def _is_draft_change(self, request: HttpRequest, stored: models.Model | None) -> bool:
        """Return whether to leave the stored row as it is: only for a page that is public now."""
        if stored is None:
            return False
        state = self.publication_state(stored)
        if not self.has_publish_permission(request):
            return state != PublicationState.DRAFT
        is_requested = submitted_action(request.POST) in DRAFT_CHANGE_ACTIONS
        return is_requested and state == PublicationState.LIVE

    def create_default_row(self, subject: Subject) -> Subject:
        """Store and return what readers see of a page without a row; None if they see nothing."""
        return None

    # --- responses ---

    def response_add(
        self, request: HttpRequest, obj: models.Model, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._respond(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: models.Model) -> HttpResponse:
        return self._respond(request, obj) or super().response_change(request, obj)

    def _respond(self, request: HttpRequest, subject: Subject) -> HttpResponse | None:
        """Report what happened and when readers see it; None to leave it to Django."""
        action = submitted_action(request.POST)
        if action == EditAction.PREVIEW:
            return HttpResponseRedirect(previews.preview_url(subject))
        if action == EditAction.ASK:
            self._message_success(
                request, _("Sent for review. An editor sees it on their first page.")
            )
        elif not self.has_publish_permission(request) and action in PUBLISHING_ACTIONS:
            return None
        elif revisions.pending_revision(subject) is not None:
            self._message_success(
                request,
                _("Kept as a draft change. Readers see the page as before, until you publish it."),
            )
        elif action == EditAction.UNPUBLISH:
            self._message_success(
                request, _("Taken back: it is a draft again, and readers no longer see it.")
            )
        elif action == EditAction.PUBLISH:
            self._message_published(request, subject)
        else:
            return None
        return HttpResponseRedirect(self.admin_page_url(subject, "change"))

    def _message_published(self, request: HttpRequest, subject: Subject) -> None:
        if self.publication_state(subject) == PublicationState.SCHEDULED:
            moment = publishing_buttons.format_moment(subject.published_at, timezone.now())
            text = _("Readers see it on %(moment)s. Nothing else has to be pressed.")
            self._message_success(request, text % {"moment": moment})
            return
        link = format_html(
            '<a href="{}">{}</a>', subject.get_absolute_url(), _("Look at it as readers do")
        )
        self._message_success(
            request, format_html("{} {}", _("Published: readers see it now."), link)
        )

    def _message_success(self, request: HttpRequest, text: str) -> None:
        self.message_user(request, text, messages.SUCCESS)

    def admin_page_url(self, subject: Subject, name: str) -> str:
        opts = self.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_{name}", args=[subject.pk])

    # --- context beside the form ---

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Subject | None = None,
    ) -> HttpResponse:
        may_change = self.has_change_permission(request, obj) if obj else True
        context |= (
            self._editing_context(request, obj, context["adminform"].form) if may_change else {}
        )
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _editing_context(
        self, request: HttpRequest, subject: Subject, form: PublishingForm
    ) -> dict[str, object]:
        now = timezone.now()
        stored = type(subject)._default_manager.filter(pk=subject.pk).first() if subject else None
        state = self.publication_state(stored)
        context: dict[str, object] = {
            "buttons": self.edit_buttons(request, subject, state, now),
            "publish_now": publishing_buttons.publish_label(None, now),
            "state": state.value,
            "remarks": run_checklist(subject, calls_at_the_end=self.ends_with_call(subject))
            if subject
            else [],
        }
        if stored is None:
            return context
        context["pending"] = revisions.pending_revision(stored)
        context["others"] = workflow.mark_editing(stored, by=get_staff_user(request), now=now)
        context["history_url"] = self.admin_page_url(stored, "versions")
        context["preview_url"] = self.admin_page_url(stored, "preview")
        newest = revisions.latest_revision(stored)
        context["saved_at"] = newest.at if newest else getattr(stored, "updated_at", None)
        if getattr(form, "has_conflict", False):
            context["conflict"] = self._conflicting_changes(stored, form)
            context["conflict_message"] = form.non_field_errors()
            if set(form.errors) == {NON_FIELD_ERRORS}:
                # Nothing is wrong with what was typed, so Django's heading would mislead.
                context["errors"] = None
        return context

    def edit_buttons(
        self, request: HttpRequest, subject: Subject, state: PublicationState, now: datetime
    ) -> list[Button]:
        published_at = getattr(subject, "published_at", None)
        if self.has_publish_permission(request):
            return edit_buttons(state, published_at, now, has_status=self.has_status())
        is_asked = bool(getattr(subject, "review_requested_at", None))
        return contributor_buttons(state, is_asked=is_asked)

    def _conflicting_changes(
        self, stored: Subject, form: PublishingForm
    ) -> list[history.FieldChange]:
        """Compare what the other person saved with what the form holds."""
        pending = revisions.pending_revision(stored)
        theirs = snapshots.read_snapshot(
            pending.snapshot if pending else snapshots.take_snapshot(stored)
        )
        mine = snapshots.extract_content(form.instance, _submitted_relations(form))
        return history.field_changes(type(stored), theirs, mine)

    def ends_with_call(self, subject: Subject) -> bool:
        """Return whether the public page ends with the call to the free consultation."""
        return False


def run_checklist(subject: Subject, *, calls_at_the_end: bool) -> list[Remark]:
    """Return remarks on an article or page; attributes it does not have count as empty."""
    html = subject.body or ""
    decorative = Picture.objects.filter(pk__in=find_picture_ids(html), is_decorative=True)
    return check_text(
        CheckedText(
            html=html,
            has_references=bool(getattr(subject, "references", "")),
            calls_at_the_end=calls_at_the_end,
            story_is_composite=getattr(subject, "story_is_composite", False),
            praise_is_permitted=bool(getattr(subject, "praise_permitted_on", None)),
            decorative=frozenset(str(pk) for pk in decorative.values_list("pk", flat=True)),
            unknown_blocks=tuple(find_unknown_blocks(html)),
            has_summary=bool(getattr(subject, "summary", "") or getattr(subject, "lead", "")),
            call_urls=(reverse("booking:consultation"),),
        )
    )


def _submitted_relations(form: PublishingForm) -> dict[str, list[models.Model]]:
    """Return the many-to-many values of a valid form, by field."""
    return {
        field.name: list(form.cleaned_data[field.name])
        for field in type(form.instance)._meta.many_to_many
        if field.name in form.cleaned_data
    }
