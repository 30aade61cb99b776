"""Admin for a practitioner's hours: weekly hours, exceptions, time off, feed and calendars.

All times are in the practitioner's time zone, and the page says so.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking import availability, emails, explain
from consultations.booking.calendars import feed
from consultations.booking.calendars.models import BusySource
from consultations.booking.hours import (
    ConsultationType,
    DateOverride,
    PractitionerHours,
    TimeOff,
    WeeklyWindow,
    format_weekly_hours,
    practitioner_time_zone,
)
from consultations.booking.models import Consultation
from consultations.booking.slots import Policy
from consultations.booking.staff import display, preview_view
from consultations.booking.staff.forms import (
    DateOverrideForm,
    DateOverrideFormSet,
    LabeledFormSet,
    TimeOffForm,
    WeeklyWindowForm,
)
from consultations.booking.staff.permissions import OwnRowsMixin, accessible_practitioners
from consultations.booking.states import Status
from pages import desk
from pages.practice.models import Holiday, Practitioner

HOLIDAYS_SHOWN = 6


class WeeklyWindowInline(admin.TabularInline):
    model = WeeklyWindow
    form = WeeklyWindowForm
    formset = LabeledFormSet
    fields = ["weekday", "opens", "closes", "valid_from", "valid_to"]
    extra = 1
    verbose_name_plural = _("Every week")


class DateOverrideInline(admin.TabularInline):
    model = DateOverride
    form = DateOverrideForm
    formset = DateOverrideFormSet
    fields = ["on", "hours", "label"]
    extra = 1
    verbose_name_plural = _("Single dates with other hours, or closed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DateOverride]:
        # Past dates are not needed here, and the list would keep growing.
        today = timezone.localdate()
        rows = super().get_queryset(request).filter(on__gte=today)
        return rows.prefetch_related("windows")


class TimeOffInline(admin.TabularInline):
    model = TimeOff
    form = TimeOffForm
    formset = LabeledFormSet
    fields = ["all_day", "start_at", "end_at", "label"]
    extra = 1
    verbose_name_plural = _("Time off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TimeOff]:
        return super().get_queryset(request).filter(end_at__gt=timezone.now())


@admin.register(PractitionerHours)
class PractitionerHoursAdmin(OwnRowsMixin):
    view_on_site = False
    list_display = ["name", "week", "zone"]
    list_display_links = ["name"]
    change_form_template = "admin/consultations/practitionerhours/change_form.html"
    inlines = [WeeklyWindowInline, DateOverrideInline, TimeOffInline]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = [(None, {"fields": ["week", "zone", "holidays", "video_url"]})]

    # --- permissions: practitioners are added and removed in their own admin ---
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def practitioner_of(  # type: ignore[override]
        self, obj: PractitionerHours
    ) -> Practitioner:
        return obj

    def filter_own_rows(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return rows.filter(pk__in=accessible_practitioners(request.user).values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PractitionerHours]:
        rows: QuerySet[PractitionerHours] = super().get_queryset(request)
        return rows.prefetch_related("weekly_windows")

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> list[str]:
        return ["week", "zone", "holidays"]

    def save_model(self, request: HttpRequest, obj: object, form: object, change: bool) -> None:
        """Save nothing of the practitioner but the video link."""
        if isinstance(obj, PractitionerHours):
            Practitioner.objects.filter(pk=obj.pk).update(video_url=obj.video_url)

    # --- change page ---
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        practitioner: PractitionerHours | None = (
            self.get_object(request, object_id) if object_id else None
        )
        if practitioner is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        before = {row.pk for row in find_calls_outside_hours([practitioner], now=timezone.now())}
        # Dates and times are parsed and shown in the practitioner's zone.
        with timezone.override(ZoneInfo(practitioner_time_zone(practitioner))):
            context: dict[str, object] = {
                "title": _g("Hours of %(name)s") % {"name": practitioner.name},
                "subtitle": None,
            }
            if request.method != "POST":
                context |= {"outside": self.outside_hours_links(request, practitioner)}
            context |= connected_calendars_context(request, practitioner)
            if self.has_change_permission(request, practitioner):
                # The URL gives access to the calendar, so users with view permission only do not
                # get it.
                context |= {"feed_address": settings.SITE_URL + feed.feed_path(practitioner)}
            response = super().changeform_view(
                request, object_id, form_url, {**context, **(extra_context or {})}
            )
            if hasattr(response, "render"):
                response.render()
        if request.method == "POST" and response.status_code == 302:
            self.warn_about_calls_outside_hours(request, practitioner, before)
        return response

    def outside_hours_links(
        self, request: HttpRequest, practitioner: PractitionerHours
    ) -> list[tuple[str, str]]:
        """Return links to upcoming calls outside the hours, if this user may see them."""
        if not request.user.has_perm("consultations.view_consultation"):
            return []
        return [
            display.consultation_link(row)
            for row in find_calls_outside_hours([practitioner], now=timezone.now())
        ]

    def warn_about_calls_outside_hours(
        self, request: HttpRequest, practitioner: PractitionerHours, before: set[UUID]
    ) -> None:
        """Warn about calls that this change put outside the hours; staff decide about each."""
        after = find_calls_outside_hours([practitioner], now=timezone.now())
        fresh = [row for row in after if row.pk not in before]
        if not fresh:
            return
        heading = _g(
            "These calls now lie outside the hours. They stand until you move or cancel them:"
        )
        messages.warning(request, format_html("{} {}", heading, format_call_links(request, fresh)))

    # --- read-only fields ---
    @admin.display(description=_("In words"))
    def week(self, practitioner: PractitionerHours) -> str:
        return format_weekly_hours(list(practitioner.weekly_windows.all())) or _g(
            "No weekly hours yet"
        )

    @admin.display(description=_("Time zone"))
    def zone(self, practitioner: PractitionerHours) -> str:
        zone = practitioner_time_zone(practitioner).replace("_", " ")
        return _g("%(zone)s: all times on this page are meant there") % {"zone": zone}

    @admin.display(description=_("Next holidays"))
    def holidays(self, practitioner: PractitionerHours) -> SafeString | str:
        """List the practice's holidays: closed unless the practitioner has an override that day."""
        days = Holiday.objects.filter(on__gte=timezone.localdate()).order_by("on")
        # Years of holidays may be entered; only the next few matter for planning.
        words = ", ".join(str(day) for day in days[:HOLIDAYS_SHOWN]) or _g("None to come")
        if not practitioner.seen_by.has_perm("pages.view_practiceprofile"):
            return words
        return format_html(
            '{} (<a href="{}">{}</a>)',
            words,
            reverse("admin:pages_practiceprofile_changelist"),
            _("change them with the practice"),
        )

    # --- new feed URL ---
    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<int:key>/new-feed-address/",
                self.admin_site.admin_view(self.renew_feed_url),
                name="consultations_practitionerhours_renew_feed_url",
            )
        ]
        return own + super().get_urls()

    def renew_feed_url(self, request: HttpRequest, key: int) -> HttpResponse:
        """Replace the feed's URL, so that the old one stops working."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        practitioner = get_object_or_404(self.get_queryset(request), pk=key)
        if not self.has_change_permission(request, practitioner):
            raise PermissionDenied
        feed.rotate_feed_token(practitioner)
        self.log_change(request, practitioner, [{"changed": {"fields": ["feed address"]}}])
        messages.success(request, _("There is a new address. The old one shows nothing any more."))
        return HttpResponseRedirect(
            reverse("admin:consultations_practitionerhours_change", args=[practitioner.pk])
        )


def connected_calendars_context(
    request: HttpRequest, practitioner: PractitionerHours
) -> dict[str, object]:
    """Return links to the calendars that block times, if this user may see them."""
    context: dict[str, object] = {}
    if request.user.has_perm("consultations.view_busysource"):
        context["other_calendars"] = [
            (reverse("admin:consultations_busysource_change", args=[row.pk]), row.label)
            for row in BusySource.objects.filter(practitioner_id=practitioner.pk)
        ]
    if request.user.has_perm("consultations.add_busysource"):
        add = reverse("admin:consultations_busysource_add")
        context["add_calendar"] = f"{add}?practitioner={practitioner.pk}"
    return context


def format_call_links(request: HttpRequest, rows: list[Consultation]) -> SafeString:
    """Return links to the calls, or only their number if this user may not open them."""
    if not request.user.has_perm("consultations.view_consultation"):
        return format_html("{}", len(rows))
    links = (display.consultation_link(row) for row in rows)
    return format_html_join(", ", '<a href="{}">{}</a>', links)


# --- Upcoming calls outside the hours: staff are warned, and nothing is moved automatically -------

OUTSIDE_HOURS_REASONS = frozenset(
    {explain.OUTSIDE_HOURS, explain.CLOSED_BY_OVERRIDE, explain.TOO_SHORT, explain.TIME_OFF}
)


def find_calls_outside_hours(
    practitioners: Iterable[Practitioner], *, now: datetime
) -> list[Consultation]:
    """Return upcoming calls that clients could no longer book at their time, soonest first.

    Runs a fixed number of queries. Buffers do not count: they may extend past the hours.
    """
    by_key = {practitioner.pk: practitioner for practitioner in practitioners}
    live = Q(status=Status.CONFIRMED) | Q(status=Status.HELD, hold_expires_at__gt=now)
    rows = Consultation.objects.filter(live, practitioner__in=list(by_key), end_at__gt=now)
    calls = [
        row
        for row in rows.select_related("practitioner").order_by("start_at")
        if row.start_at and row.end_at and row.practitioner_id in by_key
    ]
    if not calls:
        return []
    first, last = _utc_date(calls[0].start_at), _utc_date(calls[-1].start_at)
    hours = availability.load_slot_arguments(list(by_key.values()), first, last)
    return [
        row
        for row in calls
        if OUTSIDE_HOURS_REASONS
        & set(_unavailability_reasons(row, hours[cast("int", row.practitioner_id)], now))
    ]


def _utc_date(instant: datetime | None) -> date:
    assert instant is not None  # callers pass consultations with a time
    return instant.astimezone(UTC).date()


def _unavailability_reasons(
    row: Consultation, hours: availability.SlotArguments, now: datetime
) -> list[str]:
    assert row.start_at is not None  # callers pass consultations with a time
    policy = Policy(
        duration_min=emails.duration_minutes(row),
        step_min=5,
        before_min=0,
        after_min=0,
        notice_hours=0,
        horizon_days=3650,
        daily_cap=None,
    )
    return explain.explain_unavailability(
        start=row.start_at,
        now=now,
        policy=policy,
        **cast("availability.SlotArguments", {**hours, "bookings": []}),
    )


# --- Consultation types ---------------------------------------------------------------------------


@admin.register(ConsultationType)
class ConsultationTypeAdmin(admin.ModelAdmin):
    list_display = ["name", "duration_min", "mode", "is_active", "order"]
    list_filter = ["is_active"]
    prepopulated_fields = {"slug": ["name"]}
    # Checkboxes, because the two lists with arrows need a script and a wide screen.
    formfield_overrides = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    change_form_template = "admin/consultations/consultationtype/change_form.html"
    change_list_template = "admin/consultations/consultationtype/change_list.html"
    fieldsets = [
        (None, {"fields": ["name", "slug", "summary", "price_text", "is_active", "order"]}),
        (_("Times"), {"fields": ["duration_min", "step_min", "before_min", "after_min"]}),
        (_("Limits"), {"fields": ["notice_hours", "horizon_days", "daily_cap", "cutoff_hours"]}),
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
        return preview_view.preview_page(self, request)

    def get_changeform_initial_data(  # type: ignore[override]
        self, request: HttpRequest
    ) -> dict[str, object]:
        return {
            "order": ConsultationType.objects.count(),
            **super().get_changeform_initial_data(request),
        }


desk.register(
    "consultations",
    _("Hours & time off"),
    40,
    model=PractitionerHours,
    empty=_("Nobody takes calls yet. Add a person to the team first."),
)
desk.register(
    "consultations",
    _("Consultation types"),
    50,
    model=ConsultationType,
    add_label=_("Add a consultation type"),
    empty=_("Without a type of consultation, clients see no times to book."),
)
