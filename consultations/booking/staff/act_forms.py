"""What staff are asked before they act on a consultation.

``people``: the keys of those somebody may book for; None: of everybody.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking import emails
from consultations.booking.choices import DeclineReason, Outcome
from consultations.booking.hours import GRID_MIN, zone_name
from consultations.booking.models import Consultation
from consultations.booking.staff import staff_words
from consultations.booking.staff.widgets import DateTimeInput
from pages.practice.models import Practitioner


class ActForm(forms.Form):
    """A form that knows its consultation."""

    def __init__(
        self,
        data: Any = None,
        *,
        consultation: Consultation,
        people: Collection[int] | None = None,
    ) -> None:
        super().__init__(data)
        self.consultation = consultation
        self.people = people


class TimeFields(forms.Form):
    """Who talks and when; the time is meant in the zone of the one who is chosen."""

    practitioner = forms.ModelChoiceField(
        label=_("Who talks"), queryset=Practitioner.objects.none(), empty_label=None
    )
    start_at = forms.SplitDateTimeField(label=_("Day and time"), widget=DateTimeInput)

    def offer_people(self, chosen: Practitioner | None, among: Collection[int] | None) -> None:
        people = list(Practitioner.objects.bookable())
        if among is not None:
            people = [person for person in people if person.pk in among]
        if chosen is not None and chosen not in people:
            people.append(chosen)  # no longer bookable, and this call is still theirs
        field = self.fields["practitioner"]
        keys = [person.pk for person in people]
        field.queryset = Practitioner.objects.filter(pk__in=keys)  # type: ignore[attr-defined]
        field.initial = chosen.pk if chosen else next(iter(keys), None)
        self.fields["start_at"].help_text = staff_words.zones_in_words(people)

    def propose(self, start_at: datetime, person: Practitioner) -> None:
        """First values for the boxes, as the clock shows them there."""
        local = start_at.astimezone(ZoneInfo(zone_name(person))).replace(tzinfo=None)
        self.fields["start_at"].initial = local
        self.fields["practitioner"].initial = person.pk

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        typed, person = cleaned.get("start_at"), cleaned.get("practitioner")
        if typed is None or person is None:
            return cleaned
        # The field read the clock time in the server's zone (UTC); it was meant in the person's.
        start = in_zone(typed.replace(tzinfo=None), zone_name(person))
        if start is None:
            self.add_error("start_at", _("The clocks jump over this time on that day."))
        elif start <= timezone.now():
            self.add_error("start_at", _("Choose a time that is still to come."))
        elif start.minute % GRID_MIN or start.second:
            self.add_error("start_at", _("Use a multiple of 5 minutes."))
        else:
            cleaned["start_at"] = start
        return cleaned


class TimeForm(TimeFields, ActForm):
    """A time for a consultation that is there already."""

    def __init__(self, data: Any = None, *, consultation: Consultation, **options: Any) -> None:
        super().__init__(data, consultation=consultation, **options)
        self.offer_people(consultation.practitioner, self.people)
        minutes = emails.length_min(consultation)
        length = _g("The call takes %(n)d minutes.") % {"n": minutes}
        field = self.fields["start_at"]
        field.help_text = f"{field.help_text} {length}"


class MoveForm(TimeForm):
    """Starts from the time it has."""

    def __init__(self, data: Any = None, *, consultation: Consultation, **options: Any) -> None:
        super().__init__(data, consultation=consultation, **options)
        start, person = consultation.start_at, consultation.practitioner
        if start is not None and person is not None:
            self.propose(start, person)

    def clean(self) -> dict[str, Any]:
        cleaned, row = super().clean(), self.consultation
        same = cleaned.get("start_at") == row.start_at
        if same and cleaned.get("practitioner") == row.practitioner and not self.errors:
            self.add_error("start_at", _("That is the time it has already. Choose another one."))
        return cleaned


class DeclineForm(ActForm):
    reason = forms.ChoiceField(label=_("Reason"), choices=DeclineReason.choices)


class OutcomeForm(ActForm):
    outcome = forms.ChoiceField(label=_("How it went"), choices=Outcome.choices)


def in_zone(clock: datetime, zone: str) -> datetime | None:
    """The instant of a clock time; None where the clocks jump over it."""
    instant = clock.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
    back = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return instant if back == clock else None
