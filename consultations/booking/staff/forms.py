"""Forms for staff: actions on a consultation, and a practitioner's hours.

``practitioners`` holds the keys of the practitioners a user may book for; None means all of them.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking import emails
from consultations.booking.choices import DeclineReason, Meeting, Outcome, Voicemail
from consultations.booking.hours import (
    DAY_MINUTES,
    GRID_MINUTES,
    DateOverride,
    OverrideWindow,
    TimeOff,
    WeeklyWindow,
    practitioner_time_zone,
)
from consultations.booking.local_time import (
    earliest_instant,
    format_minutes,
    from_epoch_seconds,
    get_zone,
    start_of_day,
)
from consultations.booking.meeting_place import call_video_url
from consultations.booking.models import Consultation
from consultations.booking.staff import display
from consultations.booking.staff.added_text import AddedTextMixin, decrypted_or_empty
from consultations.privacy.fields import readable_text
from pages.practice import places
from pages.practice.models import Practitioner, Referral

# --- Date and time inputs: the browser's own, which need no script and work on a phone ------------

WidgetAttributes = dict[str, Any]


class DateInput(forms.DateInput):
    """The browser's date picker."""

    input_type = "date"

    def __init__(self, attrs: WidgetAttributes | None = None) -> None:
        # The browser accepts only ISO dates here, whatever the language's own format is.
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.SplitDateTimeWidget):
    """A date and a time input, each with its own label for screen readers."""

    def __init__(self, attrs: WidgetAttributes | None = None) -> None:
        date_box: WidgetAttributes = {"type": "date", "aria-label": _("Date")}
        time_box: WidgetAttributes = {"type": "time", "step": 300, "aria-label": _("Time")}
        super().__init__(
            attrs,
            date_format="%Y-%m-%d",
            time_format="%H:%M",
            date_attrs=date_box,
            time_attrs=time_box,
        )


class ActionForm(forms.Form):
    """A form about one consultation."""

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        consultation: Consultation,
        practitioner_ids: Collection[int] | None = None,
    ) -> None:
        super().__init__(data)
        self.consultation = consultation
        self.practitioner_ids = practitioner_ids


class WallClockField(forms.SplitDateTimeField):
    """A date and time without a zone: the form knows whose clock it is on."""

    widget = DateTimeInput

    def compress(self, data_list: Any) -> datetime | None:
        if not data_list:
            return None
        if data_list[0] in self.empty_values:
            raise ValidationError(self.error_messages["invalid_date"], code="invalid_date")
        if data_list[1] in self.empty_values:
            raise ValidationError(self.error_messages["invalid_time"], code="invalid_time")
        return datetime.combine(*data_list)


class PractitionerTimeForm(forms.Form):
    """Choose a practitioner and a time, which is in that practitioner's time zone."""

    practitioner = forms.ModelChoiceField(
        label=_("Who talks"), queryset=Practitioner.objects.none(), empty_label=None
    )
    start_at = WallClockField(label=_("Day and time"))

    def set_practitioner_choices(
        self, chosen: Practitioner | None, among: Collection[int] | None
    ) -> None:
        """Offer the bookable practitioners in ``among``, and always ``chosen``."""
        practitioners = list(Practitioner.objects.bookable())
        if among is not None:
            practitioners = [
                practitioner for practitioner in practitioners if practitioner.pk in among
            ]
        if chosen is not None and chosen not in practitioners:
            practitioners.append(chosen)  # no longer bookable, but still assigned to this call
        field = self.fields["practitioner"]
        keys = [practitioner.pk for practitioner in practitioners]
        field.queryset = Practitioner.objects.filter(pk__in=keys)  # type: ignore[attr-defined]
        field.initial = chosen.pk if chosen else next(iter(keys), None)
        self.fields["start_at"].help_text = display.describe_time_zones(practitioners)

    def set_initial_time(self, start_at: datetime, practitioner: Practitioner) -> None:
        """Prefill the practitioner and the time, as that practitioner's clock shows it."""
        local = start_at.astimezone(ZoneInfo(practitioner_time_zone(practitioner))).replace(
            tzinfo=None
        )
        self.fields["start_at"].initial = local
        self.fields["practitioner"].initial = practitioner.pk

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        typed, practitioner = cleaned.get("start_at"), cleaned.get("practitioner")
        if typed is None or practitioner is None:
            return cleaned
        start = instant_in_zone(typed, practitioner_time_zone(practitioner))
        if start is None:
            self.add_error("start_at", _("The clocks jump over this time on that day."))
        elif start <= timezone.now():
            self.add_error("start_at", _("Choose a time that is still to come."))
        elif start.minute % GRID_MINUTES or start.second:
            self.add_error("start_at", _("Use a multiple of 5 minutes."))
        else:
            cleaned["start_at"] = start
        return cleaned


class EmailActionForm(AddedTextMixin, ActionForm):
    """A form of an action that sends the client an email."""

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        consultation: Consultation,
        **options: Collection[int] | None,
    ) -> None:
        super().__init__(data, consultation=consultation, **options)
        if not decrypted_or_empty(consultation, "email"):
            del self.fields["added_text"], self.fields["added_text_seen"]

    def visitor_row(self) -> Consultation:
        return self.consultation


class VideoLinkField(forms.URLField):
    """A link to a video call, https only."""

    default_validators = [places.validate_https_url]

    def __init__(self, **options: object) -> None:
        super().__init__(max_length=300, assume_scheme="https", **options)  # type: ignore[arg-type]


class ScheduleForm(PractitionerTimeForm, EmailActionForm):
    """Choose a time for an existing consultation, and the link if it is by video."""

    field_order = ["practitioner", "start_at", "added_text"]

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        consultation: Consultation,
        **options: Collection[int] | None,
    ) -> None:
        super().__init__(data, consultation=consultation, **options)
        self.set_practitioner_choices(consultation.practitioner, self.practitioner_ids)
        minutes = emails.duration_minutes(consultation)
        length = _g("The call takes %(n)d minutes.") % {"n": minutes}
        field = self.fields["start_at"]
        field.help_text = f"{field.help_text} {length}"
        if consultation.meeting == Meeting.VIDEO and not consultation.is_final:
            self.fields["video_url"] = VideoLinkField(
                label=_("Video link"),
                required=False,
                initial=readable_text(consultation, "video_url"),
                help_text=_("For this call only. Empty: the practitioner’s own link."),
            )


class MoveForm(ScheduleForm):
    """Choose a new time, starting from the current one."""

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        consultation: Consultation,
        **options: Collection[int] | None,
    ) -> None:
        super().__init__(data, consultation=consultation, **options)
        start, practitioner = consultation.start_at, consultation.practitioner
        if start is not None and practitioner is not None:
            self.set_initial_time(start, practitioner)

    def clean(self) -> dict[str, object]:
        cleaned, row = super().clean(), self.consultation
        same = cleaned.get("start_at") == row.start_at
        if same and cleaned.get("practitioner") == row.practitioner and not self.errors:
            self.add_error("start_at", _("That is the time it has already. Choose another one."))
        return cleaned


class VideoLinkForm(EmailActionForm):
    """The link of one video call."""

    video_url = VideoLinkField(label=_("Video link"))

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        consultation: Consultation,
        **options: Collection[int] | None,
    ) -> None:
        super().__init__(data, consultation=consultation, **options)
        self.fields["video_url"].initial = call_video_url(consultation)


class DeclineForm(EmailActionForm):
    field_order = ["reason", "referrals", "added_text"]

    reason = forms.ChoiceField(label=_("Reason"), choices=DeclineReason.choices)
    referrals = forms.ModelMultipleChoiceField(
        label=_("Suggest in the email"),
        queryset=Referral.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("From your referral list. Other people may see the email."),
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        consultation: Consultation,
        practitioner_ids: Collection[int] | None = None,
    ) -> None:
        super().__init__(data, consultation=consultation, practitioner_ids=practitioner_ids)
        if not Referral.objects.exists():
            del self.fields["referrals"]


class OutcomeForm(ActionForm):
    outcome = forms.ChoiceField(label=_("How it went"), choices=Outcome.choices)


class CallBackForm(ActionForm):
    """How a call back went."""

    outcome = forms.ChoiceField(label=_("How it went"), choices=Outcome.choices)
    note = forms.CharField(
        label=_("Note (optional)"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Encrypted. Only staff can read it, in the history."),
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        consultation: Consultation,
        **options: Collection[int] | None,
    ) -> None:
        super().__init__(data, consultation=consultation, **options)
        field = self.fields["outcome"]
        if consultation.voicemail == Voicemail.NO:
            allowed = [one for one in Outcome.choices if one[0] != Outcome.VOICEMAIL]
            field.choices = allowed  # type: ignore[attr-defined]
            field.help_text = _("They asked us not to leave a voicemail.")


def instant_in_zone(clock: datetime, zone: str) -> datetime | None:
    """Return the instant of a local time; None if the clocks skip it."""
    instant = clock.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
    back = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return instant if back == clock else None


# --- Hours: local times and dates of the practitioner ---------------------------------------------

CLOCK_PATTERN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap]\.?m\.?)?", re.IGNORECASE)
TIME_RANGE_PATTERN = re.compile(
    r"\s*([\d:.]+\s*(?:[ap]\.?m\.?)?)\s*(?:-|–|to)\s*([\d:.]+\s*(?:[ap]\.?m\.?)?)\s*",
    re.IGNORECASE,
)


def parse_clock(text: str) -> int:
    """Parse ``9``, ``9:30``, ``13.30``, ``9am`` or ``24:00`` as minutes after midnight.

    Raises ValidationError.
    """
    match = CLOCK_PATTERN.fullmatch(text.strip())
    hours, past = (int(match[1]), int(match[2] or 0)) if match else (25, 0)
    half = match[3][0].lower() if match and match[3] else ""
    if half and not 1 <= hours <= 12:
        hours = 25  # no such hour on a clock with AM and PM
    elif half:
        hours = hours % 12 + (12 if half == "p" else 0)
    minutes = hours * 60 + past
    if minutes > DAY_MINUTES or past > 59:
        raise ValidationError(_("Write a time like 9am, 9:00 or 13:30."), code="clock")
    if minutes % GRID_MINUTES:
        raise ValidationError(_("Use a multiple of 5 minutes."), code="grid")
    return minutes


def to_start_and_length(from_min: int, to_min: int) -> tuple[int, int]:
    """Return start and length in minutes; an end at or before the start is on the next day.

    Raises ValidationError for a start at 24:00.
    """
    if from_min == DAY_MINUTES:
        raise ValidationError(_("The hours begin at 23:55 at the latest."), code="start")
    length = to_min - from_min
    return from_min, length if length > 0 else length + DAY_MINUTES


def parse_time_ranges(text: str) -> list[tuple[int, int]]:
    """Parse ``09:00-12:00, 13:00-17:00``; empty means closed. Raises ValidationError."""
    spans = []
    for part in re.split(r"[,;\n]", text):
        if not part.strip():
            continue
        match = TIME_RANGE_PATTERN.fullmatch(part)
        if match is None:
            raise ValidationError(_("Write hours like 09:00-12:00, 13:00-17:00."), code="hours")
        spans.append(to_start_and_length(parse_clock(match[1]), parse_clock(match[2])))
    return sorted(spans)


class ClockField(forms.CharField):
    """A time of day, as minutes after midnight."""

    def __init__(self, **options: object) -> None:
        super().__init__(max_length=10, **options)  # type: ignore[arg-type]
        self.widget.attrs |= {"size": 8, "placeholder": "09:00", "autocomplete": "off"}

    def clean(self, value: object) -> int | None:
        text = super().clean(value)
        return parse_clock(text) if text else None


class LocalDateTimeField(WallClockField):
    """A date and time in the active zone; a time the clocks skip becomes the moment of the jump."""

    def compress(self, data_list: Any) -> datetime | None:
        clock = super().compress(data_list)
        if clock is None:
            return None
        zone = get_zone(timezone.get_current_timezone_name())
        return from_epoch_seconds(earliest_instant(clock, zone))


class WeeklyWindowForm(forms.ModelForm):
    opens = ClockField(label=_("From"))
    closes = ClockField(label=_("To"))

    class Meta:
        model = WeeklyWindow
        fields = ["weekday", "opens", "closes", "valid_from", "valid_to"]
        widgets = {"valid_from": DateInput, "valid_to": DateInput}

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        row = self.instance
        if row.pk:
            self.initial["opens"] = format_minutes(row.start_min)
            self.initial["closes"] = row.words.rpartition("-")[2]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if opens is not None and closes is not None:
            try:
                self.instance.start_min, self.instance.length_min = to_start_and_length(
                    opens, closes
                )
            except ValidationError as problem:
                self.add_error("opens", problem)
        first, last = cleaned.get("valid_from"), cleaned.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("The last day lies before the first."))
        return cleaned


class DateOverrideForm(forms.ModelForm):
    hours = forms.CharField(
        label=_("Hours on that day"),
        required=False,
        max_length=200,
        help_text=_("Like 09:00-12:00, 13:00-17:00. Left empty, the day is closed."),
        widget=forms.TextInput(attrs={"size": 30, "autocomplete": "off"}),
    )

    class Meta:
        model = DateOverride
        fields = ["on", "hours", "label"]
        widgets = {"on": DateInput}

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        if self.instance.pk:
            self.initial["hours"] = ", ".join(row.words for row in self.instance.windows.all())

    def clean_hours(self) -> list[tuple[int, int]]:
        return parse_time_ranges(self.cleaned_data["hours"])

    def _save_m2m(self) -> None:
        """Replace the date's windows, once the date itself is stored."""
        super()._save_m2m()  # type: ignore[misc]
        self.instance.windows.all().delete()
        OverrideWindow.objects.bulk_create(
            OverrideWindow(override=self.instance, start_min=start, length_min=length)
            for start, length in self.cleaned_data["hours"]
        )


class LabeledFormSet(forms.BaseInlineFormSet):
    """Label each input of a table row, since screen readers do not read the column headings."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            # A widget with several inputs labels each of them itself.
            if not field.widget.is_hidden and not isinstance(field.widget, forms.MultiWidget):
                field.widget.attrs.setdefault("aria-label", field.label)


class DateOverrideFormSet(LabeledFormSet):
    """Allow each date only once, counting past dates, which are stored but not listed."""

    def clean(self) -> None:
        super().clean()
        seen: set[date] = set()
        for form in self.forms:
            answers = getattr(form, "cleaned_data", {})
            day = answers.get("on")
            if day is None or answers.get("DELETE"):
                continue
            stored = DateOverride.objects.filter(practitioner_id=self.instance.pk, on=day)
            if day in seen or stored.exclude(pk=form.instance.pk).exists():
                form.add_error("on", _("There are hours for this date already."))
            seen.add(day)


class TimeOffForm(forms.ModelForm):
    """Time off from one moment to another, or on whole days of the active zone."""

    all_day = forms.BooleanField(label=_("All day"), required=False)
    start_at = LocalDateTimeField(label=_("From"))
    end_at = LocalDateTimeField(label=_("Until"))

    class Meta:
        model = TimeOff
        fields = ["all_day", "start_at", "end_at", "label"]

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        if self.instance.pk and self._is_whole_days():
            last = timezone.localtime(self.instance.end_at) - timedelta(days=1)
            self.initial.update(all_day=True, end_at=last.replace(tzinfo=None))
        if self.is_bound and self.data.get(self.add_prefix("all_day")):
            # The times are ignored, so that nobody has to empty them first.
            data = cast("QueryDict", self.data).copy()
            for name in ("start_at", "end_at"):
                data[f"{self.add_prefix(name)}_1"] = "00:00"
            self.data = data

    def _is_whole_days(self) -> bool:
        edges = (self.instance.start_at, self.instance.end_at)
        return all(timezone.localtime(edge).time() == time.min for edge in edges)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start_at"), cleaned.get("end_at")
        if end and cleaned.get("all_day"):
            zone = get_zone(timezone.get_current_timezone_name())
            after = end.astimezone(zone).date() + timedelta(days=1)
            end = from_epoch_seconds(start_of_day(after, zone))
            cleaned["end_at"] = self.instance.end_at = end
        if start and end and end <= start:
            self.add_error("end_at", _("It ends before it begins."))
        return cleaned
