"""Configure the rich text editor for admin forms, with no inline scripts (as our CSP requires)."""

from typing import cast

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django_prose_editor.widgets import AdminProseEditorWidget
from js_asset import Media

from pages.media.forms import PictureWidget
from pages.media.models import Picture
from pages.media.rendering import add_img_sources
from pages.text.fields import CleanHTMLField


class EditorWidget(AdminProseEditorWidget):
    """Show library pictures in the editor.

    Stored text has no `src` on its images, so it is added before the editor loads the text.
    """

    def format_value(self, value: object) -> object:
        return add_img_sources(value) if isinstance(value, str) else value


class EditorMixin(admin.ModelAdmin):
    """Add the rich text editor to an admin page with `CleanHTMLField` fields."""

    class Media:
        css = {"all": ["admin/practice_editor.css"]}
        js = ["admin/practice_editor.js"]

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: object
    ) -> forms.Field | None:
        if isinstance(db_field, CleanHTMLField):
            kwargs["widget"] = EditorWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: object
    ) -> forms.ModelChoiceField | None:
        if db_field.related_model is Picture:
            kwargs["widget"] = PictureWidget(db_field.remote_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: object
    ) -> forms.ModelMultipleChoiceField | None:
        # Checkboxes work without scripts or dragging, and each has a label.
        kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, object],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: models.Model | None = None,
    ) -> HttpResponse:
        # The editor's import map is an inline script and needs a nonce. Reading the nonce also adds
        # it to the CSP header, so only pages with the editor allow one.
        media = cast("forms.Media", context["media"])
        context["media"] = Media.from_media(media).with_nonce(str(request.csp_nonce))  # type: ignore[attr-defined]
        return super().render_change_form(request, context, add, change, form_url, obj)
