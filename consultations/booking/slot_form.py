"""The form for a chosen time: fewer questions, and a kind answer when the time has gone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consultations.booking import choosing
from consultations.booking.availability import OpenTime
from consultations.booking.choices import Channel, Kind, Meeting
from consultations.booking.choosing import Choice
from consultations.booking.forms import ConsultationForm
from consultations.booking.storing import Details
from pages.practice.models import PracticeProfile


class SlotForm(ConsultationForm):
    """Name, email, how to meet; the time, zone and kind travel along unseen."""

    type = forms.CharField(widget=forms.HiddenInput, required=False)
    start = forms.CharField(
        label=_("Choose another time"),
        required=True,
        error_messages={"required": _("Choose a time")},
        widget=forms.HiddenInput,
    )

    def __init__(
        self, *args: Any, practice: PracticeProfile, now: datetime, choice: Choice, **options: Any
    ):
        self.choice = choice
        super().__init__(*args, practice=practice, now=now, **options)
        self._ask_less()

    @property
    def way(self) -> str:
        return Kind.SLOT

    def _ask_less(self) -> None:
        for name in ("channel", "preferred"):
            self.fields.pop(name, None)
        self._choices("kind", [(Kind.SLOT, Kind.SLOT)])
        for name, value in (("zone", self.choice.zone), ("practitioner", self.choice.practitioner)):
            self.fields[name] = forms.CharField(widget=forms.HiddenInput, required=False)
            self.initial[name] = value
        self.initial["type"] = self.choice.type.slug
        self._ask_how_to_meet()
        email = self.fields["email"]
        email.required, email.help_text = True, _("We send the confirmation there.")
        email.error_messages["required"] = _("Enter an email address: we send the confirmation")
        if "phone" in self.fields:
            self.fields["phone"].help_text = _("Needed if we talk by phone.")
        self.order_fields(["start", "location", "name", "email", "meeting", "phone", "voicemail"])

    def _ask_how_to_meet(self) -> None:
        ways = self.choice.type.meetings()
        self.fields.pop("meeting", None)
        if len(ways) < 2:
            self.only_way = ways[0][0] if ways else ""
            if self.only_way == Meeting.PHONE and "phone" in self.fields:
                self.fields["phone"].required = True
            return
        self.only_way = ""
        self.fields["meeting"] = forms.ChoiceField(
            label=_("How would you like to talk?"),
            choices=ways,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose how you would like to talk")},
        )

    def clean_zone(self) -> str:
        return self.choice.zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        wants_phone = (cleaned.get("meeting") or self.only_way) == Meeting.PHONE
        if wants_phone and "phone" in cleaned and not cleaned["phone"]:
            self.add_error("phone", _("Enter the phone number that we may call"))
        return cleaned

    @property
    def start_at(self) -> datetime | None:
        """The chosen instant; None when what was sent is no time of ours."""
        sent = self.data.get("start") if self.is_bound else self.initial.get("start")
        return choosing.read_start(str(sent or ""))

    def offer_instead(self, times: Sequence[OpenTime]) -> None:
        """The time is gone: the nearest free ones as choices, everything else stays typed."""
        self.put("start", "")
        if not times:
            return
        self.fields["start"] = forms.ChoiceField(
            label=_("Choose another time"),
            choices=[
                (choosing.write_start(time.start), choosing.words(time.start, self.choice.zone))
                for time in times
            ],
            widget=forms.RadioSelect,
        )
        # Judging the form has made a drawing of the hidden field; it would be drawn again.
        self._bound_fields_cache.pop("start", None)  # type: ignore[attr-defined]
        self.order_fields(["start"])

    def details(self) -> Details:
        meeting = self.answer("meeting") or self.only_way
        by_phone = meeting == Meeting.PHONE and self.answer("phone")
        return Details(
            kind=Kind.SLOT,
            name=self.answer("name"),
            channel=Channel.CALL if by_phone else Channel.EMAIL,
            email=self.answer("email"),
            phone=self.answer("phone"),
            voicemail=self.answer("voicemail") or "no",
            location=self.answer("location"),
            service=self.answer("service") or "not_sure",
            audience=self.answer("audience") or "me",
            meeting=meeting,
            note=self.answer("note"),
            access_needs=self.answer("access"),
            is_adult=bool(self.cleaned_data.get("adult")),
            # Whoever comes to us reads our clock, in the mails too.
            zone=self.choice.home_zone if meeting == Meeting.IN_PERSON else self.choice.zone,
        )
