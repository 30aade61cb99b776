"""The audit log for staff: read-only; one's own entries, for owners everybody's."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.audit import workflow
from consultations.audit.models import Action, AuditEntry, can_view_all_entries


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    list_display = (
        "number",
        "when",
        "staff_name",
        "act",
        "kind_of_record",
        "record",
        "fields_read",
        "goes",
    )
    list_display_links = None
    list_per_page = 100
    show_full_result_count = False
    ordering = ("-number",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever works here may see what stands here about them."""
        if not (request.user.is_active and request.user.is_staff):
            return False
        return obj is None or can_view_all_entries(request.user) or obj.staff_id == request.user.pk

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.visible_to(request.user)

    def get_list_filter(self, request: HttpRequest) -> tuple[str, ...]:
        # The choices of a filter are read from all rows: names of colleagues among them.
        return ("action", "staff_name") if can_view_all_entries(request.user) else ()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        whose = (
            _g("Everybody's entries") if can_view_all_entries(request.user) else _g("Your entries")
        )
        title = {"title": _g("Audit log"), "subtitle": whose}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    @admin.display(description=_("at"), ordering="number")
    def when(self, entry: AuditEntry) -> str:
        return f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S} UTC"

    @admin.display(description=_("act"), ordering="action")
    def act(self, entry: AuditEntry) -> str:
        return str(dict(Action.choices).get(entry.action, entry.action.replace("_", " ")))

    @admin.display(description=_("kind of record"), ordering="model")
    def kind_of_record(self, entry: AuditEntry) -> str:
        return entry.model.rpartition(".")[2]

    @admin.display(description=_("record"))
    def record(self, entry: AuditEntry) -> str:
        return f"#{str(entry.row)[:8]}" if entry.row else "–"

    @admin.display(description=_("fields"))
    def fields_read(self, entry: AuditEntry) -> str:
        return ", ".join(entry.fields) or "–"

    @admin.display(description=_("will be deleted on"))
    def goes(self, entry: AuditEntry) -> str:
        return f"{timezone.localtime(workflow.deletion_date(entry)):%Y-%m-%d}"
