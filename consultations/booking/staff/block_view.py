"""Block time from the calendar: a day, several or some hours, on the practice's clock."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking.hours import DAY_MINUTES, PractitionerHours, TimeOff
from consultations.booking.local_time import earliest_instant, from_epoch_seconds, get_zone
from consultations.booking.models import Consultation
from consultations.booking.staff import display, permissions
from consultations.booking.staff.calendar_view import CHANGE_HOURS_PERMISSION, parse_week_date
from consultations.booking.staff.forms import ClockField, DateInput, parse_clock
from consultations.booking.states import LIVE_STATUSES
from pages.practice.models import PracticeProfile, Practitioner

TEMPLATE = "admin/consultations/consultation/block.html"


class BlockTimeForm(forms.Form):
    """When somebody takes no calls."""

    practitioner = forms.ModelChoiceField(
        label=_("Who"), queryset=Practitioner.objects.none(), empty_label=None
    )
    first = forms.DateField(label=_("From"), widget=DateInput)
    last = forms.DateField(label=_("Until"), widget=DateInput, required=False)
    all_day = forms.BooleanField(label=_("All day"), required=False)
    begins = ClockField(label=_("Starts at"), required=False)
    ends = ClockField(label=_("Ends at"), required=False)
    label = forms.CharField(
        label=_("Note"), max_length=80, required=False, help_text=_("Only staff see it.")
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        practitioner_ids: Collection[int] | None,
        zone: str,
        initial: dict[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.zone = zone
        rows = Practitioner.objects.bookable()
        if practitioner_ids is not None:
            rows = rows.filter(pk__in=practitioner_ids)
        self.fields["practitioner"].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        first, begins, ends = (cleaned.get(name) for name in ("first", "begins", "ends"))
        if first is None or self.errors:
            return cleaned
        last = cleaned.get("last") or first
        if cleaned.get("all_day"):
            begins, ends = 0, DAY_MINUTES
        if begins is None or ends is None:
            missing = "begins" if begins is None else "ends"
            self.add_error(missing, _("Enter a time, or tick “All day”."))
            return cleaned
        start, end = self._instant(first, begins), self._instant(last, ends)
        if end <= start:
            self.add_error("last", _("The end has to be after the start."))
        cleaned |= {"start_at": start, "end_at": end}
        return cleaned

    def _instant(self, day: date, minutes: int) -> datetime:
        clock = datetime.combine(day, time.min) + timedelta(minutes=minutes)
        return from_epoch_seconds(earliest_instant(clock, get_zone(self.zone)))


def block_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Add time off, or remove one that was clicked in the calendar."""
    if not request.user.has_perm(CHANGE_HOURS_PERMISSION):
        raise PermissionDenied
    zone = PracticeProfile.load().time_zone
    ids = permissions.accessible_practitioner_ids(request.user)
    existing = _find_existing(request, ids)
    data = request.POST if request.method == "POST" and existing is None else None
    form = BlockTimeForm(
        data, practitioner_ids=ids, zone=zone, initial=_initial(request.GET, ids, zone)
    )
    if request.method == "POST":
        if existing is not None:
            return _remove(model_admin, request, existing, zone)
        if form.is_valid():
            return _add(model_admin, request, form, zone)
    day = existing.start_at if existing else None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Time off") if existing else _("Block time"),
        "opts": model_admin.opts,
        "form": form,
        "existing": existing,
        "existing_words": _words(existing, zone) if existing else "",
        "zone": zone.replace("_", " "),
        "back": _calendar_url(day.astimezone(ZoneInfo(zone)).date() if day else _day(request.GET)),
    }
    status = 422 if data is not None and form.errors else 200
    return render(request, TEMPLATE, context, status=status)


def _find_existing(request: HttpRequest, ids: Collection[int] | None) -> TimeOff | None:
    """Return the time off that the request names; None if it names none. Raises Http404."""
    asked = request.POST.get("remove") or request.GET.get("off", "")
    if not asked:
        return None
    rows = TimeOff.objects.select_related("practitioner")
    if ids is not None:
        rows = rows.filter(practitioner__in=ids)
    is_key = asked.isascii() and asked.isdigit() and len(asked) < 10
    found = rows.filter(pk=int(asked)).first() if is_key else None
    if found is None:
        raise Http404
    return found


def _initial(asked: Mapping[str, str], ids: Collection[int] | None, zone: str) -> dict[str, object]:
    """Return the first values of the form from a link of the calendar."""
    day = _day(asked)
    times = {name: _clock_text(asked.get(name, "")) for name in ("begins", "ends")}
    rows = Practitioner.objects.bookable()
    rows = rows if ids is None else rows.filter(pk__in=ids)
    chosen = rows.filter(slug=asked.get("practitioner", "")).first() or rows.first()
    return {
        "practitioner": chosen.pk if chosen else None,
        "first": day,
        "last": day,
        "all_day": not all(times.values()),
        **times,
    }


def _day(asked: Mapping[str, str]) -> date | None:
    return parse_week_date(asked.get("on", ""))


def _clock_text(text: str) -> str:
    try:
        parse_clock(text)
    except ValidationError:
        return ""
    return text


def _add(
    model_admin: admin.ModelAdmin, request: HttpRequest, form: BlockTimeForm, zone: str
) -> HttpResponse:
    answers = form.cleaned_data
    names = ("practitioner", "start_at", "end_at", "label")
    # A second press of the button makes no second row.
    row, _is_new = TimeOff.objects.get_or_create(**{name: answers[name] for name in names})
    _log(model_admin, request, row.practitioner, "added")
    messages.success(request, _g("Blocked: %(when)s.") % {"when": _words(row, zone)})
    _warn_about_calls(request, row)
    return HttpResponseRedirect(_calendar_url(answers["first"]))


def _remove(
    model_admin: admin.ModelAdmin, request: HttpRequest, row: TimeOff, zone: str
) -> HttpResponse:
    words = _words(row, zone)
    day = row.start_at.astimezone(ZoneInfo(zone)).date()
    row.delete()
    _log(model_admin, request, row.practitioner, "deleted")
    messages.success(request, _g("No longer blocked: %(when)s.") % {"when": words})
    return HttpResponseRedirect(_calendar_url(day))


def _warn_about_calls(request: HttpRequest, row: TimeOff) -> None:
    """Name the calls that lie in the blocked time; staff decide about each."""
    calls = Consultation.objects.visible_to(request.user).filter(
        practitioner=row.practitioner,
        status__in=LIVE_STATUSES,
        start_at__lt=row.end_at,
        end_at__gt=row.start_at,
    )
    links = [display.consultation_link(call) for call in calls.select_related("practitioner")]
    if links and request.user.has_perm("consultations.view_consultation"):
        heading = _g("These calls stay booked unless you move or cancel them:")
        listed = format_html_join(", ", '<a href="{}">{}</a>', links)
        messages.warning(request, format_html("{} {}", heading, listed))


def _log(
    model_admin: admin.ModelAdmin, request: HttpRequest, practitioner: Practitioner, what: str
) -> None:
    hours = PractitionerHours.objects.get(pk=practitioner.pk)
    named = {"name": str(TimeOff._meta.verbose_name), "object": ""}
    model_admin.admin_site.get_model_admin(PractitionerHours).log_change(
        request, hours, [{what: named}]
    )


def _words(row: TimeOff, zone: str) -> str:
    """Return ``Jo Example, Fri, Dec 4, all day``."""
    here = ZoneInfo(zone)
    start, end = row.start_at.astimezone(here), row.end_at.astimezone(here)
    days = formats.date_format(start, "D, M j")
    is_whole = start.time() == time.min and end.time() == time.min
    last = end - timedelta(minutes=1) if is_whole else end
    if last.date() != start.date():
        days = f"{days} – {formats.date_format(last, 'D, M j')}"
    clock = f"{formats.date_format(start, 'g:i A')} – {formats.date_format(end, 'g:i A')}"
    parts = (row.practitioner.name, days, _g("all day") if is_whole else clock, row.label)
    return ", ".join(part for part in parts if part)


def _calendar_url(day: date | None) -> str:
    page = reverse("admin:consultations_consultation_week")
    return f"{page}?{urlencode({'week': day.isoformat()})}" if day else page
