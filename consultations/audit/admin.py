"""The audit log in the admin, read-only: owners see every entry, other staff their own."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.audit import workflow
from consultations.audit.models import Action, AuditEntry, can_view_all_entries
from pages import desk
from pages.practice.staff_dates import format_day, format_moment


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list that nobody adds to, changes or deletes from in the admin."""

    list_display_links = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "local_time",
        "staff_name",
        "action_label",
        "kind_of_record",
        "record",
        "field_names",
        "deleted_on",
    )
    list_per_page = 100
    show_full_result_count = False
    ordering = ("-number",)

    def has_view_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Let all staff see the list, which ``get_queryset`` limits to what they may see."""
        if not (request.user.is_active and request.user.is_staff):
            return False
        return obj is None or can_view_all_entries(request.user) or obj.staff_id == request.user.pk

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.visible_to(request.user)

    def get_list_filter(self, request: HttpRequest) -> tuple[str, ...]:
        # A filter lists the values of all rows, colleagues' names among them.
        return ("action", "staff_name") if can_view_all_entries(request.user) else ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        subtitle = (
            _g("Everybody's entries") if can_view_all_entries(request.user) else _g("Your entries")
        )
        titles = {"title": _g("Audit log"), "subtitle": subtitle}
        return super().changelist_view(request, {**titles, **(extra_context or {})})

    @admin.display(description=_("at"), ordering="number")
    def local_time(self, entry: AuditEntry) -> str:
        local = timezone.localtime(entry.at)
        return f"{format_moment(local, timezone.localdate())}:{local:%S}"

    @admin.display(description=_("act"), ordering="action")
    def action_label(self, entry: AuditEntry) -> str:
        return str(dict(Action.choices).get(entry.action, entry.action.replace("_", " ")))

    @admin.display(description=_("kind of record"), ordering="model")
    def kind_of_record(self, entry: AuditEntry) -> str:
        return entry.model.rpartition(".")[2]

    @admin.display(description=_("record"))
    def record(self, entry: AuditEntry) -> str:
        return f"#{str(entry.row)[:8]}" if entry.row else "–"

    @admin.display(description=_("fields"))
    def field_names(self, entry: AuditEntry) -> str:
        return ", ".join(entry.fields) or "–"

    @admin.display(description=_("will be deleted on"))
    def deleted_on(self, entry: AuditEntry) -> str:
        day = workflow.deletion_date(entry).date()
        return format_day(day, timezone.localdate())


desk.register("settings", _("Audit log"), 30, model=AuditEntry)
