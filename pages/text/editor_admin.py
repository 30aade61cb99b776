"""The editor in the admin, under a content security policy without inline scripts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from js_asset import Media


class EditorMixin(admin.ModelAdmin):
    """For every admin page with rich text."""

    class Media:
        css = {"all": ["admin/practice_editor.css"]}
        js = ["admin/practice_editor.js"]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        # The editor's import map is an inline script; reading the nonce here also puts it into
        # the policy, so that no other page carries one.
        media: forms.Media = context["media"]
        context["media"] = Media.from_media(media).with_nonce(str(request.csp_nonce))  # type: ignore[attr-defined]
        return super().render_change_form(request, context, add, change, form_url, obj)
