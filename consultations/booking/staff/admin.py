"""Admin for consultations: a list grouped by what needs doing, and a page for each action."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.audit import requests as audit
from consultations.audit.models import Action
from consultations.booking import emails, models
from consultations.booking.choices import Channel, RequestKind, Voicemail, format_preferred_times
from consultations.booking.meeting_place import NO_ADDRESS, NO_LINK, call_video_url
from consultations.booking.models import Consultation
from consultations.booking.staff import (
    actions,
    add_request_view,
    block_view,
    calendar_view,
    display,
    sent_list,
    views,
)
from consultations.booking.staff.display import (
    ENCRYPTED_FIELDS,
    encrypted_column,
    format_history_event,
    with_read_only_notes,
)
from consultations.booking.staff.export_view import export_consultations
from consultations.booking.staff.list_filters import GROUP_ORDERING, GroupFilter
from consultations.booking.staff.permissions import (
    OwnRowsMixin,
    accessible_practitioners,
    can_access_practitioner,
    can_work_for_everybody,
)
from consultations.booking.states import HoldFor, Status
from consultations.privacy import consent
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fields import unreadable_fields
from consultations.screening.classifier import REASONS
from pages import desk
from pages.practice.models import Licence, PracticeProfile, Service

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec
    from django.utils.functional import _StrOrPromise


# What staff edit on the page itself, in any state.
EDITABLE_FIELDS = ("assignee", "staff_notes")


@admin.register(Consultation)
class ConsultationAdmin(OwnRowsMixin):
    list_display = (
        "reference",
        "who",
        "state",
        "wanted",
        "start",
        "answer_by",
        "marks",
        "next_step",
    )
    list_filter = (GroupFilter, "kind")
    search_fields = ("reference",)
    list_per_page = 50
    view_on_site = False  # a row's URL is the client's private link
    change_form_template = "admin/consultations/consultation/change_form.html"
    fieldsets = (
        (
            _("Where it stands"),
            {"fields": ("state", "answer_by", "when", "held_until", "with_whom", "kind")},
        ),
        (_("How to reach this person"), {"fields": ("shown_name", "reach", "voicemail_rule")}),
        (
            _("What they asked"),
            {
                "fields": (
                    "interest",
                    "audience",
                    "place",
                    "meeting",
                    "meeting_place",
                    "times_that_suit",
                    "shown_access",
                    "shown_note",
                )
            },
        ),
        (_("Your notes"), {"fields": ("assignee", "staff_notes")}),
        (_("Emails"), {"fields": ("emails_sent",)}),
        (
            _("Behind it"),
            {"fields": ("marks", "others", "earlier", "agreed", "history", "outcome", "kept")},
        ),
    )

    shown_name = encrypted_column(_("Name"), lambda row: row.name)
    shown_note = encrypted_column(_("Anything that helps us prepare"), lambda row: row.note)
    shown_access = encrypted_column(_("Access or language needs"), lambda row: row.access_needs)
    shown_notes = encrypted_column(_("Notes of the practice"), lambda row: row.staff_notes)
    who = encrypted_column(_("Initials"), lambda row: row.initials)

    # --- permissions ---
    def has_add_permission(self, request: HttpRequest) -> bool:
        may_add = super().has_add_permission(request)
        return may_add and (
            can_work_for_everybody(request.user) or accessible_practitioners(request.user).exists()
        )

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False  # only retention deletes rows, so none is lost by accident

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consultation]:
        rows = display.annotate_practice_zone(super().get_queryset(request))
        return display.annotate_has_others(rows, Consultation.objects.visible_to(request.user))

    def get_fieldsets(
        self, request: HttpRequest, obj: Consultation | None = None
    ) -> "_FieldsetSpec":
        damaged = obj is not None and unreadable_fields(obj, ["staff_notes"])
        return with_read_only_notes(self.fieldsets) if damaged else self.fieldsets

    def get_readonly_fields(
        self, request: HttpRequest, obj: Consultation | None = None
    ) -> list[str]:
        names = flatten_fieldsets(self.get_fieldsets(request, obj))
        return [name for name in names if name not in EDITABLE_FIELDS]

    def get_actions(  # type: ignore[override]
        self, request: HttpRequest, action_location: object = None
    ) -> dict[str, object]:
        return {}

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        # Not in the filter: the changelist applies its own ordering after the filter's.
        return GROUP_ORDERING.get(
            request.GET.get(GroupFilter.parameter_name, ""), ("-read_first", "reply_by")
        )

    def save_model(
        self, request: HttpRequest, obj: Consultation, form: forms.ModelForm, change: bool
    ) -> None:
        # Only these: saving the whole row would overwrite a colleague's concurrent changes.
        if changed := [name for name in form.changed_data if name in EDITABLE_FIELDS]:
            obj.save(update_fields=changed)
            audit.record_request_action(request, Action.CHANGED, row=obj, fields=changed)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **options: object
    ) -> forms.ModelChoiceField | None:
        field = super().formfield_for_foreignkey(db_field, request, **options)
        if db_field.name == "assignee" and field is not None and field.queryset is not None:
            field.queryset = field.queryset.filter(is_staff=True, is_active=True)
            field.empty_label = _("Nobody yet")
        return field

    def log_change(  # type: ignore[override]
        self, request: HttpRequest, obj: Consultation, message: object
    ) -> LogEntry | None:
        """Skip the log entry when an action button was pressed and the notes did not change."""
        return super().log_change(request, obj, message) if message else None

    def response_change(self, request: HttpRequest, obj: Consultation) -> HttpResponse:
        """Save the notes that an action button submits, then go to the page of the action."""
        slug = request.POST.get("_action", "")
        if slug in actions.ACTION_SLUGS:
            return HttpResponseRedirect(
                reverse("admin:consultations_consultation_action", args=[obj.pk, slug])
            )
        return super().response_change(request, obj)

    # --- list columns ---
    @admin.display(description=_("state"), ordering="status")
    def state(self, row: Consultation) -> SafeString:
        if row.read_first and not row.is_final:
            first = format_html('<strong class="read-first">{}</strong> ', _("Read first"))
            return first + self._status_label(row)
        return self._status_label(row)

    def _status_label(self, row: Consultation) -> SafeString:
        if row.kind == RequestKind.WAITLIST and row.status == Status.REQUESTED:
            # On the waiting list no reply can be overdue.
            return format_html('<span class="state">{}</span>', _("On the waiting list"))
        return format_html(
            '<span class="state state-{}">{}</span>', row.status, row.get_status_display()
        )

    def spoken_name(self, row: Consultation) -> str:
        """Return ``Call HC-7K4M2, Tue, Dec 1, 10:00 AM``: no name, as others may see the screen."""
        if row.start_at is None:
            return _g("Request %(reference)s") % {"reference": row.reference}
        when = display.format_consultation_time(row)
        return _g("Call %(reference)s, %(time)s") % {"reference": row.reference, "time": when}

    @admin.display(description=_("request"), ordering="created_at")
    def wanted(self, row: Consultation) -> str:
        """Return what was asked for, how to meet, with whom, and how long ago."""
        with_whom = row.practitioner.name if row.practitioner else ""
        parts = (row.get_kind_display(), row.get_meeting_display(), with_whom)
        age = _g("%(time)s ago") % {"time": timesince(row.created_at, depth=1)}
        asked = ", ".join(str(part) for part in parts if part)
        return format_html("{}<small>{}</small>", asked, age)

    @admin.display(description=_("next step"))
    def next_step(self, row: Consultation) -> str:
        """Link to the page of what is to be done first, if anything is."""
        waits = row.status == Status.REQUESTED and row.kind != RequestKind.WAITLIST
        approves = row.status == Status.HELD and row.hold_for == HoldFor.APPROVAL
        if not (waits or approves):
            return ""
        slug, label = ("approve", _("Approve")) if approves else ("confirm", _("Choose a time"))
        url = reverse("admin:consultations_consultation_action", args=[row.pk, slug])
        return format_html('<a class="btn" href="{}">{}</a>', url, label)

    @admin.display(description=_("answer by"), ordering="reply_by")
    def answer_by(self, row: Consultation) -> str:
        if row.is_final or row.status == Status.CONFIRMED or row.kind == RequestKind.WAITLIST:
            return "–"
        day = display.format_reply_deadline(row)
        if row.is_overdue(timezone.now()):
            return format_html('<strong class="overdue">{} {}</strong>', _("Overdue since"), day)
        return day

    @admin.display(description=_("time"), ordering="start_at")
    def start(self, row: Consultation) -> str:
        return display.format_consultation_time(row)

    @admin.display(description=_("Time"))
    def when(self, row: Consultation) -> str:
        return display.format_consultation_time(row, both_zones=True)

    @admin.display(description=_("marks"))
    def marks(self, row: Consultation) -> str:
        labels = [str(REASONS.get(code, code)) for code in row.suspicions]
        if getattr(row, "has_others", False):
            labels.append(_g("several requests of this person"))
        return ", ".join(labels) or "–"

    # --- detail page ---
    @admin.display(description=_("Way they prefer"))
    def reach(self, row: Consultation) -> "_StrOrPromise":
        try:
            first = row.email if row.channel == Channel.EMAIL else row.phone
            known = [way for way in dict.fromkeys((first, row.phone, row.email)) if way]
        except DecryptionError:
            return _("cannot be read")
        return format_html("{}: {}", row.get_channel_display(), ", ".join(known))

    @admin.display(description=_("Practitioner"))
    def with_whom(self, row: Consultation) -> str:
        # Plain text: Django would link to the practitioner's page, which is for site editors.
        return str(row.practitioner or "–")

    @admin.display(description=_("Voicemail"))
    def voicemail_rule(self, row: Consultation) -> "_StrOrPromise":
        if row.channel != Channel.CALL:
            return _("Not asked: they prefer another way")
        if row.voicemail == Voicemail.NO:
            return format_html(
                '<strong class="no-voicemail">{}</strong> {}',
                _("NO VOICEMAIL."),
                _("Leave no message and do not say where you call from."),
            )
        return row.get_voicemail_display()

    @admin.display(description=_("Interested in"))
    def interest(self, row: Consultation) -> str:
        service = Service.objects.filter(slug=row.service).first()
        return service.title if service else display.interest_label(row.service)

    @admin.display(description=_("Place during sessions"))
    def place(self, row: Consultation) -> str:
        licence = Licence.objects.filter(jurisdiction_code=row.location).first()
        return licence.jurisdiction if licence else row.location or "–"

    @admin.display(description=_("Where"))
    def meeting_place(self, row: Consultation) -> "_StrOrPromise":
        if unreadable_fields(row, ["video_url"]):
            return _("cannot be read")
        place = emails.place_of(row, PracticeProfile.load())
        where = call_video_url(row) or ", ".join(place.address_lines) or place.staff_sentence
        missing = {NO_LINK: _("No video link yet."), NO_ADDRESS: _("No street address yet.")}
        if place.missing:
            return format_html("<strong>{}</strong>", missing[place.missing])
        return where or "–"

    @admin.display(description=_("Times that suit"))
    def times_that_suit(self, row: Consultation) -> "_StrOrPromise":
        try:
            values = json.loads(row.preferred_times or "[]")
        except DecryptionError:
            return _("cannot be read")
        lines = format_preferred_times(values)
        return format_html_join(SafeString("<br>"), "{}", ((line,) for line in lines)) or "–"

    @admin.display(description=_("Other requests of this person"))
    def others(self, row: Consultation) -> str:
        links = [
            (reverse("admin:consultations_consultation_change", args=[other.pk]), other.reference)
            for other in display.consultations_of_same_person(row).visible_to(row.seen_by)
        ]
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "–"

    @admin.display(description=_("Agreed to"))
    def agreed(self, row: Consultation) -> str:
        if not row.consent_version:
            return _g("Added by the practice")
        at = display.format_moment(timezone.localtime(row.consent_at), timezone.localdate())
        words = consent.consent_text(row.consent_version)
        return f"{row.consent_version}, {at}. {words}".strip()

    @admin.display(description=_("Kept"))
    def kept(self, row: Consultation) -> str:
        return models.describe_retention(row)

    @admin.display(description=_("Booked again after"))
    def earlier(self, row: Consultation) -> "_StrOrPromise":
        if row.rebooked_from is None:
            return "–"
        if not can_access_practitioner(row.seen_by, row.rebooked_from.practitioner):
            return _("a colleague’s")
        page = reverse("admin:consultations_consultation_change", args=[row.rebooked_from_id])
        return format_html('<a href="{}">{}</a>', page, row.rebooked_from.reference)

    @admin.display(description=_("Held until"))
    def held_until(self, row: Consultation) -> str:
        if row.hold_expires_at is None:
            return "–"
        words = display.format_instant(row.hold_expires_at, display.staff_zone_for_row(row))
        return f"{words}, {row.get_hold_for_display()}"

    @admin.display(description=_("Sent to this client"))
    def emails_sent(self, row: Consultation) -> "_StrOrPromise":
        return sent_list.format_sent_emails(row)

    @admin.display(description=_("History"))
    def history(self, row: Consultation) -> SafeString:
        events = row.events.select_related("by")
        return format_html_join(
            SafeString("<br>"), "{}", ((format_history_event(e),) for e in events)
        )

    # --- actions ---
    def get_urls(self) -> list[URLPattern]:
        return [
            self.own_path("<uuid:key>/act/<slug:action>/", self.action_view, "action"),
            self.own_path("week/", self.week_view, "week"),
            self.own_path("add-request/", self.add_request_view, "add_request"),
            self.own_path("export/", self.export_view, "export"),
            self.own_path("block/", self.block_view, "block"),
            self.own_path("waiting/", self.waitlist_view, "waitlist"),
            *super().get_urls(),
        ]

    def own_path(self, route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        view = self.admin_site.admin_view(view)
        return path(route, view, name=f"consultations_consultation_{name}")

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        return views.add_booking_page(self, request)

    def week_view(self, request: HttpRequest) -> HttpResponse:
        return calendar_view.calendar_page(self, request)

    def add_request_view(self, request: HttpRequest) -> HttpResponse:
        return add_request_view.add_request_page(self, request)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        return export_consultations(self, request)

    def block_view(self, request: HttpRequest) -> HttpResponse:
        return block_view.block_page(self, request)

    def waitlist_view(self, request: HttpRequest) -> HttpResponse:
        return views.waitlist_page(self, request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        offered = self.actions_for(request, row, timezone.now()) if row else []
        context: dict[str, object] = {
            "show_save_and_add_another": False,
            "staff_actions": [(action.label, action.slug) for action in offered],
            "address_is_lost": row is not None and row.address_is_lost,
        }
        response = super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )
        if row is not None and response.status_code == 200:
            audit.record_read(request, row, ENCRYPTED_FIELDS)
        return response

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        audit.record_list_view(request, response, model=Consultation, fields=["name"])
        return response

    def actions_for(
        self, request: HttpRequest, row: Consultation, now: datetime
    ) -> list[actions.StaffAction]:
        """Return the actions that the status and this user's permissions allow."""
        if not self.has_change_permission(request, row):
            return []
        may_add = self.has_add_permission(request)
        return [
            action
            for action in actions.available_actions(row, now)
            if may_add or not action.creates_booking
        ]

    def action_view(self, request: HttpRequest, key: UUID, action: str) -> HttpResponse:
        return views.action_page(self, request, key, action)


desk.register(
    "consultations",
    _("Requests"),
    10,
    model=Consultation,
    title=_("Consultations"),
    add_label=_("Add a booking"),
    empty=_("Nothing here. Requests and bookings from your site appear here as they come in."),
    count=lambda user, now: Consultation.objects.visible_to(user).awaiting_reply().count(),
)
desk.register(
    "consultations",
    _("Calendar"),
    20,
    model=Consultation,
    url_name="admin:consultations_consultation_week",
)
desk.register(
    "consultations",
    _("Waiting list"),
    30,
    model=Consultation,
    url_name="admin:consultations_consultation_waitlist",
    count=lambda user, now: Consultation.objects.visible_to(user).on_waitlist().count(),
    is_calm=True,
)
