"""The Look page of the admin: all choices beside a preview of the real site."""

from collections.abc import Callable
from copy import copy
from typing import cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from pages import desk
from pages.look.choices import PRESETS
from pages.look.forms import LookForm, look_version
from pages.look.icons import rebuild_icons
from pages.look.models import Look, LookFile
from pages.look.palette import adjusted_accent
from pages.look.preview import (
    PREVIEW_PAGES,
    SCHEMES,
    render_preview,
    style_from_query,
)
from pages.look.stylesheet import build_stylesheet
from pages.practice.error_pages import write_error_pages
from pages.practice.profile import PracticeProfile


@admin.register(Look)
class LookAdmin(admin.ModelAdmin):
    """One page instead of a list and a form; there is one look."""

    def get_urls(self) -> list[URLPattern]:
        def staff_path(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"pages_look_{name}")

        return [
            staff_path("preview/", require_POST(self.preview_page), "preview"),
            staff_path("preview.css", require_safe(self.preview_css), "preview_css"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Look | None = None) -> bool:
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        self._require_permission(request)
        return HttpResponseRedirect(reverse("admin:pages_look_changelist"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Show the form and the preview; save only when the button says so."""
        self._require_permission(request)
        if request.method != "POST":
            return self._render_page(request, LookForm(instance=_stored_look()))
        if "_reset" in request.POST:
            usual = Look(profile=PracticeProfile.load(), updated_at=_stored_look().updated_at)
            messages.info(request, _("These are the defaults. Nothing changes until you save."))
            return self._render_page(request, LookForm(instance=usual))
        form = LookForm(request.POST, request.FILES, instance=_stored_look())
        is_valid = form.is_valid()
        if is_valid:
            form.keep_logos()
        if is_valid and "_save" in request.POST and self._save(request, form):
            messages.success(request, _("The look is saved, and your site shows it now."))
            return HttpResponseRedirect(reverse("admin:pages_look_changelist"))
        return self._render_page(request, form, status=200 if is_valid else 422)

    def preview_page(self, request: HttpRequest) -> HttpResponse:
        """Return the page in the look of the posted form, for the script; nothing is stored."""
        self._require_permission(request)
        form = LookForm(request.POST, instance=_stored_look())
        if not form.is_valid():
            return _uncached(HttpResponse(status=422))
        html = self._render_preview(request, form)
        return _uncached(JsonResponse({"html": html, "verdict": _contrast_verdict(form.instance)}))

    def preview_css(self, request: HttpRequest) -> HttpResponse:
        self._require_permission(request)
        style, scheme = style_from_query(request.GET)
        stylesheet = build_stylesheet(style, scheme)
        return _uncached(HttpResponse(stylesheet.text, content_type="text/css; charset=utf-8"))

    def _require_permission(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied

    def _save(self, request: HttpRequest, form: LookForm) -> bool:
        """Store the look, unless somebody else has changed it since this page was opened."""
        with transaction.atomic():
            PracticeProfile.objects.select_for_update().filter(pk=1).first()
            stored = Look.objects.filter(pk=1).first()
            if stored and form.cleaned_data["version"] != look_version(stored):
                form.add_error(
                    None,
                    _(
                        "Somebody else has saved a look since you opened this page. Save again "
                        "to replace it with yours."
                    ),
                )
                cast("QueryDict", form.data)["version"] = look_version(stored)
                return False
            rebuild_icons(form.instance)
            look = form.save()
            LookFile.delete_unused(now=timezone.now())
            self.log_change(request, look, [{"changed": {"fields": form.changed_data}}])
            transaction.on_commit(write_error_pages, robust=True)
        return True

    def _render_page(
        self, request: HttpRequest, form: LookForm, *, status: int = 200
    ) -> HttpResponse:
        page, scheme = _preview_choice(request)
        look = form.instance if not form.errors else _stored_look()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Look"),
            "opts": self.opts,
            "form": form,
            "presets": PRESETS,
            "preview": render_preview(request, copy(look), page=page, scheme=scheme),
            "preview_pages": PREVIEW_PAGES,
            "preview_page": page,
            "schemes": SCHEMES,
            "scheme": scheme,
            "verdict": _contrast_verdict(look),
        }
        return render(request, "admin/pages/look/look.html", context, status=status)

    def _render_preview(self, request: HttpRequest, form: LookForm) -> str:
        page, scheme = _preview_choice(request)
        return render_preview(request, form.instance, page=page, scheme=scheme)


def _stored_look() -> Look:
    """Return the stored look, or the usual one, as a row of its own: a form changes it."""
    return Look.objects.filter(pk=1).first() or Look(profile=PracticeProfile.load())


def _contrast_verdict(look: Look) -> str:
    adjusted = adjusted_accent(look.accent, look.paper)
    if not adjusted:
        return _("Every text stays readable, light and dark.")
    return _(
        "Your color is used as %(color)s: a little darker, so that every text stays readable, "
        "light and dark."
    ) % {"color": adjusted}


def _preview_choice(request: HttpRequest) -> tuple[str, str]:
    page, scheme = request.POST.get("page", ""), request.POST.get("scheme", "")
    return (
        page if page in PREVIEW_PAGES else "home",
        scheme if scheme in SCHEMES else "light",
    )


def _uncached(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, no_store=True, private=True)
    return response


desk.register("practice", gettext_lazy("Look"), 20, model=Look)
