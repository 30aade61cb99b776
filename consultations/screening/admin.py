"""The admin page of the screening settings: word lists and two switches."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultations.audit import requests as audit
from consultations.audit.models import Action
from consultations.screening import learning
from consultations.screening.forms import ScreeningForm
from consultations.screening.models import ScreeningSettings
from pages import desk


@admin.register(ScreeningSettings)
class ScreeningSettingsAdmin(admin.ModelAdmin):
    """The only row of settings; it is added by the first save and never deleted."""

    form = ScreeningForm
    fieldsets = [
        (
            None,
            {
                "fields": ["learns"],
                "description": _(
                    "Every comment waits for you. These words only decide what you see first and "
                    "what goes to the spam folder. One word or phrase a line: whole words, "
                    "capitals and accents make no difference, tricks with letters are seen through."
                ),
            },
        ),
        (
            _("Distress"),
            {
                "fields": ["distress_is_on", "distress_words", "reset_distress_words"],
                "description": _(
                    "Only a list of words. It misses much and marks much for nothing: read it as a "
                    "hint where to begin, and promise nobody that somebody is watching."
                ),
            },
        ),
        (_("Words to look at"), {"fields": ["hold_words", "reset_hold_words"]}),
        (_("Spam"), {"fields": ["spam_words", "reset_spam_words"]}),
        (_("Names of products"), {"fields": ["brand_names", "reset_brand_names"]}),
    ]

    def get_form(self, request: HttpRequest, *args: Any, **options: Any) -> type[ModelForm]:
        # The form adds its reset boxes itself; Django would look for them on the model.
        return super().get_form(request, *args, **{**options, "fields": ScreeningForm.Meta.fields})

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Go straight to the only row, or to the page that adds it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if ScreeningSettings.objects.filter(pk=1).exists():
            page = reverse("admin:consultations_screeningsettings_change", args=[1])
        else:
            page = reverse("admin:consultations_screeningsettings_add")
        return HttpResponseRedirect(page)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Give the page that adds the row and the one that changes it the same title."""
        context = {"title": _("Comment screening"), "show_save_and_add_another": False}
        context |= {"subtitle": None, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not ScreeningSettings.objects.exists()

    def has_delete_permission(
        self, request: HttpRequest, obj: ScreeningSettings | None = None
    ) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: ScreeningSettings, form: ScreeningForm, change: bool
    ) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)
        if not obj.learns:
            learning.delete_learned_words()
        audit.record_request_action(
            request, Action.CHANGED, fields=["screening", *form.changed_data]
        )


desk.register("comments", _("Screening"), 20, model=ScreeningSettings)
