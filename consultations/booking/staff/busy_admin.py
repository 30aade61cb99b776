"""Admin for connected calendars: stored addresses are never shown, problems are explained."""

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking.calendars import sync
from consultations.booking.calendars.errors import FetchError, FetchProblem, SkipReason
from consultations.booking.calendars.fetch import parse_url
from consultations.booking.calendars.models import BusyInterval, BusySource
from consultations.booking.staff.permissions import OwnRowsMixin, accessible_practitioners
from consultations.privacy.encryption import DecryptionError
from pages import desk

if TYPE_CHECKING:
    from consultations.booking.staff.display import Fieldset

    FieldNames = list[str | list[str] | tuple[str, ...] | tuple[()]]

FAULT_MESSAGES: dict[str, str | Promise] = {
    **dict(FetchProblem.choices),
    sync.UNREADABLE: _("What the server gives us is not a calendar that we can read."),
    sync.CANNOT_DECRYPT: _("The stored address cannot be read. Enter it again."),
}


class BusySourceForm(forms.ModelForm):
    new_address = forms.CharField(
        label=_("private address (ICS)"),
        max_length=2000,
        widget=forms.TextInput(attrs={"size": 60, "autocomplete": "off"}),
    )

    class Meta:
        model = BusySource
        fields = ["practitioner", "label", "is_on"]

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        field = self.fields.get("new_address")
        if field is None:
            return
        field.help_text = _(
            "In Google: Settings, your calendar, “Secret address in iCal format”. In Outlook: "
            "Shared calendars, Publish, ICS. We keep only when you are busy: no titles, no people."
        )
        if not self.instance._state.adding:
            field.required = False
            field.label = _("Another address")
            field.help_text = _("Left empty, the address stays as it is.")

    def clean_new_address(self) -> str:
        address = self.cleaned_data["new_address"].strip()
        if address:
            try:
                parse_url(address)
            except FetchError as problem:
                raise forms.ValidationError(problem.problem.label) from None
        return address


@admin.register(BusySource)
class BusySourceAdmin(OwnRowsMixin):
    form = BusySourceForm
    list_display = ["label", "practitioner", "is_on", "state", "left_out"]
    list_select_related = ["practitioner"]
    change_form_template = "admin/consultations/busysource/change_form.html"
    readonly_fields = ["stored_address", "state", "busy_times", "skipped_entries"]

    def get_fieldsets(
        self, request: HttpRequest, obj: BusySource | None = None
    ) -> "list[Fieldset]":
        names: FieldNames = ["practitioner", "label", "new_address", "is_on"]
        if obj is None:
            return [(None, {"fields": names})]
        names.insert(2, "stored_address")
        if not self.has_change_permission(request, obj):
            names.remove("new_address")
        facts: FieldNames = ["state", "busy_times", "skipped_entries"]
        return [(None, {"fields": names}), (_("What we read"), {"fields": facts})]

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: object
    ) -> forms.ModelChoiceField | None:
        if db_field.name == "practitioner":
            kwargs["queryset"] = accessible_practitioners(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: BusySource, form: BusySourceForm, change: bool
    ) -> None:
        if not (address := form.cleaned_data.get("new_address")):
            obj.save(update_fields=["practitioner", "label", "is_on"])
            if "practitioner" in form.changed_data or "is_on" in form.changed_data:
                # All-day entries depend on the practitioner's time zone, so the file must be read
                # again.
                obj.etag = obj.last_modified = ""
                obj.save(update_fields=["etag", "last_modified"])
                sync.request_sync(obj)
            return
        obj.address = address
        # Forget everything about the old calendar and read the new one right away.
        obj.etag = obj.last_modified = obj.fault = obj.skipped_reasons = ""
        obj.tried_at = obj.good_at = obj.read_until = None
        obj.skipped = 0
        obj.save()
        BusyInterval.objects.filter(source=obj).delete()

    # --- columns and read-only fields ---
    @admin.display(description=_("stored address"))
    def stored_address(self, row: BusySource) -> str:
        """Show only the host: the full address gives access to the calendar."""
        try:
            host = urlsplit(row.address).hostname or ""
        except DecryptionError:
            return _g("cannot be read")
        return f"{host}/…"

    @admin.display(description=_("state"))
    def state(self, row: BusySource) -> SafeString | str:
        now = timezone.now()
        if not row.is_on:
            return _g("Not used")
        if row.tried_at is None:
            return _g("Waits to be read")
        lines = []
        if row.fault:
            lines.append(str(FAULT_MESSAGES.get(row.fault, row.fault)))
        if row.good_at is None:
            lines.append(_g("It has not been read yet."))
        else:
            ago = timesince(row.good_at, now, depth=1)
            lines.append(_g("Last read %(time)s ago.") % {"time": ago})
        is_old = row.good_at is not None and row.good_at < now - sync.STALE_AFTER
        if is_old:
            lines.append(_g("Newer appointments may be missing, so times could be double."))
        words = " ".join(lines)
        is_fine = not row.fault and not is_old
        return words if is_fine else format_html('<strong class="overdue">{}</strong>', words)

    @admin.display(description=_("left out"))
    def left_out(self, row: BusySource) -> int | str:
        return row.skipped or "–"

    @admin.display(description=_("Busy times to come"))
    def busy_times(self, row: BusySource) -> int:
        return BusyInterval.objects.filter(source=row, end_at__gt=timezone.now()).count()

    @admin.display(description=_("Entries left out or guessed"))
    def skipped_entries(self, row: BusySource) -> SafeString | str:
        notes = [line.partition(" ") for line in row.skipped_reasons.splitlines()]
        labels = dict(SkipReason.choices)
        lines = [(_format_date(on), labels.get(reason, reason)) for reason, _space, on in notes]
        if not lines:
            return "–"
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} {}</li>", lines))

    # --- sync now ---
    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<uuid:key>/read-now/",
                self.admin_site.admin_view(self.sync_now),
                name="consultations_busysource_sync_now",
            )
        ]
        return own + super().get_urls()

    def sync_now(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """Ask the worker to read this calendar in its next round."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = get_object_or_404(self.get_queryset(request), pk=key)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        sync.request_sync(row)
        messages.success(request, _("It is read within the next minute. Look here again then."))
        return HttpResponseRedirect(reverse("admin:consultations_busysource_change", args=[row.pk]))


def _format_date(day: str) -> str:
    """Format an ISO date from the file; return any other text unchanged."""
    try:
        return formats.date_format(datetime.fromisoformat(day), "DATE_FORMAT") + ":"
    except ValueError:
        return f"{day}:" if day else ""


desk.register(
    "consultations",
    _("Connected calendars"),
    60,
    model=BusySource,
    add_label=_("Connect a calendar"),
    empty=_("Connect your own calendar, and its busy times are not offered."),
)
