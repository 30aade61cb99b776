"""Kinds of consultation, and what visitors see of their times."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from consultations.booking.hours import ConsultationType
from consultations.booking.staff import preview_view


@admin.register(ConsultationType)
class ConsultationTypeAdmin(admin.ModelAdmin):
    list_display = ["name", "duration_min", "mode", "is_active", "order"]
    list_filter = ["is_active"]
    prepopulated_fields = {"slug": ["name"]}
    # A few boxes: the two lists with arrows need a script and a wide screen.
    formfield_overrides = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    change_form_template = "admin/consultations/consultationtype/change_form.html"
    change_list_template = "admin/consultations/consultationtype/change_list.html"
    fieldsets = [
        (None, {"fields": ["name", "slug", "summary", "price_text", "is_active", "order"]}),
        (_("Times"), {"fields": ["duration_min", "step_min", "before_min", "after_min"]}),
        (
            _("Limits"),
            {"fields": ["notice_hours", "horizon_days", "daily_cap", "cutoff_hours"]},
        ),
        (
            _("How it is booked"),
            {"fields": ["mode", "email_hold_min", "one_per_address", "practitioners"]},
        ),
        (_("How we talk"), {"fields": ["by_phone", "by_video", "in_person"]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "what-visitors-see/",
                self.admin_site.admin_view(self.preview_view),
                name="consultations_consultationtype_preview",
            )
        ]
        return own + super().get_urls()

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        return preview_view.page(self, request)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "order": ConsultationType.objects.count(),
            **super().get_changeform_initial_data(request),
        }
